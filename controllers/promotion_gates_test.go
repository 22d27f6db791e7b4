// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/test/harness"
)

// edit changes the texts of a workflow in Novu as a person does.
func edit(t *testing.T, c *novu.Client, have *novu.Workflow, body string) error {
	t.Helper()
	request := definition.BindSteps(definition.WorkflowFrom(have), have.Steps)
	for i := range request.Steps {
		if request.Steps[i].StepID == "text" {
			request.Steps[i].ControlValues = fmt.Appendf(nil, `{"body":%q}`, body)
		}
	}
	_, err := c.UpdateWorkflow(t.Context(), have.WorkflowID, request)
	return err
}

// approve adds an approval of the plan that p shows.
func approve(s *harness.Stage, p *v1alpha1.Promotion, name, user string) {
	s.Helper()
	s.Must(s.Get(s.Context(), s.Key(name), p))
	before := p.DeepCopy()
	p.Spec.Approvals = append(p.Spec.Approvals, v1alpha1.PromotionApproval{User: user, PlanHash: p.Status.Plan.Hash})
	s.Must(s.Patch(s.Context(), p, client.MergeFrom(before)))
}

// judge sets a condition as a third party does.
func judge(s *harness.Stage, p *v1alpha1.Promotion, kind, message string) {
	s.Helper()
	before := p.DeepCopy()
	apimeta.SetStatusCondition(&p.Status.Conditions, metav1.Condition{
		Type: kind, Status: metav1.ConditionTrue, Reason: "Passed", Message: message, ObservedGeneration: p.Generation,
	})
	s.Must(s.Status().Patch(s.Context(), p, client.MergeFrom(before)))
}

// Each gate holds a Promotion up, says why, and lets it through by itself once what it asks for is there.
func TestPromotionGates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules  string // of spec.promotionPolicy
		reason string
		text   string
		open   func(s *harness.Stage, p *v1alpha1.Promotion)
	}{
		"order": {
			rules: "afterRefs: [{name: staging}]", reason: v1alpha1.ReasonOrder, text: "staging",
			open: func(s *harness.Stage, _ *v1alpha1.Promotion) {
				promoted(s, promote(s, "to-staging", "staging", ""), "to-staging", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
			},
		},
		"soak": {
			rules: "soak: 1h", reason: v1alpha1.ReasonSoaking, text: "1h",
			open: func(s *harness.Stage, _ *v1alpha1.Promotion) { // what is left of it passes by itself
				s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, soak: 4s}")
			},
		},
		"freeze": {
			rules: "freeze: {reason: Black Friday}", reason: v1alpha1.ReasonFrozen, text: "Black Friday",
			open: dropRules,
		},
		"a window": {
			rules: `windows: [{kind: Deny, schedule: "* * * * *", duration: 1h}]`, reason: v1alpha1.ReasonWindowClosed, text: "",
			open: dropRules,
		},
		"an expression": {
			rules: `gates: [{name: switch, expression: "has(objects.flag) && objects.flag.data.on == 'yes'", message: throw the switch, ` +
				`objects: [{as: flag, apiVersion: v1, kind: ConfigMap, name: flag}]}]`,
			reason: v1alpha1.ReasonGateClosed, text: "throw the switch",
			open: func(s *harness.Stage, p *v1alpha1.Promotion) {
				s.Must(s.Create(s.Context(), &corev1.ConfigMap{
					ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "flag"}, Data: map[string]string{"on": "yes"},
				}))
				s.Must(s.Get(s.Context(), s.Key("first"), p))
				p.Annotations = map[string]string{v1alpha1.RequestedAtAnnotation: "now"} // a look would follow by itself, half a minute later
				s.Must(s.Update(s.Context(), p))
			},
		},
		"a third party": {
			rules: "gates: [{name: load-test, conditionType: example.com/LoadTest}]", reason: v1alpha1.ReasonGateClosed, text: "example.com/LoadTest",
			open: func(s *harness.Stage, p *v1alpha1.Promotion) {
				judge(s, p, "example.com/LoadTest", "plan "+p.Status.Plan.Hash+": p99 is 80 ms")
			},
		},
		"approvals": {
			rules: "approvals: {required: 2}", reason: v1alpha1.ReasonApprovalsMissing, text: "2",
			open: func(s *harness.Stage, p *v1alpha1.Promotion) {
				approve(s, p, "first", "alice")
				s.Eventually("the first approval is counted", func() error {
					s.Must(s.Get(s.Context(), s.Key("first"), p))
					return unless(len(p.Status.Approvals) == 1, fmt.Sprintf("%+v", p.Status.Approvals))
				})
				approve(s, p, "first", "bob")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := ladder(t)
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, "+test.rules+"}")
			s.YAML(fmt.Sprintf(three, "hello"))
			p := promote(s, "first", "prod", "")
			if got := s.NotReady(p, "first", test.reason); !strings.Contains(got, test.text) {
				t.Errorf("%q lacks %q", got, test.text)
			}
			toolsSay(s, p, status.InProgressStatus)
			if p.Status.Phase != v1alpha1.PromotionPhaseWaiting || p.Status.StartTime != nil || len(s.Novu.Workflows("Production")) != 0 {
				t.Errorf("status %+v", p.Status)
			}
			test.open(s, p)
			promoted(s, p, "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
			passedEverything(t, p)
		})
	}
}

