// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/view"
)

const (
	// missingFor is how long something that spec names must have been missing before the object is left out: objects are
	// often applied one after the other.
	missingFor = 5 * time.Second
	// failingFor is how long the operator must have failed to bring an object to Novu before it is left out.
	failingFor = 30 * time.Second
)

// LeaveWaiting gives up waiting for objects that have been unable to get to Novu for a while, so that they can be left out.
// CheckObjects comes first.
func LeaveWaiting(items []Item, now time.Time) {
	for i := range items {
		item := &items[i]
		if item.Object == nil || item.Waits == "" || !hopeless(item, now) {
			continue
		}
		item.Refused, item.Waits = "it is not ready: "+item.Waits, ""
	}
}

func hopeless(item *Item, now time.Time) bool {
	sync := view.Status(item.Object)
	if sync.ObservedGeneration != item.Object.GetGeneration() {
		return false
	}
	since := func(kind string, d time.Duration) bool {
		c := apimeta.FindStatusCondition(sync.Conditions, kind)
		return c != nil && c.Status == metav1.ConditionFalse && now.Sub(c.LastTransitionTime.Time) >= d
	}
	return since(v1alpha1.ConditionReferencesResolved, missingFor) || since(v1alpha1.ConditionReady, failingFor)
}

// fit reports whether nothing that the object says keeps the item from being promoted.
func fit(item *Item) bool {
	refused, waits := checkObject(item.Object)
	return refused == "" && waits == ""
}

// leaveOut turns refusals into items that are left out, together with what uses one that is. Where nothing would be left,
// the refusals stay.
func (p *Planner) leaveOut(items []v1alpha1.PlannedItem) {
	if !p.LeaveOut || int(Count(items).Refused) == len(items) {
		return
	}
	left := map[string]bool{}
	for i := range items {
		if item := &items[i]; item.Action == v1alpha1.PlanActionRefused {
			item.Action = v1alpha1.PlanActionLeftOut
			left[entryKey(item.Kind, item.EffectiveID())] = true
		}
	}
	for i := range items {
		item := &items[i]
		if item.Action != v1alpha1.PlanActionCreate && item.Action != v1alpha1.PlanActionUpdate {
			continue
		}
		if missed := p.usesOneOf(item, left); missed != nil {
			item.Action, item.State, item.Message = v1alpha1.PlanActionLeftOut, "", fmt.Sprintf("its %s is left out", missed)
			item.Changes, item.MoreChanges, item.Steps = nil, 0, nil
		}
	}
}

// usesOneOf is the first of those that are left out that the item is to use; nil: none.
func (p *Planner) usesOneOf(item *v1alpha1.PlannedItem, left map[string]bool) *use {
	entry, _ := p.entry(item)
	for _, u := range usesOf(&entry) {
		if left[entryKey(u.kind, u.id)] {
			return &u
		}
	}
	return nil
}

// Receptive are the facts about the target, as its last list has them, that decide which of the items it can take: whether it
// holds several of one id, and, where that matters, through which channels it delivers. It costs no call.
func Receptive(target *connection.Connection, items []Item, missing v1alpha1.MissingIntegrationsPolicy) []string {
	facts := []string{}
	for _, item := range items {
		if entry, there := target.Lookup(PromotableOf(item.Kind).Resource, item.ID); there && len(entry.Duplicates) > 0 {
			facts = append(facts, "several "+entryKey(item.Kind, item.ID))
		}
	}
	if missing == v1alpha1.MissingIntegrationsBlock {
		for channel := range Deliverable(target) {
			facts = append(facts, "delivers "+channel)
		}
	}
	slices.Sort(facts)
	return facts
}
