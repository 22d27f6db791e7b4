// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestCreateDefaults(t *testing.T) {
	noSchema := object{"type": "object", "additionalProperties": true, "properties": object{}}
	schema := object{"type": "object", "properties": object{"a": object{"type": "string"}}}
	everywhere := object{"enabled": true}
	enabled := object{"all": object{"enabled": true, "readOnly": false}, "channels": object{
		"email": everywhere, "sms": everywhere, "in_app": everywhere, "push": everywhere, "chat": everywhere}}
	tests := []struct {
		name string
		give object
		want map[string]any // by path below data
	}{
		{"nothing", nil, map[string]any{"description": "", "tags": []any{}, "active": true, "severity": "none",
			"validatePayload": true, "payloadSchema": noSchema, "origin": "novu-cloud", "status": "ACTIVE",
			"preferences.user": nil, "preferences.default": enabled, "isTranslationEnabled": false}},
		{"inactive", object{"active": false}, map[string]any{"active": false, "status": "INACTIVE"}},
		{"schema alone", object{"payloadSchema": schema}, map[string]any{"payloadSchema": schema, "validatePayload": false}},
		{"schema and check", object{"payloadSchema": schema, "validatePayload": true}, map[string]any{"validatePayload": true}},
		{"check alone", object{"validatePayload": false}, map[string]any{"validatePayload": false}},
		{"null schema", object{"payloadSchema": nil}, map[string]any{"payloadSchema": noSchema}},
		{"other origin", object{"origin": "external"}, map[string]any{"origin": "novu-cloud"}},
		{"translations", object{"isTranslationEnabled": true}, map[string]any{"isTranslationEnabled": false}},
		{"severity", object{"severity": "high"}, map[string]any{"severity": "high"}},
		{"tags", object{"tags": []any{"b", "a"}}, map[string]any{"tags": []any{"b", "a"}}},
		{"unknown member", object{"nope": 1}, map[string]any{"nope": nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			body := newWorkflow("welcome")
			maps.Copy(body, tt.give)
			made, read := api.create(body), api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
			for path, want := range tt.want {
				made.is("data."+path, want)
				read.is("data."+path, want)
			}
		})
	}
}

// TestTakenIdentifier: a taken identifier is no conflict. It gets eight more characters.
func TestTakenIdentifier(t *testing.T) {
	api := dev(t, Options{})
	first := api.create(newWorkflow("welcome")).is("data.workflowId", "welcome")
	second := api.create(newWorkflow("welcome"))
	suffix, ok := strings.CutPrefix(second.text("data.workflowId"), "welcome-")
	if !ok || len(suffix) != 8 || strings.Trim(suffix, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		t.Errorf("the second is called %q", second.text("data.workflowId"))
	}
	if first.text("data._id") == second.text("data._id") {
		t.Error("both have one _id")
	}
	api.do("GET", "/v2/workflows/welcome", nil).is("data._id", first.text("data._id"))
	api.in("Production").create(newWorkflow("welcome")).is("data.workflowId", "welcome")
}

// TestConcurrentCreation: two creations that both find the identifier free both get it.
func TestConcurrentCreation(t *testing.T) {
	api := dev(t, Options{})
	var arrived sync.WaitGroup
	arrived.Add(2)
	api.server.gap = func() {
		arrived.Done()
		arrived.Wait()
	}
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() { api.do("POST", "/v2/workflows", newWorkflow("welcome")) })
	}
	done.Wait()
	var ids []string
	for _, w := range api.server.Workflows("Development") {
		ids = append(ids, w.WorkflowID)
	}
	if !slices.Equal(ids, []string{"welcome", "welcome"}) {
		t.Errorf("stored are %v", ids)
	}
	api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
	api.do("DELETE", "/v2/workflows/welcome", nil).want(http.StatusNoContent)
	api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK) // the other one is still there
}

// TestHalfMadeWorkflow: an unknown layout is found out after the workflow was stored and before its values are.
func TestHalfMadeWorkflow(t *testing.T) {
	api := dev(t, Options{})
	withLayout := newStep("mail", "email", object{"subject": "s", "body": "b", "layoutId": "nope"})
	body := newWorkflow("welcome", newStep("text", "sms", object{"body": "hello"}), withLayout)
	api.do("POST", "/v2/workflows", body).want(http.StatusNotFound).is("error", "Not Found").
		is("message", "Layout not found for id nope in the environment "+api.server.Environment("Development").ID)
	made := api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
	made.is("data.steps.0.stepId", "text").is("data.steps.0.controlValues", object{"body": "hello"})
	made.is("data.steps.1.stepId", "mail").is("data.steps.1.controlValues", object{})
	second := api.do("POST", "/v2/workflows", body).want(http.StatusNotFound)
	if n := len(api.server.Workflows("Development")); n != 2 {
		t.Errorf("%d workflows after a blind retry, want 2: %s", n, second.raw)
	}
}

