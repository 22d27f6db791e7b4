// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
)

// IsNotFound reports a 404 about that kind of thing. A 404 that is about something
// else, or that did not come from Novu, is not one.
func IsNotFound(err error, what Resource) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusNotFound && e.Missing == what
}

// IsConflict reports a 409: the identifier is taken, or a default layout would go.
func IsConflict(err error) bool { return hasStatus(err, http.StatusConflict) }

// IsUnauthorized reports a 401.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports a 403. For sync it means that this Novu does not let an API
// key do it.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsTerminal reports an answer that the same request will get again until
// a user changes something.
func IsTerminal(err error) bool {
	return hasStatus(err,
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden,
		http.StatusMethodNotAllowed, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity)
}

// IsUnavailable reports that Novu cannot be reached or is not ready to answer.
// A caller that gave up itself is not that.
func IsUnavailable(err error) bool {
	if _, ok := errors.AsType[*TransportError](err); ok {
		return !errors.Is(err, context.Canceled)
	}
	if open, ok := errors.AsType[*CircuitOpenError](err); ok {
		return IsUnavailable(open.Cause)
	}
	return hasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

// IsMaybeCommitted reports a write of which it is unknown whether Novu carried it
// out. A 5xx is one: Novu's create is not atomic.
func IsMaybeCommitted(err error) bool {
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return transport.MaybeCommitted
	}
	if broken, ok := errors.AsType[*DecodeError](err); ok {
		return broken.MaybeCommitted
	}
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode >= 500 && e.Method != http.MethodGet
}

func hasStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(statuses, e.StatusCode)
}

// isDialError is true for failures before a connection stood.
func isDialError(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
