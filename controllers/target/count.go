package target

import (
	"context"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// countTarget replaces the counts that mean something else at a promotion target.
func (c *Checker) count(ctx context.Context, t *scope) error {
	counts := t.Environment.Status.Counts
	counts.Drifted = int32(len(t.drifted())) //nolint:gosec // small numbers
	known := t.known()
	counts.Managed = int32(t.described() + known)                       //nolint:gosec // small numbers
	counts.Unmanaged = counts.Workflows + counts.Layouts - int32(known) //nolint:gosec // small numbers
	origin, err := promotion.Origin(ctx, c.Client, t.Environment)
	if err == nil {
		var pending int
		pending, err = promotion.Pending(ctx, c.Client, origin, t.Environment)
		counts.Pending = int32(pending) //nolint:gosec // small numbers
	}
	if reconcile.Expected(err) {
		return nil // the source is gone: nothing of it is pending
	}
	return err
}

// known counts the workflows and layouts in Novu that promotions brought there.
func (t *scope) known() (count int) {
	seen := map[string]bool{}
	for i := range t.placed {
		d := &t.placed[i]
		if _, there := t.Conn.Lookup(d.Resource(), d.ID()); there && !seen[d.Key()] {
			seen[d.Key()] = true
			count++
		}
	}
	return count
}

// described counts the integrations in Novu that objects describe.
func (t *scope) described() (count int) {
	ids := map[string]bool{}
	for _, entry := range t.Conn.All(connection.Integrations) {
		ids[entry.ID] = true
	}
	for _, i := range t.Integrations {
		if id := i.Sync().ID; ids[id] {
			delete(ids, id)
			count++
		}
	}
	return count
}
