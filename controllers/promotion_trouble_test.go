// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/test/harness"
)

// One workflow has errors: nothing is promoted until it is fixed, and then everything is.
func TestPromotionRefusesErrors(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "{{nobody.knows}}"))
	p := promote(s, "first", "prod", "")
	message := s.NotReady(p, "first", v1alpha1.ReasonItemsRefused)
	if !strings.Contains(message, "Workflow "+s.Namespace+"/message: it is not ready: Novu reports step text") {
		t.Error(message)
	}
	toolsSay(s, p, status.InProgressStatus)
	planned := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionPlanned)
	if p.Status.Plan.Refused != 1 || planned.Status != metav1.ConditionFalse || planned.Reason != v1alpha1.ReasonItemsRefused {
		t.Errorf("plan %+v, planned %+v", p.Status.Plan, planned)
	}
	behind := promote(s, "other", "prod", "items: [{kind: Workflow, name: letter}]") // is not held up by it
	promoted(s, behind, "other", "2/2 promoted to prod: 2 created, 0 updated, 0 unchanged")
	s.YAML(fmt.Sprintf(three, "fixed"))
	promoted(s, p, "first", "3/3 promoted to prod: 1 created, 0 updated, 2 unchanged")
}

func TestPromotionItemFails(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/letter/sync", Status: 400,
		Body: []byte(`{"statusCode":400,"message":"Cannot sync workflow"}`)})
	p := promote(s, "first", "prod", "")
	message := s.NotReady(p, "first", v1alpha1.ReasonItemsFailed)
	want := fmt.Sprintf("1/3 promoted to prod: 1 created, 0 updated, 0 unchanged, 1 not begun, 1 failed: "+
		`Workflow %s/letter: sync workflow "letter": Novu answered 400: Cannot sync workflow. Fix it and create a new Promotion`, s.Namespace)
	if message != want {
		t.Errorf("got  %s\nwant %s", message, want)
	}
	toolsSay(s, p, status.FailedStatus)
	if p.Status.Phase != v1alpha1.PromotionPhaseFailed || p.Status.Progress != "1/3" || p.Status.CompletionTime == nil {
		t.Errorf("status %+v", p.Status)
	}
	if len(live(s, "letter")) != 0 || len(live(s, "message")) != 0 { // what comes after it is not begun
		t.Errorf("live: %v, %v", live(s, "letter"), live(s, "message"))
	}
}

func TestPromotionReferences(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target string // of the Promotion
		ready  string // reason
		text   string
		fix    func(s *harness.Stage)
		result status.Status // before it is fixed
	}{
		"no such Environment": {
			target: "new", ready: v1alpha1.ReasonEnvironmentNotFound, text: "/new does not exist: create it", result: status.InProgressStatus,
			fix: func(s *harness.Stage) {
				s.Environment("new", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
			},
		},
		"no such source": {
			target: "orphan", ready: v1alpha1.ReasonEnvironmentNotFound, text: "/parent does not exist: create it", result: status.InProgressStatus,
			fix: func(s *harness.Stage) {
				s.Environment("orphan", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
			},
		},
		"a target that is suspended": {
			target: "asleep", ready: v1alpha1.ReasonEnvironmentSuspended, text: "/asleep is suspended: set its spec.suspend to false", result: status.InProgressStatus,
			fix: func(s *harness.Stage) {
				s.Environment("asleep", "Production", "promotionPolicy: {sourceRef: {name: dev}}\nsuspend: false")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.YAML(fmt.Sprintf(three, "hello"))
			s.Environment("orphan", "Production", "promotionPolicy: {sourceRef: {name: parent}}")
			s.Environment("asleep", "Production", "promotionPolicy: {sourceRef: {name: dev}}\nsuspend: true")
			p := promote(s, "first", test.target, "")
			if got := s.NotReady(p, "first", test.ready); !strings.Contains(got, test.text) {
				t.Errorf("%q lacks %q", got, test.text)
			}
			toolsSay(s, p, test.result)
			test.fix(s)
			promoted(s, p, "first", "3/3 promoted to "+test.target+": 3 created, 0 updated, 0 unchanged")
		})
	}
}

// A workflow in a namespace that may not refer to the source is nobody's business; a Promotion from there is refused.
func TestPromotionAcrossNamespaces(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "foreign-"}}
	s.Must(s.Create(t.Context(), foreign))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace, foreign.Name}})
	s.Environment("dev", "Development", "")
	targets(s)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: intruder, namespace: %[1]s}
