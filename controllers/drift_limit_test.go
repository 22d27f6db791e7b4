// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// fight has another writer make the same change until the operator gives up.
func fight(t *testing.T) (*harness.Stage, *harness.Manager) {
	t.Helper()
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	edited(s, orderShipped, "order-shipped")
	for range 3 {
		meddle(s, "order-shipped", rename)
		look(s, "dev")
		if got := stored(s, "order-shipped").Name; got != "Order shipped" {
			t.Fatalf("it was not corrected: %q", got)
		}
	}
	meddle(s, "order-shipped", rename)
	s.Novu.ClearRequests()
	look(s, "dev")
	givenUp(s)
	return s, m
}

func givenUp(s *harness.Stage) {
	s.Helper()
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "order-shipped", v1alpha1.ReasonNotConverging)
	for _, says := range []string{"name changed in Novu", "stop the other writer", "driftPolicy"} {
		if !strings.Contains(message, says) {
			s.Errorf("the message lacks %q: %s", says, message)
		}
	}
	s.Condition(&w, "order-shipped", v1alpha1.ConditionStalled, "True", v1alpha1.ReasonNotConverging)
	s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "True", "")
	if len(w.Status.Differences) != 1 || w.Status.Differences[0].Path != "name" {
		s.Errorf("differences %+v", w.Status.Differences)
	}
	expect(s, "writes", writes(s))
}

func TestFightIsGivenUp(t *testing.T) {
	s, m := fight(t)
	annotate(s, &v1alpha1.Workflow{}, "order-shipped", "example.com/touched", "yes")
	look(s, "dev")
	givenUp(s)
	meddle(s, "order-shipped", func(*workflowEdit) {})
	s.Novu.ClearRequests()
	look(s, "dev")
	givenUp(s)
	s.Must(m.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	look(s, "dev")
	givenUp(s)
}

func TestFightEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *harness.Stage){
		"when the other writer gives in": func(s *harness.Stage) {
			meddle(s, "order-shipped", func(w *workflowEdit) { w.Name = "Order shipped" })
			look(s, "dev")
		},
		"when the user asks for another try": func(s *harness.Stage) { ask(s, &v1alpha1.Workflow{}, "order-shipped") },
		"when the definition changes": func(s *harness.Stage) {
			s.YAML(strings.Replace(orderShipped, "tags: [orders, mail]", "tags: [orders]", 1))
		},
		"when the other writer changes something else": func(s *harness.Stage) {
			meddle(s, "order-shipped", func(w *workflowEdit) { w.Name, w.Description = "Order shipped", "Meddled" })
			look(s, "dev")
		},
		"when drift is to be detected only": func(s *harness.Stage) {
			s.YAML(withPolicy(v1alpha1.DriftPolicyDetect))
			s.Condition(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonDriftDetected)
			s.YAML(orderShipped)
			s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonNotConverging)
			ask(s, &v1alpha1.Workflow{}, "order-shipped")
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := fight(t)
			end(s)
			var w v1alpha1.Workflow
			s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", "")
			passes(s, &w, "order-shipped")
			s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
			s.Eventually("Novu holds what is wanted", func() error {
				if got := stored(s, "order-shipped"); got.Name != "Order shipped" || got.Description != "" {
					return fmt.Errorf("it is called %q (%s)", got.Name, got.Description)
				}
				return nil
			})
			s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
		})
	}
}
