// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// world is a Novu server, and an operator's view of its Development and Production.
type world struct {
	*testing.T
	novu           *novutest.Server
	clock          *clocktesting.FakePassiveClock
	source, target *connection.Connection

	// What executions were asked to write down, and whether they are to stop.
	checkpoints int
	supplements []history.Entry
	halt        bool
}

func newWorld(t *testing.T, o novutest.Options) *world {
	t.Helper()
	w := &world{T: t, novu: novutest.Start(t, o), clock: clocktesting.NewFakePassiveClock(time.Now())}
	w.restart()
	return w
}

// restart forgets everything that the operator knows.
func (w *world) restart() {
	w.Helper()
	pool := connection.NewPool(connection.Options{Clock: w.clock})
	w.source = w.connect(pool, w.novu.Environment("Development"))
	w.target = w.connect(pool, w.novu.Environment("Production"))
}

func (w *world) connect(pool *connection.Pool, e novutest.Environment) *connection.Connection {
	w.Helper()
	settings := connection.Settings{BaseURL: w.novu.URL, SecretKey: e.SecretKey}
	conn, err := pool.Connect(w.Context(), types.NamespacedName{Namespace: "shop", Name: e.ID}, settings)
	w.must(err)
	_, err = conn.Look(w.Context(), w.clock.Now())
	w.must(err)
	return conn
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }

func (w *world) session() *Session {
	w.pass(time.Second)
	return &Session{
		Source: &Side{Conn: w.source, Name: "shop/development"}, Target: &Side{Conn: w.target, Name: "shop/production"},
		Began: w.clock.Now(),
	}
}

// workflow stores a workflow of one text message and returns the object that describes it.
func (w *world) workflow(in *connection.Connection, id, text string) *v1alpha1.Workflow {
	w.Helper()
	return w.store(in, &novu.WorkflowRequest{
		WorkflowID: id, Name: id, Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{
			{StepID: "inbox", Name: "Inbox", Type: "in_app", ControlValues: []byte(`{"body":"` + text + `"}`)},
			{StepID: "text", Name: "Text", Type: "sms", ControlValues: []byte(`{"body":"` + text + `"}`)},
		},
	})
}

// letter stores a workflow of one e-mail in a layout.
func (w *world) letter(in *connection.Connection, id, layoutID string) *v1alpha1.Workflow {
	w.Helper()
	return w.store(in, &novu.WorkflowRequest{
		WorkflowID: id, Name: id, Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{{
			StepID: "mail", Name: "Mail", Type: "email",
			ControlValues: []byte(`{"subject":"Hi","body":"<p>Hi</p>","editorType":"html","layoutId":"` + layoutID + `"}`),
		}},
	})
}

func (w *world) store(in *connection.Connection, r *novu.WorkflowRequest) *v1alpha1.Workflow {
	w.Helper()
	have, err := in.Client.GetWorkflow(w.Context(), r.WorkflowID)
	switch {
	case novu.IsNotFound(err, novu.ResourceWorkflow):
		have, err = in.Client.CreateWorkflow(w.Context(), r)
	case err == nil:
		have, err = in.Client.UpdateWorkflow(w.Context(), r.WorkflowID, definition.BindSteps(r, have.Steps))
	}
	w.must(err)
	object := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: r.WorkflowID, Generation: 1}}
	object.Status.SyncStatus = synced(workflows.Facts(have), "object-"+workflows.Facts(have).Hash[:4])
	return object
}

// layout stores a layout and returns the object that describes it.
func (w *world) layout(in *connection.Connection, id, text string) *v1alpha1.Layout {
	w.Helper()
	return w.storeLayout(in, &novu.LayoutRequest{LayoutID: id, Name: id, Email: &novu.LayoutEmail{
		EditorType: "html", Body: "<html><body>" + text + "{{content}}</body></html>",
	}})
}

func (w *world) storeLayout(in *connection.Connection, r *novu.LayoutRequest) *v1alpha1.Layout {
	w.Helper()
	if _, err := in.Client.CreateLayout(w.Context(), r); err != nil && !novu.IsConflict(err) {
		w.Fatal(err)
	}
	have, err := in.Client.UpdateLayout(w.Context(), r.LayoutID, r)
	w.must(err)
	object := &v1alpha1.Layout{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: r.LayoutID, Generation: 1}}
	object.Status.SyncStatus = synced(layouts.Facts(have), "layout-"+layouts.Facts(have).Hash[:4])
	return object
}

// synced is the status of an object that the operator has brought to Novu.
func synced(facts remote.Facts, revision string) v1alpha1.SyncStatus {
	sync := v1alpha1.SyncStatus{
		ObservedGeneration: 1, ID: facts.ID, Revision: revision, RemoteHash: facts.Hash, RemoteUpdatedAt: facts.UpdatedAt,
	}
	set := reconcile.Conditions{List: &sync.Conditions, Generation: 1}
	set.True(v1alpha1.ConditionReady, v1alpha1.ReasonSynced, "Novu holds it")
	return sync
}

func itemsOf(objects ...view.Object) []Item {
	selection := selection{}
	for _, o := range objects {
		selection.add(itemOf(o))
	}
	return selection.sorted()
}

func (w *world) planner(strategy v1alpha1.PromotionStrategy) *Planner {
	return &Planner{
		Session: w.session(), Clock: w.clock, Strategy: strategy, Described: true, DriftPolicy: v1alpha1.DriftPolicyCorrect,
	}
}

// plan makes a plan that must be complete.
func (w *world) plan(strategy v1alpha1.PromotionStrategy, objects ...view.Object) (*Session, []v1alpha1.PlannedItem) {
	w.Helper()
	planner := w.planner(strategy)
	draft, err := planner.Draft(w.Context(), itemsOf(objects...), time.Minute)
	w.must(err)
	if !draft.Complete() {
		w.Fatalf("the plan is not complete: %+v", draft)
	}
	return planner.Session, draft.Items
}

// describe is a plan's items, one in each line.
func describe(items []v1alpha1.PlannedItem) string {
	var lines []string
	for _, item := range items {
		line := strings.Join([]string{item.EffectiveID(), string(item.Action), string(item.State)}, " ")
		if item.Message != "" {
			line += ": " + item.Message
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
