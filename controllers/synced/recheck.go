// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu/lint"
	"novu-operator.dev/internal/sync/adapter"
	"novu-operator.dev/internal/view"
)

// Some changes in Novu alter workflows without moving their updatedAt, so that no poll shows them. The objects
// behind these changes are watched instead, and the workflows concerned are compared in full.

// rechecked compares the Workflows that affected finds in full. What an object was before it changed affects none.
func rechecked(
	reader client.Reader, r *WorkflowReconciler, affected func(changed client.Object, w *v1alpha1.Workflow) bool,
) handler.EventHandler {
	enqueue := func(ctx context.Context, changed client.Object, queue watch.Queue) {
		var list v1alpha1.WorkflowList
		environment := view.Environment(changed)
		by := client.MatchingFields{index.Environment: environment.String()}
		if err := reader.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
			return
		}
		for i := range list.Items {
			if w := &list.Items[i]; affected(changed, w) {
				r.Recheck(client.ObjectKeyFromObject(w))
				r.Reassessments.Mark(client.ObjectKeyFromObject(w))
				queue.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(w)})
			}
		}
	}
	return handler.Funcs{
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue watch.Queue) {
			enqueue(ctx, e.ObjectNew, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue watch.Queue) {
			enqueue(ctx, e.Object, queue)
		},
	}
}

// layoutMade reports whether a Layout was made in Novu, perhaps again: when a layout is deleted, Novu takes it out of every step
// that uses it.
func layoutMade(before, after client.Object) bool {
	old, now := before.(*v1alpha1.Layout), after.(*v1alpha1.Layout)
	return old.Status.ID != now.Status.ID && now.Status.ID != ""
}

// usersOf are the workflows with a step that uses the layout.
func usersOf(changed client.Object, w *v1alpha1.Workflow) bool {
	layout := changed.(*v1alpha1.Layout)
	return slices.ContainsFunc(w.Spec.Steps, func(s v1alpha1.WorkflowStep) bool {
		return s.Email.LayoutName() == layout.Name && w.Namespace == layout.Namespace || s.Email.LayoutID() == layout.EffectiveID()
	})
}

// deliveryChanged reports whether Novu may now deliver through an integration, or no longer.
func deliveryChanged(before, after client.Object) bool {
	old, now := before.(*v1alpha1.Integration), after.(*v1alpha1.Integration)
	return old.IsActive() != now.IsActive() || old.IsPrimary() != now.IsPrimary() || old.Status.ID != now.Status.ID
}

// withoutIntegration are the workflows with a step of the integration's channel for which Novu reports, or may report
// now, that the channel has no integration: it works that out when a workflow is read.
func withoutIntegration(changed client.Object, w *v1alpha1.Workflow) bool {
	i := changed.(*v1alpha1.Integration)
	uses := slices.ContainsFunc(w.Spec.Steps, func(s v1alpha1.WorkflowStep) bool { return string(s.Type) == string(i.Spec.Channel) })
	lost := !i.IsActive() || !i.DeletionTimestamp.IsZero()
	settled := apimeta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionReady) && w.Status.ObservedGeneration == w.Generation
	_, warnings := adapter.Workflow{}.Complaints(w)
	return uses && (lost || delivers(i) && (!settled || warnings != ""))
}

// delivers reports whether steps of the integration's channel use it.
func delivers(i *v1alpha1.Integration) bool {
	return i.IsPrimary() || !lint.HasPrimary(definition.NovuChannel(i.Spec.Channel))
}
