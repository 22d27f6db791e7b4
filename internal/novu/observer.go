// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "time"

// Observer is told what happens in a budget, for metrics and for waking whoever
// waits for a circuit. Its methods are called without locks held, must return
// quickly, and may be called concurrently.
type Observer interface {
	// Request is one request sent. The route has {id} in place of identifiers;
	// status is 0 if no answer came.
	Request(category Category, method, route string, status int, d time.Duration)
	// Waited is how long a request stood in the budget's queue before it went out.
	Waited(category Category, priority Priority, d time.Duration)
	// Throttled is one 429; nothing of the category is sent before until.
	Throttled(category Category, until time.Time)
	// CircuitChanged is the circuit opening, with its cause, or closing (nil).
	CircuitChanged(open bool, cause error)
}

// NoObserver ignores everything. Embed it to observe a part.
type NoObserver struct{}

// Request does nothing.
func (NoObserver) Request(Category, string, string, int, time.Duration) {}

// Waited does nothing.
func (NoObserver) Waited(Category, Priority, time.Duration) {}

// Throttled does nothing.
func (NoObserver) Throttled(Category, time.Time) {}

// CircuitChanged does nothing.
func (NoObserver) CircuitChanged(bool, error) {}
