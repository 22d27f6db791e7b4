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
	"novu-operator.dev/internal/view"
	"novu-operator.dev/test/harness"
)

// outcome is what a run leaves behind, without what differs between two runs: ids and times.
type outcome struct {
	Novu    novuState
	Cluster map[string]objects // by kind
}

// novuState is what Novu holds.
type novuState struct {
	Environments map[string]any
	// Kept are the steps and workflows whose internal id is the same as before the change.
	Kept []string
}

// objects are those of a kind, by name.
type objects map[string]*object

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

// kinds of an outcome. What is done last comes first: a run that is not over is seen by it.
var kinds = map[string]client.ObjectList{
	"Promotion": &v1alpha1.PromotionList{}, "Workflow": &v1alpha1.WorkflowList{}, "Environment": &v1alpha1.EnvironmentList{},
	"Layout": &v1alpha1.LayoutList{}, "Integration": &v1alpha1.IntegrationList{},
}

var order = []string{"Promotion", "Workflow", "Environment", "Layout", "Integration"}

// observe reads the state of the stage; before are the internal ids before the change.
func observe(s *harness.Stage, before ids) outcome {
	s.Helper()
	now := remember(s)
	out := outcome{Novu: observeNovu(s, before, now), Cluster: map[string]objects{}}
	for _, kind := range order {
		out.Cluster[kind] = observeKind(s, kind, now)
	}
	return out
}

func observeNovu(s *harness.Stage, before, now ids) novuState {
	out := novuState{Environments: map[string]any{}}
	for _, e := range s.Novu.Environments() {
		out.Environments[e.Name] = s.Novu.Snapshot(e.Name)
	}
	for name, id := range before {
		if now[name] == id {
			out.Kept = append(out.Kept, name)
		}
	}
	slices.Sort(out.Kept)
	return out
}

func observeKind(s *harness.Stage, kind string, now ids) objects {
	s.Helper()
	found, list := objects{}, kinds[kind].DeepCopyObject().(client.ObjectList)
	s.Must(s.List(s.Context(), list, client.InNamespace(s.Namespace)))
	s.Must(apimeta.EachListItem(list, func(item runtime.Object) error {
		o := item.(client.Object)
		found[o.GetName()] = describe(o, now)
		return nil
	}))
	return found
}

// isAt reports in what the stage is not as wanted. It looks no further than to the first difference: a test that waits asks often,
// and what it asks is most of what the API server has to do.
func (o outcome) isAt(s *harness.Stage, before ids) error {
	s.Helper()
	now := remember(s)
	if err := differs(o.Novu, observeNovu(s, before, now)); err != nil {
		return err
	}
	for _, kind := range order {
		if err := differs(o.Cluster[kind], observeKind(s, kind, now)); err != nil {
			return err
		}
	}
	return nil
}

// settled reads the objects of the stage, up to one that is not ready for its spec or is being deleted.
func settled(s *harness.Stage) error {
	s.Helper()
	for _, kind := range order {
		if err := observeKind(s, kind, nil).settled(); err != nil {
			return err
		}
	}
	return nil
}

func describe(o client.Object, now ids) *object {
	d := &object{Finalizers: o.GetFinalizers(), Deleting: o.GetDeletionTimestamp() != nil, Linked: true}
	for _, c := range harness.Conditions(o) {
		d.Conditions = append(d.Conditions, fmt.Sprintf("%s=%s %s", c.Type, c.Status, c.Reason))
		current := c.ObservedGeneration == o.GetGeneration()
		d.Settled = d.Settled || c.Type == v1alpha1.ConditionReady && c.Status == metav1.ConditionTrue && current && !d.Deleting
	}
	slices.Sort(d.Conditions)
	if external, ok := o.(view.Object); ok {
		sync := view.Status(external)
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
	for _, kind := range order {
		if err := o.Cluster[kind].settled(); err != nil {
			return err
		}
	}
	return nil
}

// settled reports whether each is ready for its spec and none is being deleted.
func (o objects) settled() error {
	for name, d := range o {
		if !d.Settled {
			return fmt.Errorf("%s is not ready: %+v", name, *d)
		}
	}
	return nil
}

// differs lists in what a part of the outcome is not as wanted.
func differs[T any](want, got T) error {
	if diff := cmp.Diff(want, got); diff != "" {
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
