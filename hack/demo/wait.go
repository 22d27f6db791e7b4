// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// patience is how long a step may take. It is far more than it needs, for slow and busy machines.
const patience = 5 * time.Minute

// progress is how far a step has come.
type progress struct {
	done, all int
	// waiting names something that is not done, and why.
	waiting string
	// over reports whether no more will come.
	over bool
}

// wait shows the progress of a step until it is done.
func (s *stage) wait(ctx context.Context, what string, state func(context.Context) (progress, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shown := ""
	for {
		p, err := state(ctx)
		if err != nil {
			return err
		}
		if line := fmt.Sprintf("    %d/%d %s", p.done, p.all, what); line != shown {
			fmt.Fprintln(s.out, line)
			shown = line
		}
		if p.all > 0 && p.done == p.all || p.over {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d/%d %s: %s", p.done, p.all, what, p.waiting)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// everythingReady counts the objects of all kinds that are ready for their current spec.
func (d *demo) everythingReady(ctx context.Context) (progress, error) {
	var p progress
	for _, list := range []client.ObjectList{
		&v1alpha1.EnvironmentList{}, &v1alpha1.LayoutList{}, &v1alpha1.IntegrationList{}, &v1alpha1.WorkflowList{},
	} {
		objects, err := d.list(ctx, list)
		if err != nil {
			return p, err
		}
		for _, o := range objects {
			p.all++
			ready := apimeta.FindStatusCondition(o.GetConditions(), v1alpha1.ConditionReady)
			if ready != nil && ready.Status == "True" && ready.ObservedGeneration == o.GetGeneration() {
				p.done++
			} else if ready != nil {
				p.waiting = o.GetName() + ": " + ready.Message
			}
		}
	}
	return p, nil
}

// pendingEverywhere counts the promotion targets for which the edited workflow, and nothing else, is to be promoted.
func (d *demo) pendingEverywhere(ctx context.Context) (progress, error) {
	var p progress
	var list v1alpha1.EnvironmentList
	if err := d.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return p, err
	}
	for i := range list.Items {
		e := &list.Items[i]
		if !e.IsPromotionTarget() {
			continue
		}
		p.all++
		if e.Status.Target != nil && e.Status.Target.Pending == 1 {
			p.done++
		} else {
			p.waiting = e.Name + " does not count the edit yet"
		}
	}
	return p, nil
}

func (d *demo) promotionEnded(name string) func(context.Context) (progress, error) {
	return func(ctx context.Context) (progress, error) {
		var promotion v1alpha1.Promotion
		if err := d.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &promotion); err != nil {
			return progress{}, err
		}
		p := progress{waiting: "nothing is planned yet", over: promotion.Status.CompletionTime != nil}
		if ready := apimeta.FindStatusCondition(promotion.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
			p.waiting = ready.Message
		}
		if promotion.Status.Plan == nil {
			return p, nil
		}
		for _, item := range promotion.Status.Plan.Items {
			p.all++
			if item.State == v1alpha1.ItemStateDone || ptr.Deref(promotion.Spec.DryRun, false) {
				p.done++
			}
		}
		if !p.over {
			p.done = min(p.done, p.all-1) // the last word is the completion time
		}
		return p, nil
	}
}

// noise says how much of a command is shown.
type noise bool

const (
	quietly noise = false
	aloud   noise = true
)

// kubectl runs kubectl against the demo's cluster, as a user would.
func (s *stage) kubectl(ctx context.Context, n noise, args ...string) error {
	shown := strings.Join(args, " ")
	args = append([]string{"--kubeconfig", s.cluster.Kubeconfig, "--namespace", namespace}, args...)
	command := exec.CommandContext(ctx, filepath.Join(s.cluster.Assets, "kubectl"), args...) //nolint:gosec // our own arguments
	if n == aloud {
		fmt.Fprintf(s.out, "\n$ kubectl %s\n", shown)
		command.Stdout, command.Stderr = s.out, os.Stderr
		return command.Run()
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %s: %w\n%s", shown, err, out)
	}
	return nil
}
