// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

func orderShipped() *WorkflowRequest {
	return &WorkflowRequest{
		WorkflowID: "order-shipped", Name: "Order shipped", Description: "Sent when a parcel leaves", Tags: []string{"orders", "lab"},
		Active: true, Severity: "high", ValidatePayload: true,
		PayloadSchema: json.RawMessage(`{"type":"object","properties":{"orderId":{"type":"string"}}}`),
		Preferences:   PreferencesRequest{User: DefaultPreference()},
		Steps: []StepRequest{
			{StepID: "collect", Name: "Collect", Type: "digest", ControlValues: json.RawMessage(`{"type":"regular","amount":5,"unit":"minutes"}`)},
			{StepID: "inbox", Name: "Inbox", Type: "in_app", ControlValues: json.RawMessage(`{"subject":"Order {{payload.orderId}}","body":"<b>shipped</b>"}`)},
			{StepID: "mail", Name: "Mail", Type: "email", ControlValues: json.RawMessage(`{"subject":"Hi","body":"<p>Hi</p>","editorType":"html"}`)},
		},
	}
}

// withIDs fills in the steps' ids by stepId, as every update must.
func withIDs(r *WorkflowRequest, w *Workflow) *WorkflowRequest {
	for i := range r.Steps {
		for _, s := range w.Steps {
			if s.StepID == r.Steps[i].StepID {
				r.Steps[i].ID = s.ID
			}
		}
	}
	return r
}

func TestWorkflowRoundTrip(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	created := must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	got := must(c.GetWorkflow(t.Context(), "order-shipped"))(t)
	if !reflect.DeepEqual(got, created) {
		t.Errorf("GET differs from POST:\n%+v\n%+v", got, created)
	}
	if got.WorkflowID != "order-shipped" || got.Origin != OriginNovuCloud || got.Severity != "high" || !got.Active || got.Status != "ACTIVE" || got.UpdatedAt == "" {
		t.Errorf("got %+v", got)
	}
	if got.Preferences.User == nil || !got.Preferences.Default.Channels["email"].Enabled {
		t.Errorf("preferences %+v", got.Preferences)
	}
	issues := got.Steps[2].Issues.Integration["email"]
	if len(issues) != 1 || issues[0].Type != "MISSING_INTEGRATION" {
		t.Errorf("issues of the e-mail step: %+v", got.Steps[2].Issues)
	}
	if byID := must(c.GetWorkflow(t.Context(), got.ID))(t); !reflect.DeepEqual(byID, got) {
		t.Error("GET by internal id differs")
	}
}

func TestUpdateKeepsTheSteps(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	created := must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	request := withIDs(orderShipped(), created)
	request.Name, request.Description, request.Tags, request.Active, request.PayloadSchema = "Parcel left", "", nil, false, nil
	request.Preferences = PreferencesRequest{}
	request.Steps = append(slices.Clone(request.Steps[1:]), request.Steps[0])
	updated := must(c.UpdateWorkflow(t.Context(), "order-shipped", request))(t)
	if updated.Name != "Parcel left" || updated.Description != "" || len(updated.Tags) != 0 || updated.Active || updated.PayloadSchema != nil || updated.Preferences.User != nil {
		t.Errorf("something was kept: %+v", updated)
	}
	for i, s := range updated.Steps {
		if s.ID != request.Steps[i].ID || s.StepID != request.Steps[i].StepID {
			t.Errorf("step %d: %s %s, want %s %s", i, s.StepID, s.ID, request.Steps[i].StepID, request.Steps[i].ID)
		}
	}
}

