// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// workflowEdit is a workflow as somebody edits it in Novu: with the ids of its steps.
type workflowEdit = novu.WorkflowRequest

// meddle edits a workflow in Novu's Development as somebody else.
func meddle(s *harness.Stage, id string, edit func(*workflowEdit)) {
	s.Helper()
	client := theirs(s, "Development")
	have, err := client.GetWorkflow(s.Context(), id)
	s.Must(err)
	want := definition.BindSteps(definition.WorkflowFrom(have), have.Steps)
	edit(want)
	_, err = client.UpdateWorkflow(s.Context(), id, want)
	s.Must(err)
}

// byHand makes a workflow in Development as somebody else, with steps one and two.
func byHand(s *harness.Stage, id string) {
	s.Helper()
	_, err := theirs(s, "Development").CreateWorkflow(s.Context(), &novu.WorkflowRequest{
		WorkflowID: id, Name: "By hand", Active: true, Tags: []string{}, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{
			{StepID: "one", Name: "one", Type: "in_app", ControlValues: json.RawMessage(`{"body":"By hand"}`)},
			{StepID: "two", Name: "two", Type: "sms", ControlValues: json.RawMessage(`{"body":"By hand"}`)},
		},
	})
	s.Must(err)
}

func TestAdoptionKeepsStepIDs(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *harness.Stage){
		"made long before the Environment": func(s *harness.Stage) {
			byHand(s, "three")
			s.Environment("dev", "Development", "")
			s.Ready(&v1alpha1.Environment{}, "dev")
		},
		"made after the last poll": func(s *harness.Stage) {
			s.Environment("dev", "Development", "interval: 0s")
			s.Ready(&v1alpha1.Environment{}, "dev")
			settle(s)
			byHand(s, "three")
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			prepare(s)
			before, id := steps(s, "three"), stored(s, "three").ID
			s.Novu.ClearRequests()
			w := edited(s, threeSteps, "three")
			expect(t, "adoption reads and writes once", objects(s), "GET /v2/workflows/three", "PUT /v2/workflows/three")
			after := steps(s, "three")
			if after["one"] != before["one"] || after["two"] != before["two"] || after["three"] == "" {
				t.Errorf("the ids of steps went from %v to %v", before, after)
			}
			if w.Status.ID != id || len(s.Novu.Workflows("Development")) != 1 {
				t.Errorf("status names %s, Novu holds %+v", w.Status.ID, s.Novu.Workflows("Development"))
			}
		})
	}
}

func TestAdoptionOfWhatIsEqualWritesNothing(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, threeSteps, "three")
	remove(s, &v1alpha1.Workflow{}, "three")
	settle(s)
	s.Novu.ClearRequests()
	edited(s, threeSteps, "three")
	expect(t, "calls", objects(s), "GET /v2/workflows/three")
}

func TestAdoptionCanBeRefused(t *testing.T) {
	s := stage(t, novutest.Options{})
	byHand(s, "three")
	refusing := strings.Replace(threeSteps, "  name: Three", "  adoptionPolicy: Refuse\n  name: Three", 1)
	s.YAML(refusing)
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "three", v1alpha1.ReasonAdoptionRefused)
	if !strings.Contains(message, "Adopt") || !strings.Contains(message, `"three"`) {
		t.Errorf("the message names no next step: %s", message)
	}
	if got := stored(s, "three").Name; got != "By hand" {
		t.Errorf("it was renamed to %q", got)
	}
	annotate(s, &v1alpha1.Workflow{}, "three", "example.com/touched", "yes")
	settle(s)
	if n := s.Novu.Count(http.MethodPut, "/v2/workflows"); n != 0 {
		t.Errorf("%d writes", n)
	}
	s.YAML(strings.Replace(refusing, "three", "fresh", 1))
	s.Ready(&w, "fresh")
	s.YAML(threeSteps)
	s.Ready(&w, "three")
	if got := stored(s, "three").Name; got != "Three" {
		t.Errorf("after adoption the name is %q", got)
	}
}

