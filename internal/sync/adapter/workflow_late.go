// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/view"
)

// maxUncertain bounds how many creations without an answer are remembered.
const maxUncertain = 5

// Succeed takes over what is known of creations whose answers were lost: what comes of them late is the next object's to
// delete when an object is renamed or moved.
func (Workflow) Succeed(s *workflowScope, rival client.Object) {
	theirs, ok := rival.(*v1alpha1.Workflow)
	if !ok {
		return
	}
	status := &s.Object.Status
	for _, creation := range theirs.Status.UncertainCreations {
		known := slices.ContainsFunc(status.UncertainCreations, func(c v1alpha1.UncertainCreation) bool {
			return c.Outline == creation.Outline && c.StartTime.Equal(&creation.StartTime)
		})
		if !known && remote.Pending(creation, s.Conn.Now()) {
			remember(status, creation)
		}
	}
	for _, stray := range theirs.Status.Strays {
		if !slices.Contains(status.Strays, stray) {
			status.Strays = append(status.Strays, stray)
		}
	}
}

func remember(status *v1alpha1.WorkflowStatus, creation v1alpha1.UncertainCreation) {
	all := slices.Concat(status.UncertainCreations, []v1alpha1.UncertainCreation{*creation.DeepCopy()})
	status.UncertainCreations = all[max(0, len(all)-maxUncertain):]
}

// Stray keeps a duplicate in status until it can be deleted.
func (Workflow) Stray(s *workflowScope, stray remote.Ref) {
	s.Object.Status.Strays = append(s.Object.Status.Strays, v1alpha1.StrayWorkflow{ID: stray.Internal, WorkflowID: stray.ID})
}

// Sweep deletes the duplicates that Novu made, also those that came late. Those that cannot be deleted stay in status.
func (Workflow) Sweep(ctx context.Context, s *workflowScope) error {
	if err := findLate(ctx, s); err != nil {
		return err
	}
	var kept []v1alpha1.StrayWorkflow
	var failure error
	for _, stray := range s.Object.Status.Strays {
		ref := remote.Ref{ID: stray.WorkflowID, Internal: stray.ID}
		if err := remote.RemoveStray(ctx, s.Conn, ref); err != nil {
			kept = append(kept, stray)
			failure = &remote.SuffixedError{ID: s.ID(), Stray: ref, Err: err}
		}
	}
	s.Object.Status.Strays = kept
	return failure
}

// findLate adds to the strays what Novu has made of creations whose answers were lost.
func findLate(ctx context.Context, s *workflowScope) error {
	status := &s.Object.Status
	status.UncertainCreations = slices.DeleteFunc(status.UncertainCreations, func(c v1alpha1.UncertainCreation) bool {
		return !remote.Pending(c, s.Conn.Now())
	})
	spare := func(id string, entry connection.Entry) (bool, error) {
		if slices.ContainsFunc(status.Strays, func(stray v1alpha1.StrayWorkflow) bool { return stray.ID == entry.ID }) {
			return true, nil
		}
		return source.DescribesWorkflow(ctx, source.Cached(s.Client), s.Conn.Environment().ID, id, view.Environment(s.Object))
	}
	strays, err := remote.Late(ctx, s.Conn, s.ID(), status.UncertainCreations, spare)
	status.Strays = append(status.Strays, strays...)
	return err
}
