// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"net/http"
	"reflect"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

// full is a workflow with something in every member.
func full(id string) object {
	body := newWorkflow(id, mail("mail"), newStep("text", "sms", object{"body": "hello"}))
	body["description"], body["tags"], body["severity"], body["active"] = "Says hello", []any{"a", "b"}, "high", true
	body["payloadSchema"], body["validatePayload"] = object{"type": "object", "properties": object{}}, true
	off := object{"enabled": false}
	set := object{"all": object{"enabled": false, "readOnly": true},
		"channels": object{"email": off, "sms": off, "in_app": off, "push": off, "chat": off}}
	body["preferences"] = object{"user": set, "workflow": set}
	return body
}

// TestUpdateMembers is the table of what an update does with a member that it leaves out, sends as null or sends.
func TestUpdateMembers(t *testing.T) {
	on := object{"enabled": true}
	allOn := object{"all": object{"enabled": true, "readOnly": false},
		"channels": object{"email": on, "sms": on, "in_app": on, "push": on, "chat": on}}
	kept := "\x00kept"
	tests := []struct {
		name   string
		member string
		give   any
		at     string // below data, if it is not member
		want   any
	}{
		{"description", "description", absent, "", kept}, {"description", "description", nil, "", kept},
		{"description", "description", "", "", ""}, {"description", "description", "new", "", "new"},
		{"tags", "tags", absent, "", kept}, {"tags", "tags", nil, "", kept}, {"tags", "tags", []any{}, "", []any{}},
		{"tags", "tags", []any{"z"}, "", []any{"z"}},
		{"severity", "severity", absent, "", kept}, {"severity", "severity", "low", "", "low"},
		{"validatePayload", "validatePayload", absent, "", kept}, {"validatePayload", "validatePayload", false, "", false},
		{"payloadSchema", "payloadSchema", absent, "", kept}, {"payloadSchema", "payloadSchema", nil, "", nil},
		{"payloadSchema", "payloadSchema", object{"type": "object"}, "", object{"type": "object"}},
		{"active", "active", absent, "", true}, {"active", "active", nil, "", true}, {"active", "active", false, "", false},
		{"preferences", "preferences", absent, "preferences.user", nil},
		{"preferences", "preferences", absent, "preferences.default", allOn},
		{"preferences", "preferences", object{}, "preferences.user", nil},
		{"preferences", "preferences", object{"user": nil, "workflow": nil}, "preferences.default", allOn},
		{"workflowId", "workflowId", "other", "", kept},
		{"translations", "isTranslationEnabled", true, "", kept},
		{"origin", "origin", "external", "", kept},
		{"steps", "steps", []any{}, "", []any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.create(full("welcome"))
			path := "data." + cmp.Or(tt.at, tt.member)
			want := tt.want
			if want == kept {
				want = made.get(path)
			}
			api.do("PUT", "/v2/workflows/welcome", made.update(object{tt.member: tt.give})).want(http.StatusOK).is(path, want)
			api.do("GET", "/v2/workflows/welcome", nil).is(path, want)
		})
	}
}

func TestUpdateNeverCreates(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome"))
	api.do("PUT", "/v2/workflows/other", made.update(nil)).want(http.StatusNotFound).is("workflowId", "other")
	api.in("Production").do("PUT", "/v2/workflows/welcome", made.update(nil)).want(http.StatusNotFound)
}

// TestIdenticalUpdate changes updatedAt and nothing else, even when the clock stands still.
func TestIdenticalUpdate(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	api := dev(t, Options{Now: func() time.Time { return now }})
	made := api.create(full("welcome"))
	before := api.server.SnapshotWithStepIDs("Development")
	last := api.server.Workflows("Development")[0].UpdatedAt
	for range 3 {
		api.do("PUT", "/v2/workflows/welcome", made.update(nil)).want(http.StatusOK)
		at := api.server.Workflows("Development")[0].UpdatedAt
		if !at.After(last) {
			t.Errorf("updatedAt went from %v to %v", last, at)
		}
		last = at
	}
	if after := api.server.SnapshotWithStepIDs("Development"); !reflect.DeepEqual(before, after) {
		t.Errorf("state changed\nfrom %s\nto   %s", javascript.JSON(before), javascript.JSON(after))
	}
}

