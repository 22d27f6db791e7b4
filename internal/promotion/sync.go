package promotion

import (
	"context"

	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

// syncing is strategy Sync: Novu itself copies the workflow, and the layouts it uses, from the source to the target.
type syncing struct{}

func (syncing) bring(
	ctx context.Context, s *Session, w *remote.Write[novu.WorkflowRequest], _ *novu.Workflow,
) (*novu.Workflow, error) {
	return remote.Copy(ctx, s.Source.Conn, s.Target.Conn, w)
}
