// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/view"
)

// CheckObjects says of each item whether its object is in Novu's source environment as its spec describes it: it may be
// refused, or the operator is still at work on it.
func CheckObjects(items []Item) {
	for i := range items {
		o := items[i].Object
		if o == nil || items[i].Refused != "" || items[i].Pin != "" && items[i].Pin != view.Status(o).Revision {
			continue
		}
		items[i].Refused, items[i].Waits = checkObject(o)
	}
}

func checkObject(o view.Object) (refused, waits string) {
	sync := view.Status(o)
	ready := apimeta.FindStatusCondition(sync.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || sync.ObservedGeneration != o.GetGeneration():
		return "", "the operator has not handled its current spec yet"
	case ready.Status == metav1.ConditionTrue:
		return "", ""
	case apimeta.IsStatusConditionTrue(sync.Conditions, v1alpha1.ConditionStalled):
		return fmt.Sprintf("it is not ready: %s", ready.Message), ""
	case ready.Reason == v1alpha1.ReasonSuspended:
		return "it is suspended and was never brought to Novu: set spec.suspend to false", ""
	}
	return "", ready.Message
}

// Waiting lists the items that the operator is still at work on, and says so in a sentence; empty if there is none.
func Waiting(items []Item) (waiting []Item, message string) {
	for _, item := range items {
		if item.Waits != "" {
			waiting = append(waiting, item)
		}
	}
	switch len(waiting) {
	case 0:
		return nil, ""
	case 1:
		return waiting, fmt.Sprintf("waits for %s: %s", waiting[0], waiting[0].Waits)
	}
	return waiting, fmt.Sprintf("waits for %d objects, among them %s: %s", len(waiting), waiting[0], waiting[0].Waits)
}

// Refused reports whether an item is refused.
func Refused(items []Item) bool {
	for _, item := range items {
		if item.Refused != "" {
			return true
		}
	}
	return false
}
