// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"errors"

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

// Judge makes a Verdict of an outcome that is not success. What conditions say of the current spec stays so, if it is
// settled, while only the Environment is in trouble, and, as long as steady says so, while a call fails now and then.
func Judge(err error, settled, steady bool) Verdict {
	var (
		waiting   *Waiting
		stalled   *Stalled
		transient *Transient
	)
	switch {
	case errors.Is(err, ErrSuspended):
		return Verdict{Reason: v1alpha1.ReasonSuspended, Message: "spec.suspend is set: nothing is sent to Novu", Suspended: true}
	case errors.As(err, &stalled):
		return Verdict{Ready: metav1.ConditionFalse, Reason: stalled.Reason, Message: stalled.Message, Stalled: true}
	case errors.As(err, &waiting):
		return Verdict{
			Ready: metav1.ConditionFalse, Reason: waiting.Reason, Message: waiting.Message, Reconciling: true,
			Reference: waiting.Reference, Quiet: waiting.Quiet, Keep: waiting.Early || waiting.Quiet && settled,
		}
	case errors.As(err, &transient):
		return Verdict{
			Ready: metav1.ConditionFalse, Reason: transient.Reason, Message: transient.Message, Reconciling: true, Keep: steady,
		}
	}
	return Verdict{
		Ready: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing, Message: err.Error(), Reconciling: true, Keep: steady,
	}
}

// Expected reports whether an error is an outcome, which conditions report, and not a fault of the operator or the cluster.
func Expected(err error) bool {
	var (
		waiting   *Waiting
		stalled   *Stalled
		transient *Transient
	)
	return err == nil || errors.Is(err, ErrSuspended) ||
		errors.As(err, &waiting) || errors.As(err, &stalled) || errors.As(err, &transient)
}

// Unexpected is the error if it is none of the outcomes that conditions report; else nil.
func Unexpected(err error) error {
	if Expected(err) {
		return nil
	}
	return err
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
