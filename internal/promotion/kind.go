// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/remote"
)

// promoter plans and carries out what becomes of the items of one kind in Novu.
type promoter interface {
	kind() v1alpha1.PromotionItemKind
	resource() connection.Resource
	outline(ctx context.Context, p *Planner, item Item, all []Item) (*outline, error)
	// bring makes the target hold what is planned; nil: nothing.
	bring(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, planned *history.Definition) error
	verify(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, planned *history.Definition) error
	// touched reports whether the target may hold something else than before.
	touched(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, before *history.Definition) bool
	// hold asks Novu what a side holds; nil: nothing.
	hold(ctx context.Context, s *Side, id string) (*Held, error)
	restore(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, want *history.Definition) (*Held, error)
	// observe compares what a side holds with a definition; nil: it holds nothing.
	observe(ctx context.Context, s *Side, id string, want definition.Definition) (*observed, error)
	// usesOf are the things that a definition names; it may be nil.
	usesOf(d *history.Definition) []use
	// usersIn are the ids of what would silently lose an object if that were deleted, as Novu knows them.
	usersIn(ctx context.Context, c *novu.Client, id string) ([]string, error)
}

// use is something that a definition names and that must be in Novu before it.
type use struct {
	kind v1alpha1.PromotionItemKind
	id   string
	// where in the definition it is named, for people.
	where string
}

// rules are what one kind alone has.
type rules[H, W any] interface {
	// check says why the target cannot take a definition, or what will not work there.
	check(p *Planner, item Item, want *W, all []Item) (refusal, note string)
	// write brings one definition into the target, and returns what the target then holds.
	write(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, want *W, target *H) (*H, error)
	// uses are the things that a definition names.
	uses(want *W) []use
}

// kind is what workflows and layouts differ in. H is the object as Novu returns it, W the definition as Novu is sent it.
type kind[H, W any] struct {
	*remote.Kind[H, W]
	name  v1alpha1.PromotionItemKind
	shelf func(*Side) *shelf[H]
	rules rules[H, W]
	// copied reports whether Novu itself can copy it from one environment to another.
	copied bool
	// from is the definition that another environment must be sent to hold the same.
	from func(*H) *W
	// resolved is the definition of an object of the kind.
	resolved func(definition.Definition) *W
	// differences between what the target holds (from) and what it is to hold (to).
	differences func(want *W, target *H) []v1alpha1.Difference
	// edits are the differences between what was promoted and what was found there later, as both were recorded.
	edits func(promoted, found *W) []v1alpha1.Difference
	// steps that come, go or move in the target.
	steps func(want *W, target *H) *v1alpha1.PlannedSteps
	// stays says why Novu does not delete it; empty if it does.
	stays func(*H) string
	// users are the ids of what would silently lose it if it were deleted, as Novu knows them; nil: there are none.
	users func(context.Context, *novu.Client, string) ([]string, error)
	// errors that Novu itself reports in the definition, as of the last write; empty: none.
	errors func(*H) string
	// size is how many bytes it takes.
	size   func(*H) int
	pack   func(*W) *history.Definition
	unpack func(*history.Definition) *W
}

type (
	workflowRules struct{}
	layoutRules   struct{}
)

var workflows = &kind[novu.Workflow, novu.WorkflowRequest]{
	Kind:        remote.Workflows,
	name:        v1alpha1.PromotionItemWorkflow,
	shelf:       func(s *Side) *shelf[novu.Workflow] { return &s.workflows },
	rules:       workflowRules{},
	copied:      true,
	from:        definition.WorkflowFrom,
	resolved:    func(d definition.Definition) *novu.WorkflowRequest { return d.Workflow },
	differences: definition.CompareWorkflow,
	edits:       definition.CompareWorkflowRequests,
	steps:       plannedSteps,
	stays:       func(*novu.Workflow) string { return "" },
	errors: func(w *novu.Workflow) string {
		if !definition.HasErrors(w) {
			return ""
		}
		return cmp.Or(definition.IssueSummary(definition.StepStatuses(w), false), "it does not say which")
	},
	size:   workflowSize,
	pack:   history.OfWorkflow,
	unpack: func(d *history.Definition) *novu.WorkflowRequest { return d.Workflow },
}

var layouts = &kind[novu.Layout, novu.LayoutRequest]{
	Kind:        remote.Layouts,
	name:        v1alpha1.PromotionItemLayout,
	shelf:       func(s *Side) *shelf[novu.Layout] { return &s.layouts },
	rules:       layoutRules{},
	from:        definition.LayoutFrom,
	resolved:    func(d definition.Definition) *novu.LayoutRequest { return d.Layout },
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

func (k *kind[H, W]) kind() v1alpha1.PromotionItemKind { return k.name }

func (k *kind[H, W]) resource() connection.Resource { return k.Resource }

func (k *kind[H, W]) usesOf(d *history.Definition) []use {
	if d == nil {
		return nil
	}
	return k.rules.uses(k.unpack(d))
}

func (k *kind[H, W]) usersIn(ctx context.Context, c *novu.Client, id string) ([]string, error) {
	if k.users == nil {
		return nil, nil
	}
	return k.users(ctx, c, id)
}
