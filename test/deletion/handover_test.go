// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// idField is the field of spec that says the id in Novu.
var idField = map[string]string{"Workflow": "workflowID: order", "Layout": "layoutID: order", "Integration": "identifier: order"}

// internalID is Novu's own id of what it holds as `order` in Development; empty: nothing.
func internalID(s *harness.Stage) string { return idOf(s, "order") }

// writes counts the calls that change something in Novu.
func writes(s *harness.Stage) int {
	return s.Novu.Count(http.MethodPost, "") + s.Novu.Count(http.MethodPut, "") + s.Novu.Count(http.MethodDelete, "")
}

// TestRenameKeepsWhatNovuHolds describes an id by a second object and deletes the first, whose policy is Delete. Novu keeps
// what it has, with its internal id, and the second object has it without a write.
func TestRenameKeepsWhatNovuHolds(t *testing.T) {
	t.Parallel()
	heirs := map[string]struct {
		extra  []string
		policy v1alpha1.DeletionPolicy
	}{
		"the heir is to be deleted in Novu, too": {policy: remove},
		"the heir is to stay in Novu":            {policy: retain},
		"the heir is suspended":                  {policy: remove, extra: []string{"suspend: true"}},
		"the heir refers to another Environment": {policy: remove, extra: []string{"environmentRef: {name: again}"}},
	}
	for kindName, k := range kinds {
		for name, tc := range heirs {
			t.Run(kindName+": "+name, func(t *testing.T) {
				t.Parallel()
				s := staged(t, retain)
				s.Environment("again", "Development", "")
				s.Ready(&v1alpha1.Environment{}, "again")
				byHand(s, http.MethodPost, "/v2/layouts", `{"layoutId":"default","name":"Default"}`) // which Novu never deletes
				s.YAML(k.manifest("a-first", remove, idField[kindName]))
				s.Ready(k.empty(), "a-first")
				id := internalID(s)
				s.Novu.ClearRequests()
				s.YAML(k.manifest("b-second", tc.policy, append(slices.Clone(tc.extra), idField[kindName])...))
				drop(s, k.empty(), "a-first")
				s.Gone(k.empty(), "a-first")
				if name == "the heir is suspended" {
					patch(s, k.empty(), "b-second", `{"spec":{"suspend":false}}`)
				}
				s.Ready(k.empty(), "b-second")
				if now := internalID(s); now != id || writes(s) > 0 {
					t.Errorf("the internal id was %s and is %s after %d writes", id, now, writes(s))
				}
			})
		}
	}
}

// TestHeirOfADeletionThatWaits: the other object comes while the first one waits for Novu.
func TestHeirOfADeletionThatWaits(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("a-first", remove, "workflowID: order"))
	s.Ready(&v1alpha1.Workflow{}, "a-first")
	id := internalID(s)
	fix := s.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: http.StatusInternalServerError})
	drop(s, &v1alpha1.Workflow{}, "a-first")
	s.NotReady(&v1alpha1.Workflow{}, "a-first", v1alpha1.ReasonDeletionBlocked)
	s.YAML(workflow("b-second", remove, "workflowID: order"))
	s.Gone(&v1alpha1.Workflow{}, "a-first")
	fix()
	s.Ready(&v1alpha1.Workflow{}, "b-second")
	if now := internalID(s); now != id {
		t.Errorf("the internal id was %s and is %s", id, now)
	}
}

// TestRenameInAnotherNamespace moves an object, and tells by an event of the heir what was left to it.
func TestRenameInAnotherNamespace(t *testing.T) {
	t.Parallel()
	s := harness.NewStage(t, novutest.Options{})
	other := at(s, namespace(s))
	operate(s, retain, other.Namespace)
	s.Environment("dev", "Development", "allowedNamespaces: {from: All}")
	s.YAML(workflow("order", remove))
	s.Ready(&v1alpha1.Workflow{}, "order")
	id := internalID(s)
	other.YAML(workflow("moved", remove, "workflowID: order", "environmentRef: {name: dev, namespace: "+s.Namespace+"}"))
	other.NotReady(&v1alpha1.Workflow{}, "moved", v1alpha1.ReasonConflict)
	drop(s, &v1alpha1.Workflow{}, "order")
	s.Gone(&v1alpha1.Workflow{}, "order")
	other.Ready(&v1alpha1.Workflow{}, "moved")
	if now := internalID(s); now != id {
		t.Errorf("the internal id was %s and is %s", id, now)
	}
	other.Eventually("an event tells of it", func() error {
		return unless(noted(other, "moved", v1alpha1.ReasonTakenOver, s.Namespace+"/order"), "there is none")
	})
	drop(other, &v1alpha1.Workflow{}, "moved")
	other.Gone(&v1alpha1.Workflow{}, "moved")
	holds(s, "order", false)
}