func TestWorkflowBodiesOnTheWire(t *testing.T) {
	s := newScripted(t, answerJSON(200, workflowJSON))
	c := newTestClient(t, s, nil)
	full := orderShipped()
	full.Steps = full.Steps[:1]
	full.Steps[0].ID = anObjectID
	for _, tc := range []struct {
		name string
		send func() error
		want string
	}{
		{"create", func() error { _, err := c.CreateWorkflow(t.Context(), full); return err },
			`{"workflowId":"order-shipped","name":"Order shipped","description":"Sent when a parcel leaves","tags":["orders","lab"],"active":true,"severity":"high","validatePayload":true,"payloadSchema":{"type":"object","properties":{"orderId":{"type":"string"}}},"isTranslationEnabled":false,"preferences":{"user":{"all":{"enabled":true,"readOnly":false},"channels":{"chat":{"enabled":true},"email":{"enabled":true},"in_app":{"enabled":true},"push":{"enabled":true},"sms":{"enabled":true}}},"workflow":null},"steps":[{"stepId":"collect","name":"Collect","type":"digest","controlValues":{"type":"regular","amount":5,"unit":"minutes"}}]}`},
		{"update", func() error { _, err := c.UpdateWorkflow(t.Context(), "order-shipped", full); return err },
			`{"origin":"novu-cloud","name":"Order shipped","description":"Sent when a parcel leaves","tags":["orders","lab"],"active":true,"severity":"high","validatePayload":true,"payloadSchema":{"type":"object","properties":{"orderId":{"type":"string"}}},"isTranslationEnabled":false,"preferences":{"user":{"all":{"enabled":true,"readOnly":false},"channels":{"chat":{"enabled":true},"email":{"enabled":true},"in_app":{"enabled":true},"push":{"enabled":true},"sms":{"enabled":true}}},"workflow":null},"steps":[{"_id":"65f0c0ffee0000000000dead","stepId":"collect","name":"Collect","type":"digest","controlValues":{"type":"regular","amount":5,"unit":"minutes"}}]}`},
		{"empty update", func() error {
			_, err := c.UpdateWorkflow(t.Context(), "w", &WorkflowRequest{Name: "W", Steps: []StepRequest{{StepID: "s", Name: "S", Type: "sms"}}})
			return err
		}, `{"origin":"novu-cloud","name":"W","description":"","tags":[],"active":false,"severity":"none","validatePayload":false,"payloadSchema":null,"isTranslationEnabled":false,"preferences":{"user":null,"workflow":null},"steps":[{"stepId":"s","name":"S","type":"sms","controlValues":{}}]}`},
		{"no steps", func() error { _, err := c.UpdateWorkflow(t.Context(), "w", &WorkflowRequest{Name: "W"}); return err },
			`{"origin":"novu-cloud","name":"W","description":"","tags":[],"active":false,"severity":"none","validatePayload":false,"payloadSchema":null,"isTranslationEnabled":false,"preferences":{"user":null,"workflow":null},"steps":[]}`},
		{"sync", func() error { _, err := c.SyncWorkflow(t.Context(), "w", anObjectID); return err }, `{"targetEnvironmentId":"65f0c0ffee0000000000dead"}`},
	} {
		if err := tc.send(); err != nil {
			t.Fatal(tc.name, err)
		}
		if got := s.bodies[len(s.bodies)-1]; got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
	if full.Steps[0].ID != anObjectID {
		t.Error("creating changed the caller's request")
	}
}

// Numbers and markup must arrive, and come back, exactly as they were written.
func TestControlValuesKeepTheirForm(t *testing.T) {
	const values = `{"amount":1.10,"big":12345678901234567890,"exp":1e3,"html":"<a href=\"x\">&</a>","u":"\u2028"}`
	s := newScripted(t, answerJSON(200, `{"data":{"_id":"1","workflowId":"w","steps":[{"_id":"2","controlValues":`+values+`}],"payloadSchema":{"maximum":1.50}}}`))
	w := must(newTestClient(t, s, nil).UpdateWorkflow(t.Context(), "w", &WorkflowRequest{Steps: []StepRequest{{ControlValues: json.RawMessage(values)}}}))(t)
	if got := string(w.Steps[0].ControlValues); got != values {
		t.Errorf("read %s", got)
	}
	if got := string(w.PayloadSchema); got != `{"maximum":1.50}` {
		t.Errorf("read %s", got)
	}
	if !strings.Contains(s.bodies[0], `"controlValues":`+values) {
		t.Errorf("sent %s", s.bodies[0])
	}
}

func TestMissingThings(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	target := s.Environment("Production").ID
	noLayout := orderShipped()
	noLayout.WorkflowID = "no-layout"
	noLayout.Steps[2].ControlValues = json.RawMessage(`{"subject":"s","body":"<p>b</p>","editorType":"html","layoutId":"nope"}`)
	for _, tc := range []struct {
		name string
		call func() error
		want Resource
	}{
		{"get workflow", func() error { _, err := c.GetWorkflow(t.Context(), "nope"); return err }, ResourceWorkflow},
		{"get workflow by id", func() error { _, err := c.GetWorkflow(t.Context(), anObjectID); return err }, ResourceWorkflow},
		{"update workflow", func() error { _, err := c.UpdateWorkflow(t.Context(), "nope", orderShipped()); return err }, ResourceWorkflow},
		{"delete workflow", func() error { return c.DeleteWorkflow(t.Context(), "nope") }, ResourceWorkflow},
		{"sync workflow", func() error { _, err := c.SyncWorkflow(t.Context(), "nope", target); return err }, ResourceWorkflow},
		{"sync to nowhere", func() error { _, err := c.SyncWorkflow(t.Context(), "order-shipped", anObjectID); return err }, ResourceEnvironment},
		{"create with an unknown layout", func() error { _, err := c.CreateWorkflow(t.Context(), noLayout); return err }, ResourceLayout},
		{"get layout", func() error { _, err := c.GetLayout(t.Context(), "nope"); return err }, ResourceLayout},
		{"update layout", func() error { _, err := c.UpdateLayout(t.Context(), "nope", &LayoutRequest{Name: "x"}); return err }, ResourceLayout},
		{"delete layout", func() error { return c.DeleteLayout(t.Context(), "nope") }, ResourceLayout},
		{"update integration", func() error {
			_, err := c.UpdateIntegration(t.Context(), anObjectID, &IntegrationRequest{Name: "x"})
			return err
		}, ResourceIntegration},
		{"delete integration", func() error { return c.DeleteIntegration(t.Context(), anObjectID) }, ResourceIntegration},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.call()
			var e *Error
			if !asError(err, &e) || e.StatusCode != http.StatusNotFound || e.Missing != tc.want || !IsNotFound(err, tc.want) || IsNotFound(err, ResourceRoute) {
				t.Errorf("got %+v", err)
			}
			if IsTerminal(err) {
				t.Error("a 404 ends when the thing appears")
			}
		})
	}
}

