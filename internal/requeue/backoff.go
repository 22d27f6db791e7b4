// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrl "sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/reconcile"
)

// Bounds of the time between two tries.
const (
	transientFirst = time.Second
	transientMost  = 5 * time.Minute
	stalledFirst   = 10 * time.Second
	longest        = 30 * 24 * time.Hour // no object has an interval near it
)

// Backoff spaces the tries of objects that fail. The zero value is ready to use.
type Backoff struct {
	once  sync.Once
	tries workqueue.TypedRateLimiter[types.NamespacedName]
}

// limiter doubles one second with every failure of an object in a row.
func (b *Backoff) limiter() workqueue.TypedRateLimiter[types.NamespacedName] {
	b.once.Do(func() {
		b.tries = workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](transientFirst, longest)
	})
	return b.tries
}

// tolerated is how many failures in a row do not change what status says of an object that was ready.
const tolerated = 2

// Steady reports whether an object that was ready is to stay so for now: it has not failed often enough to alarm anybody.
func (b *Backoff) Steady(o client.Object, wasReady bool) bool {
	return wasReady && b.Failures(o) < tolerated
}

// Next is the Result of a reconcile with an outcome. Objects of which nothing tells when they can go on are tried ever more
// rarely, down to once an interval; transient failures down to once in five minutes. A fault is handed to the work queue.
func (b *Backoff) Next(o client.Object, outcome reconcile.Outcome, interval time.Duration, now time.Time) (ctrl.Result, error) {
	switch {
	case outcome.Kind == reconcile.Waiting && outcome.Poll:
		return ctrl.Result{RequeueAfter: b.delay(o, transientFirst, max(interval, transientFirst))}, nil
	case outcome.Kind == reconcile.Stalled && outcome.Poll:
		return ctrl.Result{RequeueAfter: b.delay(o, stalledFirst, max(interval, stalledFirst))}, nil
	case outcome.Kind == reconcile.Transient:
		return ctrl.Result{RequeueAfter: max(b.delay(o, transientFirst, transientMost), outcome.RetryAfter.Sub(now))}, nil
	case outcome.Kind == reconcile.Failed:
		b.delay(o, transientFirst, transientMost) // counts the failure; the work queue has its own idea of the time
		return ctrl.Result{}, outcome.Err
	}
	b.Forget(o)
	return ctrl.Result{}, nil
}

// Failures returns how often in a row an object has failed.
func (b *Backoff) Failures(o client.Object) int {
	return b.limiter().NumRequeues(client.ObjectKeyFromObject(o))
}

// Forget the failures of an object.
func (b *Backoff) Forget(o client.Object) { b.Gone(client.ObjectKeyFromObject(o)) }

// Gone forgets an object that no longer exists.
func (b *Backoff) Gone(key types.NamespacedName) { b.limiter().Forget(key) }

// delay counts a failure. It doubles first with every failure in a row up to most, and varies so that many objects do not come
// back together.
func (b *Backoff) delay(o client.Object, first, most time.Duration) time.Duration {
	seconds := int64(first / transientFirst) // the limiter's first delay is one second
	delay := b.limiter().When(client.ObjectKeyFromObject(o)) * time.Duration(seconds)
	return Jitter(min(delay, most))
}

// Jitter varies a duration by at most a tenth.
func Jitter(d time.Duration) time.Duration { return wait.Jitter(d-d/10, 0.2) }
