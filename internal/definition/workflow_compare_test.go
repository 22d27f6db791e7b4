// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// base is a workflow that the tests below change on one side.
func base() *novu.WorkflowRequest {
	return &novu.WorkflowRequest{
		WorkflowID: "w", Name: "N", Description: "D", Tags: []string{"a", "b"}, Active: true, Severity: "low", ValidatePayload: true,
		PayloadSchema: json.RawMessage(`{"type":"object","properties":{"x":{"type":"string"}}}`),
		Preferences:   novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{
			{StepID: "mail", Name: "Mail", Type: "email", ControlValues: json.RawMessage(`{"subject":"S","body":"B","editorType":"html"}`)},
			{StepID: "wait", Name: "Wait", Type: "delay", ControlValues: json.RawMessage(`{"type":"regular","amount":1,"unit":"hours"}`)},
			{StepID: "text", Name: "Text", Type: "sms", ControlValues: json.RawMessage(`{"body":"B"}`)},
		},
	}
}

func TestCompareWorkflow(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(have *novu.Workflow)
		want   []v1alpha1.Difference
	}{
		{"nothing", func(*novu.Workflow) {}, nil},
		{"what a definition cannot say", func(h *novu.Workflow) {
			h.ID, h.Slug, h.Status, h.Origin, h.UpdatedAt, h.LastPublishedAt = "9", "x", "ERROR", "novu-cloud-v1", "later", "now"
			h.Issues = novu.Issues{"name": {{Type: "X"}}}
			h.Steps[0].ID, h.Steps[0].Slug, h.Steps[0].Origin = "9", "x", "external"
			h.Steps[0].Issues.Controls = novu.Issues{"subject": {{Type: "X"}}}
		}, nil},
		{"order of tags", func(h *novu.Workflow) { h.Tags = []string{"b", "a"} }, nil},
		{"spelling of JSON", func(h *novu.Workflow) {
			h.PayloadSchema = json.RawMessage(` {"properties":{"x":{"type":"\u0073tring"}}, "type":"object"}`)
			h.Steps[1].ControlValues = json.RawMessage(`{"unit":"hours","amount":1.0,"type":"regular"}`)
		}, nil},
		{"severity that an older Novu does not have", func(h *novu.Workflow) { h.Severity = "" }, []v1alpha1.Difference{{Path: "severity", From: `"None"`, To: `"Low"`}}},
		{"default preferences that Novu leaves out", func(h *novu.Workflow) { h.Preferences.Default = nil }, nil},
		{"channels that Novu leaves out", func(h *novu.Workflow) {
			h.Preferences.Default = &novu.Preference{All: novu.PreferenceAll{Enabled: true}}
		}, nil},
		{"channels that cannot be set here", func(h *novu.Workflow) {
			p := novu.DefaultPreference()
			p.Channels["pigeon"] = novu.ChannelPreference{Enabled: false}
			h.Preferences.Default = p
		}, nil},
		{"every field", func(h *novu.Workflow) {
			h.Name, h.Description, h.Tags, h.Active, h.Severity, h.ValidatePayload = "M", "", []string{"c", "a"}, false, "high", false
			h.IsTranslationEnabled = true
		}, []v1alpha1.Difference{
			{Path: "name", From: `"M"`, To: `"N"`}, {Path: "tags", From: `["a","c"]`, To: `["a","b"]`},
			{Path: "description", From: `""`, To: `"D"`}, {Path: "active", From: "false", To: "true"},
			{Path: "severity", From: `"High"`, To: `"Low"`}, {Path: "validatePayload", From: "false", To: "true"},
			{Path: "translationEnabled", From: "true", To: "false"},
		}},
		{"a property of the schema", func(h *novu.Workflow) {
			h.PayloadSchema = json.RawMessage(`{"type":"object","properties":{"x":{"type":"number"},"y":{}}}`)
		}, []v1alpha1.Difference{
			{Path: "payloadSchema.properties.x.type", From: `"number"`, To: `"string"`},
			{Path: "payloadSchema.properties.y", From: `{}`},
		}},
		{"no schema", func(h *novu.Workflow) { h.PayloadSchema = nil }, []v1alpha1.Difference{
			{Path: "payloadSchema", From: "null", To: `{"properties":{"x":{"type":"string"}},"type":"object"}`},
		}},
		{"preferences", func(h *novu.Workflow) {
			p := novu.DefaultPreference()
			p.All.ReadOnly = true
			p.Channels["in_app"] = novu.ChannelPreference{}
			h.Preferences.Default, h.Preferences.User = p, novu.DefaultPreference()
		}, []v1alpha1.Difference{
			{Path: "preferences.user", From: `{"all":{"enabled":true,"readOnly":false},"channels":{"chat":{"enabled":true},"email":{"enabled":true},"in_app":{"enabled":true},"push":{"enabled":true},"sms":{"enabled":true}}}`, To: "null"},
			{Path: "preferences.workflow.all.readOnly", From: "true", To: "false"},
			{Path: "preferences.workflow.channels.in_app.enabled", From: "false", To: "true"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			have := stored(base())
			test.change(have)
			sameDifferences(t, CompareWorkflow(base(), have), test.want)
		})
	}
}

