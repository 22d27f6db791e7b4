// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "context"

// Host runs the work that calls are made for, and is told when that work waits.
type Host interface {
	// Pause is called when the work begins to wait for Novu, or for its turn to ask;
	// what it returns is called when the wait is over.
	Pause() (resume func())
}

// WithHost makes calls with the context tell the host when they wait.
func WithHost(ctx context.Context, h Host) context.Context {
	return context.WithValue(ctx, hostKey, h)
}

// Pause tells the context's host, if there is one, that a wait for Novu begins.
func Pause(ctx context.Context) (resume func()) {
	if h, ok := ctx.Value(hostKey).(Host); ok {
		return h.Pause()
	}
	return func() {}
}