func TestCodeFirstWorkflowIsLeftAlone(t *testing.T) {
	s := stage(t, novutest.Options{})
	byHand(s, "three")
	s.Novu.MakeExternal("Development", "three", true)
	s.YAML(strings.Replace(threeSteps, "  name: Three", "  deletionPolicy: Delete\n  name: Three", 1))
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "three", v1alpha1.ReasonCodeFirst)
	if !strings.Contains(message, "use another id") {
		t.Errorf("the message names no next step: %s", message)
	}
	s.Novu.ClearRequests()
	remove(s, &w, "three")
	expect(t, "writes", writes(s))
	if len(s.Novu.Workflows("Development")) != 1 {
		t.Error("the workflow of the application is gone")
	}
}

// What POST makes of a taken id must not stay in Novu.
func TestSuffixedStrayIsDeleted(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*novutest.Fault{
		"and deleted at once":           nil,
		"although the deletion fails":   {Method: http.MethodDelete, Times: 1, Status: http.StatusInternalServerError},
		"although its answer gets lost": {Method: http.MethodDelete, Times: 1, Reset: novutest.AfterCommit},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Novu.Inject(novutest.Fault{
				Method: http.MethodPost, Path: "/v2/workflows", Times: 1,
				// Whoever is as fast as the operator makes it between its PUT and its POST.
				Hook: func(r *http.Request) {
					if r.UserAgent() != rivalAgent {
						makeQuickly(s, "three")
					}
				},
			})
			if fault != nil {
				s.Novu.Inject(*fault)
			}
			w := edited(s, threeSteps, "three")
			if len(w.Status.Strays) != 0 {
				t.Errorf("status still names %+v", w.Status.Strays)
			}
			var ids []string
			for _, have := range s.Novu.Workflows("Development") {
				ids = append(ids, have.WorkflowID)
			}
			expect(t, "workflows", ids, "three")
			if w.Status.ID != stored(s, "three").ID {
				t.Errorf("status names %s, which is not the workflow that is there", w.Status.ID)
			}
		})
	}
}

// A stray that cannot be deleted is in status until it is.
func TestStrayIsNamedUntilItIsDeleted(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Hook: func(r *http.Request) {
		if r.UserAgent() != rivalAgent {
			makeQuickly(s, "three")
		}
	}})
	fix := s.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: http.StatusForbidden})
	s.YAML(threeSteps)
	var w v1alpha1.Workflow
	named := func() error {
		s.Must(s.Get(s.Context(), s.Key("three"), &w))
		if len(w.Status.Strays) != 1 || len(s.Novu.Workflows("Development")) != 2 {
			return fmt.Errorf("status names %+v", w.Status.Strays)
		}
		return nil
	}
	s.Eventually("the stray is named", named)
	if stray := w.Status.Strays[0]; stray.ID == "" || !strings.HasPrefix(stray.WorkflowID, "three-") {
		t.Errorf("status names %+v", stray)
	}
	s.Condition(&w, "three", v1alpha1.ConditionSynced, "True", "") // the workflow itself is looked after
	if message := s.NotReady(&w, "three", v1alpha1.ReasonSuffixed); !strings.Contains(message, w.Status.Strays[0].WorkflowID) {
		t.Errorf("the message does not name it: %s", message)
	}
	s.Must(named())
	fix()
	s.Ready(&w, "three")
	if len(w.Status.Strays) != 0 || len(s.Novu.Workflows("Development")) != 1 {
		t.Errorf("status names %+v, Novu holds %d workflows", w.Status.Strays, len(s.Novu.Workflows("Development")))
	}
}

const rivalAgent = "rival"

func makeQuickly(s *harness.Stage, id string) {
	c, err := novu.New(novu.Config{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment("Development").SecretKey, UserAgent: rivalAgent})
	if err == nil {
		_, err = c.CreateWorkflow(s.Context(), &novu.WorkflowRequest{WorkflowID: id, Name: "Rival", Active: true})
	}
	if err != nil {
		s.Error(fmt.Errorf("the rival: %w", err))
	}
}
