// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/view"
)

// entry of a record, about a workflow of which only the id matters.
func (w *world) entry(id, revision, text string) history.Entry {
	w.Helper()
	w.workflow(w.source, id, text)
	have, err := w.source.Client.GetWorkflow(w.Context(), id)
	w.must(err)
	return history.Entry{
		Kind: v1alpha1.PromotionItemWorkflow, ID: id, Namespace: "shop", Name: id,
		Action: v1alpha1.PlanActionUpdate, Revision: revision, After: history.OfWorkflow(definition.WorkflowFrom(have)),
	}
}

// draftOf plans items that do not come from objects.
func (w *world) draftOf(items []Item, records ...*history.Record) (*Session, []v1alpha1.PlannedItem) {
	w.Helper()
	planner := w.planner(byApply)
	planner.Records = records
	draft, err := planner.Draft(w.Context(), items, time.Minute)
	w.must(err)
	return planner.Session, draft.Items
}

func TestPins(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	old := w.entry("a", "r1", "old")
	gone := w.entry("gone", "r7", "gone")
	w.must(w.source.Client.DeleteWorkflow(t.Context(), "gone"))
	record := &history.Record{Entries: []history.Entry{old, gone}}
	a := w.workflow(w.source, "a", "new")
	catalog := &Catalog{Environment: "shop/development", Objects: []view.Object{a}}
	for name, test := range map[string]struct {
		listed []v1alpha1.PromotionItem
		want   string
	}{
		"to what the source holds": {listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "a", Revision: a.Status.Revision}}, want: "a Create Pending"},
		"to what was recorded":     {listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "a", Revision: "r1"}}, want: "a Create Pending"},
		"of an object that is gone": {
			listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "gone", Revision: "r7"}}, want: "gone Create Pending",
		},
		"to what nobody knows": {
			listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "a", Revision: "r9"}},
			want:   "a Refused : the source does not hold revision r9, and no promotion into the target has recorded it",
		},
		"of an object that never was": {
			listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "b", Revision: "r1"}},
			want:   "b Refused : no Workflow shop/b exists, and no promotion has recorded its revision r1",
		},
		"twice": {
			listed: []v1alpha1.PromotionItem{{Kind: "Workflow", Name: "a", Revision: "r1"}, {Kind: "Workflow", Name: "a"}},
			want:   "a Refused : it is listed twice, with different revisions: list it once in a new Promotion",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &v1alpha1.Promotion{Spec: v1alpha1.PromotionSpec{Items: test.listed}}
			p.Namespace = "shop"
			items, err := catalog.Select(p, []*history.Record{record})
			w.must(err)
			if Refused(items) {
				if got := describe(Refusals(items)); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
				return
			}
			_, planned := w.draftOf(items, record)
			if got := describe(planned); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if planned[0].Action == v1alpha1.PlanActionCreate && planned[0].Revision != test.listed[0].Revision {
				t.Errorf("revision %s, want %s", planned[0].Revision, test.listed[0].Revision)
			}
		})
	}
}

func TestPruneSelects(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	deleted := history.Entry{Kind: v1alpha1.PromotionItemWorkflow, ID: "deleted", Name: "deleted", Action: v1alpha1.PlanActionDelete}
	records := []*history.Record{
		{Entries: []history.Entry{deleted, w.entry("gone", "r2", "two")}},
		{Entries: []history.Entry{w.entry("deleted", "r1", "x"), w.entry("gone", "r1", "one"), w.entry("there", "r1", "y"), w.entry("going", "r1", "z")}},
	}
	there, going := w.workflow(w.source, "there", "y"), w.workflow(w.source, "going", "z")
	now := there.CreationTimestamp
	going.DeletionTimestamp = &now
	catalog := &Catalog{Objects: []view.Object{there, going}}
	items, err := catalog.Select(&v1alpha1.Promotion{Spec: v1alpha1.PromotionSpec{Prune: new(true)}}, records)
	w.must(err)
	var got []string
	for _, item := range items {
		if item.Gone {
			got = append(got, item.ID)
		}
	}
	if strings.Join(got, " ") != "gone" {
		t.Errorf("%v are to be deleted", got)
	}
}

