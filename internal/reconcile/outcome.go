// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

var (
	// ErrSuspended ends a reconcile of an object that the user has suspended.
	ErrSuspended = errors.New("suspended")
	// ErrGone ends the last reconcile of an object.
	ErrGone = errors.New("gone")
)

// Waiting ends a reconcile that needs something that is not there yet. A watch or the Environment's next poll wakes the
// object; it has a timer of its own only if it polls.
type Waiting struct {
	// Reason is a condition reason of package v1alpha1.
	Reason string
	// Message names what is missing.
	Message string
	// Reference reports whether an object which spec names is missing.
	Reference bool
	// Quiet reports whether nothing is wrong with the object itself: what conditions say of its current spec stays so.
	Quiet bool
	// Early reports whether the Environment was not looked after yet since the operator started: nothing is known about it, and
	// status stays as it is.
	Early bool
	// Poll reports whether nothing tells the operator when it is there: it is tried again, ever more rarely, down to once an
	// interval.
	Poll bool
}

func (e *Waiting) Error() string { return e.Message }

// Stalled ends a reconcile that cannot succeed until a user changes something.
type Stalled struct {
	Reason  string
	Message string
	// Retry reports whether the change may happen in Novu, where nothing tells the operator: it is tried again, ever more
	// rarely, down to once an interval.
	Retry bool
	// Invalid reports whether the definition is in Novu, with errors.
	Invalid bool
	// Err is what Novu answered, if it was asked.
	Err error
}

func (e *Stalled) Error() string { return e.Message }

func (e *Stalled) Unwrap() error { return e.Err }

// Transient ends a reconcile that is tried again soon, ever more rarely.
type Transient struct {
	Reason  string
	Message string
	// After is the earliest time of the next try; zero leaves it to the backoff.
	After time.Time
	Err   error
}

func (e *Transient) Error() string { return e.Message }

func (e *Transient) Unwrap() error { return e.Err }

// Waitingf makes a Waiting for a reference of spec.
func Waitingf(reason, format string, args ...any) error {
	return &Waiting{Reason: reason, Message: fmt.Sprintf(format, args...), Reference: true}
}

