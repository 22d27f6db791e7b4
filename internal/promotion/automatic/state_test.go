// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic_test

import (
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
)

func set(w *v1alpha1.Workflow, conditions ...metav1.Condition) *v1alpha1.Workflow {
	w.Status.Conditions = conditions
	return w
}

func TestCompare(t *testing.T) {
	t.Parallel()
	edited := workflow("w", "r1", "prod", "r0")
	edited.Generation = 2
	loose := changed("w", "r2", "r1")
	loose.Loose = true
	layout := &v1alpha1.Layout{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "w", Generation: 1}}
	layout.Status.SyncStatus = workflow("w", "r2").Status.SyncStatus
	layout.Status.Environments = []v1alpha1.LiveRevision{{Environment: "prod", Namespace: "other", Revision: "r2"}}
	ofLayout := item(layout)
	ofLayout.Kind = v1alpha1.PromotionItemLayout
	for name, tc := range map[string]struct {
		item      promotion.Item
		from      string // empty: the objects describe the source
		want      []automatic.Change
		partial   bool
		unsettled bool
	}{
		"the same":        {item: item(workflow("w", "r1", "prod", "r1"))},
		"another":         {item: item(workflow("w", "r2", "staging", "r2", "prod", "r1")), want: []automatic.Change{changed("w", "r2", "r1")}},
		"new":             {item: item(workflow("w", "r2")), want: []automatic.Change{changed("w", "r2", "")}},
		"not read yet":    {item: item(edited), partial: true, unsettled: true},
		"never brought":   {item: item(workflow("w", "")), partial: true},
		"gone":            {item: promotion.Item{Kind: v1alpha1.PromotionItemWorkflow, Key: key("w"), ID: "w", Gone: true}, want: []automatic.Change{changed("w", "", "recorded")}},
		"from a target":   {item: item(workflow("w", "r3", "staging", "r2", "prod", "r1")), from: "staging", want: []automatic.Change{changed("w", "r2", "r1")}},
		"both hold it":    {item: item(workflow("w", "r3", "staging", "r2", "prod", "r2")), from: "staging"},
		"not there yet":   {item: item(workflow("w", "r3")), from: "staging", partial: true},
		"edited upstream": {item: item(edited), from: "staging", partial: true},
		"broken": {
			item: item(set(workflow("w", "r2"), ready(metav1.ConditionFalse), metav1.Condition{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue})), partial: true,
		},
		"drifted": {
			item: item(set(workflow("w", "r2", "prod", "r1"), ready(metav1.ConditionTrue), metav1.Condition{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue})),
			want: []automatic.Change{loose},
		},
		"layout, live in another's target": {
			item: ofLayout, want: []automatic.Change{{Kind: v1alpha1.PromotionItemLayout, Key: key("w"), Revision: "r2"}},
		},
	} {
		from := source("dev")
		if tc.from != "" {
			from = source(tc.from)
		}
		got := automatic.Compare([]promotion.Item{tc.item}, from, target(), tc.from == "")
		if !reflect.DeepEqual(got.Changes, tc.want) || got.Partial != tc.partial || got.Unsettled != tc.unsettled {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func ready(status metav1.ConditionStatus) metav1.Condition {
	return metav1.Condition{Type: v1alpha1.ConditionReady, Status: status, Reason: "Any"}
}

func key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "shop", Name: name}
}

// The hash is that of what is wanted, whatever the target holds and however the objects are.
func TestStateHash(t *testing.T) {
	t.Parallel()
	hash := func(workflows ...*v1alpha1.Workflow) string {
		var items []promotion.Item
		for _, w := range workflows {
			items = append(items, item(w))
		}
		return automatic.Compare(items, source("dev"), target(), true).Hash
	}
	base := hash(workflow("a", "r1"), workflow("b", "r1"))
	same := map[string]string{
		"another order":       hash(workflow("b", "r1"), workflow("a", "r1")),
		"something is live":   hash(workflow("a", "r1", "prod", "r1"), workflow("b", "r1")),
		"trouble for a while": hash(workflow("a", "r1"), set(workflow("b", "r1"), ready(metav1.ConditionFalse))),
	}
	for name, got := range same {
		if got != base {
			t.Errorf("%s: another hash", name)
		}
	}
	for name, got := range map[string]string{
		"another revision": hash(workflow("a", "r1"), workflow("b", "r2")),
		"one less":         hash(workflow("a", "r1")),
		"another name":     hash(workflow("a", "r1"), workflow("c", "r1")),
	} {
		if got == base {
			t.Errorf("%s: the same hash", name)
		}
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	state := automatic.State{Hash: "s", Changes: []automatic.Change{changed("w", "r2", "r1"), changed("v", "r2", "r1")}}
	refused := made(1, "", started, plans("w", "r2"))
	refused.Status.Plan.Items[0].Action = v1alpha1.PlanActionRefused
	for name, tc := range map[string]struct {
		own  []*v1alpha1.Promotion
		want []automatic.Change
	}{
		"none":                {nil, state.Changes},
		"pinned":              {ps(made(1, "", lists("w", "r2"))), state.Changes[1:]},
		"pinned to another":   {ps(made(1, "", lists("w", "r3"))), state.Changes},
		"the later counts":    {ps(made(1, "", lists("w", "r2")), made(2, "", lists("w", "r3"))), state.Changes},
		"ended":               {ps(made(1, "", lists("w", "r2"), ended(metav1.ConditionTrue, v1alpha1.ReasonPromoted))), state.Changes},
		"planned":             {ps(made(1, "", plans("v", "r2"))), state.Changes[:1]},
		"refused":             {ps(refused), state.Changes},
		"takes what is there": {ps(made(1, "")), nil},
	} {
		if got := state.Without(tc.own).Changes; !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