func TestRunDeletes(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(w *world)
		want  string
		there bool
	}{
		"as planned":   {spoil: func(*world) {}, want: "a Delete Done"},
		"what is gone": {spoil: func(w *world) { w.must(w.target.Client.DeleteWorkflow(w.Context(), "a")) }, want: "a Delete Done"},
		"not what has been changed": {
			spoil: func(w *world) { w.workflow(w.target, "a", "by hand") }, there: true,
			want: "a Delete Failed: it was changed in Environment shop/production since the plan was made, so it is not deleted",
		},
		"once more, after an answer that was lost": {
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodDelete, Reset: novutest.AfterCommit, Times: 1})
			},
			want: "a Delete Done",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			w.workflow(w.target, "a", "hello")
			session, items := w.draftOf([]Item{{Kind: v1alpha1.PromotionItemWorkflow, Key: types.NamespacedName{Namespace: "shop", Name: "a"}, ID: "a", Gone: true}})
			w.pass(time.Minute)
			test.spoil(w)
			execution := w.execution(session, byApply)
			for range 3 {
				_ = execution.Run(t.Context(), items, time.Minute)
				w.pass(time.Minute)
			}
			if items[0].State == v1alpha1.ItemStateDone {
				w.must(execution.Verify(t.Context(), items))
			}
			if got := describe(items); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if there := len(w.novu.Workflows("Production")) > 0; there != test.there {
				t.Errorf("it is there: %v", there)
			}
		})
	}
}

// Novu deletes no default layout: it stays, and keeps nothing else from being deleted.
func TestDraftKeepsTheDefaultLayout(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.layout(w.target, "default", "")
	w.layout(w.target, "brand", "")
	var items []Item
	for _, id := range []string{"default", "brand"} {
		items = append(items, Item{Kind: v1alpha1.PromotionItemLayout, Key: types.NamespacedName{Namespace: "shop", Name: id}, ID: id, Gone: true})
	}
	session, planned := w.draftOf(items)
	const want = "default Unchanged Done: it stays, because it is the default layout of the target, which Novu does not delete\nbrand Delete Pending"
	if got := describe(planned); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	execution := w.execution(session, byApply)
	w.must(execution.Run(t.Context(), planned, time.Minute))
	w.must(execution.Verify(t.Context(), planned))
	if counts := Count(planned); counts.Done != 2 || len(session.Entries(NewPlan(Purpose{Target: "production"}, planned), nil)) != 1 {
		t.Error(describe(planned))
	}
}

// A layout that workflows go on using stays: Novu would take it out of them.
func TestDraftKeepsUsedLayouts(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.layout(w.target, "house", "") // the default one
	w.layout(w.target, "brand", "")
	w.letter(w.target, "letter", "brand")
	w.restart()
	gone := func(kind v1alpha1.PromotionItemKind, id string) Item {
		return Item{Kind: kind, Key: types.NamespacedName{Namespace: "shop", Name: id}, ID: id, Gone: true}
	}
	layout, letter := gone(v1alpha1.PromotionItemLayout, "brand"), gone(v1alpha1.PromotionItemWorkflow, "letter")
	have, err := w.target.Client.GetWorkflow(t.Context(), "letter")
	w.must(err)
	stays := letter
	stays.Gone, stays.Stays = false, "it stays"
	recorded := history.Entry{Kind: letter.Kind, ID: "letter", After: history.OfWorkflow(definition.WorkflowFrom(have))}
	for name, test := range map[string]struct {
		items   []Item
		records []*history.Record
		kept    bool
	}{
		"by one that promotions know":     {[]Item{layout}, []*history.Record{{Entries: []history.Entry{recorded}}}, true},
		"by one that is to stay":          {[]Item{layout, stays}, nil, true},
		"by one that goes, too":           {[]Item{layout, letter}, []*history.Record{{Entries: []history.Entry{recorded}}}, false},
		"by one that somebody made again": {[]Item{layout}, []*history.Record{{Entries: []history.Entry{{Kind: letter.Kind, ID: "letter"}}}, {Entries: []history.Entry{recorded}}}, true},
	} {
		_, planned := w.draftOf(test.items, test.records...)
		if got := planned[0].Action == v1alpha1.PlanActionUnchanged; got != test.kept || planned[0].Kind != v1alpha1.PromotionItemLayout {
			t.Errorf("%s: %s", name, describe(planned))
		}
	}
}

