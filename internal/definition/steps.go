// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// steps makes the requests of all steps, in the order in which they run.
func steps(list []v1alpha1.WorkflowStep, in WorkflowInputs) ([]novu.StepRequest, error) {
	out := make([]novu.StepRequest, 0, len(list))
	seen := make(map[string]bool, len(list))
	for i := range list {
		step := &list[i]
		path := "spec." + stepPath(step.StepID)
		if seen[step.StepID] {
			// Novu accepts it and gives both steps the values of the first.
			return nil, invalid(path, "another step has this stepID: every step needs one of its own")
		}
		seen[step.StepID] = true
		values, err := controlValues(path, step, in)
		if err != nil {
			return nil, err
		}
		out = append(out, novu.StepRequest{
			StepID: step.StepID, Name: step.EffectiveName(), Type: stepTypes.novu(step.Type), ControlValues: values,
		})
	}
	return out, nil
}

// stepPath names a step in paths by its stepID, which survives reordering.
func stepPath(stepID string) string { return "steps[" + stepID + "]" }

// blockOf returns the step's block and the type it belongs to, nothing for a step in
// Novu's own form. The API server lets no step have two.
func blockOf(s *v1alpha1.WorkflowStep) (v1alpha1.StepType, any) {
	switch {
	case s.InApp != nil:
		return v1alpha1.StepTypeInApp, s.InApp
	case s.Email != nil:
		return v1alpha1.StepTypeEmail, s.Email
	case s.SMS != nil:
		return v1alpha1.StepTypeSMS, s.SMS
	case s.Chat != nil:
		return v1alpha1.StepTypeChat, s.Chat
	case s.Push != nil:
		return v1alpha1.StepTypePush, s.Push
	case s.Delay != nil:
		return v1alpha1.StepTypeDelay, s.Delay
	case s.Digest != nil:
		return v1alpha1.StepTypeDigest, s.Digest
	case s.Throttle != nil:
		return v1alpha1.StepTypeThrottle, s.Throttle
	case s.HTTPRequest != nil:
		return v1alpha1.StepTypeHTTPRequest, s.HTTPRequest
	}
	return "", nil
}
