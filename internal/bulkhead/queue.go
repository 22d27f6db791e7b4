// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// queue is the controller's work queue. A request whose reconcile has left its worker stays locked until the reconcile
// ends: there is never more than one for an object.
type queue struct {
	priorityqueue.PriorityQueue[reconcile.Request]

	name  string
	added func(reconcile.Request)

	mu         sync.Mutex
	held       map[reconcile.Request]*held
	priorities map[reconcile.Request]int // of what is being worked on
}

// held is a request of which the queue must not hear yet what its worker says.
type held struct {
	run      *run // the one that has left its worker; nil: it is parked, and not forgotten how often it has failed
	released bool // the worker has let go of it
	ended    bool
}

// open makes the queue as the controller would.
func (q *queue) open(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
	q.name = name
	q.PriorityQueue = priorityqueue.New(name, func(o *priorityqueue.Opts[reconcile.Request]) {
		o.Log = ctrl.Log.WithValues("controller", name)
		o.RateLimiter = limiter
	})
	return q
}

// Add puts requests into the queue.
func (q *queue) Add(request reconcile.Request) {
	q.AddWithOpts(priorityqueue.AddOpts{}, request)
}

// AddAfter puts a request into the queue in a while.
func (q *queue) AddAfter(request reconcile.Request, after time.Duration) {
	q.AddWithOpts(priorityqueue.AddOpts{After: after}, request)
}

// AddWithOpts puts requests into the queue, and tells of those that are being worked on without a worker.
func (q *queue) AddWithOpts(o priorityqueue.AddOpts, requests ...reconcile.Request) {
	q.PriorityQueue.AddWithOpts(o, requests...)
	for _, request := range requests {
		if o.After == 0 && !o.RateLimited && q.detached(request) {
			q.added(request)
		}
	}
}

func (q *queue) detached(request reconcile.Request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := q.held[request]
	return h != nil && h.run != nil
}

// waiting counts the requests that are worked on without a worker.
func (q *queue) waiting() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range q.held {
		if h.run != nil {
			n++
		}
	}
	return n
}

// GetWithPriority hands out the next request.
func (q *queue) GetWithPriority() (request reconcile.Request, priority int, shutdown bool) {
	request, priority, shutdown = q.PriorityQueue.GetWithPriority()
	if !shutdown {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.priorities[request] = priority
	}
	return request, priority, shutdown
}

// Get is GetWithPriority without the priority.
func (q *queue) Get() (request reconcile.Request, shutdown bool) {
	request, _, shutdown = q.GetWithPriority()
	return request, shutdown
}

// priority with which a request was handed out.
func (q *queue) priority(request reconcile.Request) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.priorities[request]
}

// wake puts a request back for which there is a place now, before others of its class: the place is taken until it comes.
func (q *queue) wake(priority int, request reconcile.Request) {
	priority++
	q.PriorityQueue.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, request)
}

// remember keeps how often a request has failed although its worker is about to report success: it is parked.
func (q *queue) remember(request reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held[request] = &held{}
}

// detach lets the worker go. It reports false if the reconcile has ended already.
func (q *queue) detach(request reconcile.Request, r *run) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-r.ended:
		return false
	default:
	}
	q.held[request] = &held{run: r}
	return true
}

// Forget forgets how often a request has failed, unless that is not known yet.
func (q *queue) Forget(request reconcile.Request) {
	q.mu.Lock()
	h := q.held[request]
	q.mu.Unlock()
	if h == nil {
		q.PriorityQueue.Forget(request)
	}
}

// Done unlocks a request when both its worker and its reconcile are done with it.
func (q *queue) Done(request reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := q.held[request]
	if h != nil && h.run != nil && !h.ended {
		h.released = true
		return
	}
	delete(q.held, request)
	if h != nil && h.ended {
		q.conclude(request, h.run)
	}
	q.unlock(request)
}

// end is told of a reconcile that has ended, wherever its worker is.
func (q *queue) end(request reconcile.Request, r *run) {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := q.held[request]
	if h == nil || h.run != r {
		return // its worker has waited for it
	}
	if h.ended = true; h.released {
		delete(q.held, request)
		q.conclude(request, r)
		q.unlock(request)
	}
}

func (q *queue) unlock(request reconcile.Request) {
	delete(q.priorities, request)
	q.PriorityQueue.Done(request)
}

// conclude does with a result what the controller does with those that its workers bring.
func (q *queue) conclude(request reconcile.Request, r *run) {
	priority := r.priority
	if r.result.Priority != nil {
		priority = *r.result.Priority
	}
	switch {
	case r.err != nil:
		failures().WithLabelValues(q.name).Inc()
		log.FromContext(r.ctx).Error(r.err, "Reconciler error")
		q.PriorityQueue.AddWithOpts(priorityqueue.AddOpts{RateLimited: true, Priority: &priority}, request)
	case r.result.RequeueAfter > 0:
		q.PriorityQueue.Forget(request)
		q.PriorityQueue.AddWithOpts(priorityqueue.AddOpts{After: r.result.RequeueAfter, Priority: &priority}, request)
	default:
		q.PriorityQueue.Forget(request)
	}
}
