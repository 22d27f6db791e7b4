// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// twin is a workflow; with the two contents of twins its revisions share their first twelve digits.
const twin = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: twin}
spec:
  environmentRef: {name: dev}
  name: Twin
  steps: [{stepID: text, type: SMS, sms: {body: "content %s"}}]
`

// twins share 48 bits of their digests (0ae311d77de7); they were found in a minute on two cores.
var twins = [2]string{"01b2dcbf", "026442ce"}

func bodyOf(s *harness.Stage, environment string) string {
	for _, w := range s.Novu.Workflows(environment) {
		if w.WorkflowID == "twin" {
			return fmt.Sprint(w.Steps[0].ControlValues["body"])
		}
	}
	return ""
}

// Two contents whose digests begin alike are two contents: the second is written, and the approval of the first is none of
// the second.
func TestRevisionsThatBeginAlike(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1}, gates: [{name: switch, conditionType: example.com/Go}]}")
	s.YAML(fmt.Sprintf(twin, twins[0]))
	var first, second v1alpha1.Workflow
	s.Ready(&first, "twin")
	p := promote(s, "release", "prod", "")
	s.NotReady(p, "release", v1alpha1.ReasonGateClosed)
	approve(s, p, "release", "alice")
	planned := p.Status.Plan.Hash

	s.YAML(fmt.Sprintf(twin, twins[1]))
	s.Eventually("the second content is in Novu", func() error {
		got := bodyOf(s, "Development")
		return unless(got == "content "+twins[1], got)
	})
	s.Ready(&second, "twin")
	if a, b := first.Status, second.Status; a.ShortRevision != b.ShortRevision || a.Revision == b.Revision || len(a.Revision) != 64 || len(a.RemoteHash) != 64 {
		t.Fatalf("revisions %s and %s begin with %s and %s", a.Revision, b.Revision, a.ShortRevision, b.ShortRevision)
	}
	s.Eventually("there is another plan", func() error {
		s.Must(s.Get(t.Context(), s.Key("release"), p))
		return unless(p.Status.Plan != nil && p.Status.Plan.Hash != planned, "the old plan")
	})
	judge(s, p, "example.com/Go", "plan "+p.Status.Plan.Hash)
	s.NotReady(p, "release", v1alpha1.ReasonApprovalsMissing)
	approve(s, p, "release", "alice")
	promoted(s, p, "release", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")

	s.YAML(fmt.Sprintf(twin, twins[0])) // and back, over what is live there
	s.Eventually("the first content is in Novu again", func() error {
		got := bodyOf(s, "Development")
		return unless(got == "content "+twins[0], got)
	})
	back := promote(s, "back", "prod", "")
	s.NotReady(back, "back", v1alpha1.ReasonGateClosed)
	if got := item(back, "twin").Action; got != v1alpha1.PlanActionUpdate {
		t.Errorf("the plan is to %s", got)
	}
	approve(s, back, "back", "alice")
	judge(s, back, "example.com/Go", "plan "+back.Status.Plan.Hash)
	promoted(s, back, "back", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	if got := bodyOf(s, "Production"); got != "content "+twins[0] {
		t.Errorf("Production holds %q", got)
	}
}

// The same content into the same target is another plan in another attempt, so that no approval is carried over.
func TestPlanIsThatOfOneAttempt(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1}}")
	s.YAML(fmt.Sprintf(twin, "any"))
	p := promote(s, "release", "prod", "")
	s.NotReady(p, "release", v1alpha1.ReasonApprovalsMissing)
	old := p.Status.Plan.Hash
	s.Must(s.Delete(t.Context(), p))
	s.Gone(p, "release")
	again := promote(s, "release", "prod", fmt.Sprintf("approvals: [{user: alice, planHash: %q}]", old))
	s.NotReady(again, "release", v1alpha1.ReasonApprovalsMissing)
	if again.Status.Plan.Hash == old {
		t.Error("both attempts have one plan hash")
	}
}

// What a third party has judged stays judged when somebody approves; what it judged of an earlier plan opens nothing.
func TestThirdPartyJudgesAPlan(t *testing.T) {
	s := ladder(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 2}, gates: [{name: load, conditionType: example.com/Load}]}")
	s.YAML(fmt.Sprintf(twin, "one"))
	p := promote(s, "release", "prod", "")
	s.NotReady(p, "release", v1alpha1.ReasonGateClosed)
	old := p.Status.Plan.Hash
	judge(s, p, "example.com/Load", "plan "+old+": fine")
	s.NotReady(p, "release", v1alpha1.ReasonApprovalsMissing)
	approve(s, p, "release", "alice")
	s.Eventually("the approval is counted, and the gate is open", func() error {
		s.Must(s.Get(t.Context(), s.Key("release"), p))
		return unless(len(p.Status.Approvals) == 1 && p.Status.ObservedGeneration == p.Generation && p.Status.Gates[len(p.Status.Gates)-1].Open, fmt.Sprintf("%+v", p.Status))
	})
	s.NotReady(p, "release", v1alpha1.ReasonApprovalsMissing)

	s.YAML(fmt.Sprintf(twin, "two"))
	s.Eventually("there is another plan", func() error {
		s.Must(s.Get(t.Context(), s.Key("release"), p))
		return unless(p.Status.Plan != nil && p.Status.Plan.Hash != old, "the old plan")
	})
	s.NotReady(p, "release", v1alpha1.ReasonGateClosed)
	judge(s, p, "example.com/Load", "plan "+old+": fine, says a late answer about the old plan")
	approve(s, p, "release", "alice")
	approve(s, p, "release", "bob")
	s.Eventually("the approvals are seen", func() error {
		s.Must(s.Get(t.Context(), s.Key("release"), p))
		return unless(p.Status.ObservedGeneration == p.Generation, "not yet")
	})
	s.NotReady(p, "release", v1alpha1.ReasonGateClosed)
	settle(s)
	if got := len(s.Novu.Workflows("Production")); got != 0 {
		t.Fatalf("%d workflows were written on the word about an earlier plan", got)
	}
	s.Must(s.Get(t.Context(), s.Key("release"), p))
	judge(s, p, "example.com/Load", "plan "+p.Status.Plan.Hash+": fine")
	promoted(s, p, "release", "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
}
