// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

// apply writes a workflow with the target's key and with the internal ids of the target's steps, so that those stay.
func apply(
	ctx context.Context, s *Session, w *remote.Write[novu.WorkflowRequest], target *novu.Workflow,
) (*novu.Workflow, error) {
	if missing := absent(layoutsOf(w.Want), s.targetHolds); missing != "" {
		return nil, failf("%s", missing)
	}
	if target != nil {
		w.Bound = definition.Onto(w.Want, target)
	}
	got, _, err := remote.Workflows.Put(ctx, s.Target.Conn, w)
	return got, err
}

func (s *Session) targetHolds(u use) bool {
	_, there := s.Target.Conn.Lookup(PromotableOf(u.kind).Resource, u.id)
	return there
}

// write writes a layout with the target's key.
func (layoutRules) write(
	ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, want *novu.LayoutRequest, _ *novu.Layout,
) (*novu.Layout, error) {
	got, _, err := remote.Layouts.Put(ctx, e.Target.Conn, newWrite(e, item, want))
	return got, err
}
