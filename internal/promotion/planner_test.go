// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"net/http"
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

const (
	bySync  = v1alpha1.PromotionStrategySync
	byApply = v1alpha1.PromotionStrategyApply
)

func TestDraft(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	plain := w.layout(w.source, "plain", "new")
	w.layout(w.target, "plain", "old")
	same := w.workflow(w.source, "same", "hello")
	w.workflow(w.target, "same", "hello")
	changed := w.workflow(w.source, "changed", "new")
	w.workflow(w.target, "changed", "old")
	fresh := w.workflow(w.source, "fresh", "hello")
	w.workflow(w.target, "unrelated", "hello")

	_, items := w.plan(bySync, plain, same, changed, fresh)
	const note = ": the target has no active primary sms integration: nothing is delivered that way until it has one"
	want := "plain Update Pending\nchanged Update Pending" + note + "\nfresh Create Pending" + note + "\nsame Unchanged Done" + note
	if got := describe(items); got != want {
		t.Errorf("planned\n%s\nwant\n%s", got, want)
	}
	change := items[1].Changes
	if len(change) != 2 || change[1] != (v1alpha1.Difference{Path: "steps[text].sms.body", From: `"old"`, To: `"new"`}) {
		t.Errorf("changes: %+v", change)
	}
	if items[0].Changes[0].Path != "body" || len(items[2].Changes) != 0 {
		t.Errorf("changes: %+v, %+v", items[0].Changes, items[2].Changes)
	}
	if items[1].Revision != changed.Status.Revision || items[1].SourceHash != changed.Status.RemoteHash {
		t.Errorf("revision %s, hash %s", items[1].Revision, items[1].SourceHash)
	}
}

func TestDraftRefuses(t *testing.T) {
	inABrand := func(w *world) view.Object {
		w.layout(w.source, "brand", "")
		return w.letter(w.source, "letter", "brand")
	}
	for name, test := range map[string]struct {
		strategy v1alpha1.PromotionStrategy
		set      func(w *world) view.Object
		want     string
	}{
		"a layout that the target lacks, when it is written with the target's key": {
			strategy: byApply, set: inABrand, want: `step mail uses the layout "brand", which the target does not hold`,
		},
		"a layout that the target lacks, when Novu would bring it along": {
			strategy: bySync, set: inABrand, want: `step mail uses the layout "brand", which the target does not hold`,
		},
		"errors that Novu reports": {
			strategy: bySync,
			set: func(w *world) view.Object {
				return w.store(w.source, &novu.WorkflowRequest{
					WorkflowID: "broken", Name: "broken", Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
					Steps: []novu.StepRequest{{StepID: "text", Name: "Text", Type: "sms"}},
				})
			},
			want: "Novu reports errors in it: step text: spec.steps[0].sms.body",
		},
		"what is nested too deep": {
			strategy: bySync,
			set: func(w *world) view.Object {
				const levels = 140
				return w.store(w.source, &novu.WorkflowRequest{
					WorkflowID: "deep", Name: "deep", Active: true, Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
					PayloadSchema: []byte(strings.Repeat(`{"properties":`, levels) + "{}" + strings.Repeat("}", levels)),
				})
			},
			want: "payloadSchema: it is nested 141 levels deep, and 128 are the most: flatten it in the source",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			draft, err := w.planner(test.strategy).Draft(t.Context(), itemsOf(test.set(w)), time.Minute)
			w.must(err)
			item := draft.Items[0]
			if item.Action != v1alpha1.PlanActionRefused || item.State != "" || !strings.Contains(item.Message, test.want) || draft.Complete() {
				t.Errorf("%+v", item)
			}
		})
	}
}