// What was written is restored, what was created is deleted, and what was not begun is left alone.
func TestRevert(t *testing.T) {
	for name, strategy := range map[string]v1alpha1.PromotionStrategy{"sync": bySync, "apply": byApply} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			objects := []view.Object{w.layout(w.source, "brand", "new"), w.workflow(w.source, "a", "new"), w.workflow(w.source, "b", "new"), w.workflow(w.source, "c", "new")}
			w.layout(w.target, "house", "")
			w.layout(w.target, "brand", "old")
			w.workflow(w.target, "a", "old")
			before := w.novu.Snapshot("Production")
			session, items := w.plan(strategy, objects...)
			execution := w.execution(session, strategy)
			w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/c", Status: 400, Body: []byte(`{"statusCode":400,"message":"No"}`)})
			w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/c/sync", Status: 400, Body: []byte(`{"statusCode":400,"message":"No"}`)})
			w.must(execution.Run(t.Context(), items, time.Minute))
			w.must(execution.Revert(t.Context(), items, time.Minute))
			var states []string
			for _, item := range items {
				states = append(states, string(item.State))
			}
			if got := strings.Join(states, " "); got != "RolledBack RolledBack RolledBack Failed" {
				t.Errorf("items are %s", describe(items))
			}
			if after := w.novu.Snapshot("Production"); !sameSnapshot(before, after) {
				t.Errorf("the target holds\n%v\nbefore\n%v", after, before)
			}
		})
	}
}

// Novu creates layouts without their content, which it then refuses: what is left of it goes, too.
func TestRevertOfWhatIsHalfWritten(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.layout(w.target, "house", "")
	w.restart()
	before := w.novu.Snapshot("Production")
	session, items := w.plan(bySync, w.layout(w.source, "brand", "new"), w.workflow(w.source, "a", "new"))
	execution := w.execution(session, bySync)
	w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/layouts/brand", Skip: 1, Status: 400, Body: []byte(`{"statusCode":400,"message":"No"}`)})
	w.must(execution.Run(t.Context(), items, time.Minute))
	if got := describe(items); !strings.HasPrefix(got, "brand Create Failed: ") || !execution.Touched(t.Context(), &items[0]) || execution.Touched(t.Context(), &items[1]) {
		t.Errorf("touched: %v, %v of %s", execution.Touched(t.Context(), &items[0]), execution.Touched(t.Context(), &items[1]), got)
	}
	w.pass(time.Second)
	w.must(execution.Revert(t.Context(), items, time.Minute))
	if after := w.novu.Snapshot("Production"); !sameSnapshot(before, after) || execution.Touched(t.Context(), &items[0]) {
		t.Errorf("the target holds\n%v\nbefore\n%v", after, before)
	}
	if got := describe(items); !strings.HasPrefix(got, "brand Create Failed: ") || strings.Contains(got, "restored") {
		t.Error(got)
	}
}

