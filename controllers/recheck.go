package controllers

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/sync/adapter"
)

// Some changes in Novu alter workflows without moving their updatedAt, so that no look at Novu shows them. The objects
// behind these changes are watched instead, and the workflows concerned are compared in full.

// rechecked compares the Workflows that affected finds in full. What an object was before it changed affects none.
func rechecked(
	reader client.Reader, r *WorkflowReconciler, affected func(changed client.Object, w *v1alpha1.Workflow) bool,
) handler.EventHandler {
	enqueue := func(ctx context.Context, changed client.Object, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		var list v1alpha1.WorkflowList
		environment := changed.(interface{ Policies() v1alpha1.Policies }).Policies().EnvironmentRef.In(changed.GetNamespace())
		by := client.MatchingFields{index.Environment: environment.String()}
		if err := reader.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
			return
		}
		for i := range list.Items {
			if w := &list.Items[i]; affected(changed, w) {
				r.Recheck(keyOf(w))
				r.Reassessments.Mark(keyOf(w))
				queue.Add(reconcile.Request{NamespacedName: keyOf(w)})
			}
		}
	}
	return handler.Funcs{
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			enqueue(ctx, e.ObjectNew, queue)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			enqueue(ctx, e.Object, queue)
		},
	}
}

// layoutMade says that a Layout was made in Novu, perhaps anew: when a layout is deleted, Novu takes it out of every step
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

// deliveryChanged says that Novu may now deliver through an integration, or no longer.
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

// delivers says that steps of the integration's channel use it: of e-mail and SMS, only the primary one counts.
func delivers(i *v1alpha1.Integration) bool {
	return i.IsPrimary() || i.Spec.Channel != v1alpha1.ChannelEmail && i.Spec.Channel != v1alpha1.ChannelSMS
}

// onUpdateAlone lets deletions and those updates through for which changed says so. What is only listed anew after a
// restart has not changed.
func onUpdateAlone(changed func(before, after client.Object) bool) builder.Predicates {
	return builder.WithPredicates(predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool { return changed(e.ObjectOld, e.ObjectNew) },
	})
}

// deliveries are the channels that Novu can deliver through, as it spells them.
type deliveries map[string]bool

// doubt has the workflows compared in full whose status is wrong about a channel through which Novu has begun or ceased to
// deliver since the last look: somebody has changed an integration that no object describes, or that no object corrects.
func (p *poller) doubt(s *environmentScope) {
	delivering := deliveries(promotion.Deliverable(s.conn))
	changed := p.awake.deliver(keyOf(s.environment), delivering)
	for _, c := range s.children {
		w, ok := c.Object.(*v1alpha1.Workflow)
		if !ok {
			continue
		}
		_, listed := s.conn.Lookup(connection.Workflows, w.EffectiveID())
		if listed && slices.ContainsFunc(w.Status.Steps, func(step v1alpha1.StepStatus) bool {
			channel := definition.NovuType(step.Type)
			return changed[channel] && undeliverable(step) == delivering[channel]
		}) {
			s.conn.Doubt(connection.Workflows, w.EffectiveID())
		}
	}
}

// undeliverable says that Novu has reported that there is no integration for the step.
func undeliverable(step v1alpha1.StepStatus) bool {
	return slices.ContainsFunc(step.Issues, func(i v1alpha1.Issue) bool { return i.Type == "MISSING_INTEGRATION" })
}
