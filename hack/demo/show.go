// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sort"
	"text/tabwriter"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
)

// list returns the objects of a kind in the demo's namespace.
func (s *stage) list(ctx context.Context, list client.ObjectList) (objects []v1alpha1.Object, err error) {
	if err := s.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	err = apimeta.EachListItem(list, func(o runtime.Object) error {
		objects = append(objects, o.(v1alpha1.Object))
		return nil
	})
	return objects, err
}

// showPlan prints what a Promotion plans, field by field.
func (d *demo) showPlan(ctx context.Context, name string) error {
	var promotion v1alpha1.Promotion
	if err := d.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &promotion); err != nil {
		return err
	}
	plan := promotion.Status.Plan
	if plan == nil {
		return fmt.Errorf("promotion %s has no plan", name)
	}
	fmt.Fprintf(d.out, "\nPlan %s: %d to create, %d to update, %d unchanged\n", plan.ShortHash, plan.Create, plan.Update, plan.Unchanged)
	for _, item := range plan.Items {
		if item.Action == v1alpha1.PlanActionUnchanged {
			continue
		}
		fmt.Fprintf(d.out, "  %s %s %s, revision %s\n", item.Action, item.Kind, item.Name, definition.Short(item.Revision))
		for _, change := range item.Changes {
			fmt.Fprintf(d.out, "    %s\n      - %s\n      + %s\n", change.Path, change.From, change.To)
		}
	}
	return nil
}

// showLive prints, in short forms, which revision of each workflow is live in which environment.
func (d *demo) showLive(ctx context.Context) error {
	objects, err := d.list(ctx, &v1alpha1.WorkflowList{})
	if err != nil {
		return err
	}
	sort.Slice(objects, func(i, j int) bool { return objects[i].GetName() < objects[j].GetName() })
	fmt.Fprintln(d.out)
	table := tabwriter.NewWriter(d.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "WORKFLOW\tDEVELOPMENT\tSTAGING\tPRODUCTION")
	for _, o := range objects {
		w := o.(*v1alpha1.Workflow)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", w.Name, w.Status.ShortRevision, revisionIn(w, "staging"), revisionIn(w, "production"))
	}
	return table.Flush()
}

func revisionIn(w *v1alpha1.Workflow, environment string) string {
	for _, live := range w.Status.Environments {
		if live.Environment == environment {
			return live.ShortRevision
		}
	}
	return "-"
}

// explain says how to look around while everything is left running.
func (d *demo) explain() {
	d.say("Everything is left running until you press Ctrl-C.")
	fmt.Fprintf(d.out, `
  export KUBECONFIG=%s
  alias kubectl=%s
  kubectl -n %s get novu

Novu's API: %s
`, d.cluster.Kubeconfig, d.cluster.Assets+"/kubectl", namespace, d.novu.URL)
	for _, e := range environments {
		remote := d.novu.Environment(e.novu)
		fmt.Fprintf(d.out, "  %-12s id %s  curl -H 'Authorization: ApiKey %s' %s/v2/workflows\n", e.novu, remote.ID, remote.SecretKey, d.novu.URL)
	}
	fmt.Fprintf(d.out, "The operator's log: %s\n", d.log.Name())
}
