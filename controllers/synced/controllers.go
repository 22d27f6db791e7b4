// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/bulkhead"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/view"
)

// The reconcilers of the kinds that the engine drives.
type (
	// WorkflowReconciler drives Workflows.
	WorkflowReconciler = sync.Reconciler[*v1alpha1.Workflow, novu.WorkflowRequest, novu.Workflow]
	// LayoutReconciler drives Layouts.
	LayoutReconciler = sync.Reconciler[*v1alpha1.Layout, novu.LayoutRequest, novu.Layout]
	// IntegrationReconciler drives Integrations.
	IntegrationReconciler = sync.Reconciler[*v1alpha1.Integration, novu.IntegrationRequest, novu.Integration]
)

// +kubebuilder:rbac:groups=novu-operator.dev,resources=workflows;layouts;integrations,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=novu-operator.dev,resources=workflows/status;layouts/status;integrations/status,verbs=get;patch

// SetupWorkflows registers the controller of Workflows and its watches.
func SetupWorkflows(mgr ctrl.Manager, r *WorkflowReconciler, waker *requeue.Waker, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	kind := &v1alpha1.WorkflowList{}
	users := watch.Referrers(mgr.GetClient(), watch.LayoutOf, kind)
	return common(mgr, r.Pool, "workflow", &v1alpha1.Workflow{}, kind, waker).
		WatchesMetadata(&corev1.ConfigMap{}, watch.Referrers(mgr.GetClient(), watch.ConfigMapOf, kind)).
		Watches(&v1alpha1.Layout{}, users, watch.OnUpdate(syncChanged)).
		Watches(&v1alpha1.Layout{}, rechecked(mgr.GetClient(), r, usersOf), watch.OnUpdateAlone(layoutMade)).
		Watches(&v1alpha1.Integration{}, rechecked(mgr.GetClient(), r, withoutIntegration), watch.OnUpdateAlone(deliveryChanged)).
		WithOptions(options).
		Complete(requeue.Requests(mgr.GetClient(), r, b))
}

// SetupLayouts registers the controller of Layouts and its watches.
func SetupLayouts(mgr ctrl.Manager, r *LayoutReconciler, waker *requeue.Waker, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	kind := &v1alpha1.LayoutList{}
	return common(mgr, r.Pool, "layout", &v1alpha1.Layout{}, kind, waker).
		WatchesMetadata(&corev1.ConfigMap{}, watch.Referrers(mgr.GetClient(), watch.ConfigMapOf, kind)).
		Watches(&v1alpha1.Workflow{}, layoutsBeside(mgr.GetClient(), going), watch.OnUpdateAlone(usageChanged)).
		Watches(&v1alpha1.Layout{}, layoutsBeside(mgr.GetClient(), unmade), watch.OnUpdate(defaultChanged)).
		WithOptions(options).
		Complete(requeue.Requests(mgr.GetClient(), r, b))
}

// layoutsBeside enqueues those Layouts of the Environment of what has changed that wait for it.
func layoutsBeside(reader client.Reader, waits func(*v1alpha1.Layout) bool) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) (found []ctrl.Request) {
		var list v1alpha1.LayoutList
		by := client.MatchingFields{index.Environment: view.Environment(o).String()}
		if err := reader.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "cannot find the layouts that a change concerns")
		}
		for i := range list.Items {
			if layout := &list.Items[i]; waits(layout) && layout.UID != o.GetUID() {
				found = append(found, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(layout)})
			}
		}
		return found
	})
}

// going reports whether a Layout is to be deleted, which waits for the workflows that use it.
func going(l *v1alpha1.Layout) bool { return !l.DeletionTimestamp.IsZero() }

// unmade reports whether a Layout has not reached Novu, which may wait for the default one.
func unmade(l *v1alpha1.Layout) bool { return l.Status.ID == "" }

// usageChanged reports whether a workflow may have ceased to use a layout.
func usageChanged(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() ||
		before.(*v1alpha1.Workflow).Status.Revision != after.(*v1alpha1.Workflow).Status.Revision
}

// defaultChanged reports whether a Layout has become Novu's default, or is no longer, or not yet, to be that.
func defaultChanged(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() ||
		before.(*v1alpha1.Layout).IsDefault() != after.(*v1alpha1.Layout).IsDefault()
}

// SetupIntegrations registers the controller of Integrations and its watches.
func SetupIntegrations(mgr ctrl.Manager, r *IntegrationReconciler, waker *requeue.Waker, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	kind := &v1alpha1.IntegrationList{}
	return common(mgr, r.Pool, "integration", &v1alpha1.Integration{}, kind, waker).
		WatchesMetadata(&corev1.Secret{}, watch.Referrers(mgr.GetClient(), watch.SecretOf, kind)).
		Watches(&v1alpha1.Integration{}, others(mgr.GetClient(), r.Pool, primaryOf, kind), watch.OnUpdate(primaryChanged)).
		WithOptions(options).
		Complete(requeue.Requests(mgr.GetClient(), r, b))
}

// common are the watches of every kind that the engine drives: the object itself, its Environment, its namespace, and
// others that claim the same identity.
func common(
	mgr ctrl.Manager, pool *connection.Pool, name string, object client.Object, kind client.ObjectList, waker *requeue.Waker,
) *builder.Builder {
	c := mgr.GetClient()
	return ctrl.NewControllerManagedBy(mgr).
		For(object, watch.SpecChanged()).
		Named(name).
		WatchesRawSource(waker).
		Watches(object.DeepCopyObject().(client.Object), others(c, pool, claimOf, kind), watch.OnUpdate(claimChanged)).
		Watches(&v1alpha1.Environment{}, watch.Behind(c, watch.EnvironmentOf, kind, waker), watch.GenerationChanged()).
		WatchesMetadata(&corev1.Namespace{}, watch.InNamespace(c, kind), watch.OnUpdate(namespaceChanged))
}

// namespaceChanged reports whether other Environments may now be referred to, or that what waits to be deleted should not wait for
// long any more.
func namespaceChanged(before, after client.Object) bool {
	return !maps.Equal(before.GetLabels(), after.GetLabels()) || before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero()
}

// claimChanged reports whether an object has come to another Novu environment than before, where others may claim the same.
func claimChanged(before, after client.Object) bool {
	return view.Status(before).EnvironmentID != view.Status(after).EnvironmentID
}

// primaryChanged reports whether an Integration has begun or ceased to claim its channel.
func primaryChanged(before, after client.Object) bool {
	return before.(*v1alpha1.Integration).WantsPrimary() != after.(*v1alpha1.Integration).WantsPrimary() || claimChanged(before, after)
}

// syncChanged reports whether a Layout has reached Novu, no longer has, or has not for another reason than before.
func syncChanged(before, after client.Object) bool {
	old, now := before.(*v1alpha1.Layout), after.(*v1alpha1.Layout)
	return old.Status.ID != now.Status.ID || old.Status.EnvironmentID != now.Status.EnvironmentID ||
		now.Status.ID == "" && watch.ReadyReason(old) != watch.ReadyReason(now)
}
