// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/view"
)

// SetupWithManager registers the controller and its watches.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Environment{}, watch.OnUpdate(policyMoved)).
		Named("automatic").
		Watches(&v1alpha1.Environment{}, r.downstream(), watch.OnUpdate(policyMoved)).
		Watches(&v1alpha1.Promotion{}, handler.EnqueueRequestForOwner(mgr.GetScheme(), mgr.GetRESTMapper(), &v1alpha1.Environment{},
			handler.OnlyControllerOwner()), watch.OnUpdate(stageMoved)).
		Watches(&v1alpha1.Workflow{}, r.objectMoves(), watch.OnUpdate(objectMoved)).
		Watches(&v1alpha1.Layout{}, r.objectMoves(), watch.OnUpdate(objectMoved)).
		WithOptions(options).
		Complete(r)
}

// policyMoved reports whether an Environment may now follow its source, or no longer.
func policyMoved(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() || watch.HoldMoved(before, after) ||
		before.(*v1alpha1.Environment).Status.EnvironmentID != after.(*v1alpha1.Environment).Status.EnvironmentID ||
		before.GetAnnotations()[v1alpha1.ResumeAnnotation] != after.GetAnnotations()[v1alpha1.ResumeAnnotation]
}

// stageMoved reports whether a Promotion has begun or ended.
func stageMoved(before, after client.Object) bool {
	was, is := before.(*v1alpha1.Promotion), after.(*v1alpha1.Promotion)
	return promotion.Started(was) != promotion.Started(is) || promotion.Finished(was) != promotion.Finished(is)
}

// objectMoved reports whether an object describes something else, or something else is live somewhere.
func objectMoved(before, after client.Object) bool {
	was, is := before.(view.Object), after.(view.Object)
	return was.GetGeneration() != is.GetGeneration() || !maps.Equal(was.GetLabels(), is.GetLabels()) ||
		view.Status(was).Revision != view.Status(is).Revision ||
		watch.ReadyReason(before.(v1alpha1.Object)) != watch.ReadyReason(after.(v1alpha1.Object)) ||
		!equality.Semantic.DeepEqual(watch.LiveIn(before), watch.LiveIn(after))
}

// objectMoves wakes the targets that what has changed is promoted into, once for many changes in a row.
func (r *Reconciler) objectMoves() handler.EventHandler {
	moved := func(o client.Object, queue watch.Queue) {
		environment := view.Environment(o)
		r.interest.Changed(environment, r.Pool.Clock().Now())
		for _, target := range r.interest.In(environment) {
			queue.AddAfter(ctrl.Request{NamespacedName: target}, r.quiet())
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue watch.Queue) { moved(e.Object, queue) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue watch.Queue) { moved(e.ObjectNew, queue) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue watch.Queue) { moved(e.Object, queue) },
	}
}

// downstream wakes the targets that are promoted from an Environment, directly or over others.
func (r *Reconciler) downstream() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) (found []ctrl.Request) {
		for _, target := range watch.TargetsOf(ctx, r.Client, client.ObjectKeyFromObject(o)) {
			found = append(found, ctrl.Request{NamespacedName: target})
		}
		return found
	})
}
