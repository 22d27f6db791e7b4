package controllers

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// countTarget replaces the counts that mean something else at a promotion target.
func (c *targetChecker) count(ctx context.Context, t *targetScope) error {
	counts := t.environment.Status.Counts
	counts.Drifted = int32(len(t.drifted())) //nolint:gosec // small numbers
	known := t.known()
	counts.Managed = int32(t.described() + known)                       //nolint:gosec // small numbers
	counts.Unmanaged = counts.Workflows + counts.Layouts - int32(known) //nolint:gosec // small numbers
	origin, err := promotion.Origin(ctx, c.Client, t.environment)
	if err == nil {
		var pending int
		pending, err = promotion.Pending(ctx, c.Client, origin, t.environment)
		counts.Pending = int32(pending) //nolint:gosec // small numbers
	}
	if reconcile.Expected(err) {
		return nil // the source is gone: nothing of it is pending
	}
	return err
}

// known counts the workflows and layouts in Novu that promotions brought there.
func (t *targetScope) known() (count int) {
	seen := map[string]bool{}
	for i := range t.placed {
		d := &t.placed[i]
		if _, there := t.conn.Lookup(d.Resource(), d.ID()); there && !seen[d.Key()] {
			seen[d.Key()] = true
			count++
		}
	}
	return count
}

// described counts the integrations in Novu that objects describe.
func (t *targetScope) described() (count int) {
	ids := map[string]bool{}
	for _, entry := range t.conn.All(connection.Integrations) {
		ids[entry.ID] = true
	}
	for _, c := range t.children {
		if _, ok := c.Object.(*v1alpha1.Integration); ok && ids[c.Sync().ID] {
			delete(ids, c.Sync().ID)
			count++
		}
	}
	return count
}
