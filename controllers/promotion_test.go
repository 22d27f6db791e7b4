// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// three are a layout and two workflows of development. %s is a text in one of them.
const three = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec: {environmentRef: {name: dev}, name: Brand, body: "<html><body>{{content}}</body></html>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: letter, labels: {kind: mail}}
spec:
  environmentRef: {name: dev}
  name: Letter
  steps: [{stepID: mail, type: Email, email: {subject: Hello, body: "<p>Hello</p>", layout: {type: Ref, ref: {name: brand}}}}]
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: message}
spec:
  environmentRef: {name: dev}
  name: Message
  steps:
  - {stepID: wait, type: Delay, delay: {amount: 1, unit: Minutes}}
  - {stepID: text, type: SMS, sms: {body: "%s"}}
`

var novuEnvironments = novutest.Options{Environments: []string{"Development", "Staging", "Production"}}

// ladder is a stage with targets `staging` and `prod`, both promoted from `dev`.
func ladder(t *testing.T) *harness.Stage {
	t.Helper()
	s := stage(t, novuEnvironments)
	targets(s)
	return s
}

func targets(s *harness.Stage) {
	s.Helper()
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
}

// promote applies a Promotion. extra is YAML of further fields of spec, in one line.
func promote(s *harness.Stage, name, target, extra string) *v1alpha1.Promotion {
	s.Helper()
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: %s}
spec: {targetRef: {name: %s}, %s}
`, name, target, extra))
	return &v1alpha1.Promotion{}
}

// promoted waits until a Promotion has succeeded and compares what it says of itself.
func promoted(s *harness.Stage, p *v1alpha1.Promotion, name, message string) {
	s.Helper()
	s.Ready(p, name)
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	if ready.Reason != v1alpha1.ReasonPromoted || ready.Message != message {
		s.Errorf("%s: %s: %s\nwant %s", name, ready.Reason, ready.Message, message)
	}
}

// toolsSay fails the test unless kstatus, which Flux and others go by, sees the Promotion so.
func toolsSay(s *harness.Stage, p *v1alpha1.Promotion, want status.Status) {
	s.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
	s.Must(err)
	result, err := status.Compute(&unstructured.Unstructured{Object: content})
	s.Must(err)
	if result.Status != want {
		s.Errorf("kstatus says %s (%s), want %s", result.Status, result.Message, want)
	}
}

// live says which revision of a Workflow is where, by whom.
func live(s *harness.Stage, name string) map[string]v1alpha1.LiveRevision {
	s.Helper()
	var w v1alpha1.Workflow
	s.Must(s.Get(s.Context(), s.Key(name), &w))
	revisions := map[string]v1alpha1.LiveRevision{}
	for _, l := range w.Status.Environments {
		if l.SinceTime.IsZero() || l.Namespace != s.Namespace {
			s.Errorf("incomplete record: %+v", l)
		}
		revisions[l.Environment] = l
	}
	return revisions
}

// unmarked waits until no Promotion is said to be at work in the Environment.
func unmarked(s *harness.Stage, environment string) {
	s.Helper()
	s.Eventually("the mark on "+environment, func() error {
		var e v1alpha1.Environment
		if err := s.Get(s.Context(), s.Key(environment), &e); err != nil || e.Status.ActivePromotionRef == nil {
			return err
		}
		return fmt.Errorf("activePromotionRef is %+v", e.Status.ActivePromotionRef)
	})
}