// A person edits the target between plan and write: that is recorded, once, so that it can be restored.
func TestRunRecordsEditsOfTheTarget(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	a := w.workflow(w.source, "a", "new")
	w.workflow(w.target, "a", "old")
	session, items := w.plan(bySync, a)
	w.pass(time.Minute)
	w.workflow(w.target, "a", "by hand")
	w.must(w.execution(session, bySync).Run(t.Context(), items, time.Minute))
	if len(w.supplements) != 1 || !strings.Contains(string(w.supplements[0].Before.Workflow.Steps[0].ControlValues), "by hand") {
		t.Fatalf("recorded: %+v", w.supplements)
	}
	if got := describe(items); !strings.HasPrefix(got, "a Update Done") {
		t.Error(got)
	}
}

// After a crash nobody takes what the operator itself has written for an edit.
func TestRunDoesNotRecordItsOwnWrites(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	a := w.workflow(w.source, "a", "new")
	w.workflow(w.target, "a", "old")
	session, items := w.plan(byApply, a)
	items[0].State = v1alpha1.ItemStateApplying // as status says after a crash
	w.workflow(w.target, "a", "half")
	w.pass(time.Minute)
	w.must(w.execution(w.resumed(session), byApply).Run(t.Context(), items, time.Minute))
	if len(w.supplements) != 0 || items[0].State != v1alpha1.ItemStateDone {
		t.Errorf("recorded %+v, item %s", w.supplements, describe(items))
	}
}

// The target is changed right after it was written: that is fixed before the Promotion ends.
func TestVerifyMends(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	session, items := w.plan(bySync, w.layout(w.source, "brand", "new"), w.workflow(w.source, "a", "new"))
	execution := w.execution(session, bySync)
	w.must(execution.Run(t.Context(), items, time.Minute))
	w.layout(w.target, "brand", "by hand")
	w.workflow(w.target, "a", "by hand")
	w.pass(time.Second)
	w.must(execution.Verify(t.Context(), items))
	w.same()
	for _, item := range items {
		if item.State != v1alpha1.ItemStateDone || !strings.Contains(item.Message, "what was planned was written") {
			t.Errorf("%s: %s", item.State, item.Message)
		}
	}
}

// What was unchanged is verified, too, by an operator that has restarted, although only an older record knows it.
func TestVerifyAfterARestart(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	a := w.workflow(w.source, "a", "hello")
	w.workflow(w.target, "a", "hello")
	w.restart()
	_, items := w.plan(bySync, a)
	plan := NewPlan(Purpose{Target: "production"}, items)
	last := w.entry("a", items[0].Revision, "hello")
	others := []*history.Record{{Finished: true, Entries: []history.Entry{last}}}
	w.workflow(w.target, "a", "by hand")
	resumed := w.session()
	resumed.Complete(plan, others)
	if got := resumed.Entries(plan, others); len(got) != 0 {
		t.Errorf("it is recorded again: %+v", got)
	}
	w.must(w.execution(resumed, bySync).Verify(t.Context(), items))
	w.same()
}

// An item is marked before it is written; what is not begun is not.
func TestRunMarks(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	var objects []view.Object
	for id := range strings.SplitSeq("abcdefghijklmnopqrstuvwxyz", "") {
		objects = append(objects, w.quiet(id))
	}
	session, items := w.plan(bySync, objects...)
	seen := -1
	w.novu.Inject(novutest.Fault{Method: http.MethodPut, Times: 1, Hook: func(*http.Request) { seen = int(Count(items).Applying) }})
	w.must(w.execution(session, bySync).Run(t.Context(), items, time.Minute))
	if seen != batch || w.checkpoints != 2 || Count(items).Done != 26 {
		t.Errorf("%d items were marked, %d checkpoints, %d done", seen, w.checkpoints, Count(items).Done)
	}
	w.halt = true
	more, rest := w.plan(bySync, w.quiet("x1"), w.quiet("x2"))
	w.must(w.execution(more, bySync).Run(t.Context(), rest, time.Minute))
	if got := describe(rest); got != "x1 Create Done\nx2 Create Pending" {
		t.Errorf("after a halt: %s", got)
	}
}