// Stalledf makes a Stalled.
func Stalledf(reason, format string, args ...any) error {
	return &Stalled{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// FromDefinition turns an error of package definition into an outcome. Other errors come back as they are.
func FromDefinition(err error) error {
	var (
		missing *definition.ReferenceError
		bad     *definition.InvalidError
	)
	switch {
	case errors.As(err, &missing):
		return Waitingf(missing.Reason(), "%s", missing)
	case errors.As(err, &bad):
		return Stalledf(v1alpha1.ReasonInvalidSpec, "%s", bad)
	}
	return err
}

// rejections are the reasons of the statuses with which Novu refuses a request for good.
var rejections = map[int]string{
	http.StatusBadRequest:            v1alpha1.ReasonRejected,
	http.StatusUnauthorized:          v1alpha1.ReasonUnauthorized,
	http.StatusPaymentRequired:       v1alpha1.ReasonPaymentRequired,
	http.StatusForbidden:             v1alpha1.ReasonForbidden,
	http.StatusNotFound:              v1alpha1.ReasonNotFound,
	http.StatusMethodNotAllowed:      v1alpha1.ReasonNotFound,
	http.StatusConflict:              v1alpha1.ReasonRejected,
	http.StatusRequestEntityTooLarge: v1alpha1.ReasonPayloadTooLarge,
	http.StatusUnprocessableEntity:   v1alpha1.ReasonRejected,
}

// FromNovu turns an error of package remote, or of the Novu client, into an outcome. Other errors, and outcomes, come back
// as they are.
func FromNovu(err error) error {
	var (
		suffixed  *remote.SuffixedError
		uncertain *remote.UncertainError
		fixed     *remote.DefaultLayoutError
	)
	switch {
	case Expected(err):
		return err
	case errors.As(err, &suffixed):
		return &Transient{Reason: v1alpha1.ReasonSuffixed, Message: err.Error(), After: suffixed.Until, Err: err}
	case errors.As(err, &fixed):
		return &Stalled{
			Reason: v1alpha1.ReasonRejected, Retry: true, Err: err,
			Message: definition.Refusal(err) + "; Novu has no way to make another layout the default one: set deletionPolicy to Retain",
		}
	case errors.As(err, &uncertain):
		return settled(fromClient(err), uncertain.Until)
	}
	return fromClient(err)
}

// settled puts the next try off until what was sent has come to its end in Novu.
func settled(outcome error, until time.Time) error {
	if transient, ok := errors.AsType[*Transient](outcome); ok && transient.After.Before(until) {
		transient.After = until
	}
	return outcome
}

// fromClient turns an error of the Novu client into an outcome.
func fromClient(err error) error {
	var (
		answer    *novu.Error
		throttled *novu.ThrottledError
		open      *novu.CircuitOpenError
		garbled   *novu.DecodeError
		transport *novu.TransportError
		readOnly  *novu.ReadOnlyError
	)
	switch {
	case errors.As(err, &open):
		return &Waiting{Reason: v1alpha1.ReasonEnvironmentNotReady, Message: err.Error(), Quiet: true, Poll: true}
	case errors.As(err, &throttled):
		return &Transient{Reason: v1alpha1.ReasonRateLimited, Message: err.Error(), After: throttled.Until, Err: err}
	case errors.As(err, &readOnly):
		return &Stalled{Reason: v1alpha1.ReasonDryRun, Message: err.Error(), Err: err}
	case novu.IsCrowded(err):
		return &Transient{Reason: v1alpha1.ReasonAnswerTooLarge, Message: err.Error(), Err: err}
	case novu.IsTooLarge(err):
		return &Stalled{
			Reason: v1alpha1.ReasonAnswerTooLarge, Retry: true, Err: err,
			Message: err.Error() + "; what was known before still counts: delete what is not needed in Novu, and check that apiURL leads to Novu",
		}
	case errors.As(err, &garbled):
		return &Transient{Reason: v1alpha1.ReasonUnexpectedResponse, Message: err.Error(), Err: err}
	case errors.As(err, &transport):
		return fromTransport(transport, err)
	case errors.As(err, &answer):
		return fromAnswer(answer, err)
	}
	return err
}

// fromTransport lets the operator's own shutdown pass: it says nothing about Novu and must not reach status.
func fromTransport(transport *novu.TransportError, err error) error {
	if errors.Is(transport, context.Canceled) {
		return err
	}
	return &Transient{Reason: v1alpha1.ReasonConnectionFailed, Message: err.Error(), Err: err}
}

func fromAnswer(answer *novu.Error, err error) error {
	reason, refused := rejections[answer.StatusCode]
	switch {
	case novu.IsNotFound(err, novu.ResourceLayout):
		return &Waiting{
			Reason: v1alpha1.ReasonLayoutNotFound, Reference: true, Poll: true,
			Message: definition.Refusal(err) + "; create the layout, or correct the step that names it",
		}
	case answer.Limit > 0:
		return &Stalled{
			Reason: v1alpha1.ReasonLimitExceeded, Retry: true, Err: err,
			Message: definition.Refusal(err) + "; delete what is not needed from this Novu environment, or raise its limit",
		}
	case refused:
		return &Stalled{Reason: reason, Message: definition.Refusal(err), Retry: true, Err: err}
	case answer.StatusCode < http.StatusBadRequest:
		return &Transient{Reason: v1alpha1.ReasonUnexpectedResponse, Message: err.Error(), Err: err}
	}
	return &Transient{Reason: v1alpha1.ReasonNovuUnavailable, Message: definition.Refusal(err), Err: err}
}

// EnvironmentTrouble reports whether the error is about the connection, not about the object: the Environment must look. That
// the circuit is open is no news to it.
func EnvironmentTrouble(err error) bool {
	var open *novu.CircuitOpenError
	return !errors.As(err, &open) && (novu.IsUnauthorized(err) || novu.IsUnavailable(err))
}
