// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// What a Promotion records concerns the target that it has written to, and no other.
func TestBroughtTo(t *testing.T) {
	t.Parallel()
	workflow := func(live ...v1alpha1.LiveRevision) client.Object {
		w := &v1alpha1.Workflow{}
		w.Status.Environments = live
		return w
	}
	layout := func(live ...v1alpha1.LiveRevision) client.Object {
		l := &v1alpha1.Layout{}
		l.Status.Environments = live
		return l
	}
	in := func(name, revision string) v1alpha1.LiveRevision {
		return v1alpha1.LiveRevision{Namespace: "ns", Environment: name, Revision: revision}
	}
	drifted := in("staging", "1")
	drifted.Drifted = true
	tests := map[string]struct {
		before, after client.Object
		want          []string
	}{
		"nothing":                   {workflow(), workflow(), nil},
		"the same":                  {workflow(in("staging", "1")), workflow(in("staging", "1")), nil},
		"in another order":          {workflow(in("staging", "1"), in("production", "1")), workflow(in("production", "1"), in("staging", "1")), nil},
		"only drift":                {workflow(in("staging", "1")), workflow(drifted), nil},
		"first":                     {workflow(), workflow(in("staging", "1")), []string{"staging"}},
		"another revision":          {layout(in("staging", "1"), in("production", "1")), layout(in("staging", "2"), in("production", "1")), []string{"staging"}},
		"no revision that is known": {workflow(), workflow(in("staging", "")), []string{"staging"}},
		"gone":                      {workflow(in("staging", "1"), in("production", "1")), workflow(in("staging", "1")), []string{"production"}},
		"one gone and one first":    {layout(in("staging", "1")), layout(in("production", "1")), []string{"production", "staging"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []types.NamespacedName
			for _, target := range test.want {
				want = append(want, types.NamespacedName{Namespace: "ns", Name: target})
			}
			got := broughtTo(test.before, test.after)
			slices.SortFunc(got, func(a, b types.NamespacedName) int { return cmp.Compare(a.Name, b.Name) })
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
