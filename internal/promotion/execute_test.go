// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/view"
)

func (w *world) execution(s *Session, strategy v1alpha1.PromotionStrategy) *Execution {
	return &Execution{
		Session: s, Clock: w.clock, Strategy: strategy,
		Checkpoint: func(context.Context) error { w.checkpoints++; return nil },
		Supplement: func(_ context.Context, entry history.Entry) error {
			w.supplements = append(w.supplements, entry)
			return nil
		},
		Brought: func(*v1alpha1.PlannedItem) {},
		Halt:    func(context.Context) bool { return w.halt },
	}
}

// resumed is a session of an operator that has restarted: it knows what was recorded.
func (w *world) resumed(before *Session) *Session {
	s := w.session()
	for _, entry := range before.entries {
		s.recall(entry)
	}
	return s
}

// calls are the requests since the last ClearRequests: method, environment and path.
func (w *world) calls() (calls []string) {
	for _, r := range w.novu.Requests() {
		calls = append(calls, fmt.Sprintf("%s %s %s", r.Environment, r.Method, r.Path))
	}
	return calls
}

// same fails the test if the target does not hold what the source holds.
func (w *world) same() {
	w.Helper()
	if from, to := w.novu.Snapshot("Development"), w.novu.Snapshot("Production"); !reflect.DeepEqual(withoutDefaults(from), withoutDefaults(to)) {
		w.Errorf("the target holds\n%v\nthe source\n%v", to, from)
	}
}

// withoutDefaults drops which layout is the default: that is each environment's own affair.
func withoutDefaults(snapshot any) any {
	for _, layout := range snapshot.(map[string]any)["layouts"].([]any) {
		delete(layout.(map[string]any), "isDefault")
	}
	return snapshot
}

func TestRun(t *testing.T) {
	for name, strategy := range map[string]v1alpha1.PromotionStrategy{"sync": bySync, "apply": byApply} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			objects := []view.Object{
				w.layout(w.source, "brand", "new"), w.layout(w.source, "fresh", ""), w.letter(w.source, "letter", "fresh"),
				w.workflow(w.source, "changed", "new"), w.workflow(w.source, "same", "hello"),
			}
			w.layout(w.target, "brand", "old")
			w.workflow(w.target, "changed", "old")
			w.workflow(w.target, "same", "hello")
			stepsBefore := stepIDs(w, "changed")
			session, items := w.plan(strategy, objects...)
			w.novu.ClearRequests()
			w.must(w.execution(session, strategy).Run(t.Context(), items, time.Minute))
			const note = ": the target has no active primary sms integration: nothing is delivered that way until it has one"
			const mail = ": the target has no active primary email integration: nothing is delivered that way until it has one"
			want := "brand Update Done\nfresh Create Done\nchanged Update Done" + note + "\nletter Create Done" + mail + "\nsame Unchanged Done" + note
			if got := describe(items); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			w.same()
			if got := stepIDs(w, "changed"); !slices.Equal(got, stepsBefore) {
				t.Errorf("steps of the target changed from %v to %v", stepsBefore, got)
			}
			wantCalls := map[v1alpha1.PromotionStrategy]string{
				bySync: `Production PUT /v2/layouts/brand
Production PUT /v2/layouts/fresh
Production POST /v2/layouts
Production PUT /v2/layouts/fresh
Development PUT /v2/workflows/changed/sync
Development PUT /v2/workflows/letter/sync`,
				byApply: `Production PUT /v2/layouts/brand
Production PUT /v2/layouts/fresh
Production POST /v2/layouts
Production PUT /v2/layouts/fresh
Production PUT /v2/workflows/changed
Production PUT /v2/workflows/letter
Production POST /v2/workflows`,
			}[strategy]
			if got := strings.Join(w.calls(), "\n"); got != wantCalls {
				t.Errorf("calls\n%s\nwant\n%s", got, wantCalls)
			}
		})
	}
}

// Novu's sync overwrites the layouts of a workflow in the target. One that is not planned stays as it is.
func TestRunLeavesUnplannedLayouts(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.layout(w.source, "brand", "draft")
	w.layout(w.target, "brand", "live")
	w.restart()
	session, items := w.plan(bySync, w.letter(w.source, "letter", "brand"))
	w.must(w.execution(session, bySync).Run(t.Context(), items, time.Minute))
	const want = `letter Create Done: written with the target's key, because Novu's sync would bring along the layout "brand", which is not planned`
	if got := describe(items); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	held, err := w.target.Client.GetLayout(t.Context(), "brand")
	w.must(err)
	if got := held.Email().Body; !strings.Contains(got, "live") {
		t.Errorf("the layout became %s", got)
	}
}

