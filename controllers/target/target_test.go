// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
)

// environmentNamed is an Environment of the namespace "shop".
func environmentNamed(name string, changes ...func(*v1alpha1.Environment)) *v1alpha1.Environment {
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	for _, change := range changes {
		change(e)
	}
	return e
}

// Nothing is corrected in a target that is frozen, nor by an operator that only reads.
func TestWhyATargetIsNotCorrected(t *testing.T) {
	t.Parallel()
	now := time.Now()
	at := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: now.Add(d)} }
	frozen := func(end *metav1.Time) func(*v1alpha1.Environment) {
		return func(e *v1alpha1.Environment) {
			e.Spec.PromotionPolicy.Freeze = &v1alpha1.PromotionFreeze{Reason: "a release", EndTime: end}
		}
	}
	kept := func(end *metav1.Time) func(*v1alpha1.Environment) {
		return func(e *v1alpha1.Environment) {
			e.Status.Freeze = &v1alpha1.KeptFreeze{Reason: "an incident", EndTime: end}
		}
	}
	free := func(*v1alpha1.Environment) {}
	tests := map[string]struct {
		state    func(*v1alpha1.Environment)
		readOnly bool
		want     string
	}{
		"nothing speaks against it": {free, false, ""},
		"dry run":                   {free, true, "the operator runs with --dry-run"},
		"frozen":                    {frozen(nil), false, "the Environment is frozen: a release"},
		"frozen for an hour":        {frozen(at(time.Hour)), false, "the Environment is frozen: a release"},
		"was frozen":                {frozen(at(-time.Hour)), false, ""},
		"frozen before it was lost": {kept(nil), false, "an earlier Environment of its name was frozen: an incident"},
		"that is over":              {kept(at(-time.Hour)), false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := environmentNamed("production", func(e *v1alpha1.Environment) { e.Spec.PromotionPolicy = &v1alpha1.PromotionPolicy{} }, test.state)
			pool := connection.NewPool(connection.Options{Clock: clocktesting.NewFakePassiveClock(now), ReadOnly: test.readOnly})
			if got := (&scope{Target: Target{Environment: e}}).obstacle(pool); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Only an owner whose records are all of targets that are gone loses them.
func TestRecordsOfTargetsThatAreGone(t *testing.T) {
	t.Parallel()
	gone := goneTargets{known: map[types.NamespacedName]bool{
		{Namespace: "shop", Name: "old"}: true, {Namespace: "shop", Name: "production"}: false,
	}}
	record := func(target string) string {
		return `"k:{\"environment\":\"` + target + `\",\"namespace\":\"shop\"}":{}`
	}
	tests := map[string]struct {
		fields string
		want   bool
	}{
		"one that is gone":      {`{"f:status":{"f:environments":{` + record("old") + `}}}`, true},
		"one that is there":     {`{"f:status":{"f:environments":{` + record("production") + `}}}`, false},
		"both":                  {`{"f:status":{"f:environments":{` + record("old") + `,` + record("production") + `}}}`, false},
		"one never asked about": {`{"f:status":{"f:environments":{` + record("new") + `}}}`, false},
		"the list itself":       {`{"f:status":{"f:environments":{".":{},` + record("old") + `}}}`, true},
		"other fields":          {`{"f:status":{"f:conditions":{}}}`, false},
		"no JSON":               {`{`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entry := &metav1.ManagedFieldsEntry{FieldsV1: metav1.NewFieldsV1(test.fields)}
			if got := gone.ownedBy(entry); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
