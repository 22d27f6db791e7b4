// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// carryOut sends Novu what the operator has sent to create a workflow, as something between the two does that has kept it.
func carryOut(s *harness.Stage, environment, body string) {
	s.Helper()
	if status, _ := s.Call(environment, http.MethodPost, "/v2/workflows", body); status != http.StatusCreated {
		s.Fatalf("Novu answered %d", status)
	}
}

// lost is a stage on which the answer to the first creation was lost, with what was sent.
func lost(t *testing.T) (s *harness.Stage, manager *harness.Manager, sent string) {
	t.Helper()
	s = unmanaged(t, novutest.Options{RecordBodies: true})
	manager = harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", never)
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Reset: novutest.BeforeCommit})
	s.YAML(orderShipped)
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	for _, r := range s.Novu.Requests() {
		if r.Method == http.MethodPost && sent == "" {
			sent = string(r.Body)
		}
	}
	return s, manager, sent
}

// suffixed are the workflows beside order-shipped.
func suffixed(s *harness.Stage) (ids []string) {
	for _, w := range s.Novu.Workflows("Development") {
		if w.WorkflowID != "order-shipped" {
			ids = append(ids, w.WorkflowID)
		}
	}
	return ids
}

// Novu carries out a creation that the operator had given up. The duplicate goes, at the next poll.
func TestLateCreationLeavesNoDuplicate(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(s *harness.Stage, manager *harness.Manager){
		"": func(*harness.Stage, *harness.Manager) {},
		"after a restart": func(s *harness.Stage, manager *harness.Manager) {
			s.Must(manager.Stop())
			harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
		},
		"after a change of spec": func(s *harness.Stage, _ *harness.Manager) {
			edited(s, strings.Replace(orderShipped, "name: Order shipped", "name: Edited", 1), "order-shipped")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, manager, sent := lost(t)
			meanwhile(s, manager)
			awaitNoDuplicate(s, sent)
			s.Ready(&v1alpha1.Workflow{}, "order-shipped")
		})
	}
}

// What people make is theirs, even if it looks like a duplicate.
func TestWhatPeopleMakeIsNoLateCreation(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]func(s *harness.Stage, sent string){
		"it says something else": func(s *harness.Stage, sent string) {
			carryOut(s, "Development", strings.Replace(sent, "Order shipped", "Order shipped (copy)", 1))
		},
		"an object describes it": func(s *harness.Stage, _ string) {
			edited(s, strings.NewReplacer("name: order-shipped", "name: order-shipped-00000000").Replace(orderShipped), "order-shipped-00000000")
		},
		"its id has another form": func(s *harness.Stage, sent string) {
			carryOut(s, "Development", strings.Replace(sent, `"order-shipped"`, `"order-shipped-by-mail"`, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, sent := lost(t)
			theirs(s, sent)
			look(s, "dev")
			look(s, "dev")
			if left := suffixed(s); len(left) != 1 {
				t.Errorf("Novu holds %v beside the workflow", left)
			}
		})
	}
	t.Run("no answer was lost", func(t *testing.T) {
		s := bare(t, novutest.Options{RecordBodies: true})
		s.Environment("dev", "Development", never)
		edited(s, orderShipped, "order-shipped")
		for _, r := range s.Novu.Requests() {
			if r.Method == http.MethodPost {
				carryOut(s, "Development", string(r.Body))
			}
		}
		look(s, "dev")
		if left := suffixed(s); len(left) != 1 {
			t.Errorf("Novu holds %v beside the workflow", left)
		}
	})
}

// awaitNoDuplicate has Novu carry out what was sent before, and waits until nothing is left of it.
func awaitNoDuplicate(s *harness.Stage, sent string) {
	s.Helper()
	id := stored(s, "order-shipped").ID
	carryOut(s, "Development", sent)
	if len(suffixed(s)) != 1 {
		s.Fatalf("Novu holds %v", suffixed(s))
	}
	look(s, "dev")
	s.Eventually("the duplicate is deleted", func() error {
		if left := suffixed(s); len(left) > 0 {
			return fmt.Errorf("Novu holds %v", left)
		}
		return nil
	})
	if now := stored(s, "order-shipped").ID; now != id {
		s.Error("the workflow itself was touched")
	}
}

// Who renames an object leaves its late creations to the one of the new name.
func TestLateCreationAfterARename(t *testing.T) {
	s, _, sent := lost(t)
	s.YAML(strings.NewReplacer("{name: order-shipped}", "{name: renamed}", "name: Order shipped", "workflowID: order-shipped\n  name: Order shipped").
		Replace(orderShipped))
	s.NotReady(&v1alpha1.Workflow{}, "renamed", v1alpha1.ReasonConflict)
	remove(s, &v1alpha1.Workflow{}, "order-shipped")
	s.Ready(&v1alpha1.Workflow{}, "renamed")
	awaitNoDuplicate(s, sent)
}

// An operator that ends while Novu does not answer a creation leaves word of it.
func TestLateCreationOfAnOperatorThatEnds(t *testing.T) {
	s := unmanaged(t, novutest.Options{RecordBodies: true})
	manager := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", never)
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Novu.Inject(novutest.Fault{
		Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Reset: novutest.BeforeCommit,
		Hook: func(*http.Request) { manager.Kill() },
	})
	s.YAML(orderShipped)
	s.Eventually("the creation is sent", func() error { return unless(len(creations(s)) > 0, "not sent") })
	s.Must(manager.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	awaitNoDuplicate(s, creations(s)[0])
}

// An operator that is killed leaves no word: what it may have sent is expected all the same.
func TestLateCreationOfAnOperatorThatWasKilled(t *testing.T) {
	s := unmanaged(t, novutest.Options{RecordBodies: true})
	s.Environment("dev", "Development", never)
	s.YAML(orderShipped)
	var w v1alpha1.Workflow
	s.Must(s.Get(s.Context(), s.Key("order-shipped"), &w))
	w.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing,
		LastTransitionTime: metav1.NewTime(time.Now().Add(-time.Minute)),
	}}
	s.Must(s.Status().Update(s.Context(), &w))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	awaitNoDuplicate(s, creations(s)[0])
}

// creations are the bodies of what was sent to create workflows.
func creations(s *harness.Stage) (bodies []string) {
	for _, r := range s.Novu.Requests() {
		if r.Method == http.MethodPost && r.Path == "/v2/workflows" {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}
