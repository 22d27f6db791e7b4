// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// countsAgain has targets count again when an object that can be promoted to them comes, goes or has another revision, at
// once; and when a Promotion records what it has brought to one, once for many objects.
func (w *watches) countsAgain() handler.EventHandler {
	nudge := func(ctx context.Context, o client.Object) {
		for _, target := range watch.TargetsOf(ctx, w.Client, view.Environment(o)) {
			w.Waker.NudgeAtOnce(target)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, _ watch.Queue) {
			if !e.IsInInitialList { // targets are polled anyway when the operator starts
				nudge(ctx, e.Object)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, _ watch.Queue) {
			if view.Status(e.ObjectOld).Revision != view.Status(e.ObjectNew).Revision {
				nudge(ctx, e.ObjectNew)
			}
			for _, target := range broughtTo(e.ObjectOld, e.ObjectNew) {
				w.Waker.Nudge(target)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ watch.Queue) { nudge(ctx, e.Object) },
	}
}

// broughtTo are the targets in which another revision is live now than before, or none any more.
func broughtTo(before, after client.Object) (targets []types.NamespacedName) {
	old, now := watch.LiveIn(before), watch.LiveIn(after)
	for target, revision := range now {
		if was, ok := old[target]; !ok || was != revision {
			targets = append(targets, target)
		}
	}
	for target := range old {
		if _, ok := now[target]; !ok {
			targets = append(targets, target)
		}
	}
	return targets
}

// targetMoves has a target looked after when a Promotion has left it, and what is recorded of one that is gone removed.
func (w *watches) targetMoves() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ watch.Queue) {
			before, after := e.ObjectOld.(*v1alpha1.Environment), e.ObjectNew.(*v1alpha1.Environment)
			if before.UID != after.UID {
				w.guardian.depart(before)
			}
			if watch.HoldMoved(before, after) {
				w.Waker.Nudge(client.ObjectKeyFromObject(after)) // it is kept beside the target
			}
			if before.Status.ActivePromotionRef != nil && after.Status.ActivePromotionRef == nil {
				w.Waker.NudgeAfter(watch.Soon, client.ObjectKeyFromObject(after))
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ watch.Queue) {
			w.guardian.depart(e.Object)
			w.rememberNot(ctx, client.ObjectKeyFromObject(e.Object))
		},
	}
}

// needs tells an Environment that an object has begun to need it, at once, and that one no longer does or no longer
// counts, once for many.
func (w *watches) needs() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ watch.Queue) {
			needed := controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer)
			switch needs := controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer); {
			case needs && !needed:
				w.Waker.Wake(requeue.PriorityNormal, view.Environment(e.ObjectNew))
			case needed && !needs:
				w.Waker.NudgeAfter(watch.Soon, view.Environment(e.ObjectNew))
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ watch.Queue) {
			w.Waker.NudgeAfter(watch.Soon, view.Environment(e.Object))
		},
	}
}

// rememberNot wakes the Environments whose objects hold records of a target that is gone.
func (w *watches) rememberNot(ctx context.Context, target types.NamespacedName) {
	for _, kind := range w.Children {
		if kind.Resource == connection.Integrations {
			continue // those are not promoted
		}
		list := kind.List.DeepCopyObject().(client.ObjectList)
		if err := w.Client.List(ctx, list, client.MatchingFields{index.Live: target.String()}, client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "cannot find what was promoted to an Environment that is gone")
			return
		}
		_ = apimeta.EachListItem(list, func(o runtime.Object) error {
			w.Waker.NudgeAfter(watch.Soon, view.Environment(o.(client.Object)))
			return nil
		})
	}
}
