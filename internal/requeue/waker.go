// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Priorities of the work queue. A user's edit has the queue's default priority; what the operator wakes by itself goes
// behind it, and never starves: it has the same priority as the list at the start.
const (
	PriorityNormal = 0
	PriorityLow    = handler.LowPriority
)

// Waker puts objects of one kind into the work queue of their controller from anywhere. It is a source of that
// controller; what is woken before the controller starts is kept.
type Waker struct {
	mu      sync.Mutex
	queue   workqueue.TypedRateLimitingInterface[reconcile.Request]
	pending map[types.NamespacedName]int
	nudged  map[types.NamespacedName]time.Time // when NudgeAtOnce last put it into the queue, or is going to
}

// Start hands the Waker its queue.
func (w *Waker) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = queue
	for key, priority := range w.pending {
		w.add(priority, key)
	}
	w.pending = nil
	return nil
}

// Wake puts objects into the queue. It never blocks.
func (w *Waker) Wake(priority int, keys ...types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		if w.queue != nil {
			w.add(priority, key)
			continue
		}
		if w.pending == nil {
			w.pending = map[types.NamespacedName]int{}
		}
		w.pending[key] = priority
	}
}

func (w *Waker) add(priority int, key types.NamespacedName) {
	request := reconcile.Request{NamespacedName: key}
	if queue, ok := w.queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		queue.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, request)
		return
	}
	w.queue.Add(request)
}

// Nudge puts an object into the queue in a while, once for many nudges in a row. It does nothing before the controller
// starts.
func (w *Waker) Nudge(key types.NamespacedName) { w.NudgeAfter(nudgeDelay, key) }

// NudgeAtOnce is Nudge without the delay for the first of many nudges in a row. What follows is gathered at the end of the
// delay. It is for what is already in the cache.
func (w *Waker) NudgeAtOnce(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.queue == nil || w.nudged[key].After(now) {
		return
	}
	due := w.nudged[key].Add(nudgeDelay)
	if due.Before(now) {
		due = now
	}
	maps.DeleteFunc(w.nudged, func(_ types.NamespacedName, due time.Time) bool { return now.Sub(due) > nudgeDelay })
	if w.nudged == nil {
		w.nudged = map[types.NamespacedName]time.Time{}
	}
	w.nudged[key] = due
	w.queue.AddAfter(reconcile.Request{NamespacedName: key}, due.Sub(now))
}

// NudgeAfter is Nudge with another delay than the usual one.
func (w *Waker) NudgeAfter(delay time.Duration, key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue != nil {
		w.queue.AddAfter(reconcile.Request{NamespacedName: key}, delay)
	}
}

// nudgeDelay gathers what happens together, such as that objects one by one reach Novu: an Environment that counts them
// writes its status each time.
const nudgeDelay = 5 * time.Second
