// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/remote"
)

// kind is what workflows and layouts differ in. H is the object as Novu returns it, W the definition as Novu is sent it.
type kind[H, W any] struct {
	*remote.Kind[H, W]
	name  v1alpha1.PromotionItemKind
	shelf func(*Side) *shelf[H]
	// from is the definition that another environment must be sent to hold the same.
	from func(*H) *W
	// differences between what the target holds (from) and what it is to hold (to).
	differences func(want *W, target *H) []v1alpha1.Difference
	// edits are the differences between what was promoted and what was found there later, as both were recorded.
	edits func(promoted, found *W) []v1alpha1.Difference
	// steps that come, go or move in the target.
	steps func(want *W, target *H) *v1alpha1.PlannedSteps
	// stays says why Novu does not delete it; empty if it does.
	stays func(*H) string
	// users are the ids of the workflows of an environment that would silently lose it if it were deleted there.
	users func(context.Context, *novu.Client, string) ([]string, error)
	// errors that Novu itself reports in the definition.
	errors func(*H) string
	// size is how many bytes it takes.
	size   func(*H) int
	pack   func(*W) *history.Definition
	unpack func(*history.Definition) *W
}

var workflows = &kind[novu.Workflow, novu.WorkflowRequest]{
	Kind:        remote.Workflows,
	name:        v1alpha1.PromotionItemWorkflow,
	shelf:       func(s *Side) *shelf[novu.Workflow] { return &s.workflows },
	from:        definition.WorkflowFrom,
	differences: definition.CompareWorkflow,
	edits:       definition.CompareWorkflowRequests,
	steps:       plannedSteps,
	stays:       func(*novu.Workflow) string { return "" },
	users:       func(context.Context, *novu.Client, string) ([]string, error) { return nil, nil },
	errors: func(w *novu.Workflow) string {
		if !definition.HasErrors(w) {
			return ""
		}
		return "Novu reports errors in it: " + definition.IssueSummary(definition.StepStatuses(w), false)
	},
	size:   workflowSize,
	pack:   history.OfWorkflow,
	unpack: func(d *history.Definition) *novu.WorkflowRequest { return d.Workflow },
}

var layouts = &kind[novu.Layout, novu.LayoutRequest]{
	Kind:        remote.Layouts,
	name:        v1alpha1.PromotionItemLayout,
	shelf:       func(s *Side) *shelf[novu.Layout] { return &s.layouts },
	from:        definition.LayoutFrom,
	differences: definition.CompareLayout,
	edits:       definition.CompareLayoutRequests,
	steps:       func(*novu.LayoutRequest, *novu.Layout) *v1alpha1.PlannedSteps { return nil },
	stays: func(l *novu.Layout) string {
		if !l.IsDefault {
			return ""
		}
		return "it stays, because it is the default layout of the target, which Novu does not delete"
	},
	users:  remote.LayoutUsers,
	errors: func(*novu.Layout) string { return "" }, // Novu refuses bad content instead
	size:   func(l *novu.Layout) int { return layoutSize(l.Email()) },
	pack:   history.OfLayout,
	unpack: func(d *history.Definition) *novu.LayoutRequest { return d.Layout },
}
