// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// waker wakes the Promotions that something which has changed concerns.
type waker struct {
	Client   client.Client
	Pool     *connection.Pool
	interest *promotion.Interest
}

// queueMoves wakes the Promotions that are queued when one is no longer in line.
func (r *waker) queueMoves() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue watch.Queue) { r.wakeOlder(ctx, e.Object, queue) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue watch.Queue) {
			before, after := e.ObjectOld.(*v1alpha1.Promotion), e.ObjectNew.(*v1alpha1.Promotion)
			if promotion.InLine(before) && !promotion.InLine(after) || promotion.Finished(before) != promotion.Finished(after) {
				r.wakeQueued(ctx, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, _ event.DeleteEvent, queue watch.Queue) { r.wakeQueued(ctx, queue) },
	}
}

// foreignChanged reports whether a third party has set a condition.
func foreignChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return !equality.Semantic.DeepEqual(foreign(e.ObjectOld.(*v1alpha1.Promotion)), foreign(e.ObjectNew.(*v1alpha1.Promotion)))
	}}
}

func (r *waker) wakeQueued(ctx context.Context, queue watch.Queue) {
	r.unfinished(ctx, queue, promotion.Queued)
}

// unfinished enqueues the Promotions that are still to be carried out and for which which says so.
func (r *waker) unfinished(
	ctx context.Context, queue watch.Queue, which func(*v1alpha1.Promotion) bool, options ...client.ListOption,
) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "cannot find the Promotions that a change concerns")
		return
	}
	for i := range list.Items {
		if p := &list.Items[i]; !promotion.Finished(p) && which(p) {
			queue.Add(ctrl.Request{NamespacedName: client.ObjectKeyFromObject(p)})
		}
	}
}

// sourceMoves wakes the Promotions that make, or cannot make, their plan while an object of the source changes.
func (r *waker) sourceMoves() handler.EventHandler {
	moved := func(o client.Object, definition bool, queue watch.Queue) {
		environment := view.Environment(o)
		if definition {
			r.interest.Changed(environment, r.Pool.Clock().Now())
		}
		for _, key := range r.interest.In(environment) {
			queue.Add(ctrl.Request{NamespacedName: key})
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue watch.Queue) { moved(e.Object, true, queue) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue watch.Queue) {
			moved(e.ObjectNew, e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration(), queue)
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue watch.Queue) { moved(e.Object, true, queue) },
	}
}

// integrationMoves wakes the Promotions that have not begun when the target can deliver in another way than before.
func (r *waker) integrationMoves() handler.EventHandler {
	waiting := func(p *v1alpha1.Promotion) bool { return !promotion.Started(p) }
	wake := func(ctx context.Context, o client.Object, queue watch.Queue) {
		target := view.Environment(o)
		r.unfinished(ctx, queue, waiting, client.MatchingFields{index.Target: target.String()})
	}
	return watch.Moves(wake)
}

// readinessChanged reports whether an Integration is ready now, or no longer.
func readinessChanged(before, after client.Object) bool {
	ready := func(o client.Object) bool {
		return apimeta.IsStatusConditionTrue(o.(*v1alpha1.Integration).Status.Conditions, v1alpha1.ConditionReady)
	}
	return ready(before) != ready(after)
}

// environmentChanged reports whether something may now be possible through an Environment, or no longer.
func environmentChanged(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() || watch.HoldMoved(before, after) ||
		(before.(*v1alpha1.Environment).Status.Freeze == nil) != (after.(*v1alpha1.Environment).Status.Freeze == nil) ||
		before.(*v1alpha1.Environment).Status.EnvironmentID != after.(*v1alpha1.Environment).Status.EnvironmentID ||
		watch.ReadyReason(before.(v1alpha1.Object)) != watch.ReadyReason(after.(v1alpha1.Object))
}

// environmentMoves wakes the Promotions into an Environment, and those into the targets that are promoted from it.
func (r *waker) environmentMoves() handler.EventHandler {
	wake := func(ctx context.Context, o client.Object, queue watch.Queue) {
		r.wakeInto(ctx, client.ObjectKeyFromObject(o), queue, map[types.NamespacedName]bool{})
	}
	return watch.Moves(wake)
}

func (r *waker) wakeInto(ctx context.Context, environment types.NamespacedName, queue watch.Queue, seen map[types.NamespacedName]bool) {
	if seen[environment] {
		return
	}
	seen[environment] = true
	all := func(*v1alpha1.Promotion) bool { return true }
	r.unfinished(ctx, queue, all, client.MatchingFields{index.Target: environment.String()})
	var targets v1alpha1.EnvironmentList
	if err := r.Client.List(ctx, &targets, client.MatchingFields{index.Source: environment.String()}, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "cannot find the targets that are promoted from an Environment")
		return
	}
	for i := range targets.Items {
		r.wakeInto(ctx, client.ObjectKeyFromObject(&targets.Items[i]), queue, seen)
	}
}

func wake(waker *requeue.Waker, environments ...*v1alpha1.Environment) {
	for _, environment := range environments {
		waker.Wake(requeue.PriorityNormal, client.ObjectKeyFromObject(environment))
	}
}

// wakeOlder wakes the Promotions that may have to make way for one that has come.
func (r *waker) wakeOlder(ctx context.Context, o client.Object, queue watch.Queue) {
	p := o.(*v1alpha1.Promotion)
	if automatic.Made(p) && !promotion.Finished(p) {
		r.unfinished(ctx, queue, automatic.Made, client.MatchingFields{index.Target: p.Spec.TargetRef.In(p.Namespace).String()})
	}
}
