// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

func byRef(layout string) v1alpha1.EmailStep {
	return v1alpha1.EmailStep{Layout: &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutRef, Ref: &v1alpha1.LocalReference{Name: layout}}}
}

func testCatalog() *Catalog {
	workflow := func(namespace, name string, edit func(*v1alpha1.Workflow)) *v1alpha1.Workflow {
		w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"team": namespace}}}
		if edit != nil {
			edit(w)
		}
		return w
	}
	layout := func(name, id string) *v1alpha1.Layout {
		return &v1alpha1.Layout{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Spec: v1alpha1.LayoutSpec{LayoutID: id}}
	}
	mail := func(email v1alpha1.EmailStep) func(*v1alpha1.Workflow) {
		return func(w *v1alpha1.Workflow) { w.Spec.Steps = []v1alpha1.WorkflowStep{{}, {Email: &email}} }
	}
	return &Catalog{
		Environment: "shop/development",
		Objects: []view.Object{
			layout("plain", ""), layout("brand", "brand-2"), layout("unused", ""),
			workflow("shop", "welcome", mail(byRef("plain"))),
			workflow("shop", "invoice", mail(v1alpha1.EmailStep{Layout: &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutID, ID: "brand-2"}})),
			workflow("bank", "alert", mail(byRef("plain"))), // of another namespace
			workflow("bank", "going", func(w *v1alpha1.Workflow) { w.DeletionTimestamp = &metav1.Time{Time: time.Now()} }),
			workflow("bank", "loser", func(w *v1alpha1.Workflow) {
				set := reconcile.Conditions{List: &w.Status.Conditions}
				set.True(v1alpha1.ConditionStalled, v1alpha1.ReasonConflict, "Workflow shop/welcome is older")
			}),
		},
	}
}

func TestSelect(t *testing.T) {
	listed := func(items ...v1alpha1.PromotionItem) v1alpha1.PromotionSpec {
		return v1alpha1.PromotionSpec{Items: items}
	}
	workflow := func(namespace, name string) v1alpha1.PromotionItem {
		return v1alpha1.PromotionItem{Kind: v1alpha1.PromotionItemWorkflow, Namespace: namespace, Name: name}
	}
	for name, test := range map[string]struct {
		spec v1alpha1.PromotionSpec
		want string
	}{
		"everything that describes the source, layouts first": {
			want: "Layout shop/brand, Layout shop/plain, Layout shop/unused, Workflow bank/alert, Workflow shop/invoice, Workflow shop/welcome",
		},
		"a selector, and the layouts of what it matches": {
			spec: v1alpha1.PromotionSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "shop"}}},
			want: "Layout shop/brand, Layout shop/plain, Workflow shop/invoice, Workflow shop/welcome",
		},
		"a selector that matches nothing": {
			spec: v1alpha1.PromotionSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "nobody"}}},
		},
		"a reference names a layout of the same namespace only": {
			spec: v1alpha1.PromotionSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "bank"}}},
			want: "Workflow bank/alert",
		},
		"a list, seen from the Promotion's namespace": {
			spec: listed(workflow("", "welcome")), want: "Layout shop/plain, Workflow shop/welcome",
		},
		"a listed layout is there once": {
			spec: listed(workflow("", "welcome"), v1alpha1.PromotionItem{Kind: v1alpha1.PromotionItemLayout, Name: "plain"}),
			want: "Layout shop/plain, Workflow shop/welcome",
		},
		"what is listed and does not exist is refused": {
			spec: listed(workflow("", "missing")),
			want: "Workflow shop/missing (no Workflow shop/missing refers to Environment shop/development: create it, or list another in a new Promotion)",
		},
		"what is listed and going is refused": {
			spec: listed(workflow("bank", "going")), want: "Workflow bank/going (it is being deleted)",
		},
		"what is listed and has lost a conflict is kept, and judged later": {
			spec: listed(workflow("bank", "loser")), want: "Workflow bank/loser",
		},
	} {
		t.Run(name, func(t *testing.T) {
			items, err := testCatalog().Select(&v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}, Spec: test.spec}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, item := range items {
				text := item.String()
				if item.Refused != "" {
					text += " (" + item.Refused + ")"
				}
				got = append(got, text)
			}
			if text := strings.Join(got, ", "); text != test.want {
				t.Errorf("selected %s\n   want  %s", text, test.want)
			}
		})
	}
}

func TestSelectRefusesWhatDoesNotFit(t *testing.T) {
	catalog := &Catalog{}
	for i := range maxItems + 1 {
		catalog.Objects = append(catalog.Objects, &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(i)}})
	}
	_, err := catalog.Select(&v1alpha1.Promotion{}, nil)
	if err == nil || !strings.Contains(err.Error(), "2001 objects are selected") {
		t.Errorf("got %v", err)
	}
	bad := v1alpha1.PromotionSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"no label": "x"}}}
	if _, err := catalog.Select(&v1alpha1.Promotion{Spec: bad}, nil); err == nil || !strings.Contains(err.Error(), "spec.selector") {
		t.Errorf("got %v", err)
	}
}

