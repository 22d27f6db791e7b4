// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/source"
)

// Duplicate is an unwanted duplicate of a workflow in a target.
type Duplicate struct {
	v1alpha1.StrayWorkflow
	// Cause of the creation that it comes of: a Promotion, or the Workflow that was created again to correct drift.
	Cause client.Object
	// Of is the workflowID that was meant.
	Of string
}

// Duplicates are what Novu has made late, in the target, of creations whose answers were lost: those of Promotions, and those
// that corrected drift. What was promoted under its id is none.
func Duplicates(
	ctx context.Context, objects source.Source, conn *connection.Connection, target *v1alpha1.Environment, placed []Described, now time.Time,
) (found []Duplicate, err error) {
	var list v1alpha1.PromotionList
	if err := objects.Lookup(ctx, &list, index.Target, reconcile.Key(target)); err != nil {
		return nil, fmt.Errorf("look for creations without an answer in Environment %s: %w", reconcile.Key(target), err)
	}
	spare := func(id string, _ connection.Entry) (bool, error) {
		if slices.ContainsFunc(placed, func(d Described) bool { return PromotableOf(d.Kind).Suffixed && d.ID() == id }) ||
			slices.ContainsFunc(list.Items, func(p v1alpha1.Promotion) bool { return brings(&p, id) }) {
			return true, nil
		}
		return source.DescribesWorkflow(ctx, objects, conn.Environment().ID, id)
	}
	look := func(cause client.Object, id string, creation v1alpha1.UncertainCreation) error {
		strays, err := remote.Late(ctx, conn, id, []v1alpha1.UncertainCreation{creation}, spare)
		for _, stray := range strays {
			found = append(found, Duplicate{StrayWorkflow: stray, Cause: cause, Of: id})
		}
		return err
	}
	for i := range list.Items {
		for id, creation := range pending(&list.Items[i], now) {
			if err := look(&list.Items[i], id, creation); err != nil {
				return found, err
			}
		}
	}
	for i := range placed {
		d := &placed[i]
		if c := d.Live.UncertainCreation; c != nil && remote.Pending(*c, now) {
			if err := look(d.Object, d.ID(), *c); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// brings reports whether a workflow of this id is part of the Promotion's plan.
func brings(p *v1alpha1.Promotion, id string) bool {
	return p.Status.Plan != nil && slices.ContainsFunc(p.Status.Plan.Items, func(item v1alpha1.PlannedItem) bool {
		return PromotableOf(item.Kind).Suffixed && item.EffectiveID() == id
	})
}

// pending are the creations of a Promotion that something may still come of, by workflowID.
func pending(p *v1alpha1.Promotion, now time.Time) map[string]v1alpha1.UncertainCreation {
	creations := map[string]v1alpha1.UncertainCreation{}
	if p.Status.Plan == nil {
		return creations
	}
	for i := range p.Status.Plan.Items {
		item := &p.Status.Plan.Items[i]
		if c := item.UncertainCreation; c != nil && remote.Pending(*c, now) {
			creations[item.EffectiveID()] = *c
		}
	}
	return creations
}

// Remove deletes a duplicate.
func (d Duplicate) Remove(ctx context.Context, conn *connection.Connection) error {
	return remote.RemoveStray(ctx, conn, remote.Ref{ID: d.WorkflowID, Internal: d.ID})
}