spec: {environmentRef: {name: dev, namespace: %[2]s}, name: Intruder, steps: []}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: intruder, namespace: %[1]s}
spec: {targetRef: {name: prod, namespace: %[2]s}}
`, foreign.Name, s.Namespace))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	s.Eventually("the foreign Promotion", func() error {
		var p v1alpha1.Promotion
		s.Must(s.Get(t.Context(), client.ObjectKey{Namespace: foreign.Name, Name: "intruder"}, &p))
		ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != v1alpha1.ReasonNamespaceNotAllowed {
			return fmt.Errorf("ready: %+v", ready)
		}
		return nil
	})
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}\nallowedNamespaces: {from: All}")
	s.Eventually("the foreign Promotion, now allowed", func() error {
		var p v1alpha1.Promotion
		s.Must(s.Get(t.Context(), client.ObjectKey{Namespace: foreign.Name, Name: "intruder"}, &p))
		if p.Status.Phase != v1alpha1.PromotionPhaseSucceeded {
			return fmt.Errorf("status: %+v", p.Status)
		}
		return nil
	})
}

// The target's key is refused in the middle. Once it is valid again the Promotion goes on by itself.
func TestPromotionSurvivesARefusedKey(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	remove := s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/*/sync", Status: 401,
		Body: []byte(`{"statusCode":401,"message":"API Key not found"}`)})
	p := promote(s, "first", "prod", "")
	s.Condition(p, "first", v1alpha1.ConditionReady, metav1.ConditionFalse, "")
	if !apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionPlanned) || p.Status.CompletionTime != nil {
		t.Errorf("status: %+v", p.Status)
	}
	remove()
	promoted(s, p, "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
}

// Somebody edited the source in Novu: the operator writes it again first, and at once.
func TestPromotionWaitsForDriftToBeCorrected(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "as described"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	dev, err := novu.New(novu.Config{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment("Development").SecretKey})
	s.Must(err)
	_, err = dev.UpdateWorkflow(t.Context(), "message", &novu.WorkflowRequest{Name: "Edited by hand", Steps: []novu.StepRequest{}})
	s.Must(err)
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	for _, w := range s.Novu.Workflows("Production") {
		if w.Name == "Edited by hand" {
			t.Error("the edit was promoted")
		}
	}
}

// With --dry-run the operator plans and goes no further. Without it, it does.
func TestPromotionWhileTheOperatorIsReadOnly(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	s.Environment("dev", "Development", "")
	targets(s)
	s.YAML(fmt.Sprintf(three, "hello"))
	start := func(readOnly bool) *harness.Manager {
		return harness.StartManager(t, harness.ManagerOptions{
			Namespaces: []string{s.Namespace}, Connections: connection.Options{ReadOnly: readOnly},
		})
	}
	writing := start(false)
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	s.Must(writing.Stop())

	reading := start(true)
	p := promote(s, "first", "prod", "")
	s.NotReady(p, "first", v1alpha1.ReasonDryRun)
	toolsSay(s, p, status.FailedStatus)
	if p.Status.Plan.Create != 3 || p.Status.StartTime != nil || p.Status.CompletionTime != nil {
		t.Errorf("status: %+v", p.Status)
	}
	s.Must(reading.Stop())

	start(false)
	promoted(s, p, "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
}

// An operator was killed after a Promotion had ended and before it took its mark off the target.
func TestPromotionTakesItsMarkOff(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	targets(s)
	promote(s, "ended", "prod", "")
	ended := &v1alpha1.Promotion{}
	s.Must(s.Get(t.Context(), s.Key("ended"), ended))
	ended.Status.CompletionTime = &metav1.Time{Time: time.Now()}
	s.Must(s.Status().Update(t.Context(), ended))
	var e v1alpha1.Environment
	s.Must(s.Get(t.Context(), s.Key("prod"), &e))
	s.Must(promotion.Mark(t.Context(), s.Client, &e, &v1alpha1.PromotionReference{Namespace: s.Namespace, Name: "ended"}))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	unmarked(s, "prod")
}

// Promotions into one Novu environment take turns, through whatever Environment they come.
func TestPromotionQueue(t *testing.T) {
	s := ladder(t)
	s.Environment("also-prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	open := s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/*/sync", Status: 503})
	first := promote(s, "a", "prod", "")
	s.Eventually("the first has begun", func() error {
		s.Must(s.Get(t.Context(), s.Key("a"), first))
		if first.Status.StartTime == nil {
			return fmt.Errorf("status: %+v", first.Status)
		}
		return nil
	})
	second, third := promote(s, "b", "also-prod", ""), promote(s, "c", "prod", "")
	if got := s.NotReady(second, "b", v1alpha1.ReasonQueued); !strings.HasPrefix(got, "waiting for Promotion "+s.Namespace+"/a; position 2 of ") {
		t.Error(got)
	}
	s.NotReady(third, "c", v1alpha1.ReasonQueued)
	toolsSay(s, third, status.InProgressStatus)
	if third.Status.Phase != v1alpha1.PromotionPhaseQueued {
		t.Errorf("phase %s", third.Status.Phase)
	}
	var e v1alpha1.Environment
	s.Must(s.Get(t.Context(), s.Key("prod"), &e))
	if e.Status.ActivePromotionRef == nil || e.Status.ActivePromotionRef.Name != "a" {
		t.Errorf("activePromotionRef is %+v", e.Status.ActivePromotionRef)
	}

	s.Must(s.Delete(t.Context(), first)) // in the middle: the next one follows
	open()
	s.Ready(second, "b") // how much the first had brought until then is up to the two
	if got := apimeta.FindStatusCondition(second.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.HasPrefix(got, "3/3 promoted to also-prod: ") {
		t.Error(got)
	}
	promoted(s, third, "c", "3/3 promoted to prod: 0 created, 0 updated, 3 unchanged")
	unmarked(s, "prod")
	unmarked(s, "also-prod")
	if third.Status.StartTime.Before(second.Status.CompletionTime) {
		t.Errorf("the third began at %s, before the second ended at %s", third.Status.StartTime, second.Status.CompletionTime)
	}
}
