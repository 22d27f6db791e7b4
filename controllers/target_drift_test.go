package controllers_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// production is a stage whose `prod` holds the three of dev. extra is YAML of further fields of spec.promotion of prod.
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
	s.Environment("prod", "Production", "promotion: {sourceRef: {name: dev}, "+extra+"}")
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
	if e.Status.Counts.Drifted != 2 || !live(s, "message")["prod"].Drifted || !live(s, "letter")["prod"].Drifted {
		t.Errorf("counts %+v, letter %+v, message %+v", e.Status.Counts, live(s, "letter"), live(s, "message"))
	}
	expect(t, "requests", objects(s), "GET /v2/workflows/message")
	reported(s, v1alpha1.ReasonDriftDetected, "Workflow letter (deleted), Workflow message")

	s.Novu.ClearRequests()
	look(s, "prod")
	expect(t, "requests while it stays so", objects(s))

	retitle(s, prod, "message", "Message")
	look(s, "prod")
	if e := drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow letter (deleted)."); e.Status.Counts.Drifted != 1 {
		t.Errorf("counts %+v", e.Status.Counts)
	}
	promoted(s, promote(s, "again", "prod", ""), "again", "3/3 promoted to prod: 1 created, 0 updated, 2 unchanged")
	if l := live(s, "letter")["prod"]; l.Drifted || l.Promotion != "first" {
		t.Errorf("after the second promotion: %+v", l)
	}
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	if got := s.Novu.Snapshot("Production"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production holds\n%v\nwant\n%v", got, want)
	}
}

func TestDriftInATargetIsCorrected(t *testing.T) {
	s := production(t, "driftPolicy: Correct")
	prod := theirs(s, "Production")
	want, ids := s.Novu.Snapshot("Production"), stepIDsIn(s, "Production")
	retitle(s, prod, "message", "Edited")
	look(s, "prod")
	reported(s, v1alpha1.ReasonDriftCorrected, "Workflow message")
	if got := stepIDsIn(s, "Production"); !reflect.DeepEqual(got, ids) {
		t.Errorf("steps %v became %v", ids, got)
	}
	s.Must(prod.DeleteWorkflow(t.Context(), "letter"))
	s.Must(prod.DeleteLayout(t.Context(), "brand"))
	look(s, "prod")
	reported(s, v1alpha1.ReasonDriftCorrected, "Layout brand, Workflow letter")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	if got := s.Novu.Snapshot("Production"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production holds\n%v\nwant\n%v", got, want)
	}
	s.Must(prod.DeleteLayout(t.Context(), "brand")) // which takes it out of the letter without a trace
	look(s, "prod")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	if got := s.Novu.Snapshot("Production"); !reflect.DeepEqual(got, want) {
		t.Errorf("without its layout Production holds\n%v\nwant\n%v", got, want)
	}
	s.Novu.ClearRequests()
	look(s, "prod")
	expect(t, "requests afterwards", objects(s))
}