// TestStepMatching: steps of an update are matched by _id and by nothing else.
func TestStepMatching(t *testing.T) {
	type outcome struct {
		stepID  string
		sameID  bool
		values  any
		kind    string
		someNew bool // stepId was made up with a suffix
	}
	values := object{"body": "new"}
	tests := []struct {
		name string
		step func(id string) object // of the request; id is the stored step's _id
		want outcome
	}{
		{"by _id", func(id string) object {
			return object{"_id": id, "stepId": "text", "name": "Renamed", "type": "sms", "controlValues": values}
		}, outcome{"text", true, values, "sms", false}},
		{"by _id, other stepId", func(id string) object {
			return object{"_id": id, "stepId": "other", "name": "n", "type": "sms", "controlValues": values}
		}, outcome{"text", true, values, "sms", false}},
		{"by _id, other type", func(id string) object {
			return object{"_id": id, "stepId": "text", "name": "n", "type": "chat", "controlValues": values}
		}, outcome{"text", true, values, "chat", false}},
		{"by _id, no values", func(id string) object {
			return object{"_id": id, "stepId": "text", "name": "n", "type": "sms"}
		}, outcome{"text", true, object{}, "sms", false}},
		{"by _id, null values", func(id string) object {
			return object{"_id": id, "stepId": "text", "name": "n", "type": "sms", "controlValues": nil}
		}, outcome{"text", true, object{}, "sms", false}},
		{"by _id, empty values", func(id string) object {
			return object{"_id": id, "stepId": "text", "name": "n", "type": "sms", "controlValues": object{}}
		}, outcome{"text", true, object{}, "sms", false}},
		{"stepId alone", func(string) object { return newStep("text", "sms", values) }, outcome{"text", false, values, "sms", false}},
		{"name alone", func(string) object {
			return object{"name": "Text", "type": "sms", "controlValues": values}
		}, outcome{"text-", false, values, "sms", true}},
		{"unknown _id", func(string) object {
			return object{"_id": "65f0aaaaaaaaaaaaaaaaaaaa", "stepId": "text", "name": "n", "type": "sms", "controlValues": values}
		}, outcome{"text", false, object{}, "sms", false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.create(newWorkflow("welcome", newStep("text", "sms", object{"body": "old", "more": 1})))
			id := made.text("data.steps.0._id")
			got := api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": []any{tt.step(id)}})).want(http.StatusOK)
			stepID := got.text("data.steps.0.stepId")
			if tt.want.someNew {
				if len(stepID) != len(tt.want.stepID)+8 || stepID[:len(tt.want.stepID)] != tt.want.stepID {
					t.Errorf("stepId %q, want %q and eight characters", stepID, tt.want.stepID)
				}
			} else if stepID != tt.want.stepID {
				t.Errorf("stepId %q, want %q", stepID, tt.want.stepID)
			}
			if same := got.text("data.steps.0._id") == id; same != tt.want.sameID {
				t.Errorf("_id kept: %v, want %v", same, tt.want.sameID)
			}
			got.is("data.steps.0.controlValues", tt.want.values).is("data.steps.0.type", tt.want.kind)
		})
	}
}

// TestStaleStatus: values that an update leaves out are deleted, but status and issues still judge them.
func TestStaleStatus(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", newStep("text", "sms", object{"body": "hello"})))
	made.is("data.status", "ACTIVE")
	body := made.update(nil)
	step, _ := body["steps"].([]any)[0].(object)
	delete(step, "controlValues")
	first := api.do("PUT", "/v2/workflows/welcome", body).want(http.StatusOK)
	first.is("data.status", "ACTIVE").is("data.steps.0.controlValues", object{}).is("data.steps.0.issues.controls", nil)
	second := api.do("PUT", "/v2/workflows/welcome", body).want(http.StatusOK)
	second.is("data.status", "ERROR").is("data.steps.0.issues.controls.body.0.message", "Body is required")
}

func TestStatus(t *testing.T) {
	bad, good := newStep("text", "sms", object{}), newStep("text", "sms", object{"body": "b"})
	tests := []struct {
		name   string
		step   object
		active bool
		want   string
	}{
		{"good", good, true, "ACTIVE"}, {"bad", bad, true, "ERROR"}, {"good and off", good, false, "INACTIVE"},
		{"bad and off", bad, false, "INACTIVE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			body := newWorkflow("welcome", tt.step)
			body["active"] = tt.active
			api.create(body).is("data.status", tt.want)
			other := newWorkflow("other", tt.step)
			made := api.create(other)
			api.do("PUT", "/v2/workflows/other", made.update(object{"active": tt.active})).is("data.status", tt.want)
		})
	}
}

// TestStepOrder: the order of the array is the order of the steps, and what is missing is gone.
func TestStepOrder(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", mail("a"), newStep("b", "sms", object{"body": "1"}), newStep("c", "chat", object{"body": "2"})))
	steps, _ := made.update(nil)["steps"].([]any)
	got := api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": []any{steps[2], steps[0]}})).want(http.StatusOK)
	if ids := got.values("data.steps", "stepId"); !reflect.DeepEqual(ids, []string{"c", "a"}) {
		t.Errorf("steps %v", ids)
	}
	got.is("data.steps.0._id", made.get("data.steps.2._id")).is("data.steps.1._id", made.get("data.steps.0._id"))
	api.do("GET", "/v2/workflows/welcome/steps/b", nil).want(http.StatusBadRequest)
}
