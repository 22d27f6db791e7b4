package controllers

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
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
		!equality.Semantic.DeepEqual(liveRevisions(before), liveRevisions(after))
}

// liveRevisions are the revisions that are live, by target.
func liveRevisions(o client.Object) map[types.NamespacedName]string {
	var recorded []v1alpha1.LiveRevision
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		recorded = o.Status.Environments
	case *v1alpha1.Layout:
		recorded = o.Status.Environments
	}
	live := map[types.NamespacedName]string{}
	for i := range recorded {
		live[types.NamespacedName{Namespace: recorded[i].Namespace, Name: recorded[i].Environment}] = recorded[i].Revision
	}
	return live
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
		seen := map[types.NamespacedName]bool{keyOf(o): true}
		for next := []types.NamespacedName{keyOf(o)}; len(next) > 0; next = next[1:] {
			var targets v1alpha1.EnvironmentList
			if err := r.Client.List(ctx, &targets, client.MatchingFields{index.Source: next[0].String()}, client.UnsafeDisableDeepCopy); err != nil {
				log.FromContext(ctx).Error(err, "cannot find the targets that follow an Environment")
				return found
			}
			for i := range targets.Items {
				if key := keyOf(&targets.Items[i]); !seen[key] {
					seen[key] = true
					next = append(next, key)
					found = append(found, ctrl.Request{NamespacedName: key})
				}
			}
		}
		return found
	})
}