// TestRenameOfEverything renames the Environment together with its objects: where the new one leads is waited for.
func TestRenameOfEverything(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("order", remove))
	s.Ready(&v1alpha1.Workflow{}, "order")
	id := internalID(s)
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	s.Novu.Inject(novutest.Fault{Path: "/v1/environments/me", Hook: func(*http.Request) { asked <- struct{}{}; <-answer }})
	s.Environment("team-dev", "Development", "")
	<-asked
	s.YAML(workflow("team-order", remove, "workflowID: order", "environmentRef: {name: team-dev}"))
	drop(s, &v1alpha1.Workflow{}, "order")
	message := s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonDeletionBlocked)
	if !strings.Contains(message, s.Namespace+"/team-order") || !strings.Contains(message, s.Namespace+"/team-dev") {
		t.Errorf("the message does not name what it waits for: %s", message)
	}
	close(answer)
	s.Gone(&v1alpha1.Workflow{}, "order")
	s.Ready(&v1alpha1.Workflow{}, "team-order")
	if now := internalID(s); now != id {
		t.Errorf("the internal id was %s and is %s", id, now)
	}
}

// TestNoHeir deletes an object that others describe, too, who cannot take over what Novu holds: it is deleted.
func TestNoHeir(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T, s, other *harness.Stage){
		"the other is being deleted as well": func(_ *testing.T, s, _ *harness.Stage) {
			s.YAML(workflow("z-second", remove, "workflowID: order"))
			s.NotReady(&v1alpha1.Workflow{}, "z-second", v1alpha1.ReasonConflict)
			patch(s, &v1alpha1.Workflow{}, "z-second", `{"metadata":{"finalizers":["example.test/keep","`+v1alpha1.Finalizer+`"]}}`)
			drop(s, &v1alpha1.Workflow{}, "z-second")
			finalized(s, &v1alpha1.Workflow{}, "z-second", false)
		},
		"the other may not use the Environment": func(_ *testing.T, s, other *harness.Stage) {
			other.YAML(workflow("order", remove, "environmentRef: {name: dev, namespace: "+s.Namespace+"}"))
			other.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonNamespaceNotAllowed)
		},
		"the other's Environment cannot be reached": func(_ *testing.T, s, _ *harness.Stage) {
			s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: nowhere}
spec: {apiURL: "http://127.0.0.1:1", secretKeyRef: {name: dev-key}}
`)
			s.NotReady(&v1alpha1.Environment{}, "nowhere", v1alpha1.ReasonConnectionFailed)
			s.YAML(workflow("z-second", remove, "workflowID: order", "environmentRef: {name: nowhere}"))
			s.NotReady(&v1alpha1.Workflow{}, "z-second", v1alpha1.ReasonEnvironmentNotReady)
		},
		"the other is in another Novu environment": func(_ *testing.T, s, _ *harness.Stage) {
			s.Environment("prod", "Production", "")
			s.YAML(workflow("z-second", remove, "workflowID: order", "environmentRef: {name: prod}"))
			s.Ready(&v1alpha1.Workflow{}, "z-second")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewStage(t, novutest.Options{})
			other := at(s, namespace(s))
			operate(s, retain, other.Namespace)
			s.Environment("dev", "Development", "")
			s.YAML(workflow("order", remove))
			s.Ready(&v1alpha1.Workflow{}, "order")
			prepare(t, s, other)
			drop(s, &v1alpha1.Workflow{}, "order")
			s.Gone(&v1alpha1.Workflow{}, "order")
			holds(s, "order", false)
		})
	}
}

// TestDeletionOfASecondPrimary: an Integration that another one keeps from being the primary one of its channel is still
// the only one of its identifier, and is deleted in Novu.
func TestDeletionOfASecondPrimary(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(integration("a-first", remove, "primary: true"))
	s.YAML(integration("order", remove))
	s.Ready(&v1alpha1.Integration{}, "a-first", "order")
	patch(s, &v1alpha1.Integration{}, "order", `{"spec":{"primary":true}}`)
	s.NotReady(&v1alpha1.Integration{}, "order", v1alpha1.ReasonConflict)
	drop(s, &v1alpha1.Integration{}, "order")
	s.Gone(&v1alpha1.Integration{}, "order")
	holds(s, "order", false)
	holds(s, "a-first", true)
}

// noted reports whether an event of that reason about the object contains the text.
func noted(s *harness.Stage, name, reason, text string) bool {
	s.Helper()
	var list corev1.EventList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	return slices.ContainsFunc(list.Items, func(e corev1.Event) bool {
		return e.InvolvedObject.Name == name && e.Reason == reason && strings.Contains(e.Message, text)
	})
}
