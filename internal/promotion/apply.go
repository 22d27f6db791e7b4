package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
)

// applying is strategy Apply: the definition is written with the target's key.
type applying struct{}

// bring updates first, with the internal ids of the target's steps so that those stay, and creates only when Novu says
// that the workflow does not exist.
func (applying) bring(
	ctx context.Context, s *Session, want *novu.WorkflowRequest, target *novu.Workflow,
) (*novu.Workflow, error) {
	conn := s.Target.Conn
	if missing := withoutLayout(want, s.targetHasLayout); missing != "" {
		return nil, failf("%s", missing)
	}
	bound := want
	if target != nil {
		bound = definition.Onto(want, target)
	}
	got, err := conn.Client.UpdateWorkflow(ctx, want.WorkflowID, bound)
	if !novu.IsNotFound(err, novu.ResourceWorkflow) {
		return got, err
	}
	conn.Deleted(connection.Workflows, want.WorkflowID)
	return conn.Client.CreateWorkflow(ctx, want)
}

func (s *Session) targetHasLayout(id string) bool {
	_, there := s.Target.Conn.Lookup(connection.Layouts, id)
	return there
}

// writeLayout writes a layout with the target's key. Novu creates layouts without their content, which is written then;
// should that not come to pass, the empty layout is found and written the next time.
func (e *Execution) writeLayout(
	ctx context.Context, _ *v1alpha1.PlannedItem, want *novu.LayoutRequest, _ *novu.Layout,
) (*novu.Layout, error) {
	client := e.Target.Conn.Client
	got, err := client.UpdateLayout(ctx, want.LayoutID, want)
	if !novu.IsNotFound(err, novu.ResourceLayout) {
		return got, err
	}
	made, err := client.CreateLayout(ctx, want)
	if err != nil && !novu.IsConflict(err) { // a conflict: somebody was faster
		return nil, err
	}
	if made != nil {
		e.Target.Conn.Written(connection.Layouts, want.LayoutID, connection.Entry{ID: made.ID})
	}
	return client.UpdateLayout(ctx, want.LayoutID, want)
}
