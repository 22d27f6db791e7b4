// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

func TestExpressionGate(t *testing.T) {
	api := map[string]any{"api": map[string]any{"spec": map[string]any{"replicas": int64(2)}}}
	tests := []struct {
		name                string
		expression, message string
		evidence            Evidence
		reason, want        string
	}{
		{"true", "objects.api.spec.replicas == 2", "", Evidence{Objects: api}, ReasonOpen, "the expression is true"},
		{"false", "objects.api.spec.replicas == 3", "", Evidence{Objects: api}, v1alpha1.ReasonGateClosed, "the expression is false: objects.api.spec.replicas == 3"},
		{"false with a message", "objects.api.spec.replicas == 3", "three replicas, please", Evidence{Objects: api}, v1alpha1.ReasonGateClosed, "three replicas, please"},
		{"without objects", "!has(objects.api)", "", Evidence{}, ReasonOpen, "the expression is true"},
		{
			"the object does not exist", "objects.api.spec.replicas == 3", "three replicas, please", Evidence{}, v1alpha1.ReasonGateFailed,
			"the expression cannot be evaluated: no such key: api. Ask with has() or `?` for what may be absent",
		},
		{
			"cannot be read", "objects.api.spec.replicas == 2", "", Evidence{Objects: api, Problem: "the operator may not get it"}, v1alpha1.ReasonGateFailed,
			"the operator may not get it",
		},
		{
			"does not compile", "objects.api.spec.replicas ==\n 2)", "", Evidence{Objects: api}, v1alpha1.ReasonGateFailed,
			"correct the expression: ERROR: <input>:2:3: Syntax error",
		},
		{"about the Promotion", "promotion.metadata.name == 'release-7' && promotion.spec.targetRef.name == 'production'", "", Evidence{}, ReasonOpen, ""},
		{"about the Environment", "environment.metadata.name == 'production' && has(environment.spec.promotionPolicy)", "", Evidence{}, ReasonOpen, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			gate := v1alpha1.PromotionGate{Name: "own", Expression: test.expression, Message: test.message}
			in.Promotion.Spec.TargetRef.Name = "production"
			in.Target.Spec.PromotionPolicy.Gates = []v1alpha1.PromotionGate{gate}
			in.Evidence = map[string]Evidence{"own": test.evidence}
			got := own(t.Context(), in, &gate)
			if got.Reason != test.reason || got.Open != (test.reason == ReasonOpen) || !strings.Contains(got.Message, test.want) {
				t.Errorf("got %+v, want %s: %s", got, test.reason, test.want)
			}
			if got.NextOpenTime != nil || strings.Contains(got.Message, "\n") {
				t.Errorf("got %+v, want a single line and no time: nobody knows it", got)
			}
		})
	}
}

func TestThirdPartyGate(t *testing.T) {
	const kind = "load-test.example.com/Passed"
	planned, another := strings.Repeat("0a", 32), strings.Repeat("0a", 6)+strings.Repeat("0b", 26) // one short form
	set := func(status metav1.ConditionStatus, message string) *metav1.Condition {
		return &metav1.Condition{Type: kind, Status: status, Message: message}
	}
	const unnamed = "the condition " + kind + " does not say which plan it is about: begin its message with `plan ` and the whole status.plan.hash"
	elsewhere := set(metav1.ConditionTrue, "plan "+planned+": p99 is 80 ms")
	elsewhere.ObservedGeneration = 2
	tests := []struct {
		name      string
		condition *metav1.Condition
		message   string
		noPlan    bool
		open      bool
		want      string
	}{
		{name: "not set", want: "the condition load-test.example.com/Passed of the Promotion is not set yet"},
		{
			name: "not set, and what it is", message: "the load test takes an hour",
			want: "the load test takes an hour: the condition load-test.example.com/Passed of the Promotion is not set yet",
		},
		{name: "true", condition: set(metav1.ConditionTrue, "plan "+planned+": p99 is 80 ms"), open: true, want: kind + ": p99 is 80 ms"},
		{name: "true in few words", condition: set(metav1.ConditionTrue, "plan "+planned), open: true, want: kind + ": "},
		{name: "true, whatever generation it was for", condition: elsewhere, open: true, want: kind + ": p99 is 80 ms"},
		{name: "true of another plan", condition: set(metav1.ConditionTrue, "plan "+another+": fine"), want: "the condition " + kind + " is about another plan, 0a0a0a0a0a0a: set it again for the plan 0a0a0a0a0a0a"},
		{name: "true of a shortened plan", condition: set(metav1.ConditionTrue, "plan "+planned[:12]+": fine"), want: unnamed},
		{name: "true of a longer plan", condition: set(metav1.ConditionTrue, "plan "+planned+"0: fine"), want: unnamed},
		{name: "true of nothing", condition: set(metav1.ConditionTrue, "fine"), want: unnamed},
		{name: "the plan is named later", condition: set(metav1.ConditionTrue, "as plan "+another+", so plan "+planned), want: unnamed},
		{name: "true before there is a plan", noPlan: true, condition: set(metav1.ConditionTrue, "plan "+planned), want: "the plan that " + kind + " is to be about is not made yet"},
		{name: "false", condition: set(metav1.ConditionFalse, "plan "+planned+": p99 is 80 ms"), want: kind + " is False: p99 is 80 ms"},
		{name: "unknown", condition: set(metav1.ConditionUnknown, "plan "+planned+": p99 is 80 ms"), want: kind + " is Unknown: p99 is 80 ms"},
		{
			name: "another is true", condition: &metav1.Condition{Type: "load-test.example.com/Begun", Status: metav1.ConditionTrue, Message: "plan " + planned},
			want: "the condition load-test.example.com/Passed of the Promotion is not set yet",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			if !test.noPlan {
				in.Promotion.Status.Plan = &v1alpha1.PromotionPlan{Hash: planned}
			}
			if test.condition != nil {
				in.Promotion.Status.Conditions = []metav1.Condition{*test.condition}
			}
			got := own(t.Context(), in, &v1alpha1.PromotionGate{Name: "load-test", ConditionType: kind, Message: test.message})
			if got.Open != test.open || got.Message != test.want || got.NextOpenTime != nil {
				t.Errorf("got %+v, want open: %t: %s", got, test.open, test.want)
			}
			if !test.open && got.Reason != v1alpha1.ReasonGateClosed {
				t.Errorf("reason is %s", got.Reason)
			}
		})
	}
}
