// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"

	"novu-operator.dev/internal/requeue"
)

func key(name string) types.NamespacedName { return types.NamespacedName{Namespace: "ns", Name: name} }

// prioritized is a work queue as controllers have it.
func prioritized(t *testing.T) priorityqueue.PriorityQueue[ctrl.Request] {
	t.Helper()
	queue := priorityqueue.New[ctrl.Request](t.Name())
	t.Cleanup(queue.ShutDown)
	return queue
}

// next takes one request from the queue.
func next(t *testing.T, queue priorityqueue.PriorityQueue[ctrl.Request]) (string, int) {
	t.Helper()
	request, priority, shutdown := queue.GetWithPriority()
	if shutdown {
		t.Fatal("the queue is closed")
	}
	queue.Done(request)
	return request.Name, priority
}

func TestUsersGoBeforeBackground(t *testing.T) {
	queue := prioritized(t)
	var w requeue.Waker
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	w.Wake(requeue.PriorityLow, key("slow"), key("both"))
	w.Wake(requeue.PriorityNormal, key("quick"), key("both"))
	seen := map[string]int{}
	for range 3 {
		name, priority := next(t, queue)
		seen[name] = priority
	}
	want := map[string]int{"slow": requeue.PriorityLow, "quick": requeue.PriorityNormal, "both": requeue.PriorityNormal}
	for name, priority := range want {
		if got, ok := seen[name]; !ok || got != priority {
			t.Errorf("%s came with priority %d (%v), want %d", name, got, ok, priority)
		}
	}
}

func TestWakerKeepsWhatComesBeforeTheStart(t *testing.T) {
	var w requeue.Waker
	w.Wake(requeue.PriorityLow, key("early"))
	w.Nudge(key("nudged"))
	queue := prioritized(t)
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	if name, priority := next(t, queue); name != "early" || priority != requeue.PriorityLow {
		t.Errorf("got %s with priority %d", name, priority)
	}
	if queue.Len() != 0 {
		t.Errorf("%d more", queue.Len())
	}
}

func TestWakerWithPlainQueue(t *testing.T) {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[ctrl.Request]())
	t.Cleanup(queue.ShutDown)
	var w requeue.Waker
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	w.Wake(requeue.PriorityLow, key("a"), key("a"))
	if request, _ := queue.Get(); request.Name != "a" || queue.Len() != 0 {
		t.Errorf("got %v and %d more", request, queue.Len())
	}
}

// gathering runs a test of a Waker whose time passes only when everything waits.
func gathering(t *testing.T, test func(t *testing.T, w *requeue.Waker, came func() time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		queue := priorityqueue.New[ctrl.Request](t.Name())
		defer queue.ShutDown()
		var w requeue.Waker
		if err := w.Start(t.Context(), queue); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		test(t, &w, func() time.Duration {
			if name, _ := next(t, queue); name != "a" || queue.Len() != 0 {
				t.Errorf("%s came, and %d more", name, queue.Len())
			}
			return time.Since(began)
		})
	})
}

func TestNudgesGather(t *testing.T) {
	gathering(t, func(t *testing.T, w *requeue.Waker, came func() time.Duration) {
		for range 50 {
			w.NudgeAfter(time.Second, key("a"))
		}
		if after := came(); after != time.Second {
			t.Errorf("it came after %s", after)
		}
	})
}

// The first nudge acts at once, those that follow act together, and after a quiet time the next is a first one again.
func TestNudgesAtOnce(t *testing.T) {
	gathering(t, func(t *testing.T, w *requeue.Waker, came func() time.Duration) {
		w.NudgeAtOnce(key("a"))
		if after := came(); after != 0 {
			t.Errorf("the first came after %s", after)
		}
		for range 50 {
			time.Sleep(10 * time.Millisecond)
			w.NudgeAtOnce(key("a"))
		}
		if after := came(); after != 5*time.Second {
			t.Errorf("the following came after %s", after)
		}
		w.NudgeAtOnce(key("a"))
		if after := came(); after != 10*time.Second {
			t.Errorf("one right after those came after %s", after)
		}
		time.Sleep(time.Minute)
		w.NudgeAtOnce(key("a"))
		if after := came(); after != 70*time.Second {
			t.Errorf("one after a quiet time came after %s", after)
		}
	})
}
