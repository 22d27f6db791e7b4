// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
)

// changes tells waiting tests that an object has changed: reading it again and again costs the API server more than all
// that the operator does.
var changes struct {
	once    sync.Once
	err     error
	stop    func()
	mu      sync.Mutex
	waiting map[types.NamespacedName]chan struct{}
}

// watchChanges begins with the first test that waits.
func watchChanges(tb testing.TB) {
	tb.Helper()
	changes.once.Do(func() { changes.err = startWatching(tb) })
	if changes.err != nil {
		tb.Fatalf("watch what changes: %v", changes.err)
	}
}

var kinds = []string{
	v1alpha1.EnvironmentKind, v1alpha1.WorkflowKind, v1alpha1.LayoutKind, v1alpha1.IntegrationKind, v1alpha1.PromotionKind,
}

func startWatching(tb testing.TB) error {
	tb.Helper()
	informers, err := cache.New(API(tb), cache.Options{Scheme: controllers.NewScheme(), Mapper: Client(tb).RESTMapper()})
	if err != nil {
		return err
	}
	handler := toolscache.ResourceEventHandlerFuncs{
		AddFunc: announce, UpdateFunc: func(_, o any) { announce(o) }, DeleteFunc: announce,
	}
	for _, kind := range kinds {
		meta := &metav1.PartialObjectMetadata{}
		meta.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		informer, err := informers.GetInformer(context.Background(), meta, cache.BlockUntilSynced(false))
		if err != nil {
			return err
		}
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = informers.Start(ctx) }()
	changes.stop = func() { cancel(); <-done }
	return nil
}

// announce wakes those who wait for the object, or for any in its namespace.
func announce(o any) {
	if gone, ok := o.(toolscache.DeletedFinalStateUnknown); ok {
		o = gone.Obj
	}
	object, ok := o.(client.Object)
	if !ok {
		return
	}
	changes.mu.Lock()
	defer changes.mu.Unlock()
	for _, key := range []types.NamespacedName{client.ObjectKeyFromObject(object), {Namespace: object.GetNamespace()}} {
		if waiting, ok := changes.waiting[key]; ok {
			close(waiting)
			delete(changes.waiting, key)
		}
	}
}

// next is closed when the object changes, or with no name when any in the namespace does.
func next(key types.NamespacedName) <-chan struct{} {
	changes.mu.Lock()
	defer changes.mu.Unlock()
	if changes.waiting == nil {
		changes.waiting = map[types.NamespacedName]chan struct{}{}
	}
	if changes.waiting[key] == nil {
		changes.waiting[key] = make(chan struct{})
	}
	return changes.waiting[key]
}

const (
	// soonest and latest are the shortest and the longest time after which a test that waits asks again.
	soonest, latest = 20 * time.Millisecond, 250 * time.Millisecond
	// longer is by how much it waits longer each time when nothing changes, in percent.
	longer = 125
)

// until asks check until it returns nil: again when the object, or any in the namespace, has changed, and now and then
// anyway, since not all that is waited for is an object.
func (s *Stage) until(what string, key types.NamespacedName, check func() error) {
	s.Helper()
	watchChanges(s)
	deadline, pause := time.Now().Add(patience), soonest
	for {
		changed := next(key) // before check looks, so that no change is missed
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("%s: %v", what, err)
		}
		time.Sleep(soonest) // what changes, changes several times
		select {
		case <-changed:
			pause = soonest
		case <-time.After(pause):
			pause = min(pause*longer/100, latest)
		}
	}
}
