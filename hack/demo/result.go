// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
)

// result counts what the demo is about. Kubernetes knows what should be there, the Novu server what is.
type result struct {
	workflows, synced, promoted, failed int
}

func (r result) String() string {
	return fmt.Sprintf("demo: %d/%d workflows synced, %d/%d promoted to production, %d failed",
		r.synced, r.workflows, r.promoted, r.workflows, r.failed)
}

func (r result) complete() bool {
	return r.workflows > 0 && r.synced == r.workflows && r.promoted == r.workflows && r.failed == 0
}

func (d *demo) result(ctx context.Context) (result, error) {
	var r result
	development, production := d.held("Development"), d.held("Production")
	objects, err := d.list(ctx, &v1alpha1.WorkflowList{})
	if err != nil {
		return r, err
	}
	for _, o := range objects {
		w := o.(*v1alpha1.Workflow)
		r.workflows++
		if development[w.EffectiveID()] && apimeta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionSynced) {
			r.synced++
		}
		if production[w.EffectiveID()] && revisionIn(w, "production") != "-" {
			r.promoted++
		}
		if apimeta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionStalled) {
			r.failed++
		}
	}
	failed, err := d.failures(ctx)
	r.failed += failed
	return r, err
}

// held is the set of workflows that work in an environment of the Novu server.
func (d *demo) held(environment string) map[string]bool {
	ids := map[string]bool{}
	for _, w := range d.novu.Workflows(environment) {
		ids[w.WorkflowID] = w.Status == "ACTIVE"
	}
	return ids
}

// failures counts what Promotions could not bring over.
func (d *demo) failures(ctx context.Context) (failed int, err error) {
	var promotions v1alpha1.PromotionList
	if err := d.List(ctx, &promotions); err != nil {
		return 0, err
	}
	for i := range promotions.Items {
		plan := promotions.Items[i].Status.Plan
		if plan == nil {
			failed++
			continue
		}
		for _, item := range plan.Items {
			if item.State == v1alpha1.ItemStateFailed {
				failed++
			}
		}
	}
	return failed, nil
}
