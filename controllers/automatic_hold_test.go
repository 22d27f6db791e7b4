// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

const closed = `freeze: {reason: launch week}`

// A Promotion that waits for a gate makes way for the next.
func TestAutomaticSupersedes(t *testing.T) {
	s := following(t, closed, "")
	s.YAML(fmt.Sprintf(three, "one"))
	old := made(s, "prod", 1)[0]
	if got := s.NotReady(old, old.Name, v1alpha1.ReasonFrozen); !strings.Contains(got, "launch week") {
		t.Error(got)
	}
	s.YAML(fmt.Sprintf(three, "two"))
	newer := made(s, "prod", 2)[1]
	got := s.NotReady(old, old.Name, v1alpha1.ReasonSuperseded)
	if !strings.Contains(got, newer.Name) || old.Status.Phase != v1alpha1.PromotionPhaseSuperseded || old.Status.CompletionTime == nil {
		t.Errorf("%s: %s", old.Status.Phase, got)
	}
	eventsOf(s, old.Name, "Frozen", "Superseded")
	s.NotReady(newer, newer.Name, v1alpha1.ReasonFrozen)
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "")
	promoted(s, newer, newer.Name, "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if got := textIn(s, "Production"); got != "two" {
		t.Errorf("Production says %q", got)
	}
	made(s, "prod", 2)
	toldOnce(s, newer.Name, "Planned", "Frozen", "GatesPassed", "Begun", "Verified", "Promoted")
}

// What has failed is not tried again before something has changed.
func TestAutomaticDoesNotRepeatAFailure(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	fix := s.Novu.Inject(novutest.Fault{Method: "PUT", Path: "/v2/workflows/*/sync", Status: 400})
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	got := s.NotReady(first, first.Name, v1alpha1.ReasonItemsFailed)
	if !strings.Contains(got, v1alpha1.ResumeAnnotation+"="+string(first.UID)) {
		t.Error(got)
	}
	settle(s)
	annotate(s, &v1alpha1.Environment{}, "prod", "example.com/touched", "yes")
	settle(s)
	made(s, "prod", 1)
	fix()
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(first.UID))
	second := made(s, "prod", 2)[1]
	s.Ready(second, second.Name)
}

func TestAutomaticDoesNotRepeatWhatWasAborted(t *testing.T) {
	s := following(t, closed, "")
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	s.NotReady(first, first.Name, v1alpha1.ReasonFrozen)
	s.Must(s.Patch(t.Context(), first, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"abort":true}}`))))
	s.NotReady(first, first.Name, v1alpha1.ReasonAborted)
	settle(s)
	made(s, "prod", 1)
	s.YAML(fmt.Sprintf(three, "two"))
	made(s, "prod", 2)
}

// A rollback holds automatic promotion back until somebody resumes it.
func TestAutomaticIsHeldByARollback(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 2)[1].Name)
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Condition(back, "undo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	if got := textIn(s, "Production"); got != "one" {
		t.Errorf("Production says %q", got)
	}
	eventsOf(s, "prod", "Held")
	settle(s)
	s.YAML(fmt.Sprintf(three, "three"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	settle(s)
	made(s, "prod", 2)

	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(back.UID))
	third := made(s, "prod", 3)[2]
	s.Ready(third, third.Name)
	if got := textIn(s, "Production"); got != "three" {
		t.Errorf("Production says %q", got)
	}
	eventsOf(s, "prod", "Resumed")
	var prod v1alpha1.Environment
	s.Must(s.Get(t.Context(), s.Key("prod"), &prod))
	if prod.Status.Hold != nil || prod.Annotations[v1alpha1.ResumeAnnotation] != string(back.UID) {
		t.Errorf("hold %+v, annotations %v", prod.Status.Hold, prod.Annotations)
	}
}

// The annotation that lifted one hold lifts no other, even if a rollback of the same name sets it, and lifts none beforehand.
func TestResumeIsForOneHold(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	for i, text := range []string{"one", "two", "three"} {
		s.YAML(fmt.Sprintf(three, text))
		s.Ready(&v1alpha1.Promotion{}, made(s, "prod", i+1)[i].Name)
	}
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, "undo")
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Condition(back, "undo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	settle(s)
	held(s, "prod", "undo")
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(back.UID))
	fourth := made(s, "prod", 4)[3]
	s.Ready(fourth, fourth.Name)

	remove(s, &v1alpha1.Promotion{}, "undo")
	later := promote(s, "undo", "prod", "rollback: {to: Previous}, prune: true")
	s.Condition(later, "undo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	annotate(s, &v1alpha1.Environment{}, "prod", "example.com/touched", "yes")
	settle(s)
	held(s, "prod", "undo")
	made(s, "prod", 4)
	reported(s, v1alpha1.ReasonHeld, v1alpha1.ResumeAnnotation+"="+string(later.UID))
}

// One that waits when the rollback comes does not begin, and goes on when it is resumed.
func TestAutomaticWaitsWhileHeld(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 2)[1].Name)
	follow(s, "prod", "Production", "dev", closed, "")
	s.YAML(fmt.Sprintf(three, "three"))
	waiting := made(s, "prod", 3)[2]
	s.NotReady(waiting, waiting.Name, v1alpha1.ReasonFrozen)
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Ready(back, "undo")
	if got := s.NotReady(waiting, waiting.Name, v1alpha1.ReasonHeld); !strings.Contains(got, v1alpha1.ResumeAnnotation+"="+string(back.UID)) {
		t.Error(got)
	}
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "")
	settle(s)
	if got := textIn(s, "Production"); got != "one" {
		t.Errorf("Production says %q", got)
	}
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(back.UID))
	promoted(s, waiting, waiting.Name, "3/3 promoted to prod: 0 created, 1 updated, 2 unchanged")
	made(s, "prod", 3)
}

// Only what the operator has made itself counts towards the limit, and is deleted.
func TestAutomaticHistoryLimit(t *testing.T) {
	s := following(t, "historyLimit: 1", "")
	s.YAML(fmt.Sprintf(three, "zero"))
	oldest := made(s, "prod", 1)[0].Name
	s.Ready(&v1alpha1.Promotion{}, oldest)
	for _, name := range []string{"mine-1", "mine-2"} {
		s.Ready(promote(s, name, "prod", ""), name)
	}
	s.YAML(fmt.Sprintf(three, "one"))
	s.Gone(&v1alpha1.Promotion{}, oldest)
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name, "mine-1", "mine-2")
}
