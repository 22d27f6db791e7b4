package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/sync"
)

// countsAgain has targets count again when an object that can be promoted to them comes, goes or has another revision, at
// once; and when a Promotion records what it has brought to one, once for many objects.
func (w *environmentWatches) countsAgain() handler.EventHandler {
	nudge := func(ctx context.Context, o client.Object) {
		for _, target := range watch.TargetsOf(ctx, w.Client, environmentKey(o)) {
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
			if e.ObjectOld.(sync.Object).Sync().Revision != e.ObjectNew.(sync.Object).Sync().Revision {
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
func (w *environmentWatches) targetMoves() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ watch.Queue) {
			before, after := e.ObjectOld.(*v1alpha1.Environment), e.ObjectNew.(*v1alpha1.Environment)
			if before.UID != after.UID {
				w.guardian.depart(before)
			}
			if watch.HoldMoved(before, after) {
				w.Waker.Nudge(keyOf(after)) // it is kept beside the target
			}
			if before.Status.ActivePromotionRef != nil && after.Status.ActivePromotionRef == nil {
				w.Waker.NudgeAfter(soon, keyOf(after))
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ watch.Queue) {
			w.guardian.depart(e.Object)
			w.rememberNot(ctx, keyOf(e.Object))
		},
	}
}
