// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/requeue"
)

// SpecChanged lets through what a user does: changes of spec and of annotations, creation and deletion. What the operator
// writes to status does not come back to it.
func SpecChanged() builder.Predicates {
	return builder.WithPredicates(predicate.Or(
		predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
}

// GenerationChanged lets changes of spec alone through, creation and deletion.
func GenerationChanged() builder.Predicates {
	return builder.WithPredicates(predicate.GenerationChangedPredicate{})
}

// Lookup is an index and the value to look up for an object.
type Lookup func(o client.Object) (field, value string)

// SecretOf looks up what refers to a Secret.
func SecretOf(o client.Object) (field, value string) {
	return index.Secret, index.Key(o.GetNamespace(), o.GetName())
}

// ConfigMapOf looks up what refers to a ConfigMap.
func ConfigMapOf(o client.Object) (field, value string) {
	return index.ConfigMap, index.Key(o.GetNamespace(), o.GetName())
}

// LayoutOf looks up what refers to a Layout.
func LayoutOf(o client.Object) (field, value string) {
	return index.Layout, index.Key(o.GetNamespace(), o.GetName())
}

// EnvironmentOf looks up what refers to a Environment.
func EnvironmentOf(o client.Object) (field, value string) {
	return index.Environment, index.Key(o.GetNamespace(), o.GetName())
}

// Referrers enqueues the objects of a kind that refer to the one that has changed.
func Referrers(reader client.Reader, by Lookup, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		field, value := by(o)
		return Requests(ctx, reader, kind, client.MatchingFields{field: value})
	})
}

// Behind is Referrers that puts the objects behind those that users wait for: they may be hundreds.
func Behind(reader client.Reader, by Lookup, kind client.ObjectList, waker *requeue.Waker) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		field, value := by(o)
		for _, request := range Requests(ctx, reader, kind, client.MatchingFields{field: value}) {
			waker.Wake(requeue.PriorityLow, request.NamespacedName)
		}
		return nil
	})
}

// InNamespace enqueues the objects of a kind in the namespace that has changed.
func InNamespace(reader client.Reader, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []ctrl.Request {
		return Requests(ctx, reader, kind, client.InNamespace(o.GetName()))
	})
}

// Requests are those for the objects of a kind that the options select.
func Requests(ctx context.Context, reader client.Reader, kind client.ObjectList, options ...client.ListOption) []ctrl.Request {
	list := kind.DeepCopyObject().(client.ObjectList)
	if err := reader.List(ctx, list, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "cannot find the objects that a change concerns")
		return nil
	}
	var found []ctrl.Request
	_ = apimeta.EachListItem(list, func(o runtime.Object) error {
		found = append(found, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(o.(client.Object))})
		return nil
	})
	return found
}

// OnUpdateAlone lets deletions and those updates through for which changed reports true. What is only listed again after a
// restart has not changed.
func OnUpdateAlone(changed func(before, after client.Object) bool) builder.Predicates {
	return builder.WithPredicates(predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool { return changed(e.ObjectOld, e.ObjectNew) },
	})
}
