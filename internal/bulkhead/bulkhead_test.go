// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/novu"
)

// ward is a controller of which a test says what it works on. It does with results what controller-runtime does.
type ward struct {
	*testing.T
	*Bulkhead
	queue priorityqueue.PriorityQueue[reconcile.Request]

	mu    sync.Mutex
	works map[string]*Work
	begun []string
}

// newWard starts a controller with that many workers. The caller's bubble ends with the test.
func newWard(t *testing.T, workers int) *ward {
	t.Helper()
	w := &ward{T: t, Bulkhead: New(workers), works: map[string]*Work{}}
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](time.Second, time.Hour)
	w.queue = w.Bulkhead.queue.open(t.Name(), limiter).(priorityqueue.PriorityQueue[reconcile.Request])
	reconciler := w.Reconciler(func(_ context.Context, r reconcile.Request) (*Work, reconcile.Result, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.works[r.Name], reconcile.Result{}, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range workers {
		running.Go(func() { w.serve(ctx, reconciler) })
	}
	t.Cleanup(func() {
		cancel()
		w.queue.ShutDown()
		running.Wait()
		w.working.Wait()
	})
	return w
}

func (w *ward) serve(ctx context.Context, reconciler reconcile.Reconciler) {
	for {
		request, priority, shutdown := w.queue.GetWithPriority()
		if shutdown {
			return
		}
		switch result, err := reconciler.Reconcile(ctx, request); {
		case err != nil:
			w.queue.AddWithOpts(priorityqueue.AddOpts{RateLimited: true, Priority: &priority}, request)
		case result.RequeueAfter > 0:
			w.queue.Forget(request)
			w.queue.AddAfter(request, result.RequeueAfter)
		default:
			w.queue.Forget(request)
		}
		w.queue.Done(request)
	}
}

func request(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: name}}
}

// on says what to do about an object of a lane.
func (w *ward) on(name, lane string, do func(context.Context) (reconcile.Result, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.works[name] = &Work{Lane: types.NamespacedName{Name: lane}, Do: func(ctx context.Context) (reconcile.Result, error) {
		w.mu.Lock()
		w.begun = append(w.begun, name)
		w.mu.Unlock()
		return do(ctx)
	}}
}

// started are the objects that were begun to be worked on, in order.
func (w *ward) started() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.begun)
}

func (w *ward) add(priority int, names ...string) {
	for _, name := range names {
		w.queue.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, request(name))
		synctest.Wait() // queued in this order
	}
}

// hang waits for Novu until ctx ends.
func hang(ctx context.Context) (reconcile.Result, error) {
	defer novu.Pause(ctx)()
	<-ctx.Done()
	return reconcile.Result{}, nil
}

func done(context.Context) (reconcile.Result, error) { return reconcile.Result{}, nil }

func TestWaitingOccupiesNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 2)
		for i := range 100 {
			name := fmt.Sprintf("hung-%d", i)
			w.on(name, name, hang)
			w.add(0, name)
		}
		w.on("healthy", "healthy", done)
		w.add(-100, "healthy")
		if got := w.started(); len(got) != 101 || got[100] != "healthy" {
			t.Errorf("%d were begun, the last is %s: want all of 101", len(got), got[len(got)-1])
		}
		if n := w.Waiting(); n != 100 {
			t.Errorf("%d go on without a worker, want 100", n)
		}
	})
}

func TestALaneIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 1) // two would begin what they take one after the other in either order
		release := make(chan struct{})
		wait := func(ctx context.Context) (reconcile.Result, error) {
			defer novu.Pause(ctx)()
			<-release
			return reconcile.Result{}, nil
		}
		for i := range 20 {
			w.on(fmt.Sprintf("edit-%02d", i), "slow", wait)
			w.add(-100, fmt.Sprintf("edit-%02d", i))
		}
		if n := len(w.started()); n != laneBackground {
			t.Fatalf("%d in the background are under way, want %d", n, laneBackground)
		}
		w.on("urgent", "slow", wait)
		w.on("more", "slow", wait)
		w.on("parked", "slow", wait)
		w.add(0, "urgent", "more", "parked", "edit-19")
		if got := w.started(); len(got) != laneWidth || got[laneWidth-1] != "more" {
			t.Fatalf("%v are under way, want two of the users' besides", got)
		}
		close(release)
		synctest.Wait()
		got := w.started()
		if len(got) != 23 || got[8] != "parked" || got[9] != "edit-19" || got[10] != "edit-06" {
			t.Errorf("begun were %v: want what users wait for first, then the others in their order, each once", got)
		}
	})
}

func TestManyLanesGetOnePlaceEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 2)
		for i := range 3 * crowd {
			name := fmt.Sprintf("hung-%d", i)
			w.on(name, fmt.Sprintf("lane-%d", i%100), hang)
			w.add(0, name)
		}
		if n := w.Waiting(); n < crowd || n > crowd+100 {
			t.Errorf("%d are under way, want %d and one for each lane at most", n, crowd)
		}
		w.on("healthy", "another", done)
		w.add(0, "healthy")
		if got := w.started(); got[len(got)-1] != "healthy" {
			t.Error("a lane of its own finds no place")
		}
	})
}

