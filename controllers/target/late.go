// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
)

// duplicates deletes from a promotion target what Novu has made late of creations whose answers were lost. What cannot be
// deleted is found again by the next poll.
func (c *Checker) duplicates(ctx context.Context, target Target, placed []promotion.Described) error {
	if c.Pool.ReadOnly() {
		return nil
	}
	found, err := promotion.Duplicates(ctx, source.Cached(c.Client), target.Conn, target.Environment, placed, c.Pool.Clock().Now())
	for _, d := range found {
		if err := d.Remove(ctx, target.Conn); err != nil {
			c.Recorder.Eventf(target.Environment, d.Cause, corev1.EventTypeWarning, v1alpha1.ReasonSuffixed, "Delete", "%s", reconcile.Bounded(
				"Novu holds a duplicate of workflow "+d.Of+" as "+d.WorkflowID+", and it could not be deleted yet; it is tried again: "+err.Error()))
			return err
		}
		log.FromContext(ctx).Info("deleted a duplicate", "workflow", d.Of, "duplicate", d.WorkflowID, "cause", reconcile.Key(d.Cause))
		c.Recorder.Eventf(target.Environment, d.Cause, corev1.EventTypeNormal, v1alpha1.ReasonSuffixed, "Delete", "%s", reconcile.Bounded(
			"Novu has carried out a creation whose answer was lost, and stored workflow "+d.Of+" once more as "+d.WorkflowID+"; the duplicate was deleted"))
	}
	return err
}