func stepIDs(w *world, id string) (ids []string) {
	for _, workflow := range w.novu.Workflows("Production") {
		for _, step := range workflow.Steps {
			if workflow.WorkflowID == id {
				ids = append(ids, step.ID)
			}
		}
	}
	return ids
}

// What an operator without memory finds done is done, and not written again.
func TestRunObservesFirst(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	objects := []view.Object{w.layout(w.source, "brand", ""), w.workflow(w.source, "a", "hello"), w.workflow(w.source, "b", "hello")}
	session, items := w.plan(bySync, objects...)
	for _, id := range []string{"a", "b"} {
		_, err := w.source.Client.SyncWorkflow(t.Context(), id, w.target.Environment().ID)
		w.must(err)
	}
	w.layout(w.target, "brand", "")
	w.restart()
	w.novu.ClearRequests()
	w.must(w.execution(w.resumed(session), bySync).Run(t.Context(), items, time.Minute))
	if got := Progress(items); got != "3/3" {
		t.Errorf("progress %s: %s", got, describe(items))
	}
	if writes := w.novu.Count(http.MethodPut, "") + w.novu.Count(http.MethodPost, ""); writes != 0 {
		t.Errorf("%d writes: %v", writes, w.calls())
	}
}

func TestRunInSlices(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	var objects []view.Object
	for id := range strings.SplitSeq("abcdef", "") {
		objects = append(objects, w.workflow(w.source, id, "hello"))
	}
	session, items := w.plan(bySync, objects...)
	w.novu.Inject(novutest.Fault{Method: http.MethodPut, Hook: func(*http.Request) { w.pass(time.Second) }})
	w.novu.ClearRequests()
	var progress []string
	for len(progress) < 10 && Count(items).Done < 6 {
		w.must(w.execution(session, bySync).Run(t.Context(), items, 1500*time.Millisecond))
		progress = append(progress, Progress(items))
	}
	if got := strings.Join(progress, " "); got != "2/6 4/6 6/6" {
		t.Errorf("progress %s", got)
	}
	if lists := w.novu.Count(http.MethodGet, ""); lists != 0 {
		t.Errorf("the lists of the plan are recent enough, but there were %d reads: %v", lists, w.calls())
	}
}

func TestRunFallsBack(t *testing.T) {
	for name, test := range map[string]struct {
		fault    novutest.Fault
		insist   bool
		want     string
		strategy v1alpha1.PromotionStrategy
	}{
		"to apply": {
			fault: novutest.Fault{Status: 403}, want: "a Create Done\nb Create Done", strategy: byApply,
		},
		"to apply where there is no such route": {
			fault: novutest.Fault{Status: 404, Body: []byte(`{"statusCode":404,"message":"Cannot PUT /v2/workflows/a/sync"}`)},
			want:  "a Create Done\nb Create Done", strategy: byApply,
		},
		"not, if the user insists": {
			fault: novutest.Fault{Status: 403}, insist: true, strategy: bySync,
			want: `a Create Failed: sync workflow "a": Novu answered 403: Forbidden; this key may not do that here; check that it is the key of this environment. ` +
				"Unset spec.promotionPolicy.strategy of Environment shop/production, so that workflows are written with its own key instead",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			session, items := w.plan(bySync, w.quiet("a"), w.quiet("b"))
			test.fault.Method, test.fault.Path = http.MethodPut, "/v2/workflows/*/sync"
			w.novu.Inject(test.fault)
			w.novu.ClearRequests()
			execution := w.execution(session, bySync)
			execution.Insist = test.insist
			w.must(execution.Run(t.Context(), items, time.Minute))
			if got := describe(items); !strings.HasPrefix(got, test.want) || execution.Strategy != test.strategy {
				t.Errorf("strategy %s, items\n%s\nwant\n%s", execution.Strategy, got, test.want)
			}
			if syncs := countSyncs(w); !test.insist && syncs != 1 {
				t.Errorf("sync was asked for %d times", syncs)
			}
		})
	}
}

// quiet is a workflow about which there is nothing to note.
func (w *world) quiet(id string) *v1alpha1.Workflow {
	w.Helper()
	return w.store(w.source, &novu.WorkflowRequest{
		WorkflowID: id, Name: id, Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{{StepID: "inbox", Name: "Inbox", Type: "in_app", ControlValues: []byte(`{"body":"hello"}`)}},
	})
}

func countSyncs(w *world) (n int) {
	for _, r := range w.novu.Requests() {
		if strings.HasSuffix(r.Path, "/sync") {
			n++
		}
	}
	return n
}