// What a parked object waited for goes to the next one if the object is gone by then.
func TestAPlaceThatNobodyWantsGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 2)
		release := make(chan struct{})
		wait := func(ctx context.Context) (reconcile.Result, error) {
			defer novu.Pause(ctx)()
			<-release
			return reconcile.Result{}, nil
		}
		for i := range laneWidth {
			w.on(fmt.Sprintf("slow-%d", i), "a", wait)
			w.add(0, fmt.Sprintf("slow-%d", i))
		}
		for i := range 30 {
			w.on(fmt.Sprintf("parked-%d", i), "a", wait)
			w.add(0, fmt.Sprintf("parked-%d", i))
		}
		w.mu.Lock()
		for i := range 29 {
			delete(w.works, fmt.Sprintf("parked-%d", i)) // deleted
		}
		w.works["parked-29"].Lane.Name = "b" // or moved
		w.mu.Unlock()
		w.on("last", "a", done)
		w.add(0, "last")
		close(release)
		synctest.Wait()
		if got := w.started(); !slices.Contains(got, "parked-29") || !slices.Contains(got, "last") {
			t.Errorf("begun were %v: want parked-29 and last, too", got)
		}
		w.lanes.mu.Lock()
		defer w.lanes.mu.Unlock()
		if w.lanes.total != 0 || len(w.lanes.open) != 0 || len(w.lanes.reserved) != 0 {
			t.Errorf("%d places are taken, %d lanes open, %d places reserved at the end", w.lanes.total, len(w.lanes.open), len(w.lanes.reserved))
		}
	})
}

func TestOneReconcileForAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 4)
		release := make(chan struct{})
		w.on("a", "lane", func(ctx context.Context) (reconcile.Result, error) {
			defer novu.Pause(ctx)()
			<-release
			return reconcile.Result{}, nil
		})
		w.add(0, "a", "a", "a")
		if n := len(w.started()); n != 1 {
			t.Fatalf("%d at the same time, want 1", n)
		}
		close(release)
		synctest.Wait()
		if n := len(w.started()); n != 2 {
			t.Errorf("%d altogether, want 2: the edits that came meanwhile count as one", n)
		}
	})
}

// The result of a reconcile that has left its worker is worth as much as another's.
func TestResultsWithoutAWorker(t *testing.T) {
	failure := errors.New("failed")
	for name, test := range map[string]struct {
		result reconcile.Result
		err    error
		want   []time.Duration // after which it comes back
	}{
		"success":     {},
		"a later try": {result: reconcile.Result{RequeueAfter: time.Minute}, want: []time.Duration{time.Minute, time.Minute}},
		"an error":    {err: failure, want: []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWard(t, 1)
				var times []time.Time
				w.on("a", "lane", func(ctx context.Context) (reconcile.Result, error) {
					resume := novu.Pause(ctx)
					time.Sleep(time.Millisecond)
					resume()
					times = append(times, time.Now())
					return test.result, test.err
				})
				w.add(0, "a")
				time.Sleep(100 * time.Second)
				synctest.Wait()
				for i, want := range test.want {
					if i+1 >= len(times) {
						break
					}
					if got := times[i+1].Sub(times[i]).Truncate(10 * time.Millisecond); got != want {
						t.Errorf("try %d came after %s, want %s", i+2, got, want)
					}
				}
				if len(times) == 1 != (test.want == nil) {
					t.Errorf("it was tried %d times", len(times))
				}
			})
		})
	}
}

func TestPanicWithoutAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 1)
		first := true
		w.on("a", "lane", func(ctx context.Context) (reconcile.Result, error) {
			novu.Pause(ctx)()
			if first {
				first = false
				panic("broken")
			}
			return reconcile.Result{}, nil
		})
		w.add(0, "a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(w.started()); n != 2 {
			t.Errorf("it was tried %d times, want 2", n)
		}
	})
}

func TestOutdatedWorkIsCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 1)
		outdated := false
		w.on("a", "lane", hang)
		w.works["a"].Outdated = func(context.Context) bool { return outdated }
		w.add(0, "a", "a")
		if len(w.started()) != 1 || w.Waiting() != 1 {
			t.Fatal("an event that changes nothing has cut it short")
		}
		outdated = true
		w.add(0, "a")
		if n := len(w.started()); n != 2 {
			t.Errorf("it was begun %d times, want 2", n)
		}
	})
}

// Work, as opposed to waiting, is bounded by the number of workers, wherever it is done.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 2)
		var mu sync.Mutex
		working, most := 0, 0
		answer := make(chan struct{})
		for i := range 50 {
			name := fmt.Sprintf("w-%d", i)
			w.on(name, name, func(ctx context.Context) (reconcile.Result, error) {
				resume := novu.Pause(ctx)
				<-answer
				resume()
				mu.Lock()
				working++
				most = max(most, working)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				working--
				mu.Unlock()
				return reconcile.Result{}, nil
			})
			w.add(0, name)
		}
		close(answer)
		time.Sleep(time.Minute)
		synctest.Wait()
		if most != 2 || w.turns.free != 2 {
			t.Errorf("%d worked at the same time and %d turns are free, want 2 and 2", most, w.turns.free)
		}
	})
}

func TestParallelCallsShareATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t, 1)
		w.on("a", "lane", func(ctx context.Context) (reconcile.Result, error) {
			var calls sync.WaitGroup
			for i := range 5 {
				calls.Go(func() {
					for range 3 {
						resume := novu.Pause(ctx)
						time.Sleep(time.Duration(i+1) * time.Second)
						resume()
					}
				})
			}
			calls.Wait()
			return reconcile.Result{}, nil
		})
		w.on("b", "other", done)
		w.add(0, "a", "b")
		if got := w.started(); len(got) != 2 {
			t.Errorf("%v: the turn is not given back while calls wait", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if w.turns.free != 1 {
			t.Errorf("%d turns are free at the end, want 1", w.turns.free)
		}
	})
}
