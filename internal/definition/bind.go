// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"slices"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// BindSteps returns a copy of the request in which each step carries the internal id
// of the stored step that it describes: the one with its stepID and type. Novu
// matches steps by that id alone and makes every other step again. A step whose type
// changes gets none, because Novu would keep the old type's schema. Of two stored
// steps with one stepID the first counts.
func BindSteps(want *novu.WorkflowRequest, have []novu.Step) *novu.WorkflowRequest {
	steps := make([]v1alpha1.StepStatus, 0, len(have))
	for _, s := range have {
		steps = append(steps, v1alpha1.StepStatus{StepID: s.StepID, ID: s.ID, Type: stepTypes.ours(s.Type)})
	}
	return BindStepIDs(want, steps)
}

// BindStepIDs is [BindSteps] from the ids that an object's status remembers.
func BindStepIDs(want *novu.WorkflowRequest, have []v1alpha1.StepStatus) *novu.WorkflowRequest {
	stored := make(map[string]v1alpha1.StepStatus, len(have))
	for _, s := range have {
		if _, taken := stored[s.StepID]; !taken {
			stored[s.StepID] = s
		}
	}
	bound := *want
	bound.Steps = slices.Clone(want.Steps)
	for i := range bound.Steps {
		step := &bound.Steps[i]
		step.ID = ""
		if s, ok := stored[step.StepID]; ok && stepTypes.novu(s.Type) == step.Type {
			step.ID = s.ID
		}
	}
	return &bound
}
