package engine_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/engine"
)

func key(name string) types.NamespacedName { return types.NamespacedName{Namespace: "ns", Name: name} }

// prioritized is a work queue as controllers have it.
func prioritized(t *testing.T) priorityqueue.PriorityQueue[reconcile.Request] {
	t.Helper()
	queue := priorityqueue.New[reconcile.Request](t.Name())
	t.Cleanup(queue.ShutDown)
	return queue
}

// next takes one request from the queue.
func next(t *testing.T, queue priorityqueue.PriorityQueue[reconcile.Request]) (string, int) {
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
	var w engine.Waker
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	w.Wake(engine.PriorityLow, key("slow"), key("both"))
	w.Wake(engine.PriorityNormal, key("quick"), key("both"))
	seen := map[string]int{}
	for range 3 {
		name, priority := next(t, queue)
		seen[name] = priority
	}
	want := map[string]int{"slow": engine.PriorityLow, "quick": engine.PriorityNormal, "both": engine.PriorityNormal}
	for name, priority := range want {
		if got, ok := seen[name]; !ok || got != priority {
			t.Errorf("%s came with priority %d (%v), want %d", name, got, ok, priority)
		}
	}
}

func TestWakerKeepsWhatComesBeforeTheStart(t *testing.T) {
	var w engine.Waker
	w.Wake(engine.PriorityLow, key("early"))
	w.Nudge(key("nudged"))
	queue := prioritized(t)
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	if name, priority := next(t, queue); name != "early" || priority != engine.PriorityLow {
		t.Errorf("got %s with priority %d", name, priority)
	}
	if queue.Len() != 0 {
		t.Errorf("%d more", queue.Len())
	}
}

func TestWakerWithPlainQueue(t *testing.T) {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	t.Cleanup(queue.ShutDown)
	var w engine.Waker
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	w.Wake(engine.PriorityLow, key("a"), key("a"))
	if request, _ := queue.Get(); request.Name != "a" || queue.Len() != 0 {
		t.Errorf("got %v and %d more", request, queue.Len())
	}
}

func TestNudgesGather(t *testing.T) {
	queue := prioritized(t)
	var w engine.Waker
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 50 {
		w.NudgeAfter(time.Second, key("a"))
	}
	if name, _ := next(t, queue); name != "a" || time.Since(began) < time.Second {
		t.Errorf("%s came after %s", name, time.Since(began))
	}
	if queue.Len() != 0 {
		t.Errorf("%d more after the first", queue.Len())
	}
}
