// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
)

// unfit is a workflow whose layout nobody describes.
const unfit = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: unfit}
spec:
  environmentRef: {name: dev}
  name: Unfit
  steps: [{stepID: mail, type: Email, email: {subject: Hello, body: "<p>Hello</p>", layout: {type: Ref, ref: {name: late}}}}]
`

const late = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: late}
spec: {environmentRef: {name: dev}, name: Late, body: "<html><body>{{content}}</body></html>"}
`

func outcomeOf(p *v1alpha1.Promotion) string {
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	return ready.Reason + ": " + ready.Message
}

// What cannot be promoted is left out, named and counted, and does not count as promoted.
func TestPromotionLeavesOut(t *testing.T) {
	s, clock := clocked(t, novuEnvironments)
	targets(s)
	s.YAML(fmt.Sprintf(three, "hello") + "---" + unfit)
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	s.NotReady(&v1alpha1.Workflow{}, "unfit", v1alpha1.ReasonLayoutNotFound)
	clock.Move(promotion.LongestQuiet)
	waits := promote(s, "waits", "staging", "")
	s.NotReady(waits, "waits", v1alpha1.ReasonItemsNotReady)
	p := promote(s, "part", "prod", "unfitItems: LeaveOut")
	s.Ready(p, "part")
	if got := outcomeOf(p); !strings.HasPrefix(got, "PromotedInPart: 3/3 promoted to prod: 3 created, 0 updated, 0 unchanged, 1 left out: Workflow "+s.Namespace+"/unfit: ") {
		t.Error(got)
	}
	if p.Status.Plan.LeftOut != 1 || item(p, "unfit").Action != v1alpha1.PlanActionLeftOut || p.Status.Progress != "3/3" {
		t.Errorf("plan %+v", p.Status.Plan)
	}
	if _, there := live(s, "unfit")["prod"]; there || len(s.Novu.Workflows("Production")) != 2 {
		t.Error("what was left out counts as promoted")
	}
	none := promote(s, "none", "prod", "unfitItems: LeaveOut, items: [{kind: Workflow, name: unfit}]")
	s.NotReady(none, "none", v1alpha1.ReasonItemsRefused)
}

// Automatic promotion leaves out what is unfit, once, and brings it when it has become fit.
func TestAutomaticLeavesOut(t *testing.T) {
	s, clock := clocked(t, novuEnvironments)
	s.YAML(fmt.Sprintf(three, "hello") + "---" + unfit)
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	s.NotReady(&v1alpha1.Workflow{}, "unfit", v1alpha1.ReasonLayoutNotFound)
	// considered lets the time pass for which a Promotion is put off at most, and has the operator look whether one is needed.
	considered := func(hours int) {
		s.Environment("prod", "Production", fmt.Sprintf("interval: %dh\npromotionPolicy: {sourceRef: {name: dev}, automatic: {unfitItems: LeaveOut}}", hours))
		s.Ready(&v1alpha1.Environment{}, "prod")
		settle(s)
		clock.Move(promotion.LongestQuiet)
	}
	considered(1)
	considered(2)
	first := made(s, "prod", 1)[0]
	s.Ready(first, first.Name)
	if got := outcomeOf(first); !strings.HasPrefix(got, "PromotedInPart: 3/3 promoted to prod") || first.Spec.UnfitItems != v1alpha1.UnfitItemsLeaveOut {
		t.Error(got)
	}
	considered(3)
	considered(4)
	made(s, "prod", 1) // and no other
	s.YAML(late)
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "5/5 promoted to prod: 2 created, 0 updated, 3 unchanged")
	considered(5)
	considered(6)
	made(s, "prod", 2)
}
