package promotion

import (
	"context"

	"novu-operator.dev/internal/novu"
)

// syncing is strategy Sync: Novu itself copies the workflow, and the layouts it uses, from the source to the target.
type syncing struct{}

func (syncing) bring(ctx context.Context, s *Session, want *novu.WorkflowRequest, _ *novu.Workflow) (*novu.Workflow, error) {
	return s.Source.Conn.Client.SyncWorkflow(ctx, want.WorkflowID, s.Target.Conn.Environment().ID)
}
