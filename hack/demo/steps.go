// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

const samples = "config/samples"

// apply applies the samples as they are in the repository; an overlay puts the address and the keys of this Novu server
// in, and nothing else.
func (d *demo) apply(ctx context.Context) error {
	if err := d.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return err
	}
	if err := d.writeOverlay(); err != nil {
		return err
	}
	d.say("Applying %s: 3 environments, 3 layouts, 20 workflows, and providers for e-mail, SMS, push and chat.", samples)
	if err := d.kubectl(ctx, quietly, "apply", "--server-side", "-k", d.dir); err != nil {
		return err
	}
	if err := d.wait(ctx, "ready", d.everythingReady); err != nil {
		return err
	}
	if err := d.kubectl(ctx, aloud, "get", "layouts,integrations"); err != nil {
		return err
	}
	return d.kubectl(ctx, aloud, "get", "workflows")
}

func (d *demo) writeOverlay() error {
	base, err := filepath.Abs(samples)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(d.dir, base)
	if err != nil {
		return err
	}
	var overlay strings.Builder
	fmt.Fprintf(&overlay, "resources: [%s]\npatches:\n", relative)
	fmt.Fprintf(&overlay, "- target: {kind: Environment}\n  patch: '[{\"op\":\"replace\",\"path\":\"/spec/apiURL\",\"value\":%q}]'\n", d.novu.URL)
	for _, e := range environments {
		fmt.Fprintf(&overlay, "- target: {kind: Secret, name: novu-%s}\n  patch: '[{\"op\":\"replace\",\"path\":\"/stringData/secretKey\",\"value\":%q}]'\n",
			e.object, d.novu.Environment(e.novu).SecretKey)
	}
	return os.WriteFile(filepath.Join(d.dir, "kustomization.yaml"), []byte(overlay.String()), 0o600)
}

func (d *demo) promoteToStaging(ctx context.Context) error {
	return d.promote(ctx, "staging")
}

func (d *demo) promoteToProduction(ctx context.Context) error {
	return d.promote(ctx, "production")
}

func (d *demo) promote(ctx context.Context, target string) error {
	d.say("Promoting everything from development to %s.", target)
	file := filepath.Join(samples, "promotions", target+".yaml")
	if err := d.kubectl(ctx, quietly, "apply", "--server-side", "-f", file); err != nil {
		return err
	}
	name := "samples-to-" + target
	if err := d.wait(ctx, "promoted to "+target, d.promotionEnded(name)); err != nil {
		return err
	}
	return d.kubectl(ctx, aloud, "get", "promotion", name)
}

// planAChange edits a workflow in Development and asks what would change in Production.
func (d *demo) planAChange(ctx context.Context) error {
	d.say("A user edits order-shipped in Development. A Promotion with dryRun shows what that would change in production.")
	var w v1alpha1.Workflow
	if err := d.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "order-shipped"}, &w); err != nil {
		return err
	}
	edited := w.DeepCopy()
	edited.Spec.Description = "Tell the customer that the parcel has left the warehouse"
	edited.Spec.Tags = append(edited.Spec.Tags, "demo")
	if err := d.Patch(ctx, edited, client.MergeFrom(&w)); err != nil {
		return err
	}
	if err := d.wait(ctx, "ready", d.everythingReady); err != nil {
		return err
	}
	if err := d.wait(ctx, "targets count it as pending", d.pendingEverywhere); err != nil {
		return err
	}
	plan := &v1alpha1.Promotion{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "what-if"},
		Spec:       v1alpha1.PromotionSpec{TargetRef: v1alpha1.EnvironmentReference{Name: "production"}, DryRun: new(true)},
	}
	if err := d.Create(ctx, plan); err != nil {
		return err
	}
	if err := d.wait(ctx, "planned", d.promotionEnded(plan.Name)); err != nil {
		return err
	}
	if err := d.kubectl(ctx, aloud, "get", "promotion", plan.Name); err != nil {
		return err
	}
	return d.showPlan(ctx, plan.Name)
}

func (d *demo) showWhereItLives(ctx context.Context) error {
	d.say("What is live where. order-shipped has a revision in development that is not promoted yet.")
	if err := d.showLive(ctx); err != nil {
		return err
	}
	return d.kubectl(ctx, aloud, "get", "environments")
}