func TestDraftTakesPlannedLayouts(t *testing.T) {
	for name, strategy := range map[string]v1alpha1.PromotionStrategy{"apply": byApply, "sync": bySync} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			_, items := w.plan(strategy, w.layout(w.source, "brand", ""), w.letter(w.source, "letter", "brand"))
			if got := items[len(items)-1]; got.Action != v1alpha1.PlanActionCreate {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What Novu holds is not what the object says: somebody edited the source environment.
func TestDraftOfDrift(t *testing.T) {
	edited := func(w *world, drift v1alpha1.DriftPolicy) *v1alpha1.Workflow {
		o := w.workflow(w.source, "welcome", "as described")
		o.Spec.DriftPolicy = drift
		w.workflow(w.source, "welcome", "edited")
		return o
	}
	deleted := func(w *world, drift v1alpha1.DriftPolicy) *v1alpha1.Workflow {
		o := w.workflow(w.source, "welcome", "as described")
		o.Spec.DriftPolicy = drift
		w.must(w.source.Client.DeleteWorkflow(w.Context(), "welcome"))
		return o
	}
	for name, test := range map[string]struct {
		set       func(*world, v1alpha1.DriftPolicy) *v1alpha1.Workflow
		drift     v1alpha1.DriftPolicy
		suspend   bool
		described bool
		unsettled bool
		want      string
	}{
		"edited, to be corrected":           {set: edited, described: true, unsettled: true},
		"edited, to be left":                {set: edited, drift: v1alpha1.DriftPolicyDetect, described: true, want: "welcome Create Pending"},
		"edited while suspended":            {set: edited, suspend: true, described: true, want: "welcome Create Pending"},
		"edited in an earlier target":       {set: edited, want: "welcome Create Pending"},
		"deleted, to be corrected":          {set: deleted, described: true, unsettled: true},
		"deleted, to be left":               {set: deleted, drift: v1alpha1.DriftPolicyIgnore, described: true, want: "welcome Refused"},
		"not promoted to an earlier target": {set: deleted, want: "welcome Refused"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			object := test.set(w, test.drift)
			object.Spec.Suspend = &test.suspend
			planner := w.planner(bySync)
			planner.Described = test.described
			draft, err := planner.Draft(t.Context(), itemsOf(object), time.Minute)
			w.must(err)
			if got := len(draft.Unsettled) == 1; got != test.unsettled {
				t.Fatalf("unsettled: %v, items: %s", got, describe(draft.Items))
			}
			if test.unsettled {
				return
			}
			if got := describe(draft.Items); !strings.HasPrefix(got, test.want) {
				t.Errorf("planned %s, want %s", got, test.want)
			}
			if r := draft.Items[0].Revision; r != draft.Items[0].SourceHash || r == object.Status.Revision {
				t.Errorf("revision %q must be that of what the source holds", r)
			}
		})
	}
}

// A draft takes what it has time for, and the next one goes on from there.
func TestDraftInSlices(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	var objects []view.Object
	for id := range strings.SplitSeq("abcdefghijklmnopqrst", "") {
		objects = append(objects, w.workflow(w.source, id, "hello"))
	}
	planner := w.planner(bySync)
	remove := w.novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/", Hook: func(*http.Request) { w.pass(time.Second) }})
	defer remove()
	w.novu.ClearRequests()
	slices, left := 0, len(objects)
	for left > 0 {
		draft, err := planner.Draft(t.Context(), itemsOf(objects...), 5*time.Second)
		w.must(err)
		if draft.Unread >= left || len(draft.Items)+draft.Unread != len(objects) {
			t.Fatalf("slice %d: %d unread, before %d; %d items", slices, draft.Unread, left, len(draft.Items))
		}
		left = draft.Unread
		slices++
	}
	if calls := w.novu.Count(http.MethodGet, "/v2/workflows/"); slices < 2 || calls != len(objects) {
		t.Errorf("%d slices, %d reads", slices, calls)
	}
}

func TestDraftPassesErrorsOn(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	object := w.workflow(w.source, "welcome", "hello")
	w.novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/welcome", Status: 503, Times: 1})
	planner := w.planner(bySync)
	if _, err := planner.Draft(t.Context(), itemsOf(object), time.Minute); !novu.IsUnavailable(err) {
		t.Fatalf("got %v", err)
	}
	draft, err := planner.Draft(t.Context(), itemsOf(object), time.Minute)
	if err != nil || !draft.Complete() {
		t.Errorf("%+v, %v", draft, err)
	}
}

func TestMissingIntegrations(t *testing.T) {
	all := &novu.WorkflowRequest{Steps: []novu.StepRequest{{Type: "email"}, {Type: "sms"}, {Type: "push"}, {Type: "chat"}, {Type: "in_app"}, {Type: "delay"}, {Type: "sms"}}}
	for name, test := range map[string]struct {
		there []novu.IntegrationRequest
		want  string
	}{
		"nothing": {want: "no active primary email and no active primary sms and no active push and no active chat integration"},
		"some": {
			there: []novu.IntegrationRequest{
				{ProviderID: "sendgrid", Channel: "email", Name: "Mail", Identifier: "mail", Active: true}, // the first becomes primary
				{ProviderID: "twilio", Channel: "sms", Name: "SMS", Identifier: "sms"},                     // not active
				{ProviderID: "expo", Channel: "push", Name: "Push", Identifier: "push", Active: true},
				{ProviderID: "slack", Channel: "chat", Name: "Chat", Identifier: "chat", Active: true},
			},
			want: "no active primary sms integration",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			for i := range test.there {
				_, err := w.target.Client.CreateIntegration(t.Context(), &test.there[i])
				w.must(err)
			}
			w.pass(time.Second)
			w.must(w.target.Refresh(t.Context(), connection.Integrations, w.clock.Now()))
			got := missingIntegrations(all, w.target)
			if want := "the target has " + test.want + ": nothing is delivered that way until it has one"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A revision out of the records is refused like one that Novu holds.
func TestRecordedDefinitionIsTooDeep(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	const levels = 140
	deep := &novu.WorkflowRequest{WorkflowID: "deep", Name: "deep", Steps: []novu.StepRequest{{
		StepID: "text", Name: "Text", Type: "sms", ControlValues: []byte(strings.Repeat(`{"a":`, levels) + "{}" + strings.Repeat("}", levels)),
	}}}
	item := Item{Kind: v1alpha1.PromotionItemWorkflow, ID: "deep", Recorded: history.OfWorkflow(deep), Revision: "1"}
	planner := w.planner(byApply)
	planner.Source = nil
	draft, err := planner.Draft(t.Context(), []Item{item}, time.Minute)
	w.must(err)
	if got := draft.Items[0]; got.Action != v1alpha1.PlanActionRefused || !strings.Contains(got.Message, "steps[text]: it is nested 141 levels deep") {
		t.Errorf("%+v", got)
	}
}
