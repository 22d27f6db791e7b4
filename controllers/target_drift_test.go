// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// production is a stage whose `prod` holds the three of dev. extra is YAML of further fields of spec.promotionPolicy of prod.
func production(t *testing.T, extra string) *harness.Stage {
	t.Helper()
	s := stage(t, novutest.Options{})
	target(s, extra)
	_, err := theirs(s, "Production").CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: "house", Name: "House"}) // the default cannot be deleted
	s.Must(err)
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	return s
}

// target applies the Environment `prod`.
func target(s *harness.Stage, extra string) {
	s.Helper()
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, "+extra+"}")
}

// retitle changes the name of a workflow as somebody with the dashboard would.
func retitle(s *harness.Stage, c *novu.Client, id, name string) {
	s.Helper()
	have, err := c.GetWorkflow(s.Context(), id)
	s.Must(err)
	request := &novu.WorkflowRequest{WorkflowID: id, Name: name, Active: true, Severity: have.Severity, PayloadSchema: have.PayloadSchema}
	for _, step := range have.Steps {
		request.Steps = append(request.Steps, novu.StepRequest{
			ID: step.ID, StepID: step.StepID, Name: step.Name, Type: step.Type, ControlValues: step.ControlValues,
		})
	}
	_, err = c.UpdateWorkflow(s.Context(), id, request)
	s.Must(err)
}

// drift waits until the condition Drifted of an Environment has the status and reason and its message contains the texts.
func drift(s *harness.Stage, environment string, status metav1.ConditionStatus, reason string, texts ...string) *v1alpha1.Environment {
	s.Helper()
	e := &v1alpha1.Environment{}
	s.Eventually("Drifted of "+environment, func() error {
		s.Must(s.Get(s.Context(), s.Key(environment), e))
		c := apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionDrifted)
		if c == nil || c.Status != status || c.Reason != reason {
			return fmt.Errorf("it is %+v", c)
		}
		for _, text := range texts {
			if !strings.Contains(c.Message, text) {
				return fmt.Errorf("%q is not in %q", text, c.Message)
			}
		}
		return nil
	})
	return e
}

// driftPasses has a target polled until the corrections have held.
func driftPasses(s *harness.Stage, environment string) {
	s.Helper()
	s.Eventually("a poll without another change", func() error {
		look(s, environment)
		e := &v1alpha1.Environment{}
		s.Must(s.Get(s.Context(), s.Key(environment), e))
		if c := apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionDrifted); c == nil || c.Reason != v1alpha1.ReasonNoDrift {
			return fmt.Errorf("it is %+v", c)
		}
		return nil
	})
}

func TestDriftInATargetIsTold(t *testing.T) {
	s := production(t, "")
	prod := theirs(s, "Production")
	want := s.Novu.Snapshot("Production")
	look(s, "prod")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)

	retitle(s, prod, "message", "Edited")
	s.Must(prod.DeleteWorkflow(t.Context(), "letter"))
	s.Novu.ClearRequests()
	look(s, "prod")
	e := drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow letter (deleted), Workflow message", "Promote again")
	if e.Status.Target.Drifted != 2 || !live(s, "message")["prod"].Drifted || !live(s, "letter")["prod"].Drifted {
		t.Errorf("counts %+v, letter %+v, message %+v", e.Status.Target, live(s, "letter"), live(s, "message"))
	}
	expect(t, "requests", objects(s), "GET /v2/workflows/message")
	reported(s, v1alpha1.ReasonDriftDetected, "Workflow letter (deleted)", "Workflow message")

	s.Novu.ClearRequests()
	look(s, "prod")
	expect(t, "requests while it stays so", objects(s))

	retitle(s, prod, "message", "Message")
	look(s, "prod")
	if e := drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow letter (deleted)."); e.Status.Target.Drifted != 1 {
		t.Errorf("counts %+v", e.Status.Target)
	}
	promoted(s, promote(s, "again", "prod", ""), "again", "3/3 promoted to prod: 1 created, 0 updated, 2 unchanged")
	if l := live(s, "letter")["prod"]; l.Drifted || l.PromotionRef == nil || l.PromotionRef.Name != "first" {
		t.Errorf("after the second promotion: %+v", l)
	}
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	if got := s.Novu.Snapshot("Production"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production holds\n%v\nwant\n%v", got, want)
	}
}

