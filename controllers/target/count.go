// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
)

// count compares the target with its source, and with what promotions brought to it.
func (c *Checker) count(ctx context.Context, t *scope) error {
	known, faulty := t.known()
	held := t.Conn.Count(connection.Workflows) + t.Conn.Count(connection.Layouts)
	counts := &v1alpha1.TargetCounts{
		Promoted: int32(known), Unmanaged: int32(held - known), Drifted: int32(len(t.drifted())), //nolint:gosec // small numbers
		Faulty: int32(faulty), //nolint:gosec // small numbers
	}
	t.Environment.Status.Target = counts
	origin, err := promotion.Origin(ctx, source.Cached(c.Client), t.Environment)
	if err == nil {
		var pending int
		pending, err = promotion.Pending(ctx, source.Cached(c.Client), origin, t.Environment)
		counts.Pending = int32(pending) //nolint:gosec // small numbers
	}
	if reconcile.Expected(err) {
		return nil // the source is gone: nothing of it is pending
	}
	return err
}

// known counts the workflows and layouts in Novu that promotions brought there, and those of them that Novu complains about.
func (t *scope) known() (count, faulty int) {
	seen := map[string]bool{}
	for i := range t.placed {
		d := &t.placed[i]
		if entry, there := t.Conn.Lookup(d.Resource(), d.ID()); there && !seen[d.Key()] {
			seen[d.Key()] = true
			count++
			if entry.Faulty {
				faulty++
			}
		}
	}
	return count, faulty
}
