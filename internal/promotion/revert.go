// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"slices"
	"strings"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
)

// Revert restores what the target held before the plan was carried out, in reverse order, for about as long as limit says.
// What was created is deleted. What failed comes last: it may have been written by half.
func (e *Execution) Revert(ctx context.Context, items []v1alpha1.PlannedItem, limit time.Duration) error {
	direct := *e
	direct.Strategy, direct.reverting = v1alpha1.PromotionStrategyApply, true
	backwards := pointers(items)
	slices.Reverse(backwards)
	err := direct.each(ctx, backwards, limit, task{
		open: Revertible,
		do: func(item *v1alpha1.PlannedItem) error {
			return settle(item, v1alpha1.ItemStateRolledBack, direct.revert(ctx, item))
		},
		over: func() bool { return e.Halt(ctx) },
	})
	if err != nil || slices.ContainsFunc(backwards, Revertible) {
		return err
	}
	return direct.revertFailed(ctx, backwards)
}

// revertFailed restores what the target held of items that have failed. They stay failed. What was to be deleted was either
// deleted or not.
func (e *Execution) revertFailed(ctx context.Context, items []*v1alpha1.PlannedItem) error {
	failed := func(item *v1alpha1.PlannedItem) bool {
		return item.State == v1alpha1.ItemStateFailed && (item.Action == v1alpha1.PlanActionCreate || item.Action == v1alpha1.PlanActionUpdate)
	}
	if err := e.refresh(ctx, items, failed, e.Clock.Now()); err != nil {
		return err
	}
	for _, item := range items {
		if !failed(item) {
			continue
		}
		outcome := *item
		if err := settle(&outcome, item.State, e.revert(ctx, item)); err != nil {
			return err
		}
		if outcome.Message != item.Message && !strings.Contains(item.Message, outcome.Message) {
			item.Message = bounded(item.Message + "; what the target held before could not be restored: " + outcome.Message)
		}
	}
	return nil
}

// Touched reports whether the target may hold something else of an item that has failed than before.
func (e *Execution) Touched(ctx context.Context, item *v1alpha1.PlannedItem) bool {
	entry, known := e.entry(item)
	return known && PromotableOf(item.Kind).promoter.touched(ctx, e, item, entry.Before)
}

func (k *kind[H, W]) touched(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, before *history.Definition) bool {
	have, err := read(ctx, e.Target, k, item.EffectiveID())
	switch {
	case err != nil:
		return true
	case have == nil || before == nil:
		return (have == nil) != (before == nil)
	case item.Action == v1alpha1.PlanActionDelete: // it was changed by another writer
		return false
	}
	return len(k.differences(k.unpack(before), have)) > 0
}

// Revertible reports whether the item was written, or may have been, and was not restored.
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
	return PromotableOf(item.Kind).promoter.bring(ctx, e, item, entry.Before)
}
