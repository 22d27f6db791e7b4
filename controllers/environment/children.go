// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"sync"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/target"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

type duration = time.Duration

// never is longer ago than any poll.
const never = 100 * 365 * 24 * time.Hour

// Children is a kind of object that refers to Environments.
type Children struct {
	// Object is an empty object of the kind.
	Object view.Object
	// List is an empty list of the kind.
	List client.ObjectList
	// Resource that the objects are in Novu.
	Resource connection.Resource
	// Waker of the kind.
	Waker *requeue.Waker
}

// child is one object that refers to the Environment.
type child struct {
	view.Object
	kind *Children
}

// gather finds the objects that refer to the Environment.
func (f *childFinder) gather(ctx context.Context, s *scope) error {
	key := index.Key(s.environment.Namespace, s.environment.Name)
	s.children = nil
	for i := range f.Children {
		kind := &f.Children[i]
		list := kind.List.DeepCopyObject().(client.ObjectList)
		if err := f.Client.List(ctx, list, client.MatchingFields{index.Environment: key}, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("list the objects of Environment %s: %w", key, err)
		}
		if err := apimeta.EachListItem(list, func(o runtime.Object) error {
			s.children = append(s.children, child{Object: o.(view.Object), kind: kind})
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// wake wakes every object after a new connection or a new round of full comparisons, else those that Novu holds in
// another state than the operator has seen.
func (p *poller) wake(s *scope) {
	everything := p.awake.due(client.ObjectKeyFromObject(s.environment), s.conn)
	for resource, ids := range s.byID() {
		for _, c := range s.children {
			if c.kind.Resource == resource && (everything || moved(view.Status(c.Object), ids) || expectant(c.Object)) {
				c.kind.Waker.Wake(requeue.PriorityLow, client.ObjectKeyFromObject(c.Object))
			}
		}
	}
}

func wakeAll(s *scope) {
	for _, c := range s.children {
		c.kind.Waker.Wake(requeue.PriorityLow, client.ObjectKeyFromObject(c.Object))
	}
}

// wakeWaiting wakes the objects that say why they wait.
func wakeWaiting(s *scope) {
	for _, c := range s.children {
		if !apimeta.IsStatusConditionTrue(view.Status(c.Object).Conditions, v1alpha1.ConditionReady) {
			c.kind.Waker.Wake(requeue.PriorityLow, client.ObjectKeyFromObject(c.Object))
		}
	}
}

// byID is what Novu holds, by internal id.
func (s *scope) byID() map[connection.Resource]map[string]connection.Entry {
	all := map[connection.Resource]map[string]connection.Entry{}
	for _, resource := range connection.Resources {
		all[resource] = map[string]connection.Entry{}
		for _, entry := range s.conn.All(resource) {
			all[resource][entry.ID] = entry
		}
	}
	return all
}

// expectant reports whether Novu may still make a duplicate of the object, of a creation whose answer was lost. To look for it in
// the list costs no call.
func expectant(o view.Object) bool {
	w, ok := o.(*v1alpha1.Workflow)
	return ok && len(w.Status.UncertainCreations) > 0
}

// moved reports whether an object that was brought to Novu is gone there or was changed, or that it is no longer, or not yet
// known to be, the only one of its identifier.
func moved(sync *v1alpha1.SyncStatus, ids map[string]connection.Entry) bool {
	ready := apimeta.FindStatusCondition(sync.Conditions, v1alpha1.ConditionReady)
	if ready != nil && ready.Reason == v1alpha1.ReasonDuplicated {
		return true // which costs no call
	}
	if sync.Corrections != nil {
		return true // which costs no call: it says so until a poll has passed
	}
	if sync.ID == "" {
		return false // it waits for something else, or has a timer of its own
	}
	entry, ok := ids[sync.ID]
	return !ok || entry.UpdatedAt != sync.RemoteUpdatedAt || len(entry.Duplicates) > 0
}

// counted are the kinds that are counted, in the order of status.
var counted = []struct {
	kind     v1alpha1.CountedKind
	resource connection.Resource
}{
	{v1alpha1.CountedWorkflow, connection.Workflows},
	{v1alpha1.CountedLayout, connection.Layouts},
	{v1alpha1.CountedIntegration, connection.Integrations},
}

// count returns what Novu holds of each kind, and how much of it Kubernetes objects describe.
func (p *poller) count(s *scope) []v1alpha1.KindCount {
	counts, ids := make([]v1alpha1.KindCount, 0, len(counted)), s.byID()
	for _, k := range counted {
		count := v1alpha1.KindCount{Kind: k.kind, Total: int32(s.conn.Count(k.resource))} //nolint:gosec // small numbers
		for _, c := range s.children {
			if c.kind.Resource == k.resource {
				countObject(&count, view.Status(c.Object), ids[k.resource])
			}
		}
		count.Unmanaged = count.Total - count.Managed
		counts = append(counts, count)
	}
	return counts
}

// countObject counts one object. ids are those in Novu that no object before it describes.
func countObject(count *v1alpha1.KindCount, sync *v1alpha1.SyncStatus, ids map[string]connection.Entry) {
	if _, ok := ids[sync.ID]; ok {
		count.Managed++
		delete(ids, sync.ID) // two objects may name one
	}
	if !apimeta.IsStatusConditionTrue(sync.Conditions, v1alpha1.ConditionReady) {
		count.NotReady++
	}
	if apimeta.IsStatusConditionTrue(sync.Conditions, v1alpha1.ConditionDrifted) {
		count.Drifted++
	}
}

// objects that refer to the Environment.
func (s *scope) objects() (all []client.Object) {
	for _, c := range s.children {
		all = append(all, c.Object)
	}
	return all
}

// target is the Environment as what promotions lead to.
func (s *scope) target() target.Target {
	return target.Target{Environment: s.environment, Before: s.before, Conn: s.conn, Caused: s.caused}
}

// needy are the objects that must be deleted in Novu before the Environment may go.
func (s *scope) needy() (objects []child) {
	for _, c := range s.children {
		if controllerutil.ContainsFinalizer(c.Object, v1alpha1.Finalizer) {
			objects = append(objects, c)
		}
	}
	return objects
}

// awakened remembers through which connection, and in which round of full comparisons, the objects of an Environment
// were last woken, and through which channels Novu delivered then.
type awakened struct {
	mu       sync.Mutex
	last     map[types.NamespacedName]wakeup
	channels map[types.NamespacedName]deliveries
	causes   map[types.NamespacedName]string
}

type wakeup struct {
	conn  *connection.Connection
	round int
}

func (a *awakened) due(key types.NamespacedName, conn *connection.Connection) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := wakeup{conn: conn, round: conn.FullCheck()}
	if a.last[key] == now {
		return false
	}
	if a.last == nil {
		a.last = map[types.NamespacedName]wakeup{}
	}
	a.last[key] = now
	return true
}

// again makes the next poll wake everything: the Environment was in trouble, and its objects may have waited.
func (a *awakened) again(key types.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.last, key)
}

// deliver notes through which channels Novu delivers now and returns those that have come or gone since the last time.
func (a *awakened) deliver(key types.NamespacedName, now deliveries) (changed deliveries) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.channels[key]
	if a.channels == nil {
		a.channels = map[types.NamespacedName]deliveries{}
	}
	a.channels[key] = now
	changed = deliveries{}
	for _, channels := range []deliveries{before, now} {
		for channel := range channels {
			if known && before[channel] != now[channel] {
				changed[channel] = true
			}
		}
	}
	return changed
}

// gone forgets an Environment that no longer exists.
func (a *awakened) gone(key types.NamespacedName) {
	a.again(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.channels, key)
	delete(a.causes, key)
}
