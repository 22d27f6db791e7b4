// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion/history"
)

// Verify lists the target once more and makes sure that it holds what is planned. What it does not hold any more fails; what
// was changed meanwhile, by a person or because Novu's sync of a workflow brings its layouts along as the source holds them
// by now, is written once more. An item that cannot be read now keeps no other from being verified, and what was listed and
// read counts when the rest is verified.
func (e *Execution) Verify(ctx context.Context, items []v1alpha1.PlannedItem) error {
	if e.verifying.IsZero() {
		e.verifying = e.Clock.Now()
	}
	if err := e.Target.Refresh(ctx, e.verifying, connection.Layouts, connection.Workflows); err != nil {
		return err
	}
	var calls strain
	for i := range items {
		item := &items[i]
		entry, known := e.entry(item)
		if item.State != v1alpha1.ItemStateDone || !known {
			continue
		}
		if err := settle(item, v1alpha1.ItemStateDone, PromotableOf(item.Kind).promoter.verify(ctx, e, item, entry.After)); !calls.note(err) {
			return err
		}
	}
	return calls.trouble
}

func (k *kind[H, W]) verify(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, planned *history.Definition) error {
	have, err := read(ctx, e.Target, k, item.EffectiveID())
	switch {
	case err != nil:
		return err
	case planned == nil && item.Action == v1alpha1.PlanActionDelete && have != nil:
		return failf("it was deleted from Environment %s, which holds it again: find out who makes it, and create a new Promotion", e.Target.Name)
	case planned == nil:
		return nil
	case have == nil:
		return failf("it was brought to Environment %s, which does not hold it any more: find out who deletes it, and create a new Promotion",
			e.Target.Name)
	}
	if hash := k.Facts(have).Hash; hash == item.TargetHash || len(k.differences(k.unpack(planned), have)) == 0 {
		item.TargetHash = hash
		return nil
	}
	return e.repair(ctx, item, "it was changed in the target before the end")
}
