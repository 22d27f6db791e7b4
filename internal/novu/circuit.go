// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// circuit stops calls that cannot succeed: after a key that is refused, or after
// several failures to connect one after the other.
type circuit struct {
	threshold int // failures in a row that open it
	open      bool
	since     time.Time
	cause     error
	byKey     bool // opened by a refused key, so only a call with the key closes it
	probing   bool // a probe is on its way
	failures  failures
	changedAt time.Time         // requests sent before say nothing about the state now
	stalls    map[string]*stall // by method, of writes
}

// verdict is what one finished call says about the environment as a whole.
type verdict uint8

const (
	verdictNone        verdict = iota // the caller gave up, or the body was garbage
	verdictWell                       // Novu answered, and accepted the key if one was sent
	verdictKeyRefused                 // no other call can succeed
	verdictUnreachable                // no connection, or a gateway without Novu behind it
)

func judgeCall(ctx context.Context, err error, sentAt, now time.Time) verdict {
	var transport *TransportError
	var answer *Error
	switch {
	case err == nil:
		return verdictWell
	case IsCrowded(err):
		return verdictNone // it is this process that cannot
	case errors.As(err, &transport):
		if ctx.Err() != nil && !gaveUpLate(ctx, sentAt, now) {
			return verdictNone
		}
		return verdictUnreachable
	case errors.As(err, &answer):
		return judgeStatus(answer)
	}
	if _, ok := errors.AsType[*ThrottledError](err); ok {
		return verdictWell
	}
	return verdictNone
}

func judgeStatus(e *Error) verdict {
	switch {
	case e.keyRefused:
		return verdictKeyRefused
	case e.StatusCode == http.StatusBadGateway, e.StatusCode == http.StatusServiceUnavailable, e.StatusCode == http.StatusGatewayTimeout:
		return verdictUnreachable
	case e.StatusCode < 400, e.StatusCode == http.StatusNotFound && e.Missing == ResourceRoute:
		return verdictNone // not Novu that answered
	}
	return verdictWell
}

// admit reports whether a ticket may go out now. An open circuit lets one probe
// through at a time.
func (c *circuit) admit(now time.Time, t *ticket) error {
	switch {
	case !c.open && t.endpoint.writes():
		return c.admitWrite(now, t)
	case !c.open:
		return nil
	}
	if t.probe && !c.probing {
		c.probing, t.probing = true, true
		return nil
	}
	return c.refusal()
}

func (c *circuit) refusal() error { return &CircuitOpenError{Since: c.since, Cause: c.cause} }

// ended takes a ticket's probe back, if it was one.
func (c *circuit) ended(t *ticket) {
	if t.probing {
		c.probing, t.probing = false, false
	}
	if s := c.stalls[t.endpoint.method]; t.trial && s != nil {
		s.trying = false
	}
	t.trial = false
}

// note takes the verdict on a finished call and reports whether the circuit
// changed.
func (c *circuit) note(now, sentAt time.Time, v verdict, anonymous bool, err error) bool {
	if sentAt.Before(c.changedAt) {
		return false
	}
	switch v {
	case verdictKeyRefused:
		return c.trip(now, true, err)
	case verdictUnreachable:
		return c.unreachable(now, sentAt, err)
	case verdictWell:
		c.failures.number = 0
		return c.close(now, anonymous)
	}
	return false
}

func (c *circuit) unreachable(now, sentAt time.Time, err error) bool {
	return c.failures.count(now, sentAt) && c.failures.number >= c.threshold && c.trip(now, false, err)
}

// failures counts requests that failed together once: a restart of Novu breaks
// everything in flight, which is one failure and not eight.
type failures struct {
	number int
	at     time.Time // of the last one that counted
}

// count reports whether a request that was sent at that time counts.
func (f *failures) count(now, sentAt time.Time) bool {
	if f.number > 0 && sentAt.Before(f.at) {
		return false
	}
	f.number, f.at = f.number+1, now
	return true
}

func (c *circuit) trip(now time.Time, byKey bool, err error) bool {
	changed := !c.open
	if changed {
		c.since, c.changedAt = now, now
	}
	c.open, c.cause, c.byKey = true, err, byKey
	return changed
}

// close is called for every call that went well; while the circuit is open only
// probes get that far.
func (c *circuit) close(now time.Time, anonymous bool) bool {
	if !c.open || c.byKey && anonymous {
		return false
	}
	*c = circuit{threshold: c.threshold, changedAt: now, stalls: c.stalls}
	return true
}
