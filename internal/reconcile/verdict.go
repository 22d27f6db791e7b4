// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
)

// Verdict is what conditions say about a reconcile.
type Verdict struct {
	Ready   metav1.ConditionStatus
	Reason  string
	Message string
	// Reconciling reports whether the operator goes on by itself, or waits for something.
	Reconciling bool
	// Stalled reports whether nothing happens until a user changes something.
	Stalled bool
	// Reference reports whether an object which spec names is missing.
	Reference bool
	// Suspended reports whether the user stopped the operator.
	Suspended bool
	// Quiet reports whether nothing is wrong with the object itself.
	Quiet bool
	// Keep reports whether status stays exactly as it is.
	Keep bool
}

// Standing is what was known of an object before a reconcile that did not succeed.
type Standing struct {
	// Settled reports whether conditions say all there is to say of the current spec: that only the Environment is in trouble
	// does not change it.
	Settled bool
	// Steady reports whether calls that fail now and then do not change conditions yet.
	Steady bool
	// Unknown reports whether nothing can be known of the object yet, because its Environment was not polled since the operator
	// started: status stays as it is.
	Unknown bool
}

// Judge makes a Verdict of an outcome that is not success.
func Judge(o Outcome, before Standing) Verdict {
	v := Verdict{Ready: metav1.ConditionFalse, Reason: o.Reason, Message: o.Message}
	switch o.Kind {
	case Suspended:
		v.Ready, v.Suspended = "", true
	case Stalled:
		v.Stalled = true
	case Waiting:
		v.Reconciling, v.Reference, v.Quiet, v.Keep = true, o.Reference, o.Quiet, before.Unknown || o.Quiet && before.Settled
	case Transient:
		v.Reconciling, v.Keep = true, before.Steady
	default:
		v.Ready, v.Reconciling, v.Keep = metav1.ConditionUnknown, true, before.Steady
	}
	return v
}

// EventType of the verdict.
func (v Verdict) EventType() string {
	if v.Ready == metav1.ConditionFalse && !v.Quiet {
		return corev1.EventTypeWarning
	}
	return corev1.EventTypeNormal
}

// Apply sets Ready, Reconciling and Stalled. Suspension leaves Ready as it is.
func (v Verdict) Apply(set Conditions) {
	if v.Keep {
		return
	}
	if v.Suspended {
		set.Suspend(v.Reason, v.Message)
		return
	}
	set.put(v1alpha1.ConditionReady, v.Ready, v.Reason, v.Message)
	set.present(v.Reconciling, v1alpha1.ConditionReconciling, v.Reason, Brief(v.Message))
	set.present(v.Stalled, v1alpha1.ConditionStalled, v.Reason, Brief(v.Message))
}

// briefly is how much of a long message the other conditions repeat.
const briefly = 160

// Brief is the message for conditions beside Ready. A long one is in Ready as a whole; the others give its beginning, for
// tools that show only one of them.
func Brief(message string) string {
	if len(message) <= briefly+len(seeReady) {
		return message
	}
	return printable.Truncate(message, briefly) + seeReady
}

const seeReady = " (see the condition Ready)"

// Conditions sets conditions of one object, each with the generation that it was observed for.
type Conditions struct {
	List       *[]metav1.Condition
	Generation int64
}

// maxMessage bounds a condition's message, in bytes.
const maxMessage = 2048

// Begin sets the conditions of an object that nothing is known about yet.
func Begin(set Conditions) {
	const message = "the operator has begun to work on it"
	set.put(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonProgressing, message)
	set.True(v1alpha1.ConditionReconciling, v1alpha1.ReasonProgressing, message)
}

// True sets a condition.
func (c Conditions) True(kind, reason, message string) {
	c.put(kind, metav1.ConditionTrue, reason, message)
}

// False sets a condition.
func (c Conditions) False(kind, reason, message string) {
	c.put(kind, metav1.ConditionFalse, reason, message)
}

// Suspend keeps Ready's status and gives it the reason; an object that was never ready is unknown.
func (c Conditions) Suspend(reason, message string) {
	status := metav1.ConditionUnknown
	if ready := apimeta.FindStatusCondition(*c.List, v1alpha1.ConditionReady); ready != nil {
		status = ready.Status
	}
	c.put(v1alpha1.ConditionReady, status, reason, message)
	apimeta.RemoveStatusCondition(c.List, v1alpha1.ConditionReconciling)
	apimeta.RemoveStatusCondition(c.List, v1alpha1.ConditionStalled)
}

func (c Conditions) put(kind string, status metav1.ConditionStatus, reason, message string) {
	apimeta.SetStatusCondition(c.List, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: printable.Truncate(message, maxMessage), ObservedGeneration: c.Generation,
	})
}

func (c Conditions) present(wanted bool, kind, reason, message string) {
	if !wanted {
		apimeta.RemoveStatusCondition(c.List, kind)
		return
	}
	c.True(kind, reason, message)
}