// backAgain waits until a Novu environment holds what it did.
func backAgain(s *harness.Stage, environment string, want any) {
	s.Helper()
	s.Eventually("what "+environment+" is to hold", func() error {
		if got := s.Novu.Snapshot(environment); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("it holds\n%v\nand is to hold\n%v", got, want)
		}
		return nil
	})
}

func TestDriftInATargetIsCorrected(t *testing.T) {
	s := production(t, "driftPolicy: Correct")
	prod := theirs(s, "Production")
	want, ids := s.Novu.Snapshot("Production"), stepIDsIn(s, "Production")
	retitle(s, prod, "message", "Edited")
	look(s, "prod")
	reported(s, v1alpha1.ReasonDriftCorrected, "Workflow message")
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow message (once since ", "last by ")
	if got := stepIDsIn(s, "Production"); !reflect.DeepEqual(got, ids) {
		t.Errorf("steps %v became %v", ids, got)
	}
	s.Must(prod.DeleteWorkflow(t.Context(), "letter"))
	s.Must(prod.DeleteLayout(t.Context(), "brand"))
	look(s, "prod")
	reported(s, v1alpha1.ReasonDriftCorrected, "Layout brand", "Workflow letter")
	driftPasses(s, "prod")
	if got := s.Novu.Snapshot("Production"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production holds\n%v\nwant\n%v", got, want)
	}
	s.Must(prod.DeleteLayout(t.Context(), "brand")) // which takes it out of the letter without a trace
	look(s, "prod")
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Layout brand")
	backAgain(s, "Production", want)
	s.Novu.ClearRequests()
	look(s, "prod")
	expect(t, "requests afterwards", objects(s))
}

// What cannot be corrected is said, tried a few times and then left alone; everything else goes on.
func TestDriftThatCannotBeCorrected(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		trouble func(s *harness.Stage)
		text    string
	}{
		"Novu refuses it": {func(s *harness.Stage) {
			s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message", Status: http.StatusUnprocessableEntity})
		}, "(not corrected: update workflow"},
		"the records are gone": {func(s *harness.Stage) {
			s.Must(s.DeleteAllOf(s.Context(), &appsv1.ControllerRevision{}, client.InNamespace(s.Namespace)))
		}, "promote it again"},
		"it belongs to code now": {func(s *harness.Stage) { s.Novu.MakeExternal("Production", "message", true) }, "code-first"},
	} {
		t.Run(name, func(t *testing.T) {
			s := production(t, "driftPolicy: Correct")
			prod := theirs(s, "Production")
			retitle(s, prod, "message", "Edited")
			tc.trouble(s)
			look(s, "prod")
			drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, tc.text)
			s.Ready(&v1alpha1.Environment{}, "prod")
			if l := live(s, "message")["prod"]; !l.Drifted {
				t.Errorf("recorded: %+v", l)
			}
		})
	}
}

// One definition that Novu cannot show keeps nobody from looking at the others.
func TestDriftBesideSomethingUnreadable(t *testing.T) {
	s := production(t, "")
	prod := theirs(s, "Production")
	retitle(s, prod, "letter", "Edited")
	retitle(s, prod, "message", "Edited")
	fixed := s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/letter", Status: http.StatusInternalServerError})
	look(s, "prod")
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow message")
	s.Ready(&v1alpha1.Environment{}, "prod")
	if l := live(s, "letter")["prod"]; l.Drifted {
		t.Errorf("it was not read, and is recorded as %+v", l)
	}
	fixed()
	look(s, "prod")
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow letter", "Workflow message")
}

// A Promotion does not write while a correction is on its way to Novu, nor is its outcome taken for drift.
func TestPromotionWaitsForACorrection(t *testing.T) {
	s := production(t, "driftPolicy: Correct")
	retitle(s, theirs(s, "Production"), "message", "Edited")
	begun, goOn := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message", Exact: true, Times: 1, Hook: func(*http.Request) {
		close(begun)
		<-goOn
	}})
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.RequestedAtAnnotation, "now")
	<-begun
	second := promote(s, "second", "prod", "")
	s.Condition(second, "second", v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonProgressing)
	if second.Status.StartTime != nil {
		t.Errorf("it has begun: %+v", second.Status)
	}
	release()
	promoted(s, second, "second", "3/3 promoted to prod: 0 created, 0 updated, 3 unchanged")
	look(s, "prod")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	reported(s, v1alpha1.ReasonDriftCorrected, "Workflow message")
}
