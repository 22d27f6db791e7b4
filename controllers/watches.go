package controllers

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/sync"
)

// specChanged lets through what a user does: changes of spec and of annotations, creation and deletion. What the operator
// writes to status does not come back to it.
func specChanged() builder.Predicates {
	return builder.WithPredicates(predicate.Or(
		predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
}

// generationChanged lets changes of spec alone through, creation and deletion.
func generationChanged() builder.Predicates {
	return builder.WithPredicates(predicate.GenerationChangedPredicate{})
}

// lookup is an index and the value to look up for an object.
type lookup func(o client.Object) (field, value string)

func secretOf(o client.Object) (field, value string) {
	return index.Secret, index.Key(o.GetNamespace(), o.GetName())
}

func configMapOf(o client.Object) (field, value string) {
	return index.ConfigMap, index.Key(o.GetNamespace(), o.GetName())
}

func layoutOf(o client.Object) (field, value string) {
	return index.Layout, index.Key(o.GetNamespace(), o.GetName())
}

func environmentOf(o client.Object) (field, value string) {
	return index.Environment, index.Key(o.GetNamespace(), o.GetName())
}

func claimOf(o client.Object) (field, value string) {
	return index.Identity, o.(sync.Object).Claim()
}

func primaryOf(o client.Object) (field, value string) {
	return index.Primary, string(o.(*v1alpha1.Integration).Spec.Channel)
}

// referrers enqueues the objects of a kind that refer to the one that has changed.
func referrers(reader client.Reader, by lookup, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		field, value := by(o)
		return requests(ctx, reader, kind, client.MatchingFields{field: value})
	})
}

// behind is referrers that puts the objects behind those that users wait for: they may be hundreds.
func behind(reader client.Reader, by lookup, kind client.ObjectList, waker *reconcile.Waker) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		field, value := by(o)
		for _, request := range requests(ctx, reader, kind, client.MatchingFields{field: value}) {
			waker.Wake(reconcile.PriorityLow, request.NamespacedName)
		}
		return nil
	})
}

// others enqueues the objects of a kind that claim the same as the one that has changed, in the Novu environments that it
// is or was in. The object itself is in the queue anyway, and twice would be once too often if the first time has begun
// already.
func others(reader client.Reader, pool *connection.Pool, by lookup, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) (found []ctrl.Request) {
		field, value := by(o)
		for _, environment := range environmentsOf(ctx, reader, pool, o.(sync.Object)) {
			found = append(found, requests(ctx, reader, kind, client.MatchingFields{field: index.Within(environment, value)})...)
		}
		return slices.DeleteFunc(found, func(r ctrl.Request) bool { return r.NamespacedName == keyOf(o) })
	})
}

// environmentsOf are the Environments through which others may claim the same as the object.
func environmentsOf(ctx context.Context, reader client.Reader, pool *connection.Pool, o sync.Object) []types.NamespacedName {
	own := o.Policies().EnvironmentRef.In(o.GetNamespace())
	environments, ids := []types.NamespacedName{own}, []string{o.Sync().EnvironmentID}
	if conn := pool.Get(own); conn != nil {
		ids = append(ids, conn.Environment().ID)
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		leading, err := leadingTo(ctx, reader, pool, id)
		if err != nil {
			log.FromContext(ctx).Error(err, "cannot find the objects that a change concerns")
		}
		environments = append(environments, leading...)
	}
	return sets.New(environments...).UnsortedList()
}

// inNamespace enqueues the objects of a kind in the namespace that has changed.
func inNamespace(reader client.Reader, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		return requests(ctx, reader, kind, client.InNamespace(o.GetName()))
	})
}

func requests(ctx context.Context, reader client.Reader, kind client.ObjectList, options ...client.ListOption) []ctrl.Request {
	list := kind.DeepCopyObject().(client.ObjectList)
	if err := reader.List(ctx, list, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "cannot find the objects that a change concerns")
		return nil
	}
	var found []ctrl.Request
	_ = apimeta.EachListItem(list, func(o runtime.Object) error {
		found = append(found, ctrl.Request{NamespacedName: keyOf(o.(client.Object))})
		return nil
	})
	return found
}
