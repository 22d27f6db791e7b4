// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/printable"
	"novu-operator.dev/internal/reconcile"
)

// Novu works out what is wrong with a workflow when it is written, and never again. What it reports of a target, or of a source
// that is one, may have been put right since: only another write tells. Promotions make it where they have it in their plan,
// and else the correction of drift does.

// Reassessments of what was promoted.
type Reassessments = reconcile.Reassessments[Placement]

// Placement is one workflow or layout in one target.
type Placement struct {
	Target types.NamespacedName
	key    string
}

// PlacementIn is that of an item of this id.
func PlacementIn(target *v1alpha1.Environment, kind v1alpha1.PromotionItemKind, id string) Placement {
	return Placement{Target: client.ObjectKeyFromObject(target), key: entryKey(kind, id)}
}

// rewrite has what the target holds already, and Novu reports errors in, written once more.
func rewrite[H, W any](k *kind[H, W], planned *v1alpha1.PlannedItem, target *H) {
	if planned.Action != v1alpha1.PlanActionUnchanged || planned.Revision == "" || target == nil {
		return
	}
	errors := k.errors(target)
	if errors == "" {
		return
	}
	planned.Action, planned.State = v1alpha1.PlanActionUpdate, v1alpha1.ItemStatePending
	planned.Message = bounded(reconcile.Notes(planned.Message, "the target holds it, and Novu reports errors in it there, which may be "+
		"out of date: it is written once more as it is, so that Novu judges it again. Novu reports "+errors))
}

// rewritten reports whether what the target holds already is to be written once more: the plan has found it so, and Novu still
// reports errors in it.
func rewritten[H, W any](e *Execution, k *kind[H, W], item *v1alpha1.PlannedItem, target *H) bool {
	if e.reverting || item.Action != v1alpha1.PlanActionUpdate || k.errors(target) == "" {
		return false
	}
	return k.Facts(target).Hash == item.TargetHash
}

// judged says what has come of writing once more what the target holds. That Novu refuses it changes nothing about what the
// target holds, so the item has not failed.
func judged[H, W any](k *kind[H, W], item *v1alpha1.PlannedItem, got *H, err error) error {
	switch {
	case err != nil && !AboutOne(err):
		return err
	case err != nil:
		item.Message = bounded("the target holds it, and Novu reports errors in it there; it refuses to have it written once more: " + err.Error())
	case k.errors(got) != "":
		item.Message = bounded("written once more as it was, and Novu still reports errors in it in the target: " + k.errors(got))
	default:
		item.Message = "written once more as it was, and Novu no longer reports errors in it"
	}
	return nil
}

// faulty says what the errors that Novu reports in the source mean for an item; empty: none. Of what the objects do not
// describe themselves they may be out of date.
func (p *Planner) faulty(item Item, errors string) (refused, unsettled string) {
	if errors == "" {
		return "", ""
	}
	refused = "Novu reports errors in it: " + errors
	if p.Described {
		return refused, ""
	}
	if p.reassess(item) {
		return "", "Novu is asked whether this is still so: " + refused
	}
	remedy := fmt.Sprintf(". If their cause is gone, promote it again into Environment %s, or set driftPolicy to Correct there", p.Source.Name)
	return printable.Truncate(refused, maxNote-len(remedy)) + remedy, ""
}

func (p *Planner) reassess(item Item) bool {
	if p.Reassess == nil {
		return false
	}
	p.reassessing.Lock()
	defer p.reassessing.Unlock()
	return p.Reassess(item)
}

// Faulty names the items in which Novu reports errors in an environment, as its last list has them. It costs no call.
func Faulty(conn *connection.Connection, items []Item) (faulty []string) {
	for _, item := range items {
		if entry, _ := conn.Lookup(PromotableOf(item.Kind).Resource, item.ID); entry.Faulty {
			faulty = append(faulty, "faulty "+entryKey(item.Kind, item.ID))
		}
	}
	return faulty
}
