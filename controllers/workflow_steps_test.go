// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"slices"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

const threeSteps = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: three}
spec:
  environmentRef: {name: dev}
  name: Three
  steps:
  - stepID: one
    type: InApp
    inApp: {body: First}
  - stepID: two
    type: SMS
    sms: {body: Second}
  - stepID: three
    type: Push
    push: {subject: Third, body: Third}
`

func TestStepIDsSurvive(t *testing.T) {
	t.Parallel()
	const two = "  - stepID: two\n    type: SMS\n    sms: {body: Second}\n"
	tests := map[string]struct {
		edit  []string // pairs of old and new text
		order []string // stepIDs in Novu afterwards
		fresh []string // those with another _id than before
	}{
		"one step is edited":       {[]string{"body: Second", "body: Other"}, []string{"one", "two", "three"}, nil},
		"one step is renamed":      {[]string{"type: SMS", "name: Text\n    type: SMS"}, []string{"one", "two", "three"}, nil},
		"one step changes type":    {[]string{"type: SMS\n    sms:", "type: Chat\n    chat:"}, []string{"one", "two", "three"}, []string{"two"}},
		"one step gets another id": {[]string{"stepID: two", "stepID: deux"}, []string{"one", "deux", "three"}, []string{"deux"}},
		"one step is removed":      {[]string{two, ""}, []string{"one", "three"}, nil},
		"one step is added": {
			[]string{two, two + "  - stepID: wait\n    type: Delay\n    delay: {amount: 1, unit: Minutes}\n"},
			[]string{"one", "two", "wait", "three"}, []string{"wait"},
		},
		"steps change places": {
			[]string{"stepID: one\n    type: InApp\n    inApp: {body: First}", "stepID: two\n    type: SMS\n    sms: {body: Second}",
				"stepID: two\n    type: SMS\n    sms: {body: Second}", "stepID: one\n    type: InApp\n    inApp: {body: First}"},
			[]string{"two", "one", "three"}, nil,
		},
		"nothing but the workflow's name changes": {[]string{"name: Three", "name: Four"}, []string{"one", "two", "three"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			edited(s, threeSteps, "three")
			before := steps(s, "three")
			w := edited(s, threeSteps, "three", test.edit...)
			var order []string
			for i, step := range stored(s, "three").Steps {
				order = append(order, step.StepID)
				if kept := before[step.StepID] == step.ID; kept == slices.Contains(test.fresh, step.StepID) {
					t.Errorf("step %s: kept its id: %v", step.StepID, kept)
				}
				if w.Status.Steps[i].ID != step.ID || w.Status.Steps[i].StepID != step.StepID {
					t.Errorf("status has %+v for step %d, Novu has %s (%s)", w.Status.Steps[i], i, step.StepID, step.ID)
				}
			}
			expect(t, "order", order, test.order...)
		})
	}
}

// The other way round: what somebody does to steps in Novu is corrected with as few new ids as possible.
func TestStepsAreRestored(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, threeSteps, "three")
	before := steps(s, "three")
	meddle(s, "three", func(w *workflowEdit) {
		w.Steps = w.Steps[1:]
		w.Steps[0].ControlValues = []byte(`{"body":"Meddled"}`)
	})
	look(s, "dev")
	after := steps(s, "three")
	if after["two"] != before["two"] || after["three"] != before["three"] || after["one"] == "" || len(after) != 3 {
		t.Errorf("the ids of steps went from %v to %v", before, after)
	}
	if body := stored(s, "three").Steps[1].ControlValues["body"]; body != "Second" {
		t.Errorf("step two has the body %v", body)
	}
}