// TestHalfDoneUpdate: the same happens to an update, which changes all but the values of the one step.
func TestHalfDoneUpdate(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", mail("mail"), newStep("text", "sms", object{"body": "old"})))
	body := made.update(object{"name": "Renamed"})
	steps, _ := body["steps"].([]any)
	steps[0].(object)["controlValues"] = object{"subject": "new", "body": "b", "layoutId": "nope"}
	steps[1].(object)["controlValues"] = object{"body": "new"}
	api.do("PUT", "/v2/workflows/welcome", body).want(http.StatusNotFound)
	after := api.do("GET", "/v2/workflows/welcome", nil)
	after.is("data.name", "Renamed").is("data.steps.0.controlValues.subject", "s").is("data.steps.1.controlValues.body", "new")
}

// TestStepsOfACreation: values are found by stepId, or by name where there is none.
func TestStepsOfACreation(t *testing.T) {
	value := func(body string) object { return object{"body": body} }
	tests := []struct {
		name   string
		steps  []any
		ids    []string
		bodies []any
	}{
		{"named", []any{newStep("a", "sms", value("1")), newStep("b", "sms", value("2"))}, []string{"a", "b"}, []any{"1", "2"}},
		{"one identifier twice", []any{newStep("a", "sms", value("1")), newStep("a", "sms", value("2"))},
			[]string{"a", "a"}, []any{"1", "1"}},
		{"identifiers of their names", []any{object{"name": "Send Text", "type": "sms", "controlValues": value("1")}},
			[]string{"send-text"}, []any{"1"}},
		{"unknown _id", []any{object{"name": "x", "stepId": "a", "type": "sms", "_id": "65f0aaaaaaaaaaaaaaaaaaaa", "controlValues": value("1")}},
			[]string{"a"}, []any{nil}},
		{"no values", []any{newStep("a", "sms", nil)}, []string{"a"}, []any{nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			got := api.create(newWorkflow("welcome", tt.steps...))
			if ids := got.values("data.steps", "stepId"); !slices.Equal(ids, tt.ids) {
				t.Errorf("steps %v, want %v", ids, tt.ids)
			}
			for i, want := range tt.bodies {
				got.is(fmt.Sprintf("data.steps.%d.controlValues.body", i), want)
			}
		})
	}
}

func TestWorkflowLimits(t *testing.T) {
	tests := []struct {
		name  string
		limit int // of the options
		holds int // -1: more than the test tries
	}{
		{"default", 0, 100}, {"lower", 20, 20}, {"none", -1, -1}, {"high", 150, 150},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{WorkflowLimit: tt.limit})
			n := tt.holds
			if n < 0 {
				n = 160
			}
			for i := range n {
				api.create(newWorkflow(fmt.Sprintf("w%d", i)))
			}
			res := api.do("POST", "/v2/workflows", newWorkflow("last"))
			if tt.holds < 0 {
				res.want(http.StatusCreated)
				return
			}
			res.want(http.StatusBadRequest).is("limit", tt.holds).is("currentCount", tt.holds)
			api.do("GET", "/v2/workflows/last", nil).want(http.StatusNotFound)
			api.in("Production").create(newWorkflow("last"))
			api.do("DELETE", "/v2/workflows/w0", nil).want(http.StatusNoContent)
			api.create(newWorkflow("last"))
		})
	}
}

func TestTooManySteps(t *testing.T) {
	api := dev(t, Options{})
	steps := []any{}
	for i := range 20 {
		steps = append(steps, newStep(fmt.Sprintf("s%d", i), "sms", object{"body": "b"}))
	}
	made := api.create(newWorkflow("welcome", steps...))
	more := slices.Concat(steps, []any{newStep("s20", "sms", object{"body": "b"})})
	api.do("POST", "/v2/workflows", newWorkflow("other", more...)).want(http.StatusBadRequest)
	api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": more})).want(http.StatusBadRequest)
	if n := len(api.server.Workflows("Development")[0].Steps); n != 20 {
		t.Errorf("%d steps are stored", n)
	}
}

func TestDeleteWorkflow(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", mail("mail")))
	for _, id := range []string{"nope", "65f0aaaaaaaaaaaaaaaaaaaa"} {
		api.do("DELETE", "/v2/workflows/"+id, nil).want(http.StatusNotFound).is("message", "Workflow cannot be found").is("workflowId", id)
	}
	api.in("Production").do("DELETE", "/v2/workflows/welcome", nil).want(http.StatusNotFound)
	res := api.do("DELETE", "/v2/workflows/"+made.text("data.slug"), nil).want(http.StatusNoContent)
	if len(res.raw) != 0 {
		t.Errorf("204 with a body: %s", res.raw)
	}
	api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusNotFound)
	if again := api.create(newWorkflow("welcome")); again.text("data.workflowId") != "welcome" {
		t.Errorf("the identifier is still taken: %s", again.raw)
	}
}
