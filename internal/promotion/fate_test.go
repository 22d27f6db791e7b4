// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

func TestFates(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fates {
		if seen[f.Reason] || f.Why == "" {
			t.Errorf("%s is there twice, or nobody knows why", f.Reason)
		}
		seen[f.Reason] = true
		// What somebody may fix in the cluster must not set off a rollback long after it was asked for.
		if f.Rollback == Waits && f.Reason != v1alpha1.ReasonQueued && f.Reason != v1alpha1.ReasonApprovalsMissing {
			t.Errorf("a rollback waits for ever for %s", f.Reason)
		}
		if f.Rollback != Waits && f.Promotion != Waits && f.Rollback > f.Promotion {
			t.Errorf("a rollback is more patient than a promotion about %s", f.Reason)
		}
		if FateOf(f.Reason) != f {
			t.Errorf("%s is not found", f.Reason)
		}
	}
	for reason, want := range map[string][2]Patience{
		v1alpha1.ReasonNothingRecorded:     {Ends, Ends},
		v1alpha1.ReasonNotAPromotionTarget: {Ends, Ends},
		v1alpha1.ReasonNothingSelected:     {ApplyOrder, NotHeld},
		v1alpha1.ReasonEnvironmentNotFound: {ApplyOrder, Ends},
		v1alpha1.ReasonEnvironmentNotReady: {Waits, Outage},
		v1alpha1.ReasonFrozen:              {Waits, NotHeld},
		v1alpha1.ReasonUnauthorized:        {Waits, Outage}, // not in the table
	} {
		rollback := promotionOf("r", 0)
		rollback.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
		f := FateOf(reason)
		if got := [2]Patience{f.Patience(promotionOf("p", 0)), f.Patience(rollback)}; got != want {
			t.Errorf("%s: %v, want %v", reason, got, want)
		}
	}
}

// Patience begins when the Promotion is created, and again when it loses its plan.
func TestUnplanned(t *testing.T) {
	created, now := time.Unix(1000, 0), time.Unix(9000, 0)
	planned := func(status metav1.ConditionStatus, second int64) func(*v1alpha1.Promotion) {
		return func(p *v1alpha1.Promotion) {
			p.Status.Conditions = []metav1.Condition{{
				Type: v1alpha1.ConditionPlanned, Status: status, LastTransitionTime: metav1.Unix(second, 0),
			}}
		}
	}
	for name, test := range map[string]struct {
		p    *v1alpha1.Promotion
		want time.Time
	}{
		"new":                        {promotionOf("p", 0), created},
		"never had a plan":           {promotionOf("p", 0, planned(metav1.ConditionFalse, 1000)), created},
		"has a plan":                 {promotionOf("p", 0, planned(metav1.ConditionTrue, 2000)), now},
		"has lost it":                {promotionOf("p", 0, planned(metav1.ConditionFalse, 5000)), time.Unix(5000, 0)},
		"restored with an older one": {promotionOf("p", 0, planned(metav1.ConditionFalse, 500)), created},
	} {
		if got := Unplanned(test.p, now); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
