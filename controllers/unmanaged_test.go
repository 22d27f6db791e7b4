// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const chatty = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: chatty}
spec:
  environmentRef: {name: dev}
  name: Chatty
  steps:
  - stepID: talk
    type: Chat
    chat: {body: Hello}
`

// dashboard changes what no manifest can express, as a user with the dashboard does: the tool channel is switched off in both
// records, and the chat step gets an override for one provider.
func dashboard(s *harness.Stage, environment, provider string) {
	s.Helper()
	have := chattyIn(s, environment)
	off := novu.DefaultPreference()
	off.Channels["tool"] = novu.ChannelPreference{}
	body := map[string]any{
		"name": have.Name, "origin": novu.OriginNovuCloud, "preferences": map[string]any{"user": off, "workflow": off},
		"steps": []any{map[string]any{
			"_id": have.Steps[0].ID, "stepId": "talk", "name": have.Steps[0].Name, "type": "chat",
			"controlValues":     have.Steps[0].ControlValues,
			"providerOverrides": map[string]any{provider: map[string]any{"text": "Hi"}},
		}},
	}
	raw, err := json.Marshal(body)
	s.Must(err)
	if status, answer := s.Call(environment, http.MethodPut, "/v2/workflows/chatty", string(raw)); status != http.StatusOK {
		s.Fatalf("Novu answered %d: %s", status, answer)
	}
}

// callMeddled gives it another name by hand, and leaves the rest.
func callMeddled(s *harness.Stage, environment string) {
	s.Helper()
	have := chattyIn(s, environment)
	request := definition.Onto(definition.WorkflowFrom(have), have)
	request.Name = "Meddled"
	_, err := theirs(s, environment).UpdateWorkflow(s.Context(), "chatty", request)
	s.Must(err)
}

func chattyIn(s *harness.Stage, environment string) *novu.Workflow {
	s.Helper()
	have, err := theirs(s, environment).GetWorkflow(s.Context(), "chatty")
	s.Must(err)
	return have
}

// untouched reports whether Novu still holds what was changed by hand.
func untouched(s *harness.Stage, when, environment string) {
	s.Helper()
	have := chattyIn(s, environment)
	for name, record := range map[string]*novu.Preference{"workflow": have.Preferences.Default, "user": have.Preferences.User} {
		if record == nil || record.Channels["tool"].Enabled {
			s.Errorf("%s the channel tool of the record %s is on again: %+v", when, name, record)
		}
	}
	if !strings.Contains(string(have.Steps[0].ProviderOverrides), "Hi") {
		s.Errorf("%s the overrides are %s", when, have.Steps[0].ProviderOverrides)
	}
}

// What no manifest can express is neither drift nor overwritten, by whatever write.
func TestUnmanagedFieldsStay(t *testing.T) {
	s := unmanaged(t, novutest.Options{NewerFields: true})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	edited(s, chatty, "chatty")
	dashboard(s, "Development", "slack")
	s.Novu.ClearRequests()
	look(s, "dev")
	untouched(s, "after a look", "Development")
	expect(t, "writes", writes(s))
	var w v1alpha1.Workflow
	s.Condition(&w, "chatty", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
	ready := s.Condition(&w, "chatty", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	for _, path := range []string{"preferences.workflow.channels.tool", "preferences.user.channels.tool", "steps[talk].providerOverrides"} {
		if !strings.Contains(ready.Message, path) || !slices.ContainsFunc(w.Status.Unmanaged, func(u v1alpha1.UnmanagedField) bool { return u.Path == path }) {
			t.Errorf("%s is not named: %q, %+v", path, ready.Message, w.Status.Unmanaged)
		}
	}

	s.Novu.ClearRequests()
	edited(s, chatty, "chatty", "name: Chatty", "name: Talkative")
	expect(t, "an edit", objects(s), "PUT /v2/workflows/chatty")
	untouched(s, "after an edit", "Development")

	s.Must(m.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Ready(&w, "chatty")
	edited(s, chatty, "chatty", "name: Chatty", "name: Garrulous")
	untouched(s, "after a restart and an edit", "Development")

	callMeddled(s, "Development")
	look(s, "dev")
	if got := chattyIn(s, "Development").Name; got != "Garrulous" {
		t.Errorf("it is called %q", got)
	}
	untouched(s, "after a correction", "Development")
}

// An override that Novu complains about is named as what it is, with what to do about it.
func TestUnmanagedFieldInTheWay(t *testing.T) {
	s := stage(t, novutest.Options{NewerFields: true})
	edited(s, chatty, "chatty")
	dashboard(s, "Development", "pagerduty")
	look(s, "dev")
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "chatty", v1alpha1.ReasonIssuesReported)
	for _, text := range []string{"providerOverrides.pagerduty", "no manifest can express", "in Novu's dashboard"} {
		if !strings.Contains(message, text) {
			t.Errorf("the message lacks %q: %s", text, message)
		}
	}
	if strings.Contains(message, "controlValues") {
		t.Errorf("the message has a path that no manifest has: %s", message)
	}
}

// Promotions, rollbacks and corrections leave it alone in the target.
func TestUnmanagedFieldsOfATargetStay(t *testing.T) {
	s := stage(t, novutest.Options{NewerFields: true, StrictKeyScope: true})
	target(s, "strategy: Apply, driftPolicy: Correct")
	edited(s, chatty, "chatty")
	promoted(s, promote(s, "first", "prod", ""), "first", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	dashboard(s, "Production", "slack")
	look(s, "prod")
	untouched(s, "after a look", "Production")

	edited(s, chatty, "chatty", "name: Chatty", "name: Talkative")
	promoted(s, promote(s, "second", "prod", ""), "second", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	unmarked(s, "prod")
	untouched(s, "after a promotion", "Production")

	callMeddled(s, "Production")
	look(s, "prod")
	s.Eventually("the correction", func() error {
		if chattyIn(s, "Production").Name != "Talkative" {
			return errNotYet
		}
		return nil
	})
	untouched(s, "after a correction", "Production")
}

// Novu's sync would replace it by what the source holds.
func TestUnmanagedFieldsOfASyncedTargetStay(t *testing.T) {
	s := stage(t, novutest.Options{NewerFields: true})
	target(s, "")
	edited(s, chatty, "chatty")
	promoted(s, promote(s, "first", "prod", ""), "first", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	dashboard(s, "Production", "slack")
	edited(s, chatty, "chatty", "name: Chatty", "name: Talkative")
	p := promote(s, "second", "prod", "")
	promoted(s, p, "second", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	untouched(s, "after a promotion", "Production")
	if message := p.Status.Plan.Items[0].Message; !strings.Contains(message, "no manifest can express") {
		t.Errorf("the item says %q", message)
	}
}

// Novu replaces configurations as a whole. What the manifest does not name stays; what it named and no longer does goes.
func TestUnmanagedConfigurationsStay(t *testing.T) {
	s := stage(t, novutest.Options{})
	configured := func(configurations string) string { return twilio + "  configurations: " + configurations + "\n" }
	s.YAML(configured(`{inboundWebhookEnabled: true, inboundWebhookSigningKey: mine}`))
	var i v1alpha1.Integration
	s.Ready(&i, "twilio")
	_, err := theirs(s, "Development").UpdateIntegration(s.Context(), i.Status.ID, &novu.IntegrationRequest{
		Name: "twilio", Identifier: "twilio", Active: true,
		Configurations: map[string]any{"inboundWebhookEnabled": true, "inboundWebhookSigningKey": "mine", "configurationSetName": "stays"},
	})
	s.Must(err)
	look(s, "dev")
	s.YAML(configured(`{inboundWebhookEnabled: false}`))
	s.Ready(&i, "twilio")
	got := integration(s, "Development", "twilio").Configurations
	if got["configurationSetName"] != "stays" || got["inboundWebhookEnabled"] != false || got["inboundWebhookSigningKey"] != nil {
		t.Errorf("Novu holds %v", got)
	}
}
