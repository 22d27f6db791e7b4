// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package guard keeps which freeze and which hold a promotion target has beside the target, so that they outlast it: a target that is
// deleted and created again is frozen and held as it was, until a user who may lifts that.
package guard

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// State is what is to outlast an Environment object.
type State struct {
	// UID of the object that this was last true of.
	UID types.UID `json:"uid,omitempty"`
	// Freeze that spec of that object states.
	Freeze *v1alpha1.PromotionFreeze `json:"freeze,omitempty"`
	// Kept is the freeze that an earlier object of the same identity has left behind.
	Kept *v1alpha1.KeptFreeze `json:"kept,omitempty"`
	// Hold that a rollback has set.
	Hold *v1alpha1.PromotionHold `json:"hold,omitempty"`
}

// Empty reports whether there is nothing to keep.
func (s State) Empty() bool { return s.Freeze == nil && s.Kept == nil && s.Hold == nil }

// Next is what is to be kept now that the Environment is as it is. As long as it is the same object, what it says counts: admission
// policies have kept users who may not lift a freeze from lifting it. An object that was created again has been asked nothing, so
// it inherits what the one before it has left.
func Next(old State, e *v1alpha1.Environment, now time.Time) State {
	next := State{UID: e.UID, Hold: e.Status.Hold, Kept: old.Kept}
	if e.IsPromotionTarget() {
		next.Freeze = e.Spec.PromotionPolicy.Freeze
	}
	if old.UID != "" && old.UID != e.UID {
		next.Kept = longer(old.Kept, kept(old.Freeze, now))
		if next.Hold == nil {
			next.Hold = old.Hold
		}
	}
	if next.Kept != nil && (over(next.Kept.EndTime, now) || lasts(next.Freeze, next.Kept.EndTime) || lifted(e, next.Kept)) {
		next.Kept = nil
	}
	return next
}

// Lift is the value of the annotation novu-operator.dev/resume that lifts a freeze that was kept. No other freeze has it.
func Lift(freeze *v1alpha1.KeptFreeze) string {
	return "freeze-" + freeze.FoundTime.UTC().Format("20060102t150405z")
}

// Explain says why an Environment is frozen that does not say so itself, and how that is lifted.
func Explain(e *v1alpha1.Environment, freeze *v1alpha1.KeptFreeze) string {
	until := ""
	if freeze.EndTime != nil {
		until = " until " + freeze.EndTime.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return fmt.Sprintf("Environment %s/%s was deleted while it was frozen and created again without its freeze (%s): it stays frozen%s. A user "+
		"with the verb resume on it lifts the freeze: kubectl annotate --overwrite -n %s environments.novu-operator.dev %s %s=%s",
		e.Namespace, e.Name, freeze.Reason, until, e.Namespace, e.Name, v1alpha1.ResumeAnnotation, Lift(freeze))
}

func kept(freeze *v1alpha1.PromotionFreeze, now time.Time) *v1alpha1.KeptFreeze {
	if freeze == nil {
		return nil
	}
	return &v1alpha1.KeptFreeze{Reason: freeze.Reason, EndTime: freeze.EndTime, FoundTime: metav1.NewTime(now.Truncate(time.Second))}
}

// longer is the freeze that lasts longer, the first one if they last as long.
func longer(a, b *v1alpha1.KeptFreeze) *v1alpha1.KeptFreeze {
	if a == nil || b != nil && a.EndTime != nil && (b.EndTime == nil || b.EndTime.After(a.EndTime.Time)) {
		return b
	}
	return a
}

// lasts reports whether the freeze lasts until then at least; nil: forever.
func lasts(freeze *v1alpha1.PromotionFreeze, until *metav1.Time) bool {
	return freeze != nil && (freeze.EndTime == nil || until != nil && !freeze.EndTime.Before(until))
}

func over(until *metav1.Time, now time.Time) bool { return until != nil && !now.Before(until.Time) }

func lifted(e *v1alpha1.Environment, freeze *v1alpha1.KeptFreeze) bool {
	return e.Annotations[v1alpha1.ResumeAnnotation] == Lift(freeze)
}
