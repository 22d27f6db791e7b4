package reconcile

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Bounds of the time between two tries.
const (
	transientFirst = time.Second
	transientMost  = 5 * time.Minute
	stalledFirst   = 10 * time.Second
)

// Backoff spaces the tries of objects that fail. The zero value is ready to use.
type Backoff struct {
	mu       sync.Mutex
	failures map[types.NamespacedName]int
}

// tolerated is how many failures in a row do not change what status says of an object that was ready.
const tolerated = 2

// Steady says that an object that was ready is to stay so for now: it has not failed often enough to alarm anybody.
func (b *Backoff) Steady(o client.Object, wasReady bool) bool {
	return wasReady && b.Failures(o) < tolerated
}

// Next is the Result of a reconcile that ended with err. Stalled objects are tried ever more rarely, down to once an
// interval, and so are those that wait for what nothing announces; transient failures down to once in five minutes. An
// unexpected error is handed to the work queue.
func (b *Backoff) Next(o client.Object, err error, interval time.Duration, now time.Time) (reconcile.Result, error) {
	var (
		stalled   *Stalled
		waiting   *Waiting
		transient *Transient
	)
	switch {
	case errors.As(err, &waiting) && waiting.Poll:
		return reconcile.Result{RequeueAfter: b.delay(o, transientFirst, max(interval, transientFirst))}, nil
	case errors.As(err, &stalled) && stalled.Retry:
		return reconcile.Result{RequeueAfter: b.delay(o, stalledFirst, max(interval, stalledFirst))}, nil
	case errors.As(err, &transient):
		return reconcile.Result{RequeueAfter: max(b.delay(o, transientFirst, transientMost), transient.After.Sub(now))}, nil
	case Expected(err):
		b.Forget(o)
		return reconcile.Result{}, nil
	}
	b.delay(o, transientFirst, transientMost) // counts the failure; the work queue has its own idea of the time
	return reconcile.Result{}, err
}

// Failures in a row of an object.
func (b *Backoff) Failures(o client.Object) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures[client.ObjectKeyFromObject(o)]
}

// Forget the failures of an object.
func (b *Backoff) Forget(o client.Object) { b.Gone(client.ObjectKeyFromObject(o)) }

// Gone forgets an object that no longer exists.
func (b *Backoff) Gone(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.failures, key)
}

// delay doubles with every failure in a row, and varies by a tenth so that many objects do not come back together.
func (b *Backoff) delay(o client.Object, first, most time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures == nil {
		b.failures = map[types.NamespacedName]int{}
	}
	key, delay := client.ObjectKeyFromObject(o), most
	if n := b.failures[key]; n < 20 && first<<n < most {
		delay = first << n
	}
	b.failures[key]++
	return Jitter(delay)
}

// Jitter varies a duration by at most a tenth.
func Jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*0.2-0.1)*float64(d)) //nolint:gosec // not a secret
}
