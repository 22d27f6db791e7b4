package controllers

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/sync"
)

// countsAgain has targets count again when an object that can be promoted to them comes, goes or has another revision, at
// once; and when a Promotion records what it has brought to one, once for many objects.
func (w *environmentWatches) countsAgain() handler.EventHandler {
	nudge := func(ctx context.Context, o client.Object) {
		for _, target := range targetsOf(ctx, w.Client, environmentKey(o)) {
			w.Waker.NudgeAtOnce(target)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, _ workQueue) {
			if !e.IsInInitialList { // targets are polled anyway when the operator starts
				nudge(ctx, e.Object)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, _ workQueue) {
			if e.ObjectOld.(sync.Object).Sync().Revision != e.ObjectNew.(sync.Object).Sync().Revision {
				nudge(ctx, e.ObjectNew)
			}
			for _, target := range broughtTo(e.ObjectOld, e.ObjectNew) {
				w.Waker.Nudge(target)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ workQueue) { nudge(ctx, e.Object) },
	}
}

// broughtTo are the targets in which another revision is live now than before, or none any more.
func broughtTo(before, after client.Object) (targets []types.NamespacedName) {
	old, now := liveIn(before), liveIn(after)
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

// liveIn are the revisions of an object that are recorded as live, by target.
func liveIn(o client.Object) map[types.NamespacedName]string {
	revisions := map[types.NamespacedName]string{}
	for _, live := range definition.LiveRevisions(o) {
		revisions[types.NamespacedName{Namespace: live.Namespace, Name: live.Environment}] = live.Revision
	}
	return revisions
}

// targetsOf returns the Environments that are promoted from one, directly or from each other, without that one.
func targetsOf(ctx context.Context, reader client.Reader, source types.NamespacedName) (found []types.NamespacedName) {
	for sources := []types.NamespacedName{source}; len(sources) > 0; sources = sources[1:] {
		var list v1alpha1.EnvironmentList
		by := client.MatchingFields{index.Source: sources[0].String()}
		if err := reader.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "cannot find the targets that are promoted from an Environment")
			return found
		}
		for i := range list.Items {
			if target := keyOf(&list.Items[i]); target != source && !slices.Contains(found, target) {
				found, sources = append(found, target), append(sources, target)
			}
		}
	}
	return found
}

// targetMoves has a target looked after when a Promotion has left it, and what is recorded of one that is gone removed.
func (w *environmentWatches) targetMoves() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ workQueue) {
			before, after := e.ObjectOld.(*v1alpha1.Environment), e.ObjectNew.(*v1alpha1.Environment)
			if before.UID != after.UID {
				w.guardian.depart(before)
			}
			if holdMoved(before, after) {
				w.Waker.Nudge(keyOf(after)) // it is kept beside the target
			}
			if before.Status.ActivePromotionRef != nil && after.Status.ActivePromotionRef == nil {
				w.Waker.NudgeAfter(soon, keyOf(after))
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ workQueue) {
			w.guardian.depart(e.Object)
			w.rememberNot(ctx, keyOf(e.Object))
		},
	}
}
