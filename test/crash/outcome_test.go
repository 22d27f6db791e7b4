// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/test/harness"
)

// outcome is what a run leaves behind, without what differs between two runs: ids and times.
type outcome struct {
	Novu    map[string]any
	Cluster map[string]*object
	// Kept are the steps and workflows whose internal id is the same as before the change.
	Kept []string
}

// object is what the cluster says about one object.
type object struct {
	Conditions, Finalizers []string
	Deleting, Settled      bool
	Revision               string
	// Linked reports whether status holds the internal ids that Novu holds.
	Linked bool
	// Rest is what else of status matters.
	Rest string
}

// observe reads the state of the stage; before are the internal ids before the change.
func observe(s *harness.Stage, before ids) outcome {
	s.Helper()
	out := outcome{Novu: map[string]any{}, Cluster: map[string]*object{}}
	for _, e := range s.Novu.Environments() {
		out.Novu[e.Name] = s.Novu.Snapshot(e.Name)
	}
	now := remember(s)
	for name, id := range before {
		if now[name] == id {
			out.Kept = append(out.Kept, name)
		}
	}
	slices.Sort(out.Kept)
	for _, list := range []client.ObjectList{
		&v1alpha1.EnvironmentList{}, &v1alpha1.WorkflowList{}, &v1alpha1.LayoutList{}, &v1alpha1.IntegrationList{}, &v1alpha1.PromotionList{},
	} {
		s.Must(s.List(s.Context(), list, client.InNamespace(s.Namespace)))
		s.Must(apimeta.EachListItem(list, func(item runtime.Object) error {
			o := item.(client.Object)
			out.Cluster[fmt.Sprintf("%T %s", o, o.GetName())] = describe(o, now)
			return nil
		}))
	}
	return out
}

func describe(o client.Object, now ids) *object {
	d := &object{Finalizers: o.GetFinalizers(), Deleting: o.GetDeletionTimestamp() != nil, Linked: true}
	for _, c := range harness.Conditions(o) {
		d.Conditions = append(d.Conditions, fmt.Sprintf("%s=%s %s", c.Type, c.Status, c.Reason))
		current := c.ObservedGeneration == o.GetGeneration()
		d.Settled = d.Settled || c.Type == v1alpha1.ConditionReady && c.Status == metav1.ConditionTrue && current && !d.Deleting
	}
	slices.Sort(d.Conditions)
	if external, ok := o.(sync.Object); ok {
		sync := external.Sync()
		d.Revision = sync.Revision
		d.Linked = now.holds(sync.ID)
		d.Rest = fmt.Sprintf("%d differences, creating %v, %d unconverged", len(sync.Differences), sync.Creating, sync.UnconvergedWrites)
	}
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		for _, step := range o.Status.Steps {
			d.Linked = d.Linked && now.holds(step.ID)
		}
		for i := range o.Status.Environments {
			d.Rest += fmt.Sprintf(", %s in %s", o.Status.Environments[i].Revision, o.Status.Environments[i].Environment)
		}
	case *v1alpha1.Promotion:
		d.Rest = fmt.Sprint(o.Status.Phase, o.Status.Progress)
	case *v1alpha1.Environment:
		d.Rest = fmt.Sprint("active promotion ", o.Status.ActivePromotionRef)
		d.Settled = d.Settled && o.Status.ActivePromotionRef == nil // the mark goes last, after the Promotion is ready
		if o.Status.Hold != nil {
			d.Rest += ", held by " + o.Status.Hold.PromotionRef.Name
		}
	}
	return d
}

// settled reports whether every object is ready for its spec and none is being deleted.
func (o outcome) settled() error {
	for name, d := range o.Cluster {
		if !d.Settled {
			return fmt.Errorf("%s is not ready: %+v", name, *d)
		}
	}
	return nil
}

// differs lists in what the outcome is not as wanted.
func (o outcome) differs(want outcome) error {
	if diff := cmp.Diff(want, o); diff != "" {
		return fmt.Errorf("the outcome is not that of an undisturbed run (-undisturbed +this):\n%s", diff)
	}
	return nil
}

// ids are Novu's internal ids of workflows, steps, layouts and integrations, by what people call them.
type ids map[string]string

func remember(s *harness.Stage) ids {
	all := ids{}
	for _, e := range s.Novu.Environments() {
		for _, w := range s.Novu.Workflows(e.Name) {
			all[e.Name+"/"+w.WorkflowID] = w.ID
			for _, step := range w.Steps {
				all[strings.Join([]string{e.Name, w.WorkflowID, step.StepID}, "/")] = step.ID
			}
		}
		for _, l := range s.Novu.Layouts(e.Name) {
			all[e.Name+"/layout/"+l.LayoutID] = l.ID
		}
		for _, i := range s.Novu.Integrations(e.Name) {
			all[e.Name+"/integration/"+i.ProviderID+"/"+i.Name] = i.ID
		}
	}
	return all
}

func (all ids) holds(id string) bool {
	for _, other := range all {
		if id == other {
			return true
		}
	}
	return false
}
