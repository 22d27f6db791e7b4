// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "time"

// BudgetSnapshot is a budget's state at one moment, for status and metrics.
type BudgetSnapshot struct {
	// Categories that were called so far.
	Categories  map[Category]CategorySnapshot
	InFlight    int
	MaxInFlight int
	Waiting     int
	Circuit     CircuitSnapshot
	// Writes is open while writes of at least one kind are held back, since Novu
	// answers none of them. Reads may go on.
	Writes CircuitSnapshot
}

// CategorySnapshot is the state of one rate limit category. Limit, Burst, Window
// and Remaining are zero while the server announces no limit.
type CategorySnapshot struct {
	Limit       int           // requests per window
	Burst       int           // size of the bucket
	Window      time.Duration // what Limit refers to
	Remaining   int           // requests that could go out now
	PausedUntil time.Time     // zero unless paused
	Waiting     int
}

// CircuitSnapshot is the state of the circuit; Since and Cause are set while open.
type CircuitSnapshot struct {
	Open  bool
	Since time.Time
	Cause error
}

// Snapshot returns the state now.
func (b *Budget) Snapshot() BudgetSnapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	s := BudgetSnapshot{
		Categories: make(map[Category]CategorySnapshot, len(b.buckets)),
		InFlight:   b.inFlight, MaxInFlight: b.maxInFlight,
		Circuit: CircuitSnapshot{Open: b.circuit.open, Since: b.circuit.since, Cause: b.circuit.cause},
		Writes:  b.circuit.stalled(now),
	}
	for category, k := range b.buckets {
		waiting := b.queue.waiting(category, PriorityBackground)
		s.Waiting += waiting
		s.Categories[category] = k.snapshot(now, waiting)
	}
	return s
}

func (b *bucket) snapshot(now time.Time, waiting int) CategorySnapshot {
	s := CategorySnapshot{Waiting: waiting}
	if b.pausedUntil.After(now) {
		s.PausedUntil = b.pausedUntil
	}
	if b.known {
		b.refill(now)
		s.Limit, s.Burst, s.Window, s.Remaining = b.limit, b.burst, b.window, max(int(b.tokens), 0)
	}
	return s
}
