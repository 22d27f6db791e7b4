// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	defaultMaxInFlight      = 8
	defaultFailureThreshold = 3
)

// BudgetConfig configures a [Budget]; zero values are the defaults.
type BudgetConfig struct {
	// MaxInFlight bounds requests on their way at the same time. Default 8.
	MaxInFlight int
	// FailureThreshold is how many calls in a row must find Novu unreachable before
	// the circuit opens. Default 3. A refused key opens it at once.
	FailureThreshold int
	Clock            Clock    // default: the system's
	Observer         Observer // default: none
}

// Budget decides when the requests to one Novu environment go out. All clients of
// that environment share it, whatever object they work for.
//
// It keeps below the limits that Novu announces, pauses a category for all after a
// 429, and opens a circuit when no call can succeed. Without announced limits it
// bounds concurrency alone. It is safe for concurrent use.
type Budget struct {
	clock       Clock
	observer    Observer
	maxInFlight int

	mu       sync.Mutex
	buckets  map[Category]*bucket
	queue    queue
	circuit  circuit
	inFlight int
	sequence uint64
	timer    Timer
}

// NewBudget returns a budget that knows no limits yet.
func NewBudget(cfg BudgetConfig) *Budget {
	b := &Budget{
		clock: cfg.Clock, observer: cfg.Observer,
		maxInFlight: orDefault(cfg.MaxInFlight, defaultMaxInFlight),
		buckets:     map[Category]*bucket{},
		circuit:     circuit{threshold: orDefault(cfg.FailureThreshold, defaultFailureThreshold)},
	}
	if b.clock == nil {
		b.clock = systemClock{}
	}
	if b.observer == nil {
		b.observer = NoObserver{}
	}
	return b
}

func (b *Budget) now() time.Time { return b.clock.Now() }

// permit is the right to send one request; it must be given back with
// settle.
type permit struct {
	budget *Budget
	ticket *ticket
}

// acquire waits for the call's turn. It gives up at once if the context would end
// before, or while the circuit is open.
func (b *Budget) acquire(ctx context.Context, e endpoint) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := &ticket{endpoint: e, priority: priorityOf(ctx), probe: isProbe(ctx), since: b.now(), done: make(chan struct{})}
	if err := b.enter(ctx, t); err != nil {
		return nil, err
	}
	select {
	case <-t.done:
	case <-ctx.Done():
		if err := b.withdraw(ctx, t); err != nil {
			return nil, err
		}
	}
	if t.refusal != nil {
		return nil, t.refusal
	}
	b.observer.Waited(e.category, t.priority, b.now().Sub(t.since))
	return &permit{budget: b, ticket: t}, nil
}

// enter queues the ticket, unless it is clear already that it will not go out.
func (b *Budget) enter(ctx context.Context, t *ticket) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.circuit.admit(b.now(), t); err != nil {
		return err
	}
	if until, tooLate := b.tooLate(ctx, t); tooLate {
		b.circuit.ended(t)
		return &ThrottledError{Category: t.endpoint.category, Until: until}
	}
	b.queue.push(t)
	b.dispatch()
	return nil
}

// tooLate compares durations, not times, so that a test's clock need not agree
// with the context's.
func (b *Budget) tooLate(ctx context.Context, t *ticket) (until time.Time, tooLate bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}, false
	}
	until = b.readyAt(t)
	return until, until.Sub(b.now()) > time.Until(deadline)
}

// readyAt is the earliest time at which the rate limit lets a new ticket go.
func (b *Budget) readyAt(t *ticket) time.Time {
	c := t.endpoint.category
	return b.bucket(c).readyAt(b.now(), b.queue.waiting(c, t.priority)+1)
}

// withdraw takes a ticket out of the queue because its context ended. A ticket
// that was granted or refused in the same moment keeps that outcome.
func (b *Budget) withdraw(ctx context.Context, t *ticket) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.element == nil {
		return nil
	}
	b.queue.remove(t)
	b.circuit.ended(t)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &ThrottledError{Category: t.endpoint.category, Until: b.readyAt(t), Err: ctx.Err()}
	}
	return ctx.Err()
}

// dispatch grants whatever may go now and sets the timer for what may go later.
// The lock is held.
func (b *Budget) dispatch() {
	now := b.now()
	for b.inFlight < b.maxInFlight {
		t := b.queue.pop(func(t *ticket) bool {
			return !b.bucket(t.endpoint.category).readyAt(now, 1).After(now)
		})
		if t == nil {
			break
		}
		b.grant(now, t)
	}
	b.schedule(now)
}

func (b *Budget) grant(now time.Time, t *ticket) {
	b.inFlight++
	b.sequence++
	t.mark = b.bucket(t.endpoint.category).take(now, b.sequence)
	close(t.done)
}

// schedule wakes dispatch when the first waiting category gets a token. With all
// slots taken, a finishing call does that.
func (b *Budget) schedule(now time.Time) {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if b.inFlight >= b.maxInFlight {
		return
	}
	var next time.Time
	for category, k := range b.buckets {
		if b.queue.waiting(category, PriorityBackground) == 0 {
			continue
		}
		if at := k.readyAt(now, 1); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if !next.IsZero() {
		b.timer = b.clock.AfterFunc(next.Sub(now), b.wake)
	}
}

func (b *Budget) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dispatch()
}

func (b *Budget) bucket(c Category) *bucket {
	k, ok := b.buckets[c]
	if !ok {
		k = &bucket{}
		b.buckets[c] = k
	}
	return k
}
