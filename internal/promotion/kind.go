package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/external"
	"novu-operator.dev/internal/novu"
)

// kind is what workflows and layouts differ in. H is the object as Novu returns it.
type kind[H any] struct {
	resource connection.Resource
	missing  novu.Resource
	shelf    func(*Side) *shelf[H]
	get      func(context.Context, *novu.Client, string) (*H, error)
	facts    func(*H) engine.Facts
	// differences between what the target holds (from) and what the source holds (to).
	differences func(source, target *H) []v1alpha1.Difference
	// errors that Novu itself reports in the definition.
	errors func(*H) string
}

var workflows = &kind[novu.Workflow]{
	resource: connection.Workflows,
	missing:  novu.ResourceWorkflow,
	shelf:    func(s *Side) *shelf[novu.Workflow] { return &s.workflows },
	get: func(ctx context.Context, c *novu.Client, id string) (*novu.Workflow, error) {
		return c.GetWorkflow(ctx, id)
	},
	facts: external.Workflow{}.Facts,
	differences: func(source, target *novu.Workflow) []v1alpha1.Difference {
		return definition.CompareWorkflow(definition.WorkflowFrom(source), target)
	},
	errors: func(w *novu.Workflow) string {
		if !definition.HasErrors(w) {
			return ""
		}
		return "Novu reports errors in it: " + definition.IssueSummary(definition.StepStatuses(w), false)
	},
}

var layouts = &kind[novu.Layout]{
	resource: connection.Layouts,
	missing:  novu.ResourceLayout,
	shelf:    func(s *Side) *shelf[novu.Layout] { return &s.layouts },
	get: func(ctx context.Context, c *novu.Client, id string) (*novu.Layout, error) {
		return c.GetLayout(ctx, id)
	},
	facts: external.Layout{}.Facts,
	differences: func(source, target *novu.Layout) []v1alpha1.Difference {
		return definition.CompareLayout(definition.LayoutFrom(source), target)
	},
	errors: func(*novu.Layout) string { return "" }, // Novu refuses bad content instead
}
