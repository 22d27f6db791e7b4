// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// besides are the workflows that Production holds beside the two that were promoted.
func besides(s *harness.Stage) (ids []string) {
	for _, w := range s.Novu.Workflows("Production") {
		if w.WorkflowID != "letter" && w.WorkflowID != "message" {
			ids = append(ids, w.WorkflowID)
		}
	}
	return ids
}

// Novu carries out, after the Promotion, a creation in the target that the operator had given up. The duplicate goes.
func TestLateCreationInATarget(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(s *harness.Stage, manager *harness.Manager){
		"": func(*harness.Stage, *harness.Manager) {},
		"after a restart": func(s *harness.Stage, manager *harness.Manager) {
			s.Must(manager.Stop())
			harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := novuEnvironments
			options.RecordBodies = true
			s := unmanaged(t, options)
			manager := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "")
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, strategy: Apply}\n"+never)
			s.YAML(fmt.Sprintf(three, "hello"))
			s.Ready(&v1alpha1.Workflow{}, "letter", "message")
			before := len(s.Novu.Requests())
			s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Exact: true, Times: 1, Reset: novutest.BeforeCommit})
			promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
			var sent string
			for _, r := range s.Novu.Requests()[before:] {
				if r.Method == http.MethodPost && r.Path == "/v2/workflows" && sent == "" {
					sent = string(r.Body)
				}
			}
			meanwhile(s, manager)
			carryOut(s, "Production", sent)
			if len(besides(s)) != 1 {
				t.Fatalf("Production holds %v", besides(s))
			}
			look(s, "prod")
			s.Eventually("the duplicate is deleted", func() error {
				if left := besides(s); len(left) > 0 {
					return fmt.Errorf("Production holds %v", left)
				}
				return nil
			})
			if held := len(s.Novu.Workflows("Production")); held != 2 {
				t.Errorf("Production holds %d workflows", held)
			}
			eventsOf(s, "prod", v1alpha1.ReasonSuffixed)
		})
	}
}

// targetOf starts an operator, and promotes the three of dev to prod, whose drift is corrected.
func targetOf(t *testing.T, s *harness.Stage) (manager *harness.Manager) {
	t.Helper()
	manager = harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, strategy: Apply, driftPolicy: Correct}\n"+never)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	return manager
}

// Novu carries out late a creation that corrected drift in a target. The duplicate goes.
func TestLateCorrectionInATarget(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(s *harness.Stage, manager *harness.Manager){
		"": func(*harness.Stage, *harness.Manager) {},
		"after a restart": func(s *harness.Stage, manager *harness.Manager) {
			s.Must(manager.Stop())
			harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
		},
		"after a Promotion": func(s *harness.Stage, _ *harness.Manager) {
			s.YAML(fmt.Sprintf(three, "hello again"))
			s.Ready(&v1alpha1.Workflow{}, "letter", "message")
			s.Ready(promote(s, "second", "prod", ""), "second")
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := novuEnvironments
			options.RecordBodies = true
			s := unmanaged(t, options)
			manager := targetOf(t, s)
			s.Must(theirs(s, "Production").DeleteWorkflow(t.Context(), "message"))
			before := len(s.Novu.Requests())
			s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Exact: true, Times: 1, Reset: novutest.BeforeCommit})
			look(s, "prod")
			s.Eventually("the workflow is there again", func() error {
				if held := len(s.Novu.Workflows("Production")); held != 2 {
					look(s, "prod")
					return fmt.Errorf("Production holds %d workflows", held)
				}
				return nil
			})
			var sent string
			for _, r := range s.Novu.Requests()[before:] {
				if r.Method == http.MethodPost && r.Path == "/v2/workflows" && sent == "" {
					sent = string(r.Body)
				}
			}
			meanwhile(s, manager)
			carryOut(s, "Production", sent)
			if len(besides(s)) != 1 {
				t.Fatalf("Production holds %v", besides(s))
			}
			look(s, "prod")
			s.Eventually("the duplicate is deleted", func() error {
				if left := besides(s); len(left) > 0 {
					return fmt.Errorf("Production holds %v", left)
				}
				return nil
			})
			eventsOf(s, "prod", v1alpha1.ReasonSuffixed)
		})
	}
}

// An operator that is killed while it creates again what was deleted in a target does not hear what has come of it. What Novu
// makes of that late goes all the same.
func TestLateCorrectionOfAnOperatorThatWasKilled(t *testing.T) {
	options := novuEnvironments
	options.RecordBodies = true
	s := unmanaged(t, options)
	manager := targetOf(t, s)
	unmarked(s, "prod")
	s.Must(theirs(s, "Production").DeleteWorkflow(t.Context(), "message"))
	s.Novu.ClearRequests()
	killed := make(chan struct{})
	s.Novu.Inject(novutest.Fault{
		Method: http.MethodPost, Path: "/v2/workflows", Exact: true, Times: 1, Reset: novutest.BeforeCommit, Hook: func(*http.Request) {
			manager.Kill()
			close(killed)
		},
	})
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.RequestedAtAnnotation, "now")
	<-killed
	s.Must(manager.Stop())
	var sent string
	for _, r := range s.Novu.Requests() {
		if r.Method == http.MethodPost && r.Path == "/v2/workflows" {
			sent = string(r.Body)
		}
	}
	harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Eventually("the workflow is there again", func() error {
		look(s, "prod")
		if held := len(s.Novu.Workflows("Production")); held != 2 {
			return fmt.Errorf("Production holds %d workflows", held)
		}
		return nil
	})
	carryOut(s, "Production", sent)
	if len(besides(s)) != 1 {
		t.Fatalf("Production holds %v", besides(s))
	}
	s.Eventually("the duplicate is deleted", func() error {
		look(s, "prod")
		if left := besides(s); len(left) > 0 {
			return fmt.Errorf("Production holds %v", left)
		}
		return nil
	})
}

// How often a target was corrected, and since when, outlasts the operator.
func TestCorrectionsInATargetOutlastTheOperator(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	manager := targetOf(t, s)
	retitle(s, theirs(s, "Production"), "message", "By hand")
	look(s, "prod")
	drift(s, "prod", "True", v1alpha1.ReasonDriftCorrected, "message (once since 20")
	s.Must(manager.Stop())
	retitle(s, theirs(s, "Production"), "message", "By hand again")
	harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	drift(s, "prod", "True", v1alpha1.ReasonDriftCorrected, "message (2 times since 20")
	driftPasses(s, "prod")
	w := &v1alpha1.Workflow{}
	s.Must(s.Get(t.Context(), s.Key("message"), w))
	if live := w.Status.Environments; len(live) != 1 || live[0].Corrections != nil {
		t.Errorf("once they have held: %+v", live)
	}
}

// What people make in a target is theirs, even if it looks like a duplicate.
func TestWhatPeopleMakeInATargetIsTheirs(t *testing.T) {
	options := novuEnvironments
	options.RecordBodies = true
	s := stage(t, options)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, strategy: Apply}\n"+never)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	for _, r := range s.Novu.Requests() {
		if r.Method == http.MethodPost && r.Path == "/v2/workflows" && r.Environment == "Production" {
			carryOut(s, "Production", string(r.Body))
		}
	}
	held := len(besides(s))
	look(s, "prod")
	look(s, "prod")
	if left := len(besides(s)); held != 2 || left != held {
		t.Errorf("of %d workflows that somebody made, %d are left", held, left)
	}
}
