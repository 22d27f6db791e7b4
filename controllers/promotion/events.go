// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/reconcile"
)

// eventType is a warning if users should act. To wait for what the operator does itself is normal.
func eventType(v reconcile.Verdict, err error) string {
	if v.Reason == v1alpha1.ReasonSuperseded {
		return corev1.EventTypeNormal
	}
	if o := reconcile.OutcomeOf(err); o.Kind == reconcile.Waiting && v.Reason != v1alpha1.ReasonItemsRefused && !o.Reference {
		return corev1.EventTypeNormal
	}
	return v.EventType()
}

// happening is what one event tells.
type happening struct{ kind, reason, note string }

// happenings are the transitions between two states of a Promotion, in the order of its stages. The kind is that of an event
// about the verdict. What keeps a Promotion from beginning is told once, however often it is planned again meanwhile.
func happenings(before, now *v1alpha1.Promotion, v reconcile.Verdict, kind string) []happening {
	list := planHappenings(before, now, v)
	list = append(list, gateHappenings(before, now)...)
	list = append(list, approvalHappenings(before, now)...)
	list = append(list, workHappenings(before, now)...)
	was := conditionOf(before, v1alpha1.ConditionReady)
	known := was != nil && was.Reason == v.Reason || v.Reason == v1alpha1.ReasonProgressing
	if !known && !keptBack(now, v) {
		list = append(list, happening{kind, v.Reason, v.Message})
	}
	return list
}

// keptBack reports whether the verdict is that of a gate, or of approvals: those are told on their own.
func keptBack(p *v1alpha1.Promotion, v reconcile.Verdict) bool {
	for _, name := range []string{v1alpha1.ConditionGatesPassed, v1alpha1.ConditionApproved} {
		c := conditionOf(p, name)
		if c != nil && c.Status == metav1.ConditionFalse && c.Reason == v.Reason && !promotion.Finished(p) {
			return true
		}
	}
	return false
}

func planHappenings(before, now *v1alpha1.Promotion, v reconcile.Verdict) []happening {
	if !isTrue(now, v1alpha1.ConditionPlanned) || now.Status.Plan == nil || v.Reason == v1alpha1.ReasonDryRunCompleted {
		return nil
	}
	if isTrue(before, v1alpha1.ConditionPlanned) && before.Status.Plan != nil && before.Status.Plan.Hash == now.Status.Plan.Hash {
		return nil
	}
	return []happening{{corev1.EventTypeNormal, v1alpha1.ReasonPlanned,
		fmt.Sprintf("plan %s: %s", now.Status.Plan.Hash, promotion.Foresight(now.Status.Plan))}}
}

func gateHappenings(before, now *v1alpha1.Promotion) []happening {
	was, is := conditionOf(before, v1alpha1.ConditionGatesPassed), conditionOf(now, v1alpha1.ConditionGatesPassed)
	switch {
	case is == nil:
		return nil
	case is.Status == metav1.ConditionTrue && was != nil && was.Status == metav1.ConditionFalse:
		return []happening{{corev1.EventTypeNormal, v1alpha1.ReasonGatesPassed, is.Message}}
	case is.Status == metav1.ConditionFalse && (was == nil || was.Status != is.Status || was.Reason != is.Reason || closedGate(before) != closedGate(now)):
		return []happening{{corev1.EventTypeNormal, is.Reason, is.Message}}
	}
	return nil
}

// closedGate is the name of the first gate that is closed.
func closedGate(p *v1alpha1.Promotion) string {
	if first, _ := gate.Closed(p.Status.Gates); first != nil {
		return first.Name
	}
	return ""
}

func approvalHappenings(before, now *v1alpha1.Promotion) []happening {
	was, is := conditionOf(before, v1alpha1.ConditionApproved), conditionOf(now, v1alpha1.ConditionApproved)
	if is == nil || is.Reason == v1alpha1.ReasonNotRequired || was != nil && was.Reason == is.Reason {
		return nil
	}
	return []happening{{corev1.EventTypeNormal, is.Reason, is.Message}}
}

func workHappenings(before, now *v1alpha1.Promotion) (list []happening) {
	if promotion.Started(now) && !promotion.Started(before) {
		list = append(list, happening{corev1.EventTypeNormal, v1alpha1.ReasonBegun,
			"writes to the target from now on: " + promotion.Foresight(now.Status.Plan)})
	}
	if failed(now) && !failed(before) && !promotion.Finished(now) {
		list = append(list, happening{corev1.EventTypeWarning, v1alpha1.ReasonItemFailed, promotion.Failures(now.Status.Plan)})
	}
	if isTrue(now, v1alpha1.ConditionVerified) && !isTrue(before, v1alpha1.ConditionVerified) {
		list = append(list, happening{corev1.EventTypeNormal, v1alpha1.ReasonVerified, conditionOf(now, v1alpha1.ConditionVerified).Message})
	}
	return list
}

// failed reports whether an item has failed.
func failed(p *v1alpha1.Promotion) bool {
	return p.Status.Plan != nil && promotion.Count(p.Status.Plan.Items).Failed > 0
}

func conditionOf(p *v1alpha1.Promotion, name string) *metav1.Condition {
	return apimeta.FindStatusCondition(p.Status.Conditions, name)
}

func isTrue(p *v1alpha1.Promotion, name string) bool {
	return apimeta.IsStatusConditionTrue(p.Status.Conditions, name)
}
