// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// A plan of as many items as a Promotion takes, each with as many changes as a plan shows, is kept by the API server, beside
// a spec as large as there can be.
func TestLargestPlan(t *testing.T) {
	const most = 2000
	s := ladder(t)
	items := make([]v1alpha1.PlannedItem, most)
	digest := strings.Repeat("0123456789abcdef", 4)
	for i := range items {
		items[i] = v1alpha1.PlannedItem{
			Kind: v1alpha1.PromotionItemWorkflow, Namespace: s.Namespace, Name: fmt.Sprintf("order-shipped-to-a-customer-%d", i),
			Action: v1alpha1.PlanActionUpdate, State: v1alpha1.ItemStatePending, Message: strings.Repeat("note ", 50),
			Revision: digest, SourceHash: digest, TargetHash: digest,
		}
		for range 20 {
			items[i].Changes = append(items[i].Changes, v1alpha1.Difference{Path: "steps[mail].controlValues.body", From: strings.Repeat("f", 256), To: strings.Repeat("t", 256)})
		}
	}
	plan := promotion.NewPlan(promotion.Purpose{Target: "6b03b4d5004cf451f300c862"}, items)
	s.Must(promotion.Fits(plan))
	var approvals []string
	for i := range 64 {
		approvals = append(approvals, fmt.Sprintf("{user: u%0255d, planHash: %q, comment: %q}", i, digest, strings.Repeat("c", 512)))
	}
	p := promote(s, "big", "nowhere", "approvals: ["+strings.Join(approvals, ", ")+"]")
	s.NotReady(p, "big", v1alpha1.ReasonEnvironmentNotFound) // from then on the operator leaves it alone
	before := p.DeepCopy()
	p.Status.Plan = plan
	apimeta.SetStatusCondition(&p.Status.Conditions, metav1.Condition{Type: "Ready", Status: "False", Reason: "Test", Message: strings.Repeat("m", 2048)})
	s.Must(reconcile.WriteStatus(t.Context(), s.Client, s.Client, p, before))
	s.Must(s.Get(t.Context(), s.Key("big"), p))
	status, err := json.Marshal(p.Status)
	s.Must(err)
	t.Logf("status has %d bytes", len(status))
	if len(p.Status.Plan.Items) != most || len(status) > 1100<<10 {
		t.Errorf("status has %d items and %d bytes", len(p.Status.Plan.Items), len(status))
	}
}

// One that does not come to an end makes way for the next.
func TestPromotionTimesOut(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	v := th.variants(time.Minute)[0]
	p := v.play(t)
	p.novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/letter/sync", Status: http.StatusInternalServerError})
	clock := clocktesting.NewFakePassiveClock(time.Now())
	operator := p.operatorAt(connection.Options{Clock: clock})
	step := func() *v1alpha1.Promotion {
		_, _ = operator.Reconcile(t.Context(), ctrl.Request{NamespacedName: p.promotion})
		return p.now(t.Context())
	}
	for range 10 {
		clock.SetTime(clock.Now().Add(time.Minute))
		step()
	}
	if now := p.now(t.Context()); now.Status.StartTime == nil || now.Status.CompletionTime != nil {
		t.Fatalf("status %+v", now.Status)
	}
	clock.SetTime(clock.Now().Add(time.Hour))
	ended := step()
	ready := apimeta.FindStatusCondition(ended.Status.Conditions, v1alpha1.ConditionReady)
	if ended.Status.Phase != v1alpha1.PromotionPhaseFailed || ready.Reason != v1alpha1.ReasonTimedOut || !strings.Contains(ready.Message, "4/5 promoted") {
		t.Errorf("%s: %+v", ended.Status.Phase, ready)
	}
	if promotion.InLine(ended) {
		t.Error("it is still in line")
	}
}

// Promotions into two targets do not wait for each other.
func TestPromotionsIntoTwoTargets(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, strategy: Apply}")
	open := s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Status: 503}) // of Apply alone
	stuck := promote(s, "stuck", "prod", "")
	s.Eventually("the first is at work", func() error {
		s.Must(s.Get(t.Context(), s.Key("stuck"), stuck))
		return unless(stuck.Status.StartTime != nil, "not yet")
	})
	promoted(s, promote(s, "quick", "staging", ""), "quick", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
	s.Must(s.Get(t.Context(), s.Key("stuck"), stuck))
	if stuck.Status.CompletionTime != nil {
		t.Errorf("the first has ended: %+v", stuck.Status)
	}
	open()
	promoted(s, stuck, "stuck", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
}