func TestCheckObjects(t *testing.T) {
	status := func(generation int64, set func(reconcile.Conditions)) v1alpha1.SyncStatus {
		sync := v1alpha1.SyncStatus{ObservedGeneration: generation}
		set(reconcile.Conditions{List: &sync.Conditions, Generation: generation})
		return sync
	}
	ready := func(set reconcile.Conditions) { set.True(v1alpha1.ConditionReady, v1alpha1.ReasonSynced, "in Novu") }
	for name, test := range map[string]struct {
		sync           v1alpha1.SyncStatus
		refused, waits string
	}{
		"ready":                  {sync: status(2, ready)},
		"new":                    {waits: "the operator has not handled its current spec yet"},
		"ready for an old spec":  {sync: status(1, ready), waits: "the operator has not handled its current spec yet"},
		"ready though suspended": {sync: status(2, func(c reconcile.Conditions) { ready(c); c.Suspend(v1alpha1.ReasonSuspended, "suspended") })},
		"still at work": {
			sync: status(2, func(c reconcile.Conditions) {
				reconcile.Judge(reconcile.Outcome{Kind: reconcile.Transient, Reason: v1alpha1.ReasonNovuUnavailable, Message: "Novu answered 503"}, reconcile.Standing{}).Apply(c)
			}),
			waits: "Novu answered 503",
		},
		"errors that Novu reports": {
			sync: status(2, func(c reconcile.Conditions) {
				stalled := reconcile.Outcome{Kind: reconcile.Stalled, Reason: v1alpha1.ReasonIssuesReported, Message: "Novu reports step mail: body is empty"}
				reconcile.Judge(stalled, reconcile.Standing{}).Apply(c)
			}),
			refused: "it is not ready: Novu reports step mail: body is empty",
		},
		"suspended from the beginning": {
			sync:    status(2, func(c reconcile.Conditions) { c.Suspend(v1alpha1.ReasonSuspended, "suspended") }),
			refused: "it is suspended and was never brought to Novu: set spec.suspend to false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "welcome", Generation: 2}}
			w.Status.SyncStatus = test.sync
			items := []Item{itemOf(w)}
			CheckObjects(items)
			if items[0].Refused != test.refused || items[0].Waits != test.waits {
				t.Errorf("refused %q, waits %q; want %q, %q", items[0].Refused, items[0].Waits, test.refused, test.waits)
			}
			if Refused(items) != (test.refused != "") {
				t.Errorf("Refused says %v", Refused(items))
			}
		})
	}
}

func TestWaiting(t *testing.T) {
	one := Item{Kind: v1alpha1.PromotionItemLayout, Waits: "it is new"}
	one.Key.Namespace, one.Key.Name = "shop", "plain"
	for _, test := range []struct {
		items []Item
		want  string
	}{
		{items: []Item{{}}},
		{items: []Item{{}, one}, want: "waits for Layout shop/plain: it is new"},
		{items: []Item{one, {}, one}, want: "waits for 2 objects, among them Layout shop/plain: it is new"},
	} {
		if _, got := Waiting(test.items); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// broughtOf is what a promotion has recorded of a workflow whose object belongs to a team; empty: nobody knows to which.
func broughtOf(id, team string) history.Entry {
	definition := history.OfWorkflow(&novu.WorkflowRequest{WorkflowID: id, Name: id})
	e := history.Entry{Kind: v1alpha1.PromotionItemWorkflow, ID: id, Namespace: "shop", Name: id, Action: v1alpha1.PlanActionCreate, After: definition}
	if team != "" {
		e.Labels = map[string]string{"team": team}
	}
	return e
}

// What is deleted from the target is among what the Promotion is about, and promotions have brought it there.
func TestSelectPrunes(t *testing.T) {
	ours, theirs, unlabelled, skipped := broughtOf("ours", "shop"), broughtOf("theirs", "bank"), broughtOf("old", ""), broughtOf("never", "shop")
	skipped.Skipped = true
	barred, welcome := broughtOf("barred", "shop"), broughtOf("welcome", "shop")
	again := ours // its deletion was planned and did not come about
	again.Action, again.After, again.Skipped = v1alpha1.PlanActionDelete, nil, true
	records := []*history.Record{{Entries: []history.Entry{again}}, {Entries: []history.Entry{ours, theirs, unlabelled, skipped, barred, welcome}}}
	workflow := func(name string) v1alpha1.PromotionItem {
		return v1alpha1.PromotionItem{Kind: v1alpha1.PromotionItemWorkflow, Name: name}
	}
	selector := func(s metav1.LabelSelector) v1alpha1.PromotionSpec {
		return v1alpha1.PromotionSpec{Prune: new(true), Selector: &s}
	}
	for name, test := range map[string]struct {
		spec v1alpha1.PromotionSpec
		want string
	}{
		"everything": {v1alpha1.PromotionSpec{Prune: new(true)}, "Workflow shop/old, Workflow shop/ours, Workflow shop/theirs"},
		"a selector": {selector(metav1.LabelSelector{MatchLabels: map[string]string{"team": "shop"}}), "Workflow shop/ours"},
		"a selector that what is unknown would match": {
			selector(metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpDoesNotExist}}}), "",
		},
		"an empty selector": {selector(metav1.LabelSelector{}), "Workflow shop/old, Workflow shop/ours, Workflow shop/theirs"},
		"a list":            {v1alpha1.PromotionSpec{Prune: new(true), Items: []v1alpha1.PromotionItem{workflow("theirs"), workflow("welcome")}}, "Workflow shop/theirs"},
		"not asked for":     {v1alpha1.PromotionSpec{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			catalog := testCatalog()
			catalog.bar(&v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "foreign", Name: "barred"}})
			items, err := catalog.Select(&v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}, Spec: test.spec}, records)
			if err != nil || Refused(items) {
				t.Fatal(err, Refusals(items))
			}
			var gone []string
			for _, item := range items {
				if item.Gone {
					gone = append(gone, item.String())
				}
			}
			if got := strings.Join(gone, ", "); got != test.want {
				t.Errorf("deletes %s, want %s", got, test.want)
			}
		})
	}
}
