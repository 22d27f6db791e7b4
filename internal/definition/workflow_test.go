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

const environment = `"environmentRef":{"name":"dev"}`

func TestWorkflowDefaults(t *testing.T) {
	got := mustWorkflow(t, workflowOf(t, `{`+environment+`,"name":"N"}`), WorkflowInputs{})
	want := &novu.WorkflowRequest{
		WorkflowID: "from-metadata", Name: "N", Tags: []string{}, Active: true, Severity: "none",
		Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()}, Steps: []novu.StepRequest{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWorkflowFields(t *testing.T) {
	got := mustWorkflow(t, workflowOf(t, `{`+environment+`,"workflowID":"w","name":"N","description":"D","tags":["b","a"],
		"active":false,"severity":"High","payloadSchema":{"b": 1.0,"a":12345678901234567890},"validatePayload":false,
		"translationEnabled":true,"preferences":{"user":{}},
		"steps":[{"stepID":"one","name":"One","type":"SMS","sms":{"body":"B"}}]}`), WorkflowInputs{})
	want := &novu.WorkflowRequest{
		WorkflowID: "w", Name: "N", Description: "D", Tags: []string{"b", "a"}, Severity: "high",
		PayloadSchema:        json.RawMessage(`{"b": 1.0,"a":12345678901234567890}`),
		IsTranslationEnabled: true,
		Preferences:          novu.PreferencesRequest{User: novu.DefaultPreference(), Workflow: novu.DefaultPreference()},
		Steps:                []novu.StepRequest{{StepID: "one", Name: "One", Type: "sms", ControlValues: json.RawMessage(`{"body":"B"}`)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestValidatePayload(t *testing.T) {
	for _, test := range []struct {
		spec   string
		want   bool
		schema string
	}{
		{``, false, ``},
		{`,"payloadSchema":{}`, true, `{}`},
		{`,"payloadSchema":{},"validatePayload":false`, false, `{}`},
		{`,"validatePayload":true`, true, ``},
	} {
		got := mustWorkflow(t, workflowOf(t, `{`+environment+`,"name":"N"`+test.spec+`}`), WorkflowInputs{})
		if got.ValidatePayload != test.want || string(got.PayloadSchema) != test.schema {
			t.Errorf("%s: validatePayload %t, schema %s", test.spec, got.ValidatePayload, got.PayloadSchema)
		}
	}
}

func TestPreferences(t *testing.T) {
	const channels = `"email":{"enabled":true},"sms":{"enabled":true},"in_app":{"enabled":true},"chat":{"enabled":true},"push":{"enabled":true}`
	const all = `{"all":{"enabled":true,"readOnly":false},"channels":{` + channels + `}}`
	for _, test := range []struct{ name, spec, want string }{
		{"absent", `null`, `{"user":null,"workflow":` + all + `}`},
		{"empty", `{}`, `{"user":null,"workflow":` + all + `}`},
		{"empty records", `{"user":{},"workflow":{"all":{},"channels":{}}}`, `{"user":` + all + `,"workflow":` + all + `}`},
		{
			"critical", `{"workflow":{"all":{"readOnly":true}}}`,
			`{"user":null,"workflow":{"all":{"enabled":true,"readOnly":true},"channels":{` + channels + `}}}`,
		},
		{
			"off", `{"workflow":{"all":{"enabled":false}}}`,
			`{"user":null,"workflow":{"all":{"enabled":false,"readOnly":false},"channels":{` + channels + `}}}`,
		},
		{
			"each channel", `{"user":{"channels":{"email":{"enabled":false},"sms":{"enabled":false},"inApp":{"enabled":false},"chat":{"enabled":false},"push":{"enabled":false}}}}`,
			`{"user":{"all":{"enabled":true,"readOnly":false},"channels":{"email":{"enabled":false},"sms":{"enabled":false},` +
				`"in_app":{"enabled":false},"chat":{"enabled":false},"push":{"enabled":false}}},"workflow":` + all + `}`,
		},
		{
			"one channel", `{"workflow":{"channels":{"inApp":{"enabled":false},"chat":{"enabled":true}}}}`,
			`{"user":null,"workflow":{"all":{"enabled":true,"readOnly":false},"channels":{"email":{"enabled":true},` +
				`"sms":{"enabled":true},"in_app":{"enabled":false},"chat":{"enabled":true},"push":{"enabled":true}}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := workflowOf(t, `{`+environment+`,"name":"N","preferences":`+test.spec+`}`)
			got := treeOf(mustWorkflow(t, w, WorkflowInputs{}).Preferences)
			if !same(got, tree([]byte(test.want))) {
				t.Errorf("got  %s\nwant %s", render(got), test.want)
			}
		})
	}
}

func TestWorkflowRefused(t *testing.T) {
	for _, test := range []struct{ name, spec, path, message string }{
		{
			"a stepID twice", `"steps":[{"stepID":"a","type":"SMS","sms":{"body":"x"}},{"stepID":"a","type":"SMS","sms":{"body":"y"}}]`,
			"spec.steps[a]", "another step has this stepID: every step needs one of its own",
		},
		{"schema is a list", `"payloadSchema":[]`, "spec.payloadSchema", "it must be an object: write keys and values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Workflow(workflowOf(t, `{`+environment+`,"name":"N",`+test.spec+`}`), WorkflowInputs{})
			wantInvalid(t, err, test.path, test.message)
		})
	}
	w := workflowOf(t, `{`+environment+`,"name":"N","payloadSchema":{}}`)
	w.Spec.PayloadSchema.Raw = []byte(`{"a" 1}`)
	_, err := Workflow(w, WorkflowInputs{})
	wantInvalid(t, err, "spec.payloadSchema", "it is not JSON: invalid character '1' after object key")
}

func TestWorkflowLeavesTheObjectAlone(t *testing.T) {
	w := workflowOf(t, `{`+environment+`,"name":"N","tags":["b","a"],"steps":[{"stepID":"a","type":"SMS","sms":{"body":"x"},"controls":{"k":1}}]}`)
	before := w.DeepCopy()
	r := mustWorkflow(t, w, WorkflowInputs{})
	r.Tags[0], r.Steps[0].StepID = "changed", "changed"
	r.Preferences.Workflow.Channels["email"] = novu.ChannelPreference{}
	if !reflect.DeepEqual(w, before) {
		t.Error("the object changed")
	}
}

const answered = `{"_id":"1","workflowId":"w","slug":"w_wf_x","name":"N","description":"D","tags":["a"],"active":true,"status":"ERROR",
	"origin":"novu-cloud","severity":"low","validatePayload":true,"payloadSchema":{"type":"object"},"payloadExample":{"x":1},
	"isTranslationEnabled":true,"preferences":{"user":null,"default":{"all":{"enabled":true,"readOnly":true},"channels":{"email":
	{"enabled":false},"pigeon":{"enabled":false}}}},"steps":[{"_id":"2","stepId":"s","slug":"s_st_x","name":"S","type":"email",
	"controls":{"values":{}},"controlValues":{"subject":"x","layoutId":null},"issues":{"controls":{"body":[]}}},
	{"_id":"3","stepId":"t","name":"T","type":"sms","controlValues":null}],"updatedAt":"2026-01-01T00:00:00.000Z"}`

func TestWorkflowFrom(t *testing.T) {
	have := answer[novu.Workflow](t, answered)
	critical := novu.DefaultPreference()
	critical.All.ReadOnly = true
	critical.Channels["email"] = novu.ChannelPreference{}
	want := &novu.WorkflowRequest{
		WorkflowID: "w", Name: "N", Description: "D", Tags: []string{"a"}, Active: true, Severity: "low", ValidatePayload: true,
		PayloadSchema: json.RawMessage(`{"type":"object"}`), IsTranslationEnabled: true,
		Preferences: novu.PreferencesRequest{Workflow: critical},
		Steps: []novu.StepRequest{
			{StepID: "s", Name: "S", Type: "email", ControlValues: json.RawMessage(`{"subject":"x","layoutId":null}`)},
			{StepID: "t", Name: "T", Type: "sms", ControlValues: json.RawMessage(`{}`)},
		},
	}
	got := WorkflowFrom(have)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	sameDifferences(t, CompareWorkflow(got, have), nil)
}

func TestWorkflowFromAnEmptyAnswer(t *testing.T) {
	got := WorkflowFrom(&novu.Workflow{WorkflowID: "w", Name: "N"})
	want := mustWorkflow(t, &v1alpha1.Workflow{Spec: v1alpha1.WorkflowSpec{WorkflowID: "w", Name: "N"}}, WorkflowInputs{})
	want.Active = false
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
