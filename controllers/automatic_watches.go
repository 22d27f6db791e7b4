package controllers

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
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/sync"
)

// SetupWithManager registers the controller and its watches.
func (r *AutomaticReconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Environment{}, onUpdate(policyMoved)).
		Named("automatic").
		Watches(&v1alpha1.Environment{}, r.downstream(), onUpdate(policyMoved)).
		Watches(&v1alpha1.Promotion{}, handler.EnqueueRequestForOwner(mgr.GetScheme(), mgr.GetRESTMapper(), &v1alpha1.Environment{},
			handler.OnlyControllerOwner()), onUpdate(stageMoved)).
		Watches(&v1alpha1.Workflow{}, r.objectMoves(), onUpdate(objectMoved)).
		Watches(&v1alpha1.Layout{}, r.objectMoves(), onUpdate(objectMoved)).
		WithOptions(options).
		Complete(r)
}

// policyMoved says that an Environment may now follow its source, or no longer.
func policyMoved(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() || holdMoved(before, after) ||
		before.(*v1alpha1.Environment).Status.EnvironmentID != after.(*v1alpha1.Environment).Status.EnvironmentID ||
		before.GetAnnotations()[v1alpha1.ResumeAnnotation] != after.GetAnnotations()[v1alpha1.ResumeAnnotation]
}

// stageMoved says that a Promotion has begun or ended.
func stageMoved(before, after client.Object) bool {
	was, is := before.(*v1alpha1.Promotion), after.(*v1alpha1.Promotion)
	return promotion.Started(was) != promotion.Started(is) || promotion.Finished(was) != promotion.Finished(is)
}

// objectMoved says that an object describes something else, or that something else is live somewhere.
func objectMoved(before, after client.Object) bool {
	was, is := before.(sync.Object), after.(sync.Object)
	return was.GetGeneration() != is.GetGeneration() || !maps.Equal(was.GetLabels(), is.GetLabels()) ||
		was.Sync().Revision != is.Sync().Revision ||
		readyReason(before.(v1alpha1.Object)) != readyReason(after.(v1alpha1.Object)) ||
		!equality.Semantic.DeepEqual(liveIn(before), liveIn(after))
}

// objectMoves wakes the targets that what has changed is promoted into, once for many changes in a row.
func (r *AutomaticReconciler) objectMoves() handler.EventHandler {
	moved := func(o client.Object, queue workQueue) {
		environment := o.(sync.Object).Policies().EnvironmentRef.In(o.GetNamespace())
		r.interest.Changed(environment, r.Pool.Clock().Now())
		for _, target := range r.interest.In(environment) {
			queue.AddAfter(ctrl.Request{NamespacedName: target}, r.quiet())
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue workQueue) { moved(e.Object, queue) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue workQueue) { moved(e.ObjectNew, queue) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue workQueue) { moved(e.Object, queue) },
	}
}

// downstream wakes the targets that are promoted from an Environment, directly or over others.
func (r *AutomaticReconciler) downstream() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) (found []ctrl.Request) {
		for _, target := range targetsOf(ctx, r.Client, keyOf(o)) {
			found = append(found, ctrl.Request{NamespacedName: target})
		}
		return found
	})
}