func TestCompareSteps(t *testing.T) {
	const wait = `{"controlValues":{"amount":1,"type":"regular","unit":"hours"},"name":"Wait","stepId":"wait","type":"delay"}`
	for _, test := range []struct {
		name   string
		change func(have *novu.Workflow)
		want   []v1alpha1.Difference
	}{
		{"values", func(h *novu.Workflow) {
			h.Steps[0].ControlValues = json.RawMessage(`{"subject":"T","body":"B","editorType":"html","layoutId":null}`)
		}, []v1alpha1.Difference{
			{Path: "steps[mail].email.layout", From: "null"},
			{Path: "steps[mail].email.subject", From: `"T"`, To: `"S"`},
		}},
		{"values that are gone", func(h *novu.Workflow) { h.Steps[2].ControlValues = nil }, []v1alpha1.Difference{
			{Path: "steps[text].sms.body", To: `"B"`},
		}},
		{"name and type", func(h *novu.Workflow) { h.Steps[2].Name, h.Steps[2].Type = "M", "chat" }, []v1alpha1.Difference{
			{Path: "steps[text].name", From: `"M"`, To: `"Text"`}, {Path: "steps[text].type", From: `"Chat"`, To: `"SMS"`},
		}},
		{"a step is missing", func(h *novu.Workflow) { h.Steps = append(h.Steps[:1:1], h.Steps[2]) }, []v1alpha1.Difference{
			{Path: "steps[wait]", To: wait},
		}},
		{"a step too many", func(h *novu.Workflow) {
			h.Steps = append([]novu.Step{{ID: "8", StepID: "new", Name: "New", Type: "sms"}}, h.Steps...)
		}, []v1alpha1.Difference{
			{Path: "steps[new]", From: `{"controlValues":{},"name":"New","stepId":"new","type":"sms"}`},
		}},
		{"another order", func(h *novu.Workflow) { h.Steps[0], h.Steps[2] = h.Steps[2], h.Steps[0] }, []v1alpha1.Difference{
			{Path: "steps", From: `["text","wait","mail"]`, To: `["mail","wait","text"]`},
		}},
		{"another order around a missing step", func(h *novu.Workflow) { h.Steps = []novu.Step{h.Steps[2], h.Steps[0]} }, []v1alpha1.Difference{
			{Path: "steps[wait]", To: wait}, {Path: "steps", From: `["text","mail"]`, To: `["mail","text"]`},
		}},
		{"two steps of one stepID", func(h *novu.Workflow) { h.Steps = append(h.Steps, h.Steps[1]) }, []v1alpha1.Difference{
			{Path: "steps[wait#2]", From: wait},
		}},
		{"no steps", func(h *novu.Workflow) { h.Steps = h.Steps[1:2] }, []v1alpha1.Difference{
			{Path: "steps[mail]", To: `{"controlValues":{"body":"B","editorType":"html","subject":"S"},"name":"Mail","stepId":"mail","type":"email"}`},
			{Path: "steps[text]", To: `{"controlValues":{"body":"B"},"name":"Text","stepId":"text","type":"sms"}`},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			have := stored(base())
			test.change(have)
			sameDifferences(t, CompareWorkflow(base(), have), test.want)
		})
	}
}

// What a server makes of a definition on its own is no difference.
func TestCompareKnowsNovu(t *testing.T) {
	const open = `{"type":"object","additionalProperties":true,"properties":{}}`
	for _, test := range []struct {
		name       string
		want, have string // payload schemas
		differs    bool
	}{
		{"none and none", ``, ``, false},
		{"none and the open one", ``, open, false},
		{"none and null", ``, `null`, false},
		{"the open one and none", open, ``, false},
		{"none and another", ``, `{"type":"object"}`, true},
		{"empty and the open one", `{}`, open, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, have := base(), stored(base())
			want.PayloadSchema, have.PayloadSchema = json.RawMessage(test.want), json.RawMessage(test.have)
			if got := CompareWorkflow(want, have); (len(got) > 0) != test.differs {
				t.Errorf("differences: %s", lines(got))
			}
		})
	}
}

func TestTranslationsThatNovuIgnores(t *testing.T) {
	want := base()
	want.IsTranslationEnabled = true
	sameDifferences(t, CompareWorkflow(want, stored(base())), nil)
	sameDifferences(t, CompareWorkflow(base(), stored(want)), []v1alpha1.Difference{{Path: "translationEnabled", From: "true", To: "false"}})
}

func TestCompareIsDeterministic(t *testing.T) {
	have := stored(base())
	have.Name, have.Steps = "M", have.Steps[2:]
	have.PayloadSchema = json.RawMessage(`{"d":1,"c":2,"b":3,"a":4,"properties":{"z":1,"y":2}}`)
	first := CompareWorkflow(base(), have)
	for range 50 {
		if again := CompareWorkflow(base(), have); !reflect.DeepEqual(first, again) {
			t.Fatalf("%s\n%s", lines(first), lines(again))
		}
	}
}
