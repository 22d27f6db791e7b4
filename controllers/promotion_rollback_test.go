// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const farewell = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: farewell}
spec: {environmentRef: {name: dev}, name: Farewell, steps: [{stepID: text, type: SMS, sms: {body: Bye}}]}
`

// wentBack waits until a rollback has succeeded and compares what it says of itself.
func wentBack(s *harness.Stage, p *v1alpha1.Promotion, name, message string) {
	s.Helper()
	s.Ready(p, name)
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	if ready.Reason != v1alpha1.ReasonRolledBack || ready.Message != message {
		s.Errorf("%s: %s: %s\nwant %s", name, ready.Reason, ready.Message, message)
	}
}

// text is what the SMS of a workflow says in production; empty if there is no such workflow.
func text(s *harness.Stage, id string) string {
	for _, w := range s.Novu.Workflows("Production") {
		for _, step := range w.Steps {
			if body, ok := step.ControlValues["body"].(string); w.WorkflowID == id && ok && step.StepID == "text" {
				return body
			}
		}
	}
	return ""
}

// history brings three states to production: one, then two with a farewell, then three.
func history(t *testing.T) *harness.Stage {
	t.Helper()
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "one"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	s.YAML(fmt.Sprintf(three, "two") + "---" + farewell)
	promoted(s, promote(s, "second", "prod", ""), "second", "4/4 promoted to prod: 1 created, 1 updated, 2 unchanged")
	s.YAML(fmt.Sprintf(three, "three"))
	promoted(s, promote(s, "third", "prod", ""), "third", "4/4 promoted to prod: 0 created, 1 updated, 3 unchanged")
	return s
}

func TestRollback(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spec, result, text, restores string
		farewell                     bool
	}{
		"to previous": {
			spec: "rollback: {to: Previous}", text: "two", restores: "third", farewell: true,
			result: "1/1 restored in prod: 0 created, 1 updated, 0 unchanged",
		},
		"to a Promotion": {
			spec: "rollback: {to: Promotion, promotionRef: {name: first}}", text: "one", restores: "first", farewell: true,
			result: "4/4 restored in prod: 0 created, 1 updated, 3 unchanged",
		},
		"to a Promotion, pruned": {
			spec: "rollback: {to: Promotion, promotionRef: {name: first}}, prune: true", text: "one", restores: "first",
			result: "4/4 restored in prod: 0 created, 1 updated, 1 deleted, 2 unchanged",
		},
		"to the last Promotion": {
			spec: "rollback: {to: Promotion, promotionRef: {name: third}}", text: "three", restores: "third", farewell: true,
			result: "1/1 restored in prod: 0 created, 0 updated, 1 unchanged",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := history(t)
			steps := stepsOf(s, "message")
			back := promote(s, "back", "prod", test.spec)
			wentBack(s, back, "back", test.result)
			toolsSay(s, back, status.CurrentStatus)
			if got := text(s, "message"); got != test.text {
				t.Errorf("the text is %q, want %q", got, test.text)
			}
			if there := text(s, "farewell") != ""; there != test.farewell {
				t.Errorf("the farewell is there: %v", there)
			}
			if got := stepsOf(s, "message"); !reflect.DeepEqual(got, steps) {
				t.Errorf("steps %v became %v", steps, got)
			}
			if back.Status.RestoresRef == nil || back.Status.RestoresRef.Name != test.restores || back.Status.Strategy != v1alpha1.PromotionStrategyApply {
				t.Errorf("status %+v", back.Status)
			}
			if got := live(s, "message")["prod"].Revision; got == "" || got != item(back, "message").Revision {
				t.Errorf("live is %q, the plan says %q", got, item(back, "message").Revision)
			}
			if _, recorded := live(s, "farewell")["prod"]; recorded != test.farewell {
				t.Errorf("the farewell is recorded as live: %v", recorded)
			}
			held(s, "prod", "back")
		})
	}
}

// stepsOf are the internal ids of a workflow's steps in production.
func stepsOf(s *harness.Stage, id string) (ids []string) {
	for _, w := range s.Novu.Workflows("Production") {
		for _, step := range w.Steps {
			if w.WorkflowID == id {
				ids = append(ids, step.ID)
			}
		}
	}
	return ids
}

func item(p *v1alpha1.Promotion, name string) v1alpha1.PlannedItem {
	for _, item := range p.Status.Plan.Items {
		if item.Name == name {
			return item
		}
	}
	return v1alpha1.PlannedItem{}
}

func held(s *harness.Stage, environment, by string) {
	s.Helper()
	var e v1alpha1.Environment
	s.Must(s.Get(s.Context(), s.Key(environment), &e))
	if e.Status.Hold == nil || e.Status.Hold.PromotionRef.Name != by {
		s.Errorf("hold is %+v, want that of %s", e.Status.Hold, by)
	}
}

// Everything that production came from is gone: the source, its objects, and the Promotions.
func TestRollbackWithoutASource(t *testing.T) {
	s := history(t)
	for _, p := range []string{"first", "second", "third"} {
		s.Must(s.Delete(t.Context(), &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: p}}))
	}
	s.Must(s.DeleteAllOf(t.Context(), &v1alpha1.Workflow{}, client.InNamespace(s.Namespace)))
	s.Must(s.DeleteAllOf(t.Context(), &v1alpha1.Layout{}, client.InNamespace(s.Namespace)))
	s.Must(s.Delete(t.Context(), &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "dev"}}))
	s.Gone(&v1alpha1.Environment{}, "dev")
	wentBack(s, promote(s, "back", "prod", "rollback: {to: Promotion, promotionRef: {name: first}}"), "back", "4/4 restored in prod: 0 created, 1 updated, 3 unchanged")
	if got := text(s, "message"); got != "one" {
		t.Errorf("the text is %q", got)
	}
	wentBack(s, promote(s, "again", "prod", "rollback: {to: Previous}"), "again", "1/1 restored in prod: 0 created, 1 updated, 0 unchanged")
	if got := text(s, "message"); got != "three" {
		t.Errorf("the rollback was undone: the text is %q", got)
	}
}

// Something was deleted from the source, and is deleted from the target only if that is asked for; going back brings it back.
func TestPrune(t *testing.T) {
	s := history(t)
	s.Must(s.Delete(t.Context(), &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "farewell"}}))
	s.Gone(&v1alpha1.Workflow{}, "farewell")
	promoted(s, promote(s, "careful", "prod", ""), "careful", "3/3 promoted to prod: 0 created, 0 updated, 3 unchanged")
	if text(s, "farewell") == "" {
		t.Fatal("it was deleted without being asked for")
	}
	p := promote(s, "pruned", "prod", "prune: true")
	promoted(s, p, "pruned", "4/4 promoted to prod: 0 created, 0 updated, 1 deleted, 3 unchanged")
	if p.Status.Plan.Delete != 1 || text(s, "farewell") != "" {
		t.Errorf("plan %+v", p.Status.Plan)
	}
	wentBack(s, promote(s, "back", "prod", "rollback: {to: Previous}"), "back", "1/1 restored in prod: 1 created, 0 updated, 0 unchanged")
	if text(s, "farewell") != "Bye" {
		t.Error("it did not come back")
	}
}

// What was moved to another Environment of the same Novu environment is still described: the target keeps it.
func TestPruneKeepsWhatWasMoved(t *testing.T) {
	s := history(t)
	s.Environment("again", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "again")
	s.YAML(strings.NewReplacer("name: farewell", "name: moved", "name: dev", "name: again",
		"spec: {", "spec: {workflowID: farewell, ", "spec:\n", "spec:\n  workflowID: farewell\n").Replace(farewell))
	s.NotReady(&v1alpha1.Workflow{}, "moved", v1alpha1.ReasonConflict)
	s.Must(s.Delete(t.Context(), &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "farewell"}}))
	s.Ready(&v1alpha1.Workflow{}, "moved")
	promoted(s, promote(s, "pruned", "prod", "prune: true"), "pruned", "3/3 promoted to prod: 0 created, 0 updated, 3 unchanged")
	if text(s, "farewell") == "" {
		t.Error("it was deleted from the target although an object describes it")
	}
}

// A revision that the source has left behind is promoted from the record; once more, it is verified and left alone.
func TestPinnedRevision(t *testing.T) {
	s := history(t)
	var second v1alpha1.Promotion
	s.Must(s.Get(t.Context(), s.Key("second"), &second))
	pin := fmt.Sprintf("items: [{kind: Workflow, name: message, revision: %q}]", item(&second, "message").Revision)
	promoted(s, promote(s, "pinned", "prod", pin), "pinned", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	if got := text(s, "message"); got != "two" {
		t.Errorf("the text is %q", got)
	}
	promoted(s, promote(s, "once-more", "prod", pin), "once-more", "1/1 promoted to prod: 0 created, 0 updated, 1 unchanged")
	unknown := promote(s, "unknown", "prod", `items: [{kind: Workflow, name: message, revision: "`+strings.Repeat("0123456789ab", 5)+`cdef"}]`)
	if got := s.NotReady(unknown, "unknown", v1alpha1.ReasonItemsRefused); !strings.Contains(got, "0123456789ab") {
		t.Error(got)
	}
	twice := promote(s, "twice", "prod", `items: [{kind: Workflow, name: message}, {kind: Workflow, name: message, revision: "`+strings.Repeat("01", 32)+`"}]`)
	s.NotReady(twice, "twice", v1alpha1.ReasonItemsRefused)
}

// An item fails, and the target asks for all or nothing.
func TestRollbackOnFailure(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, onFailure: Rollback}")
	s.YAML(fmt.Sprintf(three, "one"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	before := s.Novu.Snapshot("Production")
	s.YAML(fmt.Sprintf(strings.Replace(three, "<p>Hello</p>", "<p>Good day</p>", 1), "two") + "---" + farewell)
	s.Ready(&v1alpha1.Workflow{}, "letter", "message", "farewell")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message/sync", Status: 400,
		Body: []byte(`{"statusCode":400,"message":"Cannot sync workflow"}`)})
	p := promote(s, "second", "prod", "")
	message := s.NotReady(p, "second", v1alpha1.ReasonItemsFailed)
	if want := "1/4 promoted to prod: 0 created, 0 updated, 1 unchanged, 2 restored as they were, 1 failed: "; !strings.HasPrefix(message, want) {
		t.Errorf("got  %s\nwant %s…", message, want)
	}
	if after := s.Novu.Snapshot("Production"); !reflect.DeepEqual(before, after) {
		t.Errorf("Production holds\n%v\nbefore\n%v", after, before)
	}
	if got := live(s, "letter")["prod"].PromotionRef.Name; got != "first" {
		t.Errorf("live by %s", got)
	}
}

// Somebody deletes what was promoted before the Promotion has ended, and the target asks for all or nothing.
func TestRollbackWhenVerificationFails(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, onFailure: Rollback}")
	s.YAML(fmt.Sprintf(three, "one"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	s.YAML(fmt.Sprintf(strings.Replace(three, "<p>Hello</p>", "<p>Good day</p>", 1), "two"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	prod := theirs(s, "Production")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message/sync", Times: 1, Hook: func(*http.Request) {
		if err := prod.DeleteWorkflow(t.Context(), "letter"); err != nil {
			t.Error(err)
		}
	}})
	p := promote(s, "second", "prod", "")
	message := s.NotReady(p, "second", v1alpha1.ReasonItemsFailed)
	if want := "1/3 promoted to prod: 0 created, 0 updated, 1 unchanged, 1 restored as they were, 1 failed: "; !strings.HasPrefix(message, want) {
		t.Errorf("got  %s\nwant %s…", message, want)
	}
	if got := text(s, "message"); got != "one" {
		t.Errorf("the text is %q", got)
	}
	_, err := prod.GetWorkflow(t.Context(), "letter")
	s.Must(err)
}

func TestAbort(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	open := s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message/sync", Status: 503})
	p := promote(s, "first", "prod", "")
	s.Eventually("the Promotion is held up", func() error {
		s.Must(s.Get(t.Context(), s.Key("first"), p))
		return unless(p.Status.Progress == "2/3", fmt.Sprintf("%+v", p.Status))
	})
	waiting := promote(s, "second", "prod", "")
	s.NotReady(waiting, "second", v1alpha1.ReasonQueued)
	for _, name := range []string{"second", "first"} {
		promote(s, name, "prod", "abort: true")
	}
	if got := s.NotReady(waiting, "second", v1alpha1.ReasonAborted); got != "spec.abort is set: nothing more is written" {
		t.Errorf("the one that had not begun says: %s", got)
	}
	message := s.NotReady(p, "first", v1alpha1.ReasonAborted)
	if p.Status.Phase != v1alpha1.PromotionPhaseAborted || !strings.Contains(message, "2/3 promoted to prod: 2 created") {
		t.Errorf("%s: %s", p.Status.Phase, message)
	}
	toolsSay(s, p, status.FailedStatus)
	open()
	promoted(s, promote(s, "third", "prod", ""), "third", "3/3 promoted to prod: 1 created, 0 updated, 2 unchanged")
	unmarked(s, "prod")
}

func unless(ok bool, message string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%s", message)
}

// Somebody edits the target between plan and write: what the person wrote can be brought back.
func TestEditsOfTheTargetAreKept(t *testing.T) {
	s := history(t)
	s.YAML(fmt.Sprintf(three, "four"))
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1}}")
	p := promote(s, "fourth", "prod", "")
	s.NotReady(p, "fourth", v1alpha1.ReasonApprovalsMissing)
	prod, err := novu.New(novu.Config{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment("Production").SecretKey})
	s.Must(err)
	have, err := prod.GetWorkflow(t.Context(), "message")
	s.Must(err)
	s.Must(edit(t, prod, have, "by hand"))
	approve(s, p, "fourth", "alice")
	s.Eventually("the plan is another one, and needs another approval", func() error {
		old := p.Status.Plan.Hash
		s.Must(s.Get(t.Context(), s.Key("fourth"), p))
		return unless(p.Status.Plan.Hash != old || p.Status.CompletionTime != nil, "the same plan")
	})
	approve(s, p, "fourth", "alice")
	promoted(s, p, "fourth", "4/4 promoted to prod: 0 created, 1 updated, 3 unchanged")
	wentBack(s, promote(s, "back", "prod", "rollback: {to: Previous}"), "back", "1/1 restored in prod: 0 created, 1 updated, 0 unchanged")
	if got := text(s, "message"); got != "by hand" {
		t.Errorf("the text is %q", got)
	}
	if got := live(s, "message")["prod"]; got.PromotionRef.Name != "back" || got.Revision == "" {
		t.Errorf("what is live is recorded as %+v", got)
	}
}
