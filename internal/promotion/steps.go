// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"slices"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/printable"
)

// Bounds of the steps that a plan names, as status takes them. What is written does not depend on them.
const (
	mostSteps  = 100 // of each list
	mostStepID = 128 // bytes of one
)

// plannedSteps says which steps come, go and move. Nil: none. Those that move are as few as can be: whoever puts one step
// in front of ten others has moved one.
func plannedSteps(want *novu.WorkflowRequest, target *novu.Workflow) *v1alpha1.PlannedSteps {
	var before, after []string
	for _, step := range target.Steps {
		before = append(before, step.StepID)
	}
	for _, step := range want.Steps {
		after = append(after, step.StepID)
	}
	steps := &v1alpha1.PlannedSteps{Added: without(after, before), Removed: without(before, after)}
	stay := without(after, steps.Added)
	steps.Moved = without(stay, inOrderIn(without(before, steps.Removed), stay))
	if len(steps.Added)+len(steps.Removed)+len(steps.Moved) == 0 {
		return nil
	}
	return &v1alpha1.PlannedSteps{Added: shown(steps.Added), Removed: shown(steps.Removed), Moved: shown(steps.Moved)}
}

// shown is what status takes of stepIDs: Novu bounds neither how many there are nor how long they are.
func shown(ids []string) []string {
	ids = slices.Clone(ids[:min(len(ids), mostSteps)])
	for i, id := range ids {
		ids[i] = printable.Truncate(id, mostStepID)
	}
	return ids
}

// without is what is left of list.
func without(list, unwanted []string) []string {
	var left []string
	for _, s := range list {
		if !slices.Contains(unwanted, s) {
			left = append(left, s)
		}
	}
	return left
}

// inOrderIn is the longest subsequence that both lists have.
func inOrderIn(before, after []string) []string {
	longest := make([][][]string, len(before)+1)
	for i := range longest {
		longest[i] = make([][]string, len(after)+1)
	}
	for i := range before {
		for j := range after {
			switch {
			case before[i] == after[j]:
				longest[i+1][j+1] = append(slices.Clone(longest[i][j]), before[i])
			case len(longest[i][j+1]) >= len(longest[i+1][j]):
				longest[i+1][j+1] = longest[i][j+1]
			default:
				longest[i+1][j+1] = longest[i+1][j]
			}
		}
	}
	return longest[len(before)][len(after)]
}
