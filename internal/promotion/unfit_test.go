// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// broken stores a workflow that Novu reports errors in.
func (w *world) broken(id string) *v1alpha1.Workflow {
	return w.store(w.source, &novu.WorkflowRequest{
		WorkflowID: id, Name: id, Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{{StepID: "text", Name: "Text", Type: "sms"}},
	})
}

// Items that cannot be promoted are left out, named, and with them the workflows that use a layout which is; the hash tells
// which. The target keeps what it holds of them.
func TestDraftLeavesOut(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	fine, bad := w.workflow(w.source, "fine", "hello"), w.broken("bad")
	w.workflow(w.target, "bad", "as it was")
	w.layout(w.target, "brand", "as it was")
	brand, letter := w.layout(w.source, "brand", "new"), w.letter(w.source, "letter", "brand")
	w.workflow(w.target, "unrelated", "hello")
	items := itemsOf(fine, bad, brand, letter)
	for i := range items {
		if items[i].ID == "brand" {
			items[i].Refused = "it is not ready: no body"
		}
	}
	planner := w.planner(bySync)
	planner.LeaveOut = true
	draft, err := planner.Draft(t.Context(), items, time.Minute)
	w.must(err)
	got := map[string]v1alpha1.PlannedItem{}
	for _, item := range draft.Items {
		got[item.EffectiveID()] = item
	}
	for id, want := range map[string]string{"bad": "Novu reports errors", "brand": "no body", "letter": `its layout "brand" is left out`} {
		if item := got[id]; item.Action != v1alpha1.PlanActionLeftOut || item.State != "" || !strings.Contains(item.Message, want) {
			t.Errorf("%s: %+v", id, item)
		}
	}
	if got["fine"].Action != v1alpha1.PlanActionCreate || !draft.Complete() {
		t.Fatalf("the others: %s", describe(draft.Items))
	}
	plan := NewPlan(Purpose{Target: "production"}, draft.Items)
	if plan.LeftOut != 3 || plan.Refused != 0 || !strings.Contains(Foresight(plan), "3 left out: Layout shop/brand") || Progress(plan.Items) != "0/1" {
		t.Errorf("%+v: %s, %s", plan, Foresight(plan), Progress(plan.Items))
	}
	if entries := planner.Entries(plan, nil); len(entries) != 1 || entries[0].ID != "fine" {
		t.Errorf("recorded: %+v", entries)
	}
	w.must(w.execution(planner.Session, bySync).Run(t.Context(), plan.Items, time.Minute))
	if len(w.novu.Workflows("Production")) != 3 {
		t.Errorf("the target holds %d workflows", len(w.novu.Workflows("Production")))
	}
	again := NewPlan(Purpose{Target: "production"}, draft.Items[:len(draft.Items)-1])
	if again.Hash == plan.Hash {
		t.Error("the hash does not tell what is left out")
	}
}

// Where all is unfit, nothing is left out: the plan is refused.
func TestDraftLeavesNotAllOut(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	planner := w.planner(bySync)
	planner.LeaveOut = true
	draft, err := planner.Draft(t.Context(), itemsOf(w.broken("bad")), time.Minute)
	w.must(err)
	if draft.Complete() || draft.Items[0].Action != v1alpha1.PlanActionRefused {
		t.Errorf("%s", describe(draft.Items))
	}
}

// A layout that a workflow of the target uses is not deleted because that workflow is left out.
func TestLayoutOfALeftOutWorkflowStays(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.layout(w.target, "first", "the default one")
	w.layout(w.target, "brand", "as promoted")
	w.letter(w.target, "letter", "brand")
	fine := w.workflow(w.source, "fine", "hello")
	broken := w.broken("letter")
	items := append(itemsOf(fine, broken), Item{Kind: v1alpha1.PromotionItemLayout, Key: itemOf(w.layout(w.source, "brand", "")).Key, ID: "brand", Gone: true})
	planner := w.planner(bySync)
	planner.LeaveOut = true
	planner.Records = []*history.Record{}
	draft, err := planner.Draft(t.Context(), items, time.Minute)
	w.must(err)
	last := draft.Items[len(draft.Items)-1]
	if last.Action != v1alpha1.PlanActionUnchanged || !strings.Contains(last.Message, `workflow "letter" of the target uses it`) {
		t.Errorf("%s", describe(draft.Items))
	}
}

// What waits for something that is missing, or fails again and again, is given up; what the operator is at work on is not.
func TestLeaveWaiting(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		kind         string
		age          time.Duration
		stale, given bool
	}{
		"just found missing":    {kind: v1alpha1.ConditionReferencesResolved, age: time.Second},
		"missing":               {kind: v1alpha1.ConditionReferencesResolved, age: 6 * time.Second, given: true},
		"a failure":             {kind: v1alpha1.ConditionReady, age: 6 * time.Second},
		"failures":              {kind: v1alpha1.ConditionReady, age: time.Minute, given: true},
		"failures of old specs": {kind: v1alpha1.ConditionReady, age: time.Minute, stale: true},
	} {
		w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Name: "w", Namespace: "shop", Generation: 2}}
		w.Status.ObservedGeneration = 2
		if test.stale {
			w.Status.ObservedGeneration = 1
		}
		set := reconcile.Conditions{List: &w.Status.Conditions, Generation: 2}
		set.False(v1alpha1.ConditionReady, v1alpha1.ReasonNovuUnavailable, "it is missing")
		set.False(test.kind, v1alpha1.ReasonNovuUnavailable, "it is missing")
		for i := range w.Status.Conditions {
			if c := &w.Status.Conditions[i]; c.Type == test.kind {
				c.LastTransitionTime = metav1.NewTime(now.Add(-test.age))
			} else {
				c.LastTransitionTime = metav1.NewTime(now)
			}
		}
		items := itemsOf(w)
		CheckObjects(items)
		LeaveWaiting(items, now)
		if given := items[0].Refused != ""; given != test.given || given == (items[0].Waits != "") {
			t.Errorf("%s: %+v", name, items[0])
		}
	}
}
