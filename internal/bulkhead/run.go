// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/novu"
)

// run is one reconcile that is under way. It is the host of its calls to Novu.
type run struct {
	ctx      context.Context //nolint:containedctx // the one of this reconcile and nothing else
	cancel   context.CancelFunc
	turns    *turns
	work     *Work
	priority int

	mu    sync.Mutex
	waits int  // calls that wait
	turn  bool // whether it has a turn
	once  sync.Once

	paused, ended chan struct{}
	result        reconcile.Result
	err           error
}

func newRun(ctx context.Context, t *turns, work *Work, priority int) *run {
	r := &run{turns: t, work: work, priority: priority, paused: make(chan struct{}), ended: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.ctx = novu.WithHost(r.ctx, r)
	return r
}

// start does the work.
func (r *run) start() {
	defer r.cancel()
	defer close(r.ended)
	r.take()
	defer r.end()
	defer r.rescue()
	r.result, r.err = r.work.Do(r.ctx)
}

// rescue makes an error of a panic: nothing else does where there is no worker.
func (r *run) rescue() {
	if cause := recover(); cause != nil {
		r.err = fmt.Errorf("panic: %v [recovered]", cause)
		log.FromContext(r.ctx).Error(errors.New("observed a panic"), "the reconcile is given up", "panic", cause, "stack", string(debug.Stack()))
	}
}

// Pause gives the turn back for as long as at least one call waits, and lets the worker go.
func (r *run) Pause() (resume func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits++
	if r.turn {
		r.turn = false
		r.turns.give()
	}
	r.once.Do(func() { close(r.paused) })
	return r.resume
}

func (r *run) resume() {
	r.mu.Lock()
	r.waits--
	again := r.waits == 0 && !r.turn
	r.mu.Unlock()
	if again {
		r.take()
	}
}

// take waits for a turn, and gives it back at once if a call has begun to wait meanwhile.
func (r *run) take() {
	if !r.turns.take(r.ctx, r.priority) {
		return // the work is cut short and will end by itself
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits > 0 || r.turn {
		r.turns.give()
		return
	}
	r.turn = true
}

func (r *run) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.turn {
		r.turn = false
		r.turns.give()
	}
}
