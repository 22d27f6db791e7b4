// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/automatic"
)

func TestFor(t *testing.T) {
	t.Parallel()
	owner := func(change func(*metav1.OwnerReference)) func(*v1alpha1.Promotion) {
		return func(p *v1alpha1.Promotion) { change(&p.OwnerReferences[0]) }
	}
	for name, tc := range map[string]struct {
		p         *v1alpha1.Promotion
		made, own bool
	}{
		"made by the operator": {made(1, "s"), true, true},
		"made by a person":     {made(1, "s", func(p *v1alpha1.Promotion) { p.OwnerReferences = nil }), false, false},
		"owned by the way":     {made(1, "s", owner(func(o *metav1.OwnerReference) { o.Controller = nil })), false, false},
		"owned by another kind": {
			made(1, "s", owner(func(o *metav1.OwnerReference) { o.Kind = "Application" })), false, false,
		},
		"owned by another group": {
			made(1, "s", owner(func(o *metav1.OwnerReference) { o.APIVersion = "example.com/v1" })), false, false,
		},
		"made for one of the same name before": {
			made(1, "s", owner(func(o *metav1.OwnerReference) { o.UID = "former" })), true, false,
		},
		"into another target": {made(1, "s", func(p *v1alpha1.Promotion) { p.Spec.TargetRef.Name = "staging" }), false, false},
		"from another namespace": {
			made(1, "s", func(p *v1alpha1.Promotion) { p.Namespace, p.Spec.TargetRef.Namespace = "mine", "shop" }), false, false,
		},
	} {
		if got := automatic.Made(tc.p); got != tc.made {
			t.Errorf("%s: made %v", name, got)
		}
		if got := automatic.For(target(), tc.p); got != tc.own {
			t.Errorf("%s: for the target %v", name, got)
		}
	}
}

// family are four Promotions into the target out of order, the second of which a person made.
func family() []v1alpha1.Promotion {
	done := ended(metav1.ConditionTrue, v1alpha1.ReasonPromoted)
	persons := made(1, "")
	persons.OwnerReferences = nil
	return []v1alpha1.Promotion{*made(3, "s3"), *made(0, "s0", done), *persons, *made(2, "s2", done), *made(4, "s4")}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	list := family()
	own := automatic.Of(target(), list)
	if got := names(own); got != "prod-a prod-c prod-d prod-e" {
		t.Errorf("own: %s", got)
	}
	if got := automatic.Newest(own).Name; got != "prod-e" {
		t.Errorf("newest: %s", got)
	}
	if got := automatic.Newest(nil); got != nil {
		t.Errorf("newest of none: %s", got.Name)
	}
	for _, tc := range []struct {
		at           int
		newer, older string
	}{{0, "prod-e", ""}, {1, "prod-e", ""}, {3, "prod-e", ""}, {4, "", "prod-d"}} {
		newer, older := names(ps(automatic.Newer(&list[tc.at], list))), names(ps(automatic.Older(&list[tc.at], list)))
		if newer != tc.newer || older != tc.older {
			t.Errorf("%s: newer %q, older %q", list[tc.at].Name, newer, older)
		}
	}
	now := metav1.Now()
	list[4].DeletionTimestamp = &now
	if got := names(ps(automatic.Newer(&list[3], list))); got != "prod-d" {
		t.Errorf("one that is being deleted counts: %s", got)
	}
}

func TestGoingBack(t *testing.T) {
	t.Parallel()
	rollback := func(p *v1alpha1.Promotion) {
		p.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
	}
	for name, tc := range map[string]struct {
		p    *v1alpha1.Promotion
		want bool
	}{
		"a promotion at work": {made(1, "s", started), false},
		"waits":               {made(1, "s", rollback), false},
		"at work":             {made(1, "s", rollback, started), true},
		"done":                {made(1, "s", rollback, started, ended(metav1.ConditionTrue, v1alpha1.ReasonRolledBack)), false},
	} {
		if got := automatic.GoingBack([]v1alpha1.Promotion{*made(0, "s"), *tc.p}); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	own := automatic.Of(target(), family())
	for limit, want := range map[int]string{0: "prod-a prod-c", 1: "prod-a", 2: "", 100: ""} {
		if got := names(automatic.Expired(own, limit)); got != want {
			t.Errorf("limit %d: %q, want %q", limit, got, want)
		}
	}
	if got := names(own); got != "prod-a prod-c prod-d prod-e" {
		t.Errorf("the list was changed: %s", got)
	}
}

func names(list []*v1alpha1.Promotion) string {
	var found []string
	for _, p := range list {
		if p != nil {
			found = append(found, p.Name)
		}
	}
	return strings.Join(found, " ")
}
