// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"time"
)

const (
	// unanswered is how long a call that its caller ends must have waited to say
	// something about Novu.
	unanswered = 10 * time.Second
	// trialFirst and trialMost bound the time between two writes that find out
	// whether Novu carries them out again.
	trialFirst, trialMost = 10 * time.Second, 5 * time.Minute
	// staleStall is after how long a stall that was not asked about is forgotten.
	staleStall = 2 * trialMost
)

// stall is what is known of one kind of write. Reads that are answered say nothing
// about it, nor do other kinds: Novu may answer whatever needs no queue or primary.
type stall struct {
	failures failures
	open     bool
	since    time.Time
	cause    error
	trying   bool          // a trial is under way
	next     time.Time     // of the next trial
	wait     time.Duration // before the one after
	asked    time.Time     // when a write last wanted to go out
}

// gaveUpLate reports whether the caller ended a call only after Novu had had its
// time to answer, by a deadline of its own.
func gaveUpLate(ctx context.Context, sentAt, now time.Time) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded) && now.Sub(sentAt) >= unanswered
}

// admitWrite refuses a write of a kind that gets no answers, but for one trial at a
// time.
func (c *circuit) admitWrite(now time.Time, t *ticket) error {
	s := c.stalls[t.endpoint.method]
	if s == nil || !s.open {
		return nil
	}
	s.asked = now
	if s.trying || now.Before(s.next) {
		return &CircuitOpenError{Since: s.since, Cause: s.cause, Method: t.endpoint.method}
	}
	s.trying, t.trial = true, true
	return nil
}

// noteWrite takes the verdict on a finished write and reports whether writes of its
// kind are refused from now on.
func (c *circuit) noteWrite(now time.Time, t *ticket, v verdict, err error) (opened bool) {
	method := t.endpoint.method
	switch v {
	case verdictWell:
		delete(c.stalls, method)
	case verdictUnreachable:
		if c.stalls == nil {
			c.stalls = map[string]*stall{}
		}
		if c.stalls[method] == nil {
			c.stalls[method] = &stall{wait: trialFirst}
		}
		return c.stalls[method].fail(now, t, c.threshold, err)
	}
	return false
}

// fail notes a write that got no answer.
func (s *stall) fail(now time.Time, t *ticket, threshold int, err error) (opened bool) {
	if !s.failures.count(now, t.mark.sentAt) {
		return false
	}
	if s.cause = err; s.failures.number < threshold {
		return false
	}
	if opened = !s.open; opened {
		s.open, s.since, s.asked = true, now, now
	}
	s.next, s.wait = now.Add(s.wait), min(2*s.wait, trialMost)
	return opened
}

// stalled is the longest stall that a write still waits for.
func (c *circuit) stalled(now time.Time) (worst CircuitSnapshot) {
	for _, s := range c.stalls {
		if s.open && now.Sub(s.asked) < staleStall && (!worst.Open || s.since.Before(worst.Since)) {
			worst = CircuitSnapshot{Open: true, Since: s.since, Cause: s.cause}
		}
	}
	return worst
}
