// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
)

// observer sees all workflows of a cluster as a user who waits for them does: through a watch.
type observer struct {
	mu   sync.Mutex
	seen map[types.NamespacedName]seen
	// ready counts the workflows that are ready, and lost how often one was no longer.
	ready, lost int
}

// seen is what the observer remembers of a workflow.
type seen struct {
	ready bool
	// synced is the last generation that was said to be in Novu, and since is when it was first said.
	synced int64
	since  time.Time
}

// observe watches until the benchmark ends.
func observe(r *report, config *rest.Config) *observer {
	o := &observer{seen: map[types.NamespacedName]seen{}}
	informers, err := cache.New(config, cache.Options{Scheme: controllers.NewScheme(), DefaultTransform: conditionsOnly})
	r.Must(err)
	informer, err := informers.GetInformer(r.Context(), &v1alpha1.Workflow{})
	r.Must(err)
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { o.see(object.(*v1alpha1.Workflow), time.Now()) },
		UpdateFunc: func(_, object any) { o.see(object.(*v1alpha1.Workflow), time.Now()) },
	})
	r.Must(err)
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = informers.Start(ctx) }()
	r.Cleanup(func() { cancel(); <-done })
	return o
}

// conditionsOnly keeps what the observer looks at.
func conditionsOnly(object any) (any, error) {
	w, ok := object.(*v1alpha1.Workflow)
	if !ok {
		return object, nil
	}
	return &v1alpha1.Workflow{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.Namespace, Name: w.Name, UID: w.UID, Generation: w.Generation, ResourceVersion: w.ResourceVersion,
		},
		Status: v1alpha1.WorkflowStatus{SyncStatus: v1alpha1.SyncStatus{Conditions: w.Status.Conditions}},
	}, nil
}

func (o *observer) see(w *v1alpha1.Workflow, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := client.ObjectKeyFromObject(w)
	before := o.seen[key]
	after := before
	after.ready = apimeta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionReady)
	synced := apimeta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionSynced)
	if synced != nil && synced.Status == metav1.ConditionTrue && synced.ObservedGeneration > before.synced {
		after.synced, after.since = synced.ObservedGeneration, now
	}
	switch {
	case after.ready && !before.ready:
		o.ready++
	case before.ready && !after.ready:
		o.ready--
		o.lost++
	}
	o.seen[key] = after
}

// count of the workflows that are ready, and of those that were and are not, since the last call.
func (o *observer) count() (ready, lost int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost, o.lost = o.lost, 0
	return o.ready, lost
}

// syncedAt says since when a generation of a workflow is in Novu.
func (o *observer) syncedAt(key types.NamespacedName, generation int64) (since time.Time, synced bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.seen[key]
	return s.since, s.synced >= generation
}

func TestObserver(t *testing.T) {
	condition := func(kind string, status metav1.ConditionStatus, generation int64) metav1.Condition {
		return metav1.Condition{Type: kind, Status: status, ObservedGeneration: generation}
	}
	o := &observer{seen: map[types.NamespacedName]seen{}}
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	key := types.NamespacedName{Namespace: "ns", Name: "w"}
	w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	show := func(second int64, conditions ...metav1.Condition) {
		w.Status.Conditions = conditions
		trimmed, err := conditionsOnly(w.DeepCopy())
		if err != nil {
			t.Fatal(err)
		}
		o.see(trimmed.(*v1alpha1.Workflow), at(second))
	}
	expect := func(ready, lost int) {
		t.Helper()
		if r, l := o.count(); r != ready || l != lost {
			t.Errorf("%d ready and %d lost, want %d and %d", r, l, ready, lost)
		}
	}
	show(1)
	expect(0, 0)
	show(2, condition("Ready", "True", 1), condition("Synced", "True", 1))
	show(3, condition("Ready", "True", 1), condition("Synced", "True", 1))
	expect(1, 0)
	if since, synced := o.syncedAt(key, 1); !synced || !since.Equal(at(2)) {
		t.Errorf("generation 1 is synced %v since %v", synced, since)
	}
	if _, synced := o.syncedAt(key, 2); synced {
		t.Error("generation 2 is synced before anybody said so")
	}
	show(4, condition("Ready", "False", 2), condition("Synced", "False", 2))
	show(5, condition("Ready", "True", 2), condition("Synced", "True", 2))
	expect(1, 1)
	if since, synced := o.syncedAt(key, 2); !synced || !since.Equal(at(5)) {
		t.Errorf("generation 2 is synced %v since %v", synced, since)
	}
}
