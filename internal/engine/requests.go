package engine

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
)

// Forgetful reconciles objects of one kind and forgets those that are gone.
type Forgetful[O client.Object] interface {
	reconcile.ObjectReconciler[O]
	// Gone is told that no object of this name exists any more.
	Gone(ctx context.Context, key types.NamespacedName)
}

// Requests serves the work queue of a controller with objects from the cache. An object of which the cache does not know
// yet what the last reconcile wrote has to wait a moment: work on it would be done twice, and what it finds be lost.
func Requests[O client.Object](cache client.Reader, r Forgetful[O]) reconcile.Reconciler {
	kind, seen := reflect.TypeFor[O]().Elem(), &versions{}
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		object := reflect.New(kind).Interface().(O)
		err := cache.Get(ctx, request.NamespacedName, object)
		switch {
		case apierrors.IsNotFound(err):
			seen.forget(request.NamespacedName)
			r.Gone(ctx, request.NamespacedName)
			return reconcile.Result{}, nil
		case err != nil:
			return reconcile.Result{}, err
		case seen.newer(request.NamespacedName, object):
			return reconcile.Result{RequeueAfter: behind}, nil
		}
		result, err := r.Reconcile(ctx, object)
		seen.note(request.NamespacedName, object)
		return result, err
	})
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

// newer says that a newer version of the object is known than this one.
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
