package controllers

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu"
)

// Reconcilers of the kinds that the engine drives.
type (
	WorkflowReconciler    = engine.Reconciler[*v1alpha1.Workflow, *novu.WorkflowRequest, novu.Workflow]
	LayoutReconciler      = engine.Reconciler[*v1alpha1.Layout, *novu.LayoutRequest, novu.Layout]
	IntegrationReconciler = engine.Reconciler[*v1alpha1.Integration, *novu.IntegrationRequest, novu.Integration]
)

// +kubebuilder:rbac:groups=novu-operator.dev,resources=workflows;layouts;integrations,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=novu-operator.dev,resources=workflows/status;layouts/status;integrations/status,verbs=get;patch

// SetupWorkflows registers the controller of Workflows and its watches.
func SetupWorkflows(mgr ctrl.Manager, r *WorkflowReconciler, waker *engine.Waker, options controller.Options) error {
	kind := &v1alpha1.WorkflowList{}
	recheck := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
		return withoutIntegration(ctx, r, o.(*v1alpha1.Integration))
	})
	return common(mgr, "workflow", &v1alpha1.Workflow{}, kind, waker).
		WatchesMetadata(&corev1.ConfigMap{}, referrers(mgr.GetClient(), configMapOf, kind)).
		Watches(&v1alpha1.Layout{}, referrers(mgr.GetClient(), layoutOf, kind), onUpdate(syncChanged)).
		Watches(&v1alpha1.Integration{}, recheck, onUpdate(deliveryChanged)).
		WithOptions(options).
		Complete(reconcile.AsReconciler(mgr.GetClient(), r))
}

// SetupLayouts registers the controller of Layouts and its watches.
func SetupLayouts(mgr ctrl.Manager, r *LayoutReconciler, waker *engine.Waker, options controller.Options) error {
	kind := &v1alpha1.LayoutList{}
	return common(mgr, "layout", &v1alpha1.Layout{}, kind, waker).
		WatchesMetadata(&corev1.ConfigMap{}, referrers(mgr.GetClient(), configMapOf, kind)).
		WithOptions(options).
		Complete(reconcile.AsReconciler(mgr.GetClient(), r))
}

// SetupIntegrations registers the controller of Integrations and its watches.
func SetupIntegrations(mgr ctrl.Manager, r *IntegrationReconciler, waker *engine.Waker, options controller.Options) error {
	kind := &v1alpha1.IntegrationList{}
	return common(mgr, "integration", &v1alpha1.Integration{}, kind, waker).
		WatchesMetadata(&corev1.Secret{}, referrers(mgr.GetClient(), secretOf, kind)).
		WithOptions(options).
		Complete(reconcile.AsReconciler(mgr.GetClient(), r))
}

// common are the watches of every kind that the engine drives: the object itself, its Environment, the labels of its
// namespace, and the end of an object that had more right to the same identity.
func common(mgr ctrl.Manager, name string, object client.Object, kind client.ObjectList, waker *engine.Waker) *builder.Builder {
	c := mgr.GetClient()
	return ctrl.NewControllerManagedBy(mgr).
		For(object, specChanged()).
		Named(name).
		WatchesRawSource(waker).
		Watches(object.DeepCopyObject().(client.Object), referrers(c, claimOf, kind), onDelete()).
		Watches(&v1alpha1.Environment{}, referrers(c, environmentOf, kind), specChanged()).
		WatchesMetadata(&corev1.Namespace{}, inNamespace(c, kind), onUpdate(labelsChanged))
}

func labelsChanged(before, after client.Object) bool {
	return !maps.Equal(before.GetLabels(), after.GetLabels())
}

// syncChanged says that a Layout has reached Novu, or no longer has.
func syncChanged(before, after client.Object) bool {
	old, now := before.(*v1alpha1.Layout), after.(*v1alpha1.Layout)
	synced := func(l *v1alpha1.Layout) bool {
		return apimeta.IsStatusConditionTrue(l.Status.Conditions, v1alpha1.ConditionSynced)
	}
	return synced(old) != synced(now) || old.Status.EnvironmentID != now.Status.EnvironmentID
}

// deliveryChanged says that Novu may now deliver through an integration, or no longer.
func deliveryChanged(before, after client.Object) bool {
	old, now := before.(*v1alpha1.Integration), after.(*v1alpha1.Integration)
	return old.Status.Active != now.Status.Active || old.Status.Primary != now.Status.Primary || old.Status.ID != now.Status.ID
}

// withoutIntegration are the workflows of the same Environment for which Novu reported a channel without an integration:
// their issues are worked out when they are read, so they are to be read again.
func withoutIntegration(ctx context.Context, r *WorkflowReconciler, i *v1alpha1.Integration) (found []reconcile.Request) {
	var list v1alpha1.WorkflowList
	environment := i.Policies().EnvironmentRef.In(i.Namespace).String()
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.Environment: environment}, client.UnsafeDisableDeepCopy); err != nil {
		return nil
	}
	for n := range list.Items {
		w := &list.Items[n]
		if _, warnings := r.External.Complaints(w); warnings != "" || !i.Status.Active {
			r.Recheck(w.UID)
			found = append(found, reconcile.Request{NamespacedName: keyOf(w)})
		}
	}
	return found
}
