// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

const faulty = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: faulty}
spec:
  environmentRef: {name: dev}
  name: Faulty
  steps:
  - stepID: inbox
    type: InApp
    inApp: {body: "Hello {{payload.name"}
  - stepID: text
    type: SMS
    sms: {body: Hello}
`

func TestIssuesOfNovu(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(faulty)
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "faulty", v1alpha1.ReasonIssuesReported)
	if !strings.Contains(message, "inbox") || !strings.Contains(message, "body") {
		t.Errorf("the message names neither step nor field: %s", message)
	}
	if w.Status.State != "ERROR" || len(w.Status.Steps) != 2 || len(w.Status.Steps[0].Issues) == 0 {
		t.Errorf("status has state %q and steps %+v", w.Status.State, w.Status.Steps)
	}
	s.Condition(&w, "faulty", v1alpha1.ConditionValid, "False", v1alpha1.ReasonIssuesReported)
	s.Condition(&w, "faulty", v1alpha1.ConditionSynced, "True", v1alpha1.ReasonSynced)
	s.Condition(&w, "faulty", v1alpha1.ConditionStalled, "True", v1alpha1.ReasonIssuesReported)
	before := steps(s, "faulty")
	fixed := edited(s, faulty, "faulty", "{{payload.name", "{{payload.name}}")
	s.Condition(&w, "faulty", v1alpha1.ConditionValid, "True", v1alpha1.ReasonValid)
	if fixed.Status.State != "ACTIVE" {
		t.Errorf("after it was fixed, status has state %q and steps %+v", fixed.Status.State, fixed.Status.Steps)
	}
	if after := steps(s, "faulty"); after["inbox"] != before["inbox"] {
		t.Error("fixing the step gave it another id")
	}
}

func TestIssuesStayReportedWithoutCalls(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(faulty)
	var w v1alpha1.Workflow
	s.NotReady(&w, "faulty", v1alpha1.ReasonIssuesReported)
	settle(s)
	s.Novu.ClearRequests()
	annotate(s, &v1alpha1.Workflow{}, "faulty", "example.com/touched", "yes")
	look(s, "dev")
	expect(t, "calls", objects(s))
	s.NotReady(&w, "faulty", v1alpha1.ReasonIssuesReported)
}

const twilio = `
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: twilio}
spec:
  environmentRef: {name: dev}
  providerID: twilio
  channel: SMS
  credentials: {accountSid: AC1, token: not-a-secret, from: "+100"}
`

func TestMissingIntegrationIsOnlyMentioned(t *testing.T) {
	s := stage(t, novutest.Options{})
	text := strings.Replace(faulty, "  - stepID: inbox\n    type: InApp\n    inApp: {body: \"Hello {{payload.name\"}\n", "", 1)
	w := edited(s, text, "faulty")
	ready := s.Condition(w, "faulty", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	if !strings.Contains(ready.Message, "step text") || len(w.Status.Steps[0].Issues) != 1 {
		t.Errorf("Ready does not mention the missing integration: %s", ready.Message)
	}
	mentions := func(want bool) {
		t.Helper()
		s.Eventually(fmt.Sprintf("Ready mentions the missing integration: %v", want), func() error {
			ready := s.Condition(w, "faulty", v1alpha1.ConditionReady, "True", "")
			if got := strings.Contains(ready.Message, "integration"); got != want {
				return fmt.Errorf("it says %q", ready.Message)
			}
			return nil
		})
	}
	s.YAML(twilio)
	mentions(false)
	s.YAML(twilio + "  active: false\n")
	mentions(true)
	s.YAML(twilio + "  deletionPolicy: Delete\n  primary: true\n") // Novu makes none primary that is switched on again
	mentions(false)
	remove(s, &v1alpha1.Integration{}, "twilio")
	mentions(true)
}

// A change of an integration has the workflows of its channel compared once. What wakes them later finds that nothing is to do.
func TestChangedIntegrationIsLookedAtOnce(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(twilio + "  deletionPolicy: Delete\n  primary: true\n")
	s.Ready(&v1alpha1.Integration{}, "twilio")
	text := strings.Replace(faulty, "  - stepID: inbox\n    type: InApp\n    inApp: {body: \"Hello {{payload.name\"}\n", "", 1)
	w := edited(s, text, "faulty")
	remove(s, &v1alpha1.Integration{}, "twilio")
	s.Eventually("Ready mentions the missing integration", func() error {
		if ready := s.Condition(w, "faulty", v1alpha1.ConditionReady, "True", ""); !strings.Contains(ready.Message, "integration") {
			return fmt.Errorf("it says %q", ready.Message)
		}
		return nil
	})
	settle(s)
	s.Novu.ClearRequests()
	s.Environment("dev", "Development", "interval: 7m") // wakes all that refer to it
	s.Ready(&v1alpha1.Environment{}, "dev")
	settle(s)
	expect(t, "calls", objects(s))
}

// Integrations that no object describes change what Novu can deliver, too. The look at Novu shows it, and has exactly the
// workflows compared that it concerns.
func TestIntegrationsByHandChangeIssues(t *testing.T) {
	s := stage(t, novutest.Options{})
	text := strings.Replace(faulty, "  - stepID: inbox\n    type: InApp\n    inApp: {body: \"Hello {{payload.name\"}\n", "", 1)
	s.YAML(text + "\n---" + plainWorkflow)
	w := edited(s, text, "faulty")
	s.Ready(&v1alpha1.Workflow{}, "unconcerned")
	them := theirs(s, "Development")
	mentions := func(what string, want bool, calls ...string) {
		t.Helper()
		s.Novu.ClearRequests()
		look(s, "dev")
		s.Eventually(what, func() error {
			ready := s.Condition(w, "faulty", v1alpha1.ConditionReady, "True", "")
			if got := strings.Contains(ready.Message, "integration"); got != want {
				return fmt.Errorf("it says %q", ready.Message)
			}
			return nil
		})
		expect(t, what, objects(s), calls...)
	}
	const compared = "GET /v2/workflows/faulty"
	mentions("nothing new", true)
	made, err := them.CreateIntegration(s.Context(), &novu.IntegrationRequest{
		ProviderID: "twilio", Channel: "sms", Name: "By hand", Identifier: "by-hand", Active: true,
		Credentials: map[string]any{"accountSid": "AC1", "token": "not-a-secret", "from": "+100"},
	})
	s.Must(err)
	mentions("one has come", false, compared)
	_, err = them.UpdateIntegration(s.Context(), made.ID, &novu.IntegrationRequest{Name: "By hand", Identifier: "by-hand", Active: false})
	s.Must(err)
	mentions("it was switched off", true, compared)
	s.Must(them.DeleteIntegration(s.Context(), made.ID))
	mentions("it has gone, which changes nothing", true)
}

const plainWorkflow = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: unconcerned}
spec:
  environmentRef: {name: dev}
  name: Waits
  steps: [{stepID: wait, type: Delay, delay: {amount: 1, unit: Hours}}]
`
