// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package watch is what the watches of several controllers have in common: which changes count, and whom they concern.
package watch

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
)

// Queue of a controller.
type Queue = workqueue.TypedRateLimitingInterface[ctrl.Request]

// OnUpdate lets creations, deletions and those updates through for which changed says so.
func OnUpdate(changed func(before, after client.Object) bool) builder.Predicates {
	return builder.WithPredicates(predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool { return changed(e.ObjectOld, e.ObjectNew) },
	})
}

// Moves calls wake whenever an object comes, changes or goes.
func Moves(wake func(context.Context, client.Object, Queue)) handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue Queue) { wake(ctx, e.Object, queue) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue Queue) { wake(ctx, e.ObjectNew, queue) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue Queue) { wake(ctx, e.Object, queue) },
	}
}

// HoldMoved reports whether a rollback has set a hold, or one was lifted.
func HoldMoved(before, after client.Object) bool {
	was, is := before.(*v1alpha1.Environment).Status.Hold, after.(*v1alpha1.Environment).Status.Hold
	return (was == nil) != (is == nil) || was != nil && (was.PromotionRef != is.PromotionRef || was.UID != is.UID)
}

// ReadyReason is the status of the condition Ready and its reason; empty if there is none.
func ReadyReason(o v1alpha1.Object) string {
	if ready := apimeta.FindStatusCondition(o.GetConditions(), v1alpha1.ConditionReady); ready != nil {
		return string(ready.Status) + " " + ready.Reason
	}
	return ""
}

// TargetsOf returns the Environments that are promoted from one, directly or from each other, without that one.
func TargetsOf(ctx context.Context, reader client.Reader, source types.NamespacedName) (found []types.NamespacedName) {
	for sources := []types.NamespacedName{source}; len(sources) > 0; sources = sources[1:] {
		var list v1alpha1.EnvironmentList
		by := client.MatchingFields{index.Source: sources[0].String()}
		if err := reader.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "cannot find the targets that are promoted from an Environment")
			return found
		}
		for i := range list.Items {
			if target := client.ObjectKeyFromObject(&list.Items[i]); target != source && !slices.Contains(found, target) {
				found, sources = append(found, target), append(sources, target)
			}
		}
	}
	return found
}

// LiveIn are the revisions of an object that are recorded as live, by target.
func LiveIn(o client.Object) map[types.NamespacedName]string {
	revisions := map[types.NamespacedName]string{}
	for _, live := range promotion.LiveRevisions(o) {
		revisions[types.NamespacedName{Namespace: live.Namespace, Name: live.Environment}] = live.Revision
	}
	return revisions
}
