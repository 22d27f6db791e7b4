// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/automatic"
	"novu-operator.dev/controllers/environment"
	promotions "novu-operator.dev/controllers/promotion"
	"novu-operator.dev/controllers/synced"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/sync/adapter"
	"novu-operator.dev/internal/view"
)

// Options of all controllers.
type Options struct {
	// Pool of connections to Novu.
	Pool *connection.Pool
	// DeletionPolicy of objects that do not set their own.
	DeletionPolicy v1alpha1.DeletionPolicy
	// WatchNamespaces limits what is watched; empty: all namespaces.
	WatchNamespaces []string
	// MaxConcurrentReconciles of each kind.
	MaxConcurrentReconciles int
	// Metrics of promotions; nil: nothing is measured.
	Metrics *metrics.Promotions
}

// wakers of the kinds, by which one controller puts objects into the queue of another.
type wakers struct {
	environments, workflows, layouts, integrations, promotions requeue.Waker

	reassessments sync.Reassessments      // of Workflows
	placed        promotion.Reassessments // of what was promoted
	corrections   promotion.Corrections   // in promotion targets; Promotions wait for them
}

// Setup registers the indexes and the controllers of every kind.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := index.Register(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	w := &wakers{}
	options := controller.Options{MaxConcurrentReconciles: o.MaxConcurrentReconciles}
	recorder := withPrintableNotes(mgr.GetEventRecorder("novu-operator"))
	setups := map[string]func() error{
		"environment": func() error { return setupEnvironments(mgr, o, w, recorder, options) },
		"workflow":    func() error { return setupWorkflows(mgr, o, w, recorder, options) },
		"layout":      func() error { return setupLayouts(mgr, o, w, recorder, options) },
		"integration": func() error { return setupIntegrations(mgr, o, w, recorder, options) },
		"promotion":   func() error { return setupPromotions(ctx, mgr, o, w, recorder, options) },
		"automatic":   func() error { return setupAutomatic(mgr, o, recorder, options) },
	}
	for kind, setup := range setups {
		if err := setup(); err != nil {
			return fmt.Errorf("set up the %s controller: %w", kind, err)
		}
	}
	return nil
}

func setupEnvironments(mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder, options controller.Options) error {
	r := &environment.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Pool: o.Pool, Recorder: recorder, Waker: &w.environments,
		Corrections: &w.corrections,
		Children: []environment.Children{
			{Object: &v1alpha1.Layout{}, List: &v1alpha1.LayoutList{}, Resource: connection.Layouts, Waker: &w.layouts},
			{Object: &v1alpha1.Integration{}, List: &v1alpha1.IntegrationList{}, Resource: connection.Integrations, Waker: &w.integrations},
			{Object: &v1alpha1.Workflow{}, List: &v1alpha1.WorkflowList{}, Resource: connection.Workflows, Waker: &w.workflows},
		},
		Reassessments: &w.reassessments, Placed: &w.placed,
	}
	return r.SetupWithManager(mgr, options)
}

func setupWorkflows(mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder, options controller.Options) error {
	r := reconciler[*v1alpha1.Workflow, novu.WorkflowRequest, novu.Workflow](mgr, o, w, recorder)
	r.Adapter, r.Reassessments = adapter.Workflow{}, &w.reassessments
	r.Rival = synced.Rival[*v1alpha1.Workflow](mgr.GetClient(), o.Pool, v1alpha1.WorkflowKind, &v1alpha1.WorkflowList{})
	r.Heir = synced.Heir[*v1alpha1.Workflow](mgr.GetClient(), o.Pool, v1alpha1.WorkflowKind, &v1alpha1.WorkflowList{})
	return errors.Join(synced.Protect(mgr, r), synced.SetupWorkflows(mgr, r, &w.workflows, options))
}

func setupLayouts(mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder, options controller.Options) error {
	r := reconciler[*v1alpha1.Layout, novu.LayoutRequest, novu.Layout](mgr, o, w, recorder)
	r.Adapter = adapter.Layout{}
	r.Rival = synced.Rival[*v1alpha1.Layout](mgr.GetClient(), o.Pool, v1alpha1.LayoutKind, &v1alpha1.LayoutList{})
	r.Heir = synced.Heir[*v1alpha1.Layout](mgr.GetClient(), o.Pool, v1alpha1.LayoutKind, &v1alpha1.LayoutList{})
	return errors.Join(synced.Protect(mgr, r), synced.SetupLayouts(mgr, r, &w.layouts, options))
}

func setupIntegrations(mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder, options controller.Options) error {
	r := reconciler[*v1alpha1.Integration, novu.IntegrationRequest, novu.Integration](mgr, o, w, recorder)
	r.Adapter = adapter.Integration{}
	r.Rival = synced.IntegrationRival(mgr.GetClient(), o.Pool)
	r.Heir = synced.Heir[*v1alpha1.Integration](mgr.GetClient(), o.Pool, v1alpha1.IntegrationKind, &v1alpha1.IntegrationList{})
	return errors.Join(synced.Protect(mgr, r), synced.SetupIntegrations(mgr, r, &w.integrations, options))
}

func setupPromotions(
	ctx context.Context, mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder, options controller.Options,
) error {
	r := &promotions.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Pool: o.Pool, Recorder: recorder, Waker: &w.promotions,
		Environments: &w.environments, Workflows: &w.workflows, Layouts: &w.layouts, Metrics: o.Metrics, Corrections: &w.corrections,
		Reassessments: &w.reassessments, Placed: &w.placed,
	}
	o.Metrics.Count(promotions.ByPhase(ctx, mgr.GetClient()))
	return r.SetupWithManager(mgr, options)
}

func setupAutomatic(mgr ctrl.Manager, o Options, recorder events.EventRecorder, options controller.Options) error {
	r := &automatic.Reconciler{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Pool: o.Pool, Recorder: recorder, Metrics: o.Metrics}
	return r.SetupWithManager(mgr, options)
}

// reconciler is what the three kinds that the engine drives have in common.
func reconciler[O view.Object, W, H any](mgr ctrl.Manager, o Options, w *wakers, recorder events.EventRecorder) *sync.Reconciler[O, W, H] {
	return &sync.Reconciler[O, W, H]{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Pool: o.Pool, Recorder: recorder,
		Environments: &w.environments, DeletionPolicy: o.DeletionPolicy, Reassessments: &sync.Reassessments{},
	}
}
