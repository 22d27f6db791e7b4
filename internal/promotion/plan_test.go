// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

func planned(name string, action v1alpha1.PlanAction, state v1alpha1.ItemState, message string) v1alpha1.PlannedItem {
	return v1alpha1.PlannedItem{
		Kind: v1alpha1.PromotionItemWorkflow, Namespace: "shop", Name: name, ID: name, Revision: "r-" + name,
		Action: action, State: state, Message: message,
	}
}

func TestPlanHash(t *testing.T) {
	items := func() []v1alpha1.PlannedItem {
		return []v1alpha1.PlannedItem{
			planned("a", v1alpha1.PlanActionCreate, v1alpha1.ItemStatePending, ""),
			planned("b", v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone, ""),
		}
	}
	purpose := Purpose{Promotion: "uid", Source: "dev", Target: "env", Environment: "shop/prod", Strategy: bySync, OnFailure: v1alpha1.FailurePolicyStop}
	plan := NewPlan(purpose, items())
	for name, test := range map[string]struct {
		purpose func(*Purpose)
		edit    func([]v1alpha1.PlannedItem)
		same    bool
	}{
		"nothing":               {same: true},
		"progress":              {edit: func(i []v1alpha1.PlannedItem) { i[0].State, i[0].Message = "Done", "x" }, same: true},
		"another attempt":       {purpose: func(p *Purpose) { p.Promotion = "uid2" }},
		"another source":        {purpose: func(p *Purpose) { p.Source = "staging" }},
		"another target":        {purpose: func(p *Purpose) { p.Target = "env2" }},
		"another Environment":   {purpose: func(p *Purpose) { p.Environment = "shop/production" }},
		"another strategy":      {purpose: func(p *Purpose) { p.Strategy = byApply }},
		"another way to fail":   {purpose: func(p *Purpose) { p.OnFailure = v1alpha1.FailurePolicyRollback }},
		"prune":                 {purpose: func(p *Purpose) { p.Prune = true }},
		"another state":         {purpose: func(p *Purpose) { p.Restores = &v1alpha1.PromotionReference{Namespace: "novu", Name: "release-1"} }},
		"a revision":            {edit: func(i []v1alpha1.PlannedItem) { i[1].Revision = "r" }},
		"an action":             {edit: func(i []v1alpha1.PlannedItem) { i[0].Action = v1alpha1.PlanActionUpdate }},
		"an id":                 {edit: func(i []v1alpha1.PlannedItem) { i[0].ID = "c" }},
		"a name":                {edit: func(i []v1alpha1.PlannedItem) { i[0].Name = "c" }},
		"a namespace":           {edit: func(i []v1alpha1.PlannedItem) { i[0].Namespace = "c" }},
		"what it was":           {edit: func(i []v1alpha1.PlannedItem) { i[0].TargetHash = "h" }},
		"what it becomes":       {edit: func(i []v1alpha1.PlannedItem) { i[0].SourceHash = "h" }},
		"a kind":                {edit: func(i []v1alpha1.PlannedItem) { i[0].Kind = v1alpha1.PromotionItemLayout }},
		"one field for another": {edit: func(i []v1alpha1.PlannedItem) { i[0].SourceHash, i[0].Revision = i[0].Revision, "" }},
		"the order":             {edit: func(i []v1alpha1.PlannedItem) { i[0], i[1] = i[1], i[0] }},
	} {
		other, changed := purpose, items()
		if test.purpose != nil {
			test.purpose(&other)
		}
		if test.edit != nil {
			test.edit(changed)
		}
		if got := NewPlan(other, changed).Hash; (got == plan.Hash) != test.same || len(got) != 64 {
			t.Errorf("%s changed: hash %s, before %s", name, got, plan.Hash)
		}
	}
	if plan.ShortHash != plan.Hash[:12] {
		t.Errorf("short hash %s of %s", plan.ShortHash, plan.Hash)
	}
	if plan.Create != 1 || plan.Update != 0 || plan.Unchanged != 1 || plan.Refused != 0 {
		t.Errorf("counts: %+v", plan)
	}
}