// Something is wrong with one item: it fails, and nothing more is begun.
func TestRunFailsItems(t *testing.T) {
	for name, test := range map[string]struct {
		strategy v1alpha1.PromotionStrategy
		spoil    func(w *world)
		want     string
	}{
		"Novu refuses": {
			strategy: bySync,
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/a/sync", Status: 400,
					Body: []byte(`{"statusCode":400,"message":"Cannot sync workflow: origin 'external' is not allowed (must be one of: novu-cloud)"}`)})
			},
			want: `sync workflow "a": Novu answered 400: it is defined in code (origin external): promote it by deploying the application, not by copying it`,
		},
		"the target is full": {
			strategy: byApply,
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Status: 400,
					Body: []byte(`{"statusCode":400,"message":"Workflow limit exceeded","currentCount":100,"limit":100}`)})
			},
			want: `create workflow "a": Novu answered 400: Workflow limit exceeded (100 of 100); delete what is not needed from this Novu environment, or raise its limit`,
		},
		"the source has no such layout": {
			strategy: bySync,
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/a/sync", Status: 404,
					Body: []byte(`{"statusCode":404,"message":"Layout not found for id brand in the environment x"}`)})
			},
			want: `sync workflow "a": Novu answered 404: Layout not found for id brand in the environment x: create the layout, or correct the step`,
		},
		"the target has no such layout": {
			strategy: byApply,
			spoil: func(w *world) {
				w.must(w.target.Client.DeleteLayout(w.Context(), "brand"))
				w.target.Deleted("layouts", "brand")
			},
			want: `step mail uses the layout "brand", which the target does not hold`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			for _, conn := range []*connection.Connection{w.source, w.target} {
				w.layout(conn, "first", "") // the default, which cannot be deleted
				w.layout(conn, "brand", "")
			}
			a := w.letter(w.source, "a", "brand")
			if test.strategy == bySync {
				a = w.workflow(w.source, "a", "hello")
			}
			session, items := w.plan(test.strategy, a, w.quiet("b"))
			w.pass(time.Minute) // so that both environments are listed again
			test.spoil(w)
			w.must(w.execution(session, test.strategy).Run(t.Context(), items, time.Minute))
			if got := items[0]; got.State != v1alpha1.ItemStateFailed || !strings.HasPrefix(got.Message, test.want) {
				t.Errorf("%s: %s\nwant %s", got.State, got.Message, test.want)
			}
			if got := items[1]; got.State != v1alpha1.ItemStatePending {
				t.Errorf("the other item: %s: %s", got.State, got.Message)
			}
		})
	}
}

// Whatever becomes of the source after the plan was made: what was planned is brought, and not the change.
func TestRunBringsWhatWasPlanned(t *testing.T) {
	for name, test := range map[string]struct {
		strategy v1alpha1.PromotionStrategy
		spoil    func(w *world)
		note     string
	}{
		"changed since": {
			strategy: bySync, note: "written with the target's key, because the source does not hold what is planned",
			spoil: func(w *world) { w.workflow(w.source, "a", "changed") },
		},
		"deleted since": {
			strategy: bySync, note: "written with the target's key, because the source does not hold what is planned",
			spoil: func(w *world) { w.must(w.source.Client.DeleteWorkflow(w.Context(), "a")) },
		},
		"deleted since, by Apply": {
			strategy: byApply, note: "the target has no active primary sms integration: nothing is delivered that way until it has one",
			spoil: func(w *world) { w.must(w.source.Client.DeleteWorkflow(w.Context(), "a")) },
		},
		"changed in the same moment": {
			strategy: bySync, note: "the source was changed while it was promoted: what was planned was written, and not the change",
			spoil: func(w *world) {
				w.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/a/sync", Times: 1, Hook: func(*http.Request) { w.workflow(w.source, "a", "changed") }})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			session, items := w.plan(test.strategy, w.workflow(w.source, "a", "planned"))
			w.pass(time.Minute) // so that both environments are listed again
			test.spoil(w)
			execution := w.execution(session, test.strategy)
			w.must(execution.Run(t.Context(), items, time.Minute))
			w.pass(time.Second)
			w.must(execution.Verify(t.Context(), items))
			if got := describe(items); got != "a Create Done: "+test.note {
				t.Errorf("got %s", got)
			}
			if got := texts(w, "Production", "a"); !strings.Contains(got, "planned") || strings.Contains(got, "changed") {
				t.Errorf("the target holds %s", got)
			}
		})
	}
}

// texts are the values of a workflow's steps.
func texts(w *world, environment, id string) (all string) {
	for _, workflow := range w.novu.Workflows(environment) {
		for _, step := range workflow.Steps {
			if workflow.WorkflowID == id {
				all += fmt.Sprint(step.ControlValues)
			}
		}
	}
	return all
}

func sameSnapshot(a, b any) bool { return reflect.DeepEqual(withoutDefaults(a), withoutDefaults(b)) }
