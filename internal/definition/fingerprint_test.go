// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"testing"

	"novu-operator.dev/internal/novu"
)

func TestWorkflowFingerprint(t *testing.T) {
	first := WorkflowFingerprint(stored(base()))
	for _, test := range []struct {
		name   string
		change func(*novu.Workflow)
		same   bool
	}{
		{"nothing", func(*novu.Workflow) {}, true},
		{"volatile fields", func(h *novu.Workflow) {
			h.ID, h.Slug, h.Status, h.UpdatedAt, h.LastPublishedAt, h.UpdatedBy.FirstName = "9", "x", "ERROR", "later", "now", "Ann"
			h.Steps[0].ID, h.Steps[0].Slug = "9", "x"
			h.Steps[0].Issues.Integration = novu.Issues{"email": {{Type: "X"}}}
			h.Issues = novu.Issues{"x": nil}
		}, true},
		{"order of tags", func(h *novu.Workflow) { h.Tags = []string{"b", "a"} }, true},
		{"spelling of values", func(h *novu.Workflow) {
			h.Steps[1].ControlValues = json.RawMessage(`{"unit":"hours", "amount":1.0,"type":"regular"}`)
		}, true},
		{"defaults left out", func(h *novu.Workflow) { h.Preferences = novu.Preferences{} }, true},
		{"name", func(h *novu.Workflow) { h.Name = "M" }, false},
		{"description", func(h *novu.Workflow) { h.Description = "" }, false},
		{"tags", func(h *novu.Workflow) { h.Tags = h.Tags[1:] }, false},
		{"active", func(h *novu.Workflow) { h.Active = false }, false},
		{"severity", func(h *novu.Workflow) { h.Severity = "high" }, false},
		{"validatePayload", func(h *novu.Workflow) { h.ValidatePayload = false }, false},
		{"payloadSchema", func(h *novu.Workflow) { h.PayloadSchema = json.RawMessage(`{}`) }, false},
		{"isTranslationEnabled", func(h *novu.Workflow) { h.IsTranslationEnabled = true }, false},
		{"user preferences", func(h *novu.Workflow) { h.Preferences.User = novu.DefaultPreference() }, false},
		{"default preferences", func(h *novu.Workflow) {
			h.Preferences.Default = &novu.Preference{All: novu.PreferenceAll{Enabled: true, ReadOnly: true}}
		}, false},
		{"step values", func(h *novu.Workflow) { h.Steps[2].ControlValues = nil }, false},
		{"step name", func(h *novu.Workflow) { h.Steps[2].Name = "x" }, false},
		{"step type", func(h *novu.Workflow) { h.Steps[2].Type = "chat" }, false},
		{"stepId", func(h *novu.Workflow) { h.Steps[2].StepID = "x" }, false},
		{"order of steps", func(h *novu.Workflow) { h.Steps[0], h.Steps[1] = h.Steps[1], h.Steps[0] }, false},
		{"a step less", func(h *novu.Workflow) { h.Steps = h.Steps[1:] }, false},
	} {
		have := stored(base())
		test.change(have)
		if got := WorkflowFingerprint(have); (got == first) != test.same || len(got) != 64 {
			t.Errorf("%s: %s, before %s", test.name, got, first)
		}
	}
}

// A workflow's revision is what it says: equal on both sides of a promotion.
func TestRevisionOfRequests(t *testing.T) {
	first := Revision(base())
	if got := WorkflowFingerprint(stored(base())); got != first {
		t.Errorf("what was asked for has revision %s, what Novu holds %s", first, got)
	}
	bound := BindSteps(base(), stored(base()).Steps)
	bound.Tags, bound.WorkflowID = []string{"b", "a"}, "elsewhere"
	if got := Revision(bound); got != first {
		t.Errorf("with ids and tags in another order it is %s, not %s", got, first)
	}
	edited := base()
	edited.Steps[0].Name = "x"
	if Revision(edited) == first {
		t.Error("an edit keeps the revision")
	}
	want := "fd808761b137c99f5479cbee1a8694fa1a73dec36f77deec72fae3a56636ed9d"
	if first != want {
		t.Errorf("revision of the base workflow is %s, want %s: status of existing objects holds the latter", first, want)
	}
}
