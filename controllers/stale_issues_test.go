// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// patient waits for longer than a free Novu allows.
const patient = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: patient}
spec:
  environmentRef: {name: dev}
  name: Patient
  steps: [{stepID: wait, type: Delay, delay: {amount: 90, unit: Days}}]
`

const judgedAnew = "PUT /v2/workflows/patient"

// upgraded is a stage whose Novu has complained about `patient` and has a plan since that allows it.
func upgraded(t *testing.T) *harness.Stage {
	t.Helper()
	s := stage(t, novutest.Options{})
	s.YAML(patient)
	s.NotReady(&v1alpha1.Workflow{}, "patient", v1alpha1.ReasonIssuesReported)
	s.Novu.Upgrade()
	settle(s)
	s.Novu.ClearRequests()
	return s
}

// Whoever asks for a comparison gets Novu's judgement of today.
func TestRequestEndsStaleIssues(t *testing.T) {
	s := upgraded(t)
	ask(s, &v1alpha1.Workflow{}, "patient")
	s.Condition(&v1alpha1.Workflow{}, "patient", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	expect(t, "writes", writes(s), judgedAnew)
	ask(s, &v1alpha1.Workflow{}, "patient")
	expect(t, "writes for a workflow that is well", writes(s), judgedAnew)
}

// Full comparisons find it out by themselves.
func TestFullComparisonEndsStaleIssues(t *testing.T) {
	s := upgraded(t)
	s.Eventually("that the issue is gone", func() error {
		if look(s, "dev"); !slices.Contains(writes(s), judgedAnew) {
			return errors.New("it was not written once more")
		}
		return nil
	})
	s.Condition(&v1alpha1.Workflow{}, "patient", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	expect(t, "writes", writes(s), judgedAnew)
}

// What stays faulty is written ever more rarely.
func TestIssuesThatStayAreWrittenRarely(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(patient)
	s.NotReady(&v1alpha1.Workflow{}, "patient", v1alpha1.ReasonIssuesReported)
	settle(s)
	s.Novu.ClearRequests()
	for range 4 * 6 { // four rounds of full comparisons
		look(s, "dev")
	}
	if n := len(writes(s)); n == 0 || n > 3 {
		t.Errorf("%d writes in four rounds", n)
	}
	s.NotReady(&v1alpha1.Workflow{}, "patient", v1alpha1.ReasonIssuesReported)
}

// A layout or an integration that comes, by whatever hand, is a cause to look once more, and it is looked once for each.
func TestNewCauseEndsStaleIssues(t *testing.T) {
	s := upgraded(t)
	look(s, "dev")
	expect(t, "without a cause", writes(s))
	_, err := theirs(s, "Development").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "by-hand", Name: "By hand"})
	s.Must(err)
	s.Novu.ClearRequests()
	look(s, "dev")
	s.Condition(&v1alpha1.Workflow{}, "patient", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	expect(t, "writes", writes(s), judgedAnew)
}

// A Promotion does not refuse what Novu would not complain about today.
func TestPromotionLooksOnceMoreAtStaleIssues(t *testing.T) {
	s := upgraded(t)
	target(s, "")
	promoted(s, promote(s, "first", "prod", ""), "first", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
	if n := len(slices.DeleteFunc(writes(s), func(w string) bool { return w != judgedAnew })); n != 1 {
		t.Errorf("%d writes in the source: %s", n, strings.Join(writes(s), "; "))
	}
}

// What is faulty today is refused, and written once to find that out.
func TestPromotionOfFaultyWorkflowIsStillRefused(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(patient)
	s.NotReady(&v1alpha1.Workflow{}, "patient", v1alpha1.ReasonIssuesReported)
	target(s, "")
	s.Ready(&v1alpha1.Environment{}, "prod")
	settle(s)
	s.Novu.ClearRequests()
	p := promote(s, "first", "prod", "")
	s.NotReady(p, "first", v1alpha1.ReasonItemsRefused)
	settle(s)
	expect(t, "writes", writes(s), judgedAnew)
}

// What is left out is what Novu complains about today, however long it has done so.
func TestPromotionLeavesOutNoStaleIssues(t *testing.T) {
	s := upgraded(t)
	var w v1alpha1.Workflow
	s.Must(s.Get(s.Context(), s.Key("patient"), &w))
	for i := range w.Status.Conditions {
		w.Status.Conditions[i].LastTransitionTime = metav1.NewTime(time.Now().Add(-time.Hour))
	}
	s.Must(s.Status().Update(s.Context(), &w))
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	target(s, "")
	promoted(s, promote(s, "first", "prod", "unfitItems: LeaveOut"), "first", "4/4 promoted to prod: 4 created, 0 updated, 0 unchanged")
}

// A look that Novu did not answer is made up for.
func TestUnansweredJudgementIsAskedForAgain(t *testing.T) {
	s := upgraded(t)
	look(s, "dev")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/patient", Times: 1, Status: http.StatusInternalServerError})
	_, err := theirs(s, "Development").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "by-hand", Name: "By hand"})
	s.Must(err)
	look(s, "dev")
	s.Condition(&v1alpha1.Workflow{}, "patient", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
}

// There is nothing to put right about a workflow that Novu reports no issue of: it is compared, and not written. That a channel
// has no integration is no issue that could be out of date.
func TestRequestWritesNothingThatIsWell(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	settle(s)
	s.Novu.ClearRequests()
	ask(s, &v1alpha1.Workflow{}, "message")
	settle(s)
	expect(t, "requests", objects(s), "GET /v2/workflows/message")
}
