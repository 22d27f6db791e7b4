// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/view"
)

// patient stores a workflow that waits for longer than a free Novu allows.
func (w *world) patient(in *connection.Connection) *v1alpha1.Workflow {
	w.Helper()
	return w.sick(in, "patient")
}

// sick is patient under another id.
func (w *world) sick(in *connection.Connection, id string) *v1alpha1.Workflow {
	w.Helper()
	return w.store(in, &novu.WorkflowRequest{
		WorkflowID: id, Name: "Patient", Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{{StepID: "wait", Name: "Wait", Type: "delay", ControlValues: []byte(`{"type":"regular","amount":90,"unit":"days"}`)}},
	})
}

// ailing is a world whose target holds what the source does, and has complained about it since a time when Novu allowed less.
func ailing(t *testing.T) (w *world, object *v1alpha1.Workflow) {
	t.Helper()
	w = newWorld(t, novutest.Options{PaidTier: true})
	object = w.patient(w.source)
	w.novu.Downgrade()
	w.patient(w.target)
	w.novu.Upgrade()
	return w, object
}

func (w *world) status(environment, id string) string {
	for _, have := range w.novu.Workflows(environment) {
		if have.WorkflowID == id {
			return have.Status
		}
	}
	return ""
}

// What the target holds already and Novu complains about there is written once more, as the plan says.
func TestRewrite(t *testing.T) {
	for name, strategy := range map[string]v1alpha1.PromotionStrategy{"sync": bySync, "apply": byApply} {
		t.Run(name, func(t *testing.T) {
			w, object := ailing(t)
			session, items := w.plan(strategy, object)
			if got := describe(items); !strings.HasPrefix(got, "patient Update Pending: the target holds it, and Novu reports errors in it there") {
				t.Errorf("planned %s", got)
			}
			if entry, _ := session.entry(&items[0]); entry.Action != v1alpha1.PlanActionUnchanged || len(items[0].Changes) > 0 {
				t.Errorf("recorded as %s, changes %+v", entry.Action, items[0].Changes)
			}
			w.novu.ClearRequests()
			execution := w.execution(session, strategy)
			w.must(execution.Run(t.Context(), items, time.Minute))
			calls := w.calls()
			if want := "patient Update Done: written once more as it was, and Novu no longer reports errors in it"; describe(items) != want {
				t.Errorf("got  %s\nwant %s", describe(items), want)
			}
			w.pass(time.Minute)
			w.must(execution.Verify(t.Context(), items))
			if len(calls) != 1 || w.status("Production", "patient") != "ACTIVE" {
				t.Errorf("%v, status %s", calls, w.status("Production", "patient"))
			}
			if _, again := w.plan(strategy, object); again[0].Action != v1alpha1.PlanActionUnchanged {
				t.Errorf("planned again: %s", describe(again))
			}
		})
	}
}

// An item about which Novu complains with reason is written once, and does not keep the Promotion from its end.
func TestRewriteInVain(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(w *world)
		want  string
	}{
		"Novu complains with reason": {
			spoil: func(w *world) { w.novu.Downgrade() }, want: "patient Update Done: written once more as it was, and Novu still reports errors in it in the target: step wait: ",
		},
		"Novu refuses it": {
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/patient", Status: http.StatusUnprocessableEntity})
			},
			want: "patient Update Done: the target holds it, and Novu reports errors in it there; it refuses to have it written once more: ",
		},
		"it was healed since": {spoil: func(w *world) { w.patient(w.target) }, want: "patient Update Done: the target holds it, "},
	} {
		t.Run(name, func(t *testing.T) {
			w, object := ailing(t)
			session, items := w.plan(byApply, object)
			test.spoil(w)
			w.pass(time.Minute)
			w.novu.ClearRequests()
			execution := w.execution(session, byApply)
			w.must(execution.Run(t.Context(), items, time.Minute))
			w.must(execution.Verify(t.Context(), items))
			if got := describe(items); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if n := w.novu.Count(http.MethodPut, "/v2/workflows/patient"); n > 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// What was written once more is as it was: to undo that takes no write.
func TestRewriteIsReverted(t *testing.T) {
	w, object := ailing(t)
	w.novu.Downgrade()
	session, items := w.plan(byApply, object)
	execution := w.execution(session, byApply)
	w.must(execution.Run(t.Context(), items, time.Minute))
	w.novu.ClearRequests()
	w.must(execution.Revert(t.Context(), items, time.Minute))
	if items[0].State != v1alpha1.ItemStateRolledBack || w.novu.Count(http.MethodPut, "") > 0 {
		t.Errorf("%s, %v", describe(items), w.calls())
	}
}

// A rollback brings back what was there, and writes nothing that is.
func TestRollbackRewritesNothing(t *testing.T) {
	w, object := ailing(t)
	have, err := w.target.Client.GetWorkflow(t.Context(), "patient")
	w.must(err)
	restored := Item{
		Kind: v1alpha1.PromotionItemWorkflow, Key: itemsOf(object)[0].Key, ID: "patient", Revision: "r1",
		Recorded: history.OfWorkflow(workflows.from(have)),
	}
	planner := w.planner(byApply)
	planner.Source = nil
	draft, err := planner.Draft(t.Context(), []Item{restored}, time.Minute)
	w.must(err)
	if got := draft.Items[0]; got.Action != v1alpha1.PlanActionUnchanged {
		t.Errorf("%+v", got)
	}
}

// Of a source that is a target itself, what Novu reports may be out of date: the refusal says what to do, and where there is a
// way Novu is asked first.
func TestFaultySource(t *testing.T) {
	for name, test := range map[string]struct {
		described, ask bool
		unsettled      bool
		want           []string
	}{
		"that the objects describe": {described: true, ask: true, want: []string{"Novu reports errors in it: step wait: "}},
		"that is a target":          {want: []string{"Novu reports errors in it: step wait: ", "promote it again into Environment shop/development"}},
		"that can be asked about":   {ask: true, unsettled: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			object := w.patient(w.source)
			planner := w.planner(byApply)
			planner.Described = test.described
			if test.ask {
				planner.Reassess = func(Item) bool { return true }
			}
			draft, err := planner.Draft(t.Context(), itemsOf(object), time.Minute)
			w.must(err)
			if got := len(draft.Unsettled) == 1; got != test.unsettled {
				t.Fatalf("unsettled: %v, items: %s", got, describe(draft.Items))
			}
			for _, text := range test.want {
				if got := describe(draft.Items); !strings.Contains(got, text) {
					t.Errorf("%q is not in %s", text, got)
				}
			}
			if got := Faulty(w.source, itemsOf(object)); len(got) != 1 {
				t.Errorf("faulty: %v", got)
			}
		})
	}
}

// Items are read side by side, and Novu is asked about one after the other.
func TestReassessOneAtATime(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	var objects []view.Object
	for i := range 3 * readers {
		objects = append(objects, w.sick(w.source, fmt.Sprintf("patient-%d", i)))
	}
	planner := w.planner(byApply)
	planner.Described = false
	var asking sync.Mutex
	asked := 0
	planner.Reassess = func(Item) bool {
		if !asking.TryLock() {
			t.Error("two are asked about at the same time")
			return true
		}
		defer asking.Unlock()
		_, err := w.target.Client.ListIntegrations(t.Context()) // it takes a while
		asked++
		return err == nil
	}
	draft, err := planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
	w.must(err)
	if len(draft.Unsettled) != len(objects) || asked != len(objects) {
		t.Errorf("%d are unsettled, %d were asked about", len(draft.Unsettled), asked)
	}
}