// The Promotion is applied before everything that it needs, in one go with it.
func TestPromotionAppliedTogether(t *testing.T) {
	s := bare(t, novuEnvironments)
	p := promote(s, "first", "prod", "")
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Environment("dev", "Development", "")
	targets(s)
	promoted(s, p, "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	toolsSay(s, p, status.CurrentStatus)
	st := &p.Status
	if st.Phase != v1alpha1.PromotionPhaseSucceeded || st.Progress != "3/3" || st.Strategy != v1alpha1.PromotionStrategySync ||
		st.Plan.Create != 3 || st.StartTime == nil || st.CompletionTime == nil || len(st.Plan.Hash) != 64 {
		t.Errorf("status: %+v", st)
	}
	if from, to := s.Novu.Snapshot("Development"), s.Novu.Snapshot("Production"); !reflect.DeepEqual(from, to) {
		t.Errorf("Production holds\n%v\nDevelopment\n%v", to, from)
	}
	for _, name := range []string{"letter", "message"} {
		if l := live(s, name)["prod"]; l.PromotionRef == nil || l.PromotionRef.Name != "first" || l.Revision == "" {
			t.Errorf("%s: %+v", name, l)
		}
	}
	unmarked(s, "prod")
	eventsOf(s, "first", "Planned", "Promoted")
}

// eventsOf waits until an object has events with these reasons.
func eventsOf(s *harness.Stage, name string, reasons ...string) {
	s.Helper()
	s.Eventually("events", func() error {
		var list eventsv1.EventList
		if err := s.List(s.Context(), &list, client.InNamespace(s.Namespace)); err != nil {
			return err
		}
		seen := map[string]bool{}
		for i := range list.Items {
			seen[list.Items[i].Regarding.Name+" "+list.Items[i].Reason] = true
		}
		for _, reason := range reasons {
			if !seen[name+" "+reason] {
				return fmt.Errorf("no event %s of %s: %v", reason, name, seen)
			}
		}
		return nil
	})
}

func TestPromotionUpdates(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "old"))
	staging, prod := promote(s, "to-staging", "staging", ""), promote(s, "to-prod", "prod", "")
	promoted(s, staging, "to-staging", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
	promoted(s, prod, "to-prod", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	ids := stepIDsIn(s, "Staging")

	s.YAML(fmt.Sprintf(three, "new"))
	second := promote(s, "again", "staging", "")
	promoted(s, second, "again", "3/3 promoted to staging: 0 created, 1 updated, 2 unchanged")
	var changes []v1alpha1.Difference
	for _, item := range second.Status.Plan.Items {
		changes = append(changes, item.Changes...)
	}
	if want := (v1alpha1.Difference{Path: "steps[text].sms.body", From: `"old"`, To: `"new"`}); len(changes) != 1 || changes[0] != want {
		t.Errorf("changes: %+v", changes)
	}
	if got := stepIDsIn(s, "Staging"); !reflect.DeepEqual(got, ids) {
		t.Errorf("steps %v became %v", ids, got)
	}
	at := live(s, "message")
	if at["staging"].PromotionRef.Name != "again" || at["prod"].PromotionRef.Name != "to-prod" || at["staging"].Revision == at["prod"].Revision {
		t.Errorf("live: %+v", at)
	}
	if same := live(s, "letter"); same["staging"].PromotionRef.Name != "to-staging" {
		t.Errorf("what did not change is live since the first Promotion: %+v", same)
	}
	untouched := &v1alpha1.Promotion{}
	s.Must(s.Get(t.Context(), s.Key("to-staging"), untouched))
	if untouched.ResourceVersion != staging.ResourceVersion {
		t.Error("a Promotion that has ended was touched")
	}
}

func stepIDsIn(s *harness.Stage, environment string) (ids []string) {
	for _, w := range s.Novu.Workflows(environment) {
		for _, step := range w.Steps {
			ids = append(ids, step.ID)
		}
	}
	return ids
}

func TestPromotionOfSome(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "mails", "prod", "selector: {matchLabels: {kind: mail}}"), "mails", "2/2 promoted to prod: 2 created, 0 updated, 0 unchanged")
	promoted(s, promote(s, "listed", "prod", "items: [{kind: Workflow, name: message}]"), "listed", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")

	nothing := promote(s, "nothing", "prod", "selector: {matchLabels: {kind: fax}}")
	if got := s.NotReady(nothing, "nothing", v1alpha1.ReasonNothingSelected); !strings.Contains(got, "no Workflow or Layout of Environment "+s.Namespace+"/dev matches") {
		t.Error(got)
	}
	toolsSay(s, nothing, status.InProgressStatus)
}

func TestPromotionDryRun(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	p := promote(s, "try", "prod", "dryRun: true")
	s.Condition(p, "try", v1alpha1.ConditionReady, "True", v1alpha1.ReasonDryRunCompleted)
	toolsSay(s, p, status.CurrentStatus)
	if p.Status.Plan.Create != 3 || p.Status.StartTime != nil || p.Status.CompletionTime == nil || p.Status.Phase != v1alpha1.PromotionPhaseSucceeded {
		t.Errorf("status: %+v", p.Status)
	}
	if !apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionPlanned) {
		t.Errorf("conditions: %+v", p.Status.Conditions)
	}
	if held := s.Novu.Workflows("Production"); len(held) != 0 || len(live(s, "letter")) != 0 {
		t.Errorf("Production holds %v", held)
	}
}

// Production may be promoted from Staging: it then gets what Staging holds, whatever the objects say by now.
func TestPromotionFromATarget(t *testing.T) {
	s := stage(t, novuEnvironments)
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}}")
	s.YAML(fmt.Sprintf(three, "tested"))
	prod := promote(s, "to-prod", "prod", "")
	if got := s.NotReady(prod, "to-prod", v1alpha1.ReasonItemsRefused); !strings.Contains(got, "staging) does not hold it") {
		t.Error(got)
	}
	promoted(s, promote(s, "to-staging", "staging", ""), "to-staging", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
	promoted(s, prod, "to-prod", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged") // it has noticed by itself

	s.YAML(fmt.Sprintf(three, "untested"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	promoted(s, promote(s, "again", "prod", ""), "again", "3/3 promoted to prod: 0 created, 0 updated, 3 unchanged")
	at := live(s, "message")
	if at["prod"].Revision != at["staging"].Revision || at["prod"].PromotionRef.Name != "to-prod" {
		t.Errorf("live: %+v", at)
	}
}

// Two installations of Novu have nothing in common: the definitions are written with the target's key.
func TestPromotionToAnotherNovu(t *testing.T) {
	s := stage(t, novutest.Options{})
	other := novutest.Start(t, novutest.Options{})
	s.Secret("elsewhere", map[string]string{"secretKey": other.Environment("Production").SecretKey})
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: elsewhere}
spec: {apiURL: %q, secretKeyRef: {name: elsewhere}, promotionPolicy: {sourceRef: {name: dev}}}
`, other.URL))
	s.YAML(fmt.Sprintf(three, "hello"))
	p := promote(s, "far", "elsewhere", "")
	promoted(s, p, "far", "3/3 promoted to elsewhere: 3 created, 0 updated, 0 unchanged")
	if p.Status.Strategy != v1alpha1.PromotionStrategyApply {
		t.Errorf("strategy %s", p.Status.Strategy)
	}
	if from, to := s.Novu.Snapshot("Development"), other.Snapshot("Production"); !reflect.DeepEqual(from, to) {
		t.Errorf("the other Novu holds\n%v\nDevelopment\n%v", to, from)
	}
}
