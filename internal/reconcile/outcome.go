// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"errors"
	"fmt"
	"time"

	"novu-operator.dev/api/v1alpha1"
)

// OutcomeKind tells what happens after a reconcile.
type OutcomeKind string

// The kinds of outcomes.
const (
	// Succeeded is a reconcile that has reached what spec asks for.
	Succeeded OutcomeKind = ""
	// Waiting is for something that is not there yet. A watch or the Environment's next poll wakes the object; it has a timer
	// of its own only if it polls.
	Waiting OutcomeKind = "Waiting"
	// Stalled cannot succeed until a user changes something.
	Stalled OutcomeKind = "Stalled"
	// Transient is tried again soon, ever more rarely.
	Transient OutcomeKind = "Transient"
	// Suspended is an object that the user has suspended.
	Suspended OutcomeKind = "Suspended"
	// Gone is the last reconcile of an object.
	Gone OutcomeKind = "Gone"
	// Failed is a fault of the operator or of the cluster, which the work queue tries again.
	Failed OutcomeKind = "Failed"
)

// Outcome is how a reconcile ended. A phase that cannot go on returns one as its error, or the error of a package below,
// and [OutcomeOf] tells what it is. Outcomes are values: what hands one on cannot change it.
type Outcome struct {
	Kind OutcomeKind
	// Reason is a condition reason of package v1alpha1.
	Reason string
	// Message is what is, of which object, and what to do.
	Message string
	// Reference reports whether an object which spec names is missing.
	Reference bool
	// Quiet reports whether nothing is wrong with the object itself: what conditions say of its current spec stays so.
	Quiet bool
	// Poll reports whether nothing tells the operator when a Waiting or Stalled object can go on: it is tried again, ever
	// more rarely, down to once an interval.
	Poll bool
	// RetryAfter is the earliest time of the next try of what is Transient; zero leaves it to the backoff.
	RetryAfter time.Time
	// Err is the cause, if it is an error: what Novu answered, for example.
	Err error
}

// Error returns the message.
func (o Outcome) Error() string { return o.Message }

// Unwrap returns the cause.
func (o Outcome) Unwrap() error { return o.Err }

var (
	// ErrSuspended ends a reconcile of an object that the user has suspended.
	ErrSuspended error = Outcome{
		Kind: Suspended, Reason: v1alpha1.ReasonSuspended, Message: "spec.suspend is set: nothing is sent to Novu",
	}
	// ErrGone ends the last reconcile of an object.
	ErrGone error = Outcome{Kind: Gone, Message: "gone"}
)

// Waitingf ends a reconcile that waits for something which wakes it.
func Waitingf(reason, format string, args ...any) error {
	return Outcome{Kind: Waiting, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Missingf ends a reconcile that waits for an object which spec names.
func Missingf(reason, format string, args ...any) error {
	return Outcome{Kind: Waiting, Reason: reason, Message: fmt.Sprintf(format, args...), Reference: true}
}

// Pollingf ends a reconcile that waits for something which nothing announces.
func Pollingf(reason, format string, args ...any) error {
	return Outcome{Kind: Waiting, Reason: reason, Message: fmt.Sprintf(format, args...), Poll: true}
}

// Stalledf ends a reconcile that has no chance until the user changes something in Kubernetes.
func Stalledf(reason, format string, args ...any) error {
	return Outcome{Kind: Stalled, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Blockedf ends a reconcile that has no chance until something changes that nothing announces, in Novu for example.
func Blockedf(reason, format string, args ...any) error {
	return Outcome{Kind: Stalled, Reason: reason, Message: fmt.Sprintf(format, args...), Poll: true}
}

// OutcomeOf tells how a reconcile ended whose phase returned err. It is the one place that knows what an error of the
// packages below means.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Outcome{}
	}
	if o, ok := errors.AsType[Outcome](err); ok {
		return o
	}
	if o, ok := fromDefinition(err); ok {
		return o
	}
	if o, ok := fromNovu(err); ok {
		return o
	}
	return Outcome{Kind: Failed, Reason: v1alpha1.ReasonProgressing, Message: err.Error(), Err: err}
}

// KindOf is the kind of the outcome of a reconcile whose phase returned err.
func KindOf(err error) OutcomeKind { return OutcomeOf(err).Kind }

// Expected reports whether conditions tell all about an error, so that it is no fault of the operator or the cluster.
func Expected(err error) bool { return KindOf(err) != Failed }

// Unexpected returns the error if it is a fault of the operator or of the cluster; else nil.
func Unexpected(err error) error {
	if Expected(err) {
		return nil
	}
	return err
}
