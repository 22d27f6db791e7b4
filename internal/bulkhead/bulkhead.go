// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Bulkhead is that of one controller.
type Bulkhead struct {
	turns *turns
	lanes *lanes
	queue *queue

	mu       sync.Mutex
	runs     map[reconcile.Request]*run
	stopping bool
	working  sync.WaitGroup // what began before it was stopping
}

// New makes a Bulkhead for a controller with that many workers.
func New(workers int) *Bulkhead {
	b := &Bulkhead{turns: newTurns(workers), runs: map[reconcile.Request]*run{}}
	b.queue = &queue{added: b.recheck, held: map[reconcile.Request]*held{}, priorities: map[reconcile.Request]int{}}
	b.lanes = newLanes(b.queue.wake)
	return b
}

// Add makes the Bulkhead of a controller that has these options, and completes them. The manager waits, when it stops, for what
// is under way.
func Add(mgr ctrl.Manager, options controller.Options) (*Bulkhead, controller.Options, error) {
	b := New(options.MaxConcurrentReconciles)
	options.NewQueue = b.queue.open
	return b, options, mgr.Add(waiter{b})
}

// waiter ends when the manager stops and nothing is under way any more.
type waiter struct{ *Bulkhead }

// Start waits.
func (w waiter) Start(ctx context.Context) error {
	<-ctx.Done()
	w.mu.Lock()
	w.stopping = true
	w.mu.Unlock()
	w.working.Wait()
	return nil
}

// NeedLeaderElection reports whether the lease is not given back before the wait is over.
func (w waiter) NeedLeaderElection() bool { return true }

// Waiting is how many reconciles go on without a worker.
func (b *Bulkhead) Waiting() int { return b.queue.waiting() }

// Work is one reconcile of an object.
type Work struct {
	// Lane is the Environment that the object depends on.
	Lane types.NamespacedName
	// Outdated is asked, when something has happened to the object while its reconcile waits for Novu, whether to cut that
	// short. Nil: never.
	Outdated func(ctx context.Context) bool
	// Do the work.
	Do func(ctx context.Context) (reconcile.Result, error)
}

// Reconciler serves the work queue: find finds out what is to be done about a request. Nil: nothing, and the result holds.
func (b *Bulkhead) Reconciler(find func(context.Context, reconcile.Request) (*Work, reconcile.Result, error)) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		defer b.lanes.decline(request)
		work, result, err := find(ctx, request)
		if work == nil || err != nil {
			return result, err
		}
		return b.do(ctx, request, work)
	})
}

// do works until the work is done or begins to wait for Novu.
func (b *Bulkhead) do(ctx context.Context, request reconcile.Request, work *Work) (reconcile.Result, error) {
	priority := b.queue.priority(request)
	if !b.lanes.enter(work.Lane, request, priority) {
		b.queue.remember(request)
		return reconcile.Result{}, nil
	}
	r := newRun(ctx, b.turns, work, priority)
	b.begin(request, r)
	select {
	case <-r.ended:
	case <-r.paused:
		// When the manager stops, it waits for its workers.
		if ctx.Err() == nil && b.queue.detach(request, r) {
			return reconcile.Result{}, nil
		}
		<-r.ended
	}
	return r.result, r.err
}

// begin starts a reconcile. Once the manager stops, the reconcile keeps its worker, and the manager waits for that.
func (b *Bulkhead) begin(request reconcile.Request, r *run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs[request] = r
	work := func() {
		r.start()
		b.ended(request, r)
	}
	if b.stopping {
		go work()
		return
	}
	b.working.Go(work)
}

// ended gives the place of a reconcile to the next one, and its result to the queue if its worker is gone.
func (b *Bulkhead) ended(request reconcile.Request, r *run) {
	b.mu.Lock()
	if b.runs[request] == r { // else the next one has begun
		delete(b.runs, request)
	}
	b.mu.Unlock()
	b.lanes.leave(r.work.Lane)
	b.queue.end(request, r)
}

// recheck cuts a reconcile short if what has happened to its object makes it pointless.
func (b *Bulkhead) recheck(request reconcile.Request) {
	b.mu.Lock()
	r := b.runs[request]
	b.mu.Unlock()
	if r == nil || r.work.Outdated == nil {
		return
	}
	go func() {
		if r.work.Outdated(r.ctx) {
			r.cancel()
		}
	}()
}
