// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "context"

// Priority orders calls that wait for the budget.
type Priority uint8

// PriorityBackground is for polls, resyncs and first convergence, and the default;
// PriorityUser for what a user who just edited an object waits for.
const (
	PriorityBackground Priority = iota
	PriorityUser
	priorityCount
)

func (p Priority) String() string {
	if p == PriorityUser {
		return "user"
	}
	return "background"
}

type contextKey uint8

const (
	priorityKey contextKey = iota
	probeKey
	hostKey
)

// WithPriority sets the priority of calls made with the context.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey, min(p, priorityCount-1))
}

func priorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey).(Priority)
	return p
}

// WithProbe marks calls that may go out while the circuit is open, to find out
// whether it can be closed. One controller alone probes an environment.
func WithProbe(ctx context.Context) context.Context {
	return context.WithValue(ctx, probeKey, true)
}

func isProbe(ctx context.Context) bool {
	probe, _ := ctx.Value(probeKey).(bool)
	return probe
}
