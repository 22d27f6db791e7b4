package engine

import (
	"context"
	"reflect"

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

// Requests serves the work queue of a controller with objects from the cache.
func Requests[O client.Object](cache client.Reader, r Forgetful[O]) reconcile.Reconciler {
	kind := reflect.TypeFor[O]().Elem()
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		object := reflect.New(kind).Interface().(O)
		err := cache.Get(ctx, request.NamespacedName, object)
		if apierrors.IsNotFound(err) {
			r.Gone(ctx, request.NamespacedName)
			return reconcile.Result{}, nil
		}
		if err != nil {
			return reconcile.Result{}, err
		}
		return r.Reconcile(ctx, object)
	})
}
