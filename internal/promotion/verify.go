package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/engine"
)

// Verify lists the target once more and fails the items that it does not hold.
func (e *Execution) Verify(ctx context.Context, items []v1alpha1.PlannedItem) error {
	if err := e.Target.Refresh(ctx, e.Clock.Now(), connection.Layouts, connection.Workflows); err != nil {
		return engine.FromNovu(err)
	}
	for i := range items {
		item := &items[i]
		resource := connection.Workflows
		if item.Kind == v1alpha1.PromotionItemLayout {
			resource = connection.Layouts
		}
		if _, there := e.Target.Conn.Lookup(resource, item.ID); item.State == v1alpha1.ItemStateDone && !there {
			item.State = v1alpha1.ItemStateFailed
			item.Message = bounded("it was brought to Environment " + e.Target.Name +
				", which does not hold it any more: find out who deletes it, and create a new Promotion")
		}
	}
	return nil
}
