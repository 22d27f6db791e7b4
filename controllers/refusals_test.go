// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// refusals are the statuses that concern one object alone, with the reason and what the message must say.
var refusals = []struct {
	status int
	reason string
	says   string
}{
	{http.StatusBadRequest, v1alpha1.ReasonRejected, "Bad Request"},
	{http.StatusPaymentRequired, v1alpha1.ReasonPaymentRequired, "the plan of this Novu organization does not include it"},
	{http.StatusForbidden, v1alpha1.ReasonForbidden, "check that it is the key of this environment"},
	{http.StatusNotFound, v1alpha1.ReasonNotFound, "Not Found"},
	{http.StatusConflict, v1alpha1.ReasonRejected, "Conflict"},
	{http.StatusRequestEntityTooLarge, v1alpha1.ReasonPayloadTooLarge, "make the content smaller"},
	{http.StatusUnprocessableEntity, v1alpha1.ReasonRejected, "Unprocessable"},
	{http.StatusTooManyRequests, v1alpha1.ReasonRateLimited, "next try at"},
	{http.StatusInternalServerError, v1alpha1.ReasonNovuUnavailable, "Internal server error"},
}

// numbered is a workflow of its own for each status.
func numbered(status int, name string) string {
	return strings.NewReplacer("name: order-shipped", fmt.Sprintf("name: %s", workflowOf(status)), "name: Order shipped", "name: "+name).
		Replace(orderShipped)
}

func workflowOf(status int) string { return "answer-" + strconv.Itoa(status) }

// Each write of another workflow is refused once in another way, and tried again until it succeeds.
func TestRefusedWrites(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault func(status int) novutest.Fault
		first string // what is there before
	}{
		"PUT": {func(status int) novutest.Fault {
			return novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/" + workflowOf(status)}
		}, "First"},
		"POST": {func(int) novutest.Fault { return novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows"} }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Ready(&v1alpha1.Environment{}, "dev")
			settle(s)
			for _, refusal := range refusals {
				refused(s, refusal.status, refusal.reason, refusal.says, test.first, test.fault(refusal.status))
			}
			for _, refusal := range refusals {
				s.Ready(&v1alpha1.Workflow{}, workflowOf(refusal.status))
			}
			if got := s.Novu.Workflows("Development"); len(got) != len(refusals) {
				t.Errorf("Novu holds %d workflows, want %d", len(got), len(refusals))
			}
		})
	}
}

func refused(s *harness.Stage, status int, reason, says, first string, fault novutest.Fault) {
	s.Helper()
	var w v1alpha1.Workflow
	if first != "" {
		s.YAML(numbered(status, first))
		s.Ready(&w, workflowOf(status))
	}
	fault.Status = status
	heal := s.Novu.Inject(fault) // until it is seen: another workflow's next try may come first
	s.YAML(numbered(status, "Second"))
	message := s.NotReady(&w, workflowOf(status), reason)
	heal()
	if !strings.Contains(message, says) {
		s.Errorf("%d: the message lacks %q: %s", status, says, message)
	}
	if !strings.Contains(message, workflowOf(status)) {
		s.Errorf("%d: the message does not name the workflow: %s", status, message)
	}
}

// A workflow that cannot be read is not written.
func TestRefusedReads(t *testing.T) {
	s := stage(t, novutest.Options{})
	for _, refusal := range refusals {
		s.YAML(numbered(refusal.status, "First"))
		s.Ready(&v1alpha1.Workflow{}, workflowOf(refusal.status))
	}
	settle(s)
	s.Novu.ClearRequests()
	heals := map[int]func(){}
	for _, refusal := range refusals {
		heals[refusal.status] = s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/" + workflowOf(refusal.status), Status: refusal.status})
		annotate(s, &v1alpha1.Workflow{}, workflowOf(refusal.status), v1alpha1.RequestedAtAnnotation, "now")
	}
	for _, refusal := range refusals {
		s.NotReady(&v1alpha1.Workflow{}, workflowOf(refusal.status), refusal.reason)
	}
	expect(t, "writes", writes(s))
	for _, heal := range heals {
		heal()
	}
	for _, refusal := range refusals {
		s.Ready(&v1alpha1.Workflow{}, workflowOf(refusal.status))
	}
	expect(t, "writes", writes(s))
}

func TestRefusedLists(t *testing.T) {
	t.Parallel()
	for _, refusal := range refusals {
		t.Run(strconv.Itoa(refusal.status), func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.YAML(numbered(refusal.status, "First"))
			var w v1alpha1.Workflow
			s.Ready(&w, workflowOf(refusal.status))
			heal := s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/layouts", Status: refusal.status})
			annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "now")
			var e v1alpha1.Environment
			message := s.NotReady(&e, "dev", refusal.reason)
			if !strings.Contains(message, "layouts") || !strings.Contains(message, refusal.says) {
				t.Errorf("the message lacks %q or what was listed: %s", refusal.says, message)
			}
			s.Ready(&w, workflowOf(refusal.status)) // it is not its fault
			heal()
			annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "again")
			s.Ready(&e, "dev")
		})
	}
}

// A key that is refused in the middle concerns everything.
func TestRefusedKey(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, orderShipped, "order-shipped")
	heal := s.Novu.Inject(novutest.Fault{Status: http.StatusUnauthorized})
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Again", 1))
	s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonUnauthorized)
	message := s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonUnauthorized)
	if !strings.Contains(message, "check the API key") {
		t.Errorf("the message names no next step: %s", message)
	}
	heal()
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
}

func TestWorkflowLimit(t *testing.T) {
	s := stage(t, novutest.Options{WorkflowLimit: 1})
	byHand(s, "in-the-way")
	s.YAML(orderShipped)
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "order-shipped", v1alpha1.ReasonLimitExceeded)
	if !strings.Contains(message, "(1 of 1)") || !strings.Contains(message, "raise its limit") {
		t.Errorf("the message names no next step: %s", message)
	}
	s.Condition(&w, "order-shipped", v1alpha1.ConditionStalled, "True", v1alpha1.ReasonLimitExceeded)
	s.Must(theirs(s, "Development").DeleteWorkflow(s.Context(), "in-the-way"))
	s.Ready(&w, "order-shipped")
}
