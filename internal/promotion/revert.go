package promotion

import (
	"context"
	"slices"
	"time"

	"novu-operator.dev/api/v1alpha1"
)

// Revert restores what the target held before the plan was carried out, in reverse order, for about as long as limit says.
// What was created is deleted.
func (e *Execution) Revert(ctx context.Context, items []v1alpha1.PlannedItem, limit time.Duration) error {
	direct := *e
	direct.Strategy = v1alpha1.PromotionStrategyApply
	backwards := pointers(items)
	slices.Reverse(backwards)
	return direct.each(ctx, backwards, limit, task{
		open: Revertible,
		do: func(item *v1alpha1.PlannedItem) error {
			return settle(item, v1alpha1.ItemStateRolledBack, direct.revert(ctx, item))
		},
		over: func() bool { return e.Halt(ctx) },
	})
}

// Revertible says that the item was written, or may have been, and was not restored.
func Revertible(item *v1alpha1.PlannedItem) bool {
	return item.Action != v1alpha1.PlanActionUnchanged &&
		(item.State == v1alpha1.ItemStateDone || item.State == v1alpha1.ItemStateApplying)
}

func (e *Execution) revert(ctx context.Context, item *v1alpha1.PlannedItem) error {
	entry, ok := e.entry(item)
	if !ok {
		return failf("the record of what the target held is gone: create it there by hand, or promote a pinned revision")
	}
	e.doubtful(item)
	if item.Kind == v1alpha1.PromotionItemLayout {
		return bring(ctx, e, layouts, item, entry.Before, e.writeLayout)
	}
	return bring(ctx, e, workflows, item, entry.Before, e.writeWorkflow)
}