func TestTakenWorkflowIDIsVisible(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	first := must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	second := must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	if second.WorkflowID == first.WorkflowID || second.ID == first.ID {
		t.Fatalf("got %s %s", second.WorkflowID, second.ID)
	}
	if err := c.DeleteWorkflow(t.Context(), second.ID); err != nil {
		t.Error(err)
	}
	if all := must(c.AllWorkflows(t.Context()))(t); len(all) != 1 || all[0].ID != first.ID {
		t.Errorf("left: %+v", all)
	}
}

func TestSyncReturnsTheTarget(t *testing.T) {
	s, dev := startNovu(t, novutest.Options{})
	source := must(dev.CreateWorkflow(t.Context(), orderShipped()))(t)
	target := must(dev.SyncWorkflow(t.Context(), "order-shipped", s.Environment("Production").ID))(t)
	got := must(clientOf(t, s, "Production").GetWorkflow(t.Context(), "order-shipped"))(t)
	if target.ID == source.ID || got.ID != target.ID {
		t.Errorf("source %s, sync answered %s, production has %s", source.ID, target.ID, got.ID)
	}
}

func TestListItems(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	must(c.CreateWorkflow(t.Context(), orderShipped()))(t)
	page := must(c.ListWorkflows(t.Context(), ListOptions{Query: "shipped"}))(t)
	if page.TotalCount != 1 || len(page.Workflows) != 1 {
		t.Fatalf("got %+v", page)
	}
	w := page.Workflows[0]
	if w.WorkflowID != "order-shipped" || w.UpdatedAt == "" || w.CreatedAt == "" || w.LastPublishedAt != "" || w.Status != "ACTIVE" {
		t.Errorf("got %+v", w)
	}
	if none := must(c.ListWorkflows(t.Context(), ListOptions{Query: "no such"}))(t); len(none.Workflows) != 0 {
		t.Errorf("got %+v", none)
	}
}
