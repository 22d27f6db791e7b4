// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"errors"
	"net/http"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

// fromDefinition tells what an error of package definition means.
func fromDefinition(err error) (Outcome, bool) {
	if missing, ok := errors.AsType[*definition.ReferenceError](err); ok {
		return Outcome{Kind: Waiting, Reason: missing.Reason(), Message: missing.Error(), Reference: true}, true
	}
	if bad, ok := errors.AsType[*definition.InvalidError](err); ok {
		return Outcome{Kind: Stalled, Reason: v1alpha1.ReasonInvalidSpec, Message: bad.Error()}, true
	}
	return Outcome{}, false
}

// fromNovu tells what an error of package remote, or of the Novu client, means.
func fromNovu(err error) (Outcome, bool) {
	var (
		suffixed  *remote.SuffixedError
		uncertain *remote.UncertainError
		fixed     *remote.DefaultLayoutError
	)
	switch {
	case errors.As(err, &suffixed):
		return transient(v1alpha1.ReasonSuffixed, err.Error(), err, suffixed.Until), true
	case errors.As(err, &fixed):
		return refused(v1alpha1.ReasonRejected, err,
			definition.Refusal(err)+"; Novu has no way to make another layout the default one: set deletionPolicy to Retain"), true
	case errors.As(err, &uncertain):
		return fromClient(err, uncertain.Until)
	}
	return fromClient(err, time.Time{})
}

// transient is tried again, not before a time and, if it is known, not before what was sent has come to its end in Novu.
func transient(reason, message string, err error, notBefore ...time.Time) Outcome {
	o := Outcome{Kind: Transient, Reason: reason, Message: message, Err: err}
	for _, at := range notBefore {
		if o.RetryAfter.Before(at) {
			o.RetryAfter = at
		}
	}
	return o
}

// refused is what Novu does not accept until something changes there, or in spec.
func refused(reason string, err error, message string) Outcome {
	return Outcome{Kind: Stalled, Reason: reason, Message: message, Poll: true, Err: err}
}

// fromClient tells what an error of the Novu client means. settled is when what was sent has come to its end in Novu.
func fromClient(err error, settled time.Time) (Outcome, bool) {
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
		return Outcome{Kind: Waiting, Reason: v1alpha1.ReasonEnvironmentNotReady, Message: err.Error(), Quiet: true, Poll: true}, true
	case errors.As(err, &throttled):
		return transient(v1alpha1.ReasonRateLimited, err.Error(), err, throttled.Until, settled), true
	case errors.As(err, &readOnly):
		return Outcome{Kind: Stalled, Reason: v1alpha1.ReasonDryRun, Message: err.Error(), Err: err}, true
	case novu.IsCrowded(err):
		return transient(v1alpha1.ReasonAnswerTooLarge, err.Error(), err, settled), true
	case novu.IsTooLarge(err):
		return refused(v1alpha1.ReasonAnswerTooLarge, err,
			err.Error()+"; what was known before still counts: delete what is not needed in Novu, and check that apiURL leads to Novu"), true
	case errors.As(err, &garbled):
		return transient(v1alpha1.ReasonUnexpectedResponse, err.Error(), err, settled), true
	case errors.As(err, &transport):
		if errors.Is(transport, context.Canceled) {
			return Outcome{}, false // the operator's own shutdown says nothing about Novu and must not reach status
		}
		return transient(v1alpha1.ReasonConnectionFailed, err.Error(), err, settled), true
	case errors.As(err, &answer):
		return fromAnswer(answer, err, settled), true
	}
	return Outcome{}, false
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

func fromAnswer(answer *novu.Error, err error, settled time.Time) Outcome {
	reason, rejected := rejections[answer.StatusCode]
	switch {
	case novu.IsNotFound(err, novu.ResourceLayout):
		return Outcome{
			Kind: Waiting, Reason: v1alpha1.ReasonLayoutNotFound, Reference: true, Poll: true,
			Message: definition.Refusal(err) + "; create the layout, or correct the step that names it",
		}
	case answer.Limit > 0:
		return refused(v1alpha1.ReasonLimitExceeded, err,
			definition.Refusal(err)+"; delete what is not needed from this Novu environment, or raise its limit")
	case rejected:
		return refused(reason, err, definition.Refusal(err))
	case answer.StatusCode < http.StatusBadRequest:
		return transient(v1alpha1.ReasonUnexpectedResponse, err.Error(), err, settled)
	}
	return transient(v1alpha1.ReasonNovuUnavailable, definition.Refusal(err), err, settled)
}

// EnvironmentTrouble reports whether the error is about the connection, not about the object: the Environment must look. That
// the circuit is open is no news to it.
func EnvironmentTrouble(err error) bool {
	var open *novu.CircuitOpenError
	return !errors.As(err, &open) && (novu.IsUnauthorized(err) || novu.IsUnavailable(err))
}
