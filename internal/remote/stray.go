// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
)

// removeStray deletes what Novu stored under another id than it was asked for, which it does when the id is taken.
func (k *Kind[H, W]) removeStray(ctx context.Context, conn *connection.Connection, id string, stray Ref) error {
	conn.Doubt(k.Resource, id)
	return &SuffixedError{ID: id, Stray: stray, Until: conn.Now().Add(settleTime), Err: RemoveStray(ctx, conn, stray)}
}

// RemoveStray deletes a workflow by its internal id.
func RemoveStray(ctx context.Context, conn *connection.Connection, stray Ref) error {
	err := conn.Client.DeleteWorkflow(ctx, stray.Internal)
	if err != nil && !novu.IsNotFound(err, novu.ResourceWorkflow) {
		return err
	}
	conn.Deleted(connection.Workflows, stray.ID)
	return nil
}

// Copy has Novu itself copy a workflow, with the layouts it uses, from the source to the target. It is a creation unless the
// target is known to hold the workflow. Errors are as those of [Kind.Put].
func Copy(ctx context.Context, source, target *connection.Connection, w *Write[novu.WorkflowRequest]) (*novu.Workflow, error) {
	ctx, cancel := Uninterrupted(ctx)
	defer cancel()
	began := target.Now()
	_, known := target.Lookup(connection.Workflows, w.ID)
	have, err := source.Client.SyncWorkflow(ctx, w.ID, target.Environment().ID)
	if !known {
		Workflows.remember(target, w, began, err)
		if novu.IsMaybeCommitted(err) {
			target.Doubt(connection.Workflows, w.ID)
			return nil, &UncertainError{Until: target.Now().Add(settleTime), Err: err}
		}
	}
	return Workflows.answered(ctx, target, w, have, err)
}