func TestPlanFitsIntoAnObject(t *testing.T) {
	digest := strings.Repeat("0123456789abcdef", 4)
	for name, test := range map[string]struct {
		items, changes, name int
		refused              bool
	}{
		"few":                     {items: 10, changes: 20},
		"a thousand":              {items: 1000, changes: 20},
		"a thousand, no changes":  {items: 1000},
		"as many as there can be": {items: maxItems, changes: 20},
		"with long names":         {items: maxItems, name: 300, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			var items []v1alpha1.PlannedItem
			for range test.items {
				item := planned("long-name-of-a-workflow", v1alpha1.PlanActionUpdate, v1alpha1.ItemStatePending, "a note")
				item.Revision, item.SourceHash, item.TargetHash = digest, digest, digest
				item.Name += strings.Repeat("x", test.name)
				for range test.changes {
					item.Changes = append(item.Changes, v1alpha1.Difference{Path: "p", From: strings.Repeat("f", 256), To: strings.Repeat("t", 256)})
				}
				items = append(items, item)
			}
			plan := NewPlan(Purpose{Target: "env"}, items)
			if err := Fits(plan); (err != nil) != test.refused {
				t.Fatalf("%d bytes: %v", size(plan.Items), err)
			}
			total := 0
			for _, item := range plan.Items {
				total += len(item.Changes) + int(item.MoreChanges)
			}
			if want := test.items * test.changes; total != want {
				t.Errorf("%d changes are shown or counted, want %d", total, want)
			}
			for i := range plan.Items { // as the work on it does
				plan.Items[i].TargetHash, plan.Items[i].Message = digest, strings.Repeat("m", 100)
			}
			if Shrink(plan.Items); !test.refused && size(plan.Items) > maxPlanBytes {
				t.Errorf("it has outgrown its bounds: %d bytes", size(plan.Items))
			}
			if first := plan.Items[0]; test.items <= 10 && len(first.Changes) != test.changes {
				t.Errorf("%d changes of the first item are shown", len(first.Changes))
			}
		})
	}
}

func TestResult(t *testing.T) {
	failed := func(names ...string) (items []v1alpha1.PlannedItem) {
		for _, name := range names {
			items = append(items, planned(name, v1alpha1.PlanActionUpdate, v1alpha1.ItemStateFailed, "no "+name))
		}
		return items
	}
	done := []v1alpha1.PlannedItem{
		planned("a", v1alpha1.PlanActionCreate, v1alpha1.ItemStateDone, ""),
		planned("b", v1alpha1.PlanActionUpdate, v1alpha1.ItemStateDone, "a note"),
		planned("c", v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone, ""),
	}
	for _, test := range []struct {
		items []v1alpha1.PlannedItem
		want  string
	}{
		{done, "3/3 promoted to production: 1 created, 1 updated, 1 unchanged"},
		{append(failed("x"), done...), "3/4 promoted to production: 1 created, 1 updated, 1 unchanged, 1 failed: Workflow shop/x: no x"},
		{append(failed("x"), planned("y", v1alpha1.PlanActionDelete, v1alpha1.ItemStatePending, ""), planned("z", v1alpha1.PlanActionUpdate, v1alpha1.ItemStateRolledBack, "")),
			"0/3 promoted to production: 0 created, 0 updated, 0 deleted, 0 unchanged, 1 restored as they were, 1 not begun, 1 failed: Workflow shop/x: no x"},
		{failed("v", "w", "x", "y", "z"), "0/5 promoted to production: 0 created, 0 updated, 0 unchanged, 5 failed: " +
			"Workflow shop/v: no v; Workflow shop/w: no w; Workflow shop/x: no x; and 2 more"},
	} {
		if got := Result(test.items, "promoted to", "production"); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestBounded(t *testing.T) {
	long := strings.Repeat("ä", maxNote)
	got := bounded(long)
	if len(got) > maxNote || !strings.HasSuffix(got, "ä…") || bounded("short") != "short" {
		t.Errorf("%d bytes, ends with %q", len(got), got[len(got)-8:])
	}
}
