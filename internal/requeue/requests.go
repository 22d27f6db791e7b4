// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue

import (
	"context"
	"reflect"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/bulkhead"
)

// Kind reconciles objects of one kind and forgets those that are gone.
type Kind[O client.Object] interface {
	reconcile.ObjectReconciler[O]
	// Gone is told that no object of this name exists any more.
	Gone(ctx context.Context, key types.NamespacedName)
	// Environment that the object depends on.
	Environment(o O) types.NamespacedName
	// Outdated reports whether a reconcile that began with one state of an object is pointless now that it has another. It
	// must read of begun only what a reconcile does not write.
	Outdated(ctx context.Context, begun, now O) bool
}

// Requests serves the work queue of a controller with objects from the cache. An object of which the cache does not know
// yet what the last reconcile wrote has to wait a moment: work on it would be done twice, and what it finds be lost.
func Requests[O client.Object](cache client.Reader, r Kind[O], b *bulkhead.Bulkhead) reconcile.Reconciler {
	seen := &versions{}
	return b.Reconciler(func(ctx context.Context, request reconcile.Request) (*bulkhead.Work, reconcile.Result, error) {
		object, err := read[O](ctx, cache, request)
		switch {
		case apierrors.IsNotFound(err):
			seen.forget(request.NamespacedName)
			r.Gone(ctx, request.NamespacedName)
			return nil, reconcile.Result{}, nil
		case err != nil:
			return nil, reconcile.Result{}, err
		case seen.newer(request.NamespacedName, object):
			return nil, reconcile.Result{RequeueAfter: behind}, nil
		}
		return &bulkhead.Work{
			Lane:     r.Environment(object),
			Outdated: func(ctx context.Context) bool { return outdated(ctx, cache, r, request, object) },
			Do: func(ctx context.Context) (reconcile.Result, error) {
				result, err := r.Reconcile(ctx, object)
				seen.note(request.NamespacedName, object)
				return result, err
			},
		}, reconcile.Result{}, nil
	})
}

func read[O client.Object](ctx context.Context, cache client.Reader, request reconcile.Request) (O, error) {
	object := reflect.New(reflect.TypeFor[O]().Elem()).Interface().(O)
	return object, cache.Get(ctx, request.NamespacedName, object)
}

// outdated reports whether an object has changed so that it is no use to go on with what it was. It reads of begun, which
// is being worked on, only what no reconcile writes.
func outdated[O client.Object](ctx context.Context, cache client.Reader, r Kind[O], request reconcile.Request, begun O) bool {
	now, err := read[O](ctx, cache, request)
	switch {
	case apierrors.IsNotFound(err):
		return true
	case err != nil:
		return false
	case now.GetUID() != begun.GetUID(), begun.GetDeletionTimestamp().IsZero() && !now.GetDeletionTimestamp().IsZero():
		return true
	}
	return r.Outdated(ctx, begun, now)
}

// behind is how long the cache gets to catch up with what the operator itself has written.
const behind = 20 * time.Millisecond

// versions remembers the newest version of each object that the operator has read or written. Versions of one kind can be
// compared: Kubernetes says so since 1.35, and etcd has always made them so.
type versions struct {
	mu     sync.Mutex
	newest map[types.NamespacedName]version
}

type version struct {
	uid    types.UID
	number uint64
}

func versionOf(o client.Object) version {
	number, _ := strconv.ParseUint(o.GetResourceVersion(), 10, 64) // 0, if it is no number, is never newer
	return version{uid: o.GetUID(), number: number}
}

// newer reports whether a newer version of the object is known than this one.
func (v *versions) newer(key types.NamespacedName, o client.Object) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known, here := v.newest[key], versionOf(o)
	return known.uid == here.uid && known.number > here.number
}

func (v *versions) note(key types.NamespacedName, o client.Object) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.newest == nil {
		v.newest = map[types.NamespacedName]version{}
	}
	v.newest[key] = versionOf(o)
}

func (v *versions) forget(key types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.newest, key)
}
