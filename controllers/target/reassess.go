// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// What Novu complains about in a target stays when its cause is gone, until the same is written once more. Where drift is
// corrected, that is done in the same way, and under the same conditions, as a correction. It is none: nothing was changed
// there.

// stale reports whether the last list shows a workflow that is as it was promoted and that Novu complains about, and whether the
// cause may be gone: what workflows depend on has changed, a user or a Promotion asks, or a pause is over that doubles
// with each time in vain.
func (c *corrector) stale(t *scope, d *promotion.Described, entry connection.Entry) bool {
	key := t.placement(d)
	switch {
	case !entry.Faulty:
		c.reassessments.Forget(key)
		return false
	case t.policy() != v1alpha1.DriftPolicyCorrect || d.Live.RemoteHash == "" || d.Drifted() || d.Live.Corrections != nil:
		return false
	case t.Caused:
		c.reassessments.Mark(key)
	case t.asked():
		c.reassessments.MarkOnce(key, t.wish(d))
	}
	c.reassessments.Complained(key, t.Conn.FullCheck())
	return t.obstacle(c.Pool) == "" && (c.reassessments.Marked(key) || c.reassessments.Due(key, t.Conn.FullCheck()))
}

// asked reports whether a user asks for another try, by the annotation or by changing spec.
func (t *scope) asked() bool {
	return t.Environment.Annotations[v1alpha1.RequestedAtAnnotation] != t.Before.Status.LastHandledRequest ||
		t.Environment.Generation != t.Before.Status.ObservedGeneration
}

func (t *scope) placement(d *promotion.Described) promotion.Placement {
	return promotion.PlacementIn(t.Environment, d.Kind, d.ID())
}

// reassess writes once more what was promoted, if the target still holds exactly that and Novu still complains about it.
func (c *corrector) reassess(ctx context.Context, t *scope, d *promotion.Described) (finding, error) {
	found := finding{live: *d.Live}
	if t.stopped != "" {
		return found, nil
	}
	held, err := t.read(ctx, d, promotion.Moved)
	if err != nil {
		return found, err
	}
	found.live = promotion.Judged(*d.Live, held)
	entry := history.Last(t.records, d.Kind, d.ID())
	known := entry != nil && entry.After != nil && entry.Revision == d.Live.Revision
	if found.live.Drifted || held.Errors == "" || !known {
		c.reassessments.Tried(t.placement(d), t.Conn.FullCheck())
		return found, nil
	}
	return c.rewrite(ctx, t, d, entry)
}

func (c *corrector) rewrite(ctx context.Context, t *scope, d *promotion.Described, entry *history.Entry) (finding, error) {
	found, key := finding{live: *d.Live}, t.placement(d)
	c.reassessments.Tried(key, t.Conn.FullCheck())
	held, uncertain, err := t.side.Rewrite(ctx, c.Pool.Clock(), entry, d.Live.RemoteHash, c.intend(t, d))
	switch {
	case reconcile.Outdated(err):
		t.rest = true // nothing was sent
		return found, nil
	case uncertain != nil: // it was deleted meanwhile, and may or may not have been created again
		t.troubles++
		found.live.UncertainCreation = c.earliest(d, uncertain)
		return found, nil
	case err != nil && promotion.AboutOne(err):
		found.judged = err.Error()
		return found, nil
	case err != nil:
		if reconcile.KindOf(err) == reconcile.Transient {
			c.reassessments.Mark(key) // Novu has not judged it
		}
		return found, err
	case held == nil:
		return found, nil // it was deleted; the next poll sees it
	}
	if held.Errors == "" {
		c.reassessments.Forget(key)
	}
	found.live.RemoteHash, found.live.RemoteUpdatedAt, found.judged = held.Hash, held.UpdatedAt, held.Outcome
	return found, nil
}
