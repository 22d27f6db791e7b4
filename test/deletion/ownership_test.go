// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

const madeByHand = `{"workflowId":"order","name":"Made by hand","__source":"dashboard",
	"steps":[{"name":"Text","type":"sms","controlValues":{"body":"Hello"}}]}`

// TestNotItsOwn deletes objects of policy Delete that have no right to what Novu holds under their id. They go, and it
// stays.
func TestNotItsOwn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before func(s *harness.Stage)
		object string // its name; "order" is the id in Novu
		reason string
	}{
		"adoption is refused": {
			before: func(s *harness.Stage) {
				byHand(s, http.MethodPost, "/v2/workflows", madeByHand)
				s.YAML(workflow("order", remove, "adoptionPolicy: Refuse"))
			},
			object: "order", reason: v1alpha1.ReasonAdoptionRefused,
		},
		"an older object has it": {
			before: func(s *harness.Stage) {
				s.YAML(workflow("a-first", remove, "workflowID: order"))
				s.Ready(&v1alpha1.Workflow{}, "a-first")
				s.YAML(workflow("b-second", remove, "workflowID: order"))
			},
			object: "b-second", reason: v1alpha1.ReasonConflict,
		},
		"it could never be written": {
			before: func(s *harness.Stage) {
				byHand(s, http.MethodPost, "/v2/workflows", madeByHand)
				s.YAML(workflow("order", remove, "environmentRef: {name: nowhere}"))
			},
			object: "order", reason: v1alpha1.ReasonEnvironmentNotFound,
		},
		"its Environment never came to Novu": {
			before: func(s *harness.Stage) {
				byHand(s, http.MethodPost, "/v2/workflows", madeByHand)
				s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: unready}
spec: {apiURL: "http://127.0.0.1:1", secretKeyRef: {name: dev-key}}
`)
				s.NotReady(&v1alpha1.Environment{}, "unready", v1alpha1.ReasonConnectionFailed)
				s.YAML(workflow("order", remove, "environmentRef: {name: unready}"))
			},
			object: "order", reason: v1alpha1.ReasonEnvironmentNotReady,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			tc.before(s)
			s.NotReady(&v1alpha1.Workflow{}, tc.object, tc.reason)
			finalized(s, &v1alpha1.Workflow{}, tc.object, true)
			s.Novu.ClearRequests()
			drop(s, &v1alpha1.Workflow{}, tc.object)
			s.Gone(&v1alpha1.Workflow{}, tc.object)
			if n := s.Novu.Count(http.MethodDelete, ""); n > 0 {
				t.Errorf("%d calls to delete something", n)
			}
			holds(s, "order", true)
		})
	}
}

// TestHeirTakesOver: when the object that has the right to an id goes, with what Novu holds, the next one makes it again.
func TestHeirTakesOver(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("a-first", remove, "workflowID: order"))
	s.Ready(&v1alpha1.Workflow{}, "a-first")
	s.YAML(workflow("b-second", retain, "workflowID: order"))
	s.NotReady(&v1alpha1.Workflow{}, "b-second", v1alpha1.ReasonConflict)
	drop(s, &v1alpha1.Workflow{}, "a-first")
	s.Gone(&v1alpha1.Workflow{}, "a-first")
	s.Ready(&v1alpha1.Workflow{}, "b-second")
	holds(s, "order", true)
}

// TestEnvironmentStaysWhileItIsNeeded, and no longer.
func TestEnvironmentStaysWhileItIsNeeded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		policies []v1alpha1.DeletionPolicy
		free     func(s *harness.Stage)
	}{
		"by nothing":                      {policies: nil},
		"by an object that stays in Novu": {policies: []v1alpha1.DeletionPolicy{retain}},
		"until the object is deleted": {
			policies: []v1alpha1.DeletionPolicy{remove, retain},
			free:     func(s *harness.Stage) { drop(s, &v1alpha1.Workflow{}, "order-a") },
		},
		"until the object is to stay in Novu": {
			policies: []v1alpha1.DeletionPolicy{remove},
			free: func(s *harness.Stage) {
				patch(s, &v1alpha1.Workflow{}, "order-a", `{"spec":{"deletionPolicy":"Retain"}}`)
			},
		},
		"until both objects are deleted": {
			policies: []v1alpha1.DeletionPolicy{remove, remove},
			free: func(s *harness.Stage) {
				drop(s, &v1alpha1.Workflow{}, "order-a")
				s.Gone(&v1alpha1.Workflow{}, "order-a")
				s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
				drop(s, &v1alpha1.Workflow{}, "order-b")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			for i, policy := range tc.policies {
				name := "order-" + string(rune('a'+i))
				s.YAML(workflow(name, policy))
				s.Ready(&v1alpha1.Workflow{}, name)
			}
			finalized(s, &v1alpha1.Environment{}, "dev", tc.free != nil)
			drop(s, &v1alpha1.Environment{}, "dev")
			if tc.free != nil {
				s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
				tc.free(s)
			}
			s.Gone(&v1alpha1.Environment{}, "dev")
			for i, policy := range tc.policies {
				if name := "order-" + string(rune('a'+i)); policy == retain {
					holds(s, name, true)
				}
			}
		})
	}
}

// TestForeignFinalizers: the operator takes away its own finalizer and no other, and is at rest while others are there.
func TestForeignFinalizers(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("order", remove))
	s.Ready(&v1alpha1.Workflow{}, "order")
	finalized(s, &v1alpha1.Environment{}, "dev", true)
	objects := map[string]client.Object{"order": &v1alpha1.Workflow{}, "dev": &v1alpha1.Environment{}}
	const both = `{"metadata":{"finalizers":["example.test/first","` + v1alpha1.Finalizer + `","example.test/last"]}}`
	for name, o := range objects {
		patch(s, o, name, both)
		drop(s, o, name)
	}
	for name, o := range objects {
		finalized(s, o, name, false)
		if f := o.GetFinalizers(); len(f) != 2 || f[0] != "example.test/first" || f[1] != "example.test/last" {
			t.Errorf("%s keeps the finalizers %v", name, f)
		}
	}
	holds(s, "order", false)
	s.Novu.ClearRequests()
	for name, o := range objects {
		patch(s, o, name, `{"metadata":{"annotations":{"touched":"yes"}}}`)
		patch(s, o, name, `{"metadata":{"finalizers":null}}`)
		s.Gone(o, name)
	}
	if n := len(s.Novu.Requests()); n > 0 {
		t.Errorf("%d calls to Novu for objects that the operator has let go", n)
	}
}

// TestLostEnvironmentObject: the connection outlives an Environment that somebody tore away, and finds out by itself that
// Novu can be reached again.
func TestLostEnvironmentObject(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("order", remove))
	s.Ready(&v1alpha1.Workflow{}, "order")
	finalized(s, &v1alpha1.Environment{}, "dev", true)
	fix := unreachable(s)
	drop(s, &v1alpha1.Environment{}, "dev")
	patch(s, &v1alpha1.Environment{}, "dev", `{"metadata":{"finalizers":null}}`)
	s.Gone(&v1alpha1.Environment{}, "dev")
	drop(s, &v1alpha1.Workflow{}, "order")
	s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonDeletionBlocked)
	s.Novu.ClearRequests()
	s.Eventually("the circuit opens", func() error {
		return unless(len(s.Novu.Requests()) > 2, "too few calls")
	})
	fix()
	s.Gone(&v1alpha1.Workflow{}, "order")
	holds(s, "order", false)
}
