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
    type: inApp
    inApp: {body: First}
  - stepID: two
    type: sms
    sms: {body: Second}
  - stepID: three
    type: push
    push: {subject: Third, body: Third}
`

func TestStepIDsSurvive(t *testing.T) {
	t.Parallel()
	const two = "  - stepID: two\n    type: sms\n    sms: {body: Second}\n"
	tests := map[string]struct {
		edit  []string // pairs of old and new text
		order []string // stepIDs in Novu afterwards
		fresh []string // those with another _id than before
	}{
		"one step is edited":       {[]string{"body: Second", "body: Other"}, []string{"one", "two", "three"}, nil},
		"one step is renamed":      {[]string{"type: sms", "name: Text\n    type: sms"}, []string{"one", "two", "three"}, nil},
		"one step changes type":    {[]string{"type: sms\n    sms:", "type: chat\n    chat:"}, []string{"one", "two", "three"}, []string{"two"}},
		"one step gets another id": {[]string{"stepID: two", "stepID: deux"}, []string{"one", "deux", "three"}, []string{"deux"}},
		"one step is removed":      {[]string{two, ""}, []string{"one", "three"}, nil},
		"one step is added": {
			[]string{two, two + "  - stepID: wait\n    type: delay\n    delay: {amount: 1, unit: minutes}\n"},
			[]string{"one", "two", "wait", "three"}, []string{"wait"},
		},
		"steps change places": {
			[]string{"stepID: one\n    type: inApp\n    inApp: {body: First}", "stepID: two\n    type: sms\n    sms: {body: Second}",
				"stepID: two\n    type: sms\n    sms: {body: Second}", "stepID: one\n    type: inApp\n    inApp: {body: First}"},
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