// dropRules leaves the target without gates.
func dropRules(s *harness.Stage, _ *v1alpha1.Promotion) {
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
}

// passedEverything checks the conditions of a Promotion that is done.
func passedEverything(t *testing.T, p *v1alpha1.Promotion) {
	t.Helper()
	for _, condition := range []string{v1alpha1.ConditionGatesPassed, v1alpha1.ConditionApproved, v1alpha1.ConditionVerified} {
		if !apimeta.IsStatusConditionTrue(p.Status.Conditions, condition) {
			t.Errorf("%s is not true: %+v", condition, p.Status.Conditions)
		}
	}
}

// A plan that changes after it was approved needs a new approval.
func TestApprovalIsForOnePlan(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1}, gates: [{name: switch, conditionType: example.com/Go}]}")
	s.YAML(fmt.Sprintf(three, "approved"))
	p := promote(s, "first", "prod", "")
	s.NotReady(p, "first", v1alpha1.ReasonGateClosed)
	approve(s, p, "first", "alice")
	old := p.Status.Plan.Hash
	s.YAML(fmt.Sprintf(three, "changed"))
	s.Eventually("there is a new plan", func() error {
		s.Must(s.Get(t.Context(), s.Key("first"), p))
		return unless(p.Status.Plan != nil && p.Status.Plan.Hash != old, "the old plan")
	})
	judge(s, p, "example.com/Go", "plan "+p.Status.Plan.Hash)
	s.NotReady(p, "first", v1alpha1.ReasonApprovalsMissing)
	settle(s)
	if n := len(s.Novu.Workflows("Production")); n != 0 {
		t.Fatalf("%d workflows were written without approval", n)
	}
	approve(s, p, "first", "alice")
	promoted(s, p, "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if got := text(s, "message"); got != "changed" {
		t.Errorf("the text is %q", got)
	}
}

// A Promotion deletes itself when its time is over; without one it stays.
func TestPromotionTTL(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "stays", "prod", ""), "stays", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	promote(s, "goes", "prod", "ttlSecondsAfterFinished: 1")
	s.Gone(&v1alpha1.Promotion{}, "goes")
	wentBack(s, promote(s, "back", "prod", "rollback: {to: Previous}"), "back", "3/3 restored in prod: 0 created, 0 updated, 3 unchanged")
	s.Must(s.Get(t.Context(), s.Key("stays"), &v1alpha1.Promotion{}))
}

// What a refused plan waits for comes, and wakes it.
func TestPromotionWaitsForAnIntegration(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, missingIntegrations: Block}")
	s.YAML(farewell)
	s.Ready(&v1alpha1.Workflow{}, "farewell")
	p := promote(s, "first", "prod", "")
	if got := s.NotReady(p, "first", v1alpha1.ReasonItemsRefused); !strings.Contains(got, "create an Integration there") {
		t.Error(got)
	}
	try := promote(s, "what-if", "prod", "dryRun: true")
	s.NotReady(try, "what-if", v1alpha1.ReasonItemsRefused)
	toolsSay(s, try, status.FailedStatus)
	if try.Status.CompletionTime == nil || try.Status.Plan.Refused != 1 {
		t.Errorf("the dry run has not ended: %+v", try.Status)
	}
	s.Secret("twilio", map[string]string{"token": "made-up"})
	s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: twilio}
spec:
  environmentRef: {name: prod}
  providerID: twilio
  channel: SMS
  name: Twilio
  primary: true
  credentials: {accountSid: AC1, from: "+15550100"}
  credentialsFrom: [{secretRef: {name: twilio}}]
`)
	promoted(s, p, "first", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
}
