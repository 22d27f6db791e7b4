// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"strings"
	"testing"
)

func TestPatch(t *testing.T) {
	kept := "\x00kept"
	tests := []struct {
		name string
		give object
		path string
		want any
	}{
		{"name", object{"name": "New"}, "name", "New"},
		{"null name", object{"name": nil}, "name", kept},
		{"description", object{"description": ""}, "description", ""},
		{"long description", object{"description": strings.Repeat("x", 300)}, "description", strings.Repeat("x", 300)},
		{"tags", object{"tags": []any{"z", "z"}}, "tags", []any{"z", "z"}},
		{"null tags", object{"tags": nil}, "tags", kept},
		{"off", object{"active": false}, "status", "INACTIVE"},
		{"null active", object{"active": nil}, "active", kept},
		{"check", object{"validatePayload": false}, "validatePayload", false},
		{"schema", object{"payloadSchema": object{"type": "object"}}, "payloadSchema", object{"type": "object"}},
		{"severity is no part of it", object{"severity": "low"}, "severity", kept},
		{"nor are steps", object{"steps": []any{}}, "steps.0.stepId", "mail"},
		{"nor are preferences", object{"preferences": object{"user": nil}}, "preferences.user.all.enabled", false},
		{"nor is the identifier", object{"workflowId": "other"}, "workflowId", "welcome"},
		{"unknown member", object{"nope": 1}, "nope", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.create(full("welcome"))
			want := tt.want
			if want == kept {
				want = made.get("data." + tt.path)
			}
			api.do("PATCH", "/v2/workflows/welcome", tt.give).want(http.StatusOK).is("data."+tt.path, want)
			api.do("GET", "/v2/workflows/"+made.text("data._id"), nil).is("data."+tt.path, want)
		})
	}
}

// TestPatchedStatus: switching on makes a workflow ACTIVE whatever its issues; a new schema judges them again.
func TestPatchedStatus(t *testing.T) {
	api := dev(t, Options{})
	closed := object{"type": "object", "properties": object{}, "additionalProperties": false}
	api.create(newWorkflow("welcome", newStep("text", "sms", object{"body": "{{payload.a}}"}))).is("data.status", "ACTIVE")
	patched := api.do("PATCH", "/v2/workflows/welcome", object{"payloadSchema": closed}).want(http.StatusOK)
	patched.is("data.steps.0.issues.controls.body.0.variableName", "payload.a")
	api.do("PATCH", "/v2/workflows/welcome", object{"active": false}).is("data.status", "INACTIVE")
	api.do("PATCH", "/v2/workflows/welcome", object{"active": true}).is("data.status", "ACTIVE")
	made := api.do("GET", "/v2/workflows/welcome", nil).is("data.status", "ACTIVE")
	made.is("data.steps.0.issues.controls.body.0.variableName", "payload.a")
	api.do("PUT", "/v2/workflows/welcome", made.update(nil)).is("data.status", "ERROR")
}

func TestPatchMissing(t *testing.T) {
	api := dev(t, Options{})
	api.do("PATCH", "/v2/workflows/nope", object{"active": true}).want(http.StatusNotFound).is("workflowId", "nope")
}
