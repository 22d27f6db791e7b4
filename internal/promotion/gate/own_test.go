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
		{"about the Promotion", "promotion.metadata.name == 'release-7' && promotion.spec.targetRef.name == ''", "", Evidence{}, ReasonOpen, ""},
		{"about the Environment", "environment.metadata.name == 'production' && has(environment.spec.promotion)", "", Evidence{}, ReasonOpen, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			gate := v1alpha1.PromotionGate{Name: "own", Expression: test.expression, Message: test.message}
			in.Target.Spec.Promotion.Gates = []v1alpha1.PromotionGate{gate}
			in.Evidence = map[string]Evidence{"own": test.evidence}
			got := own(t.Context(), in, &gate)
			if got.Reason != test.reason || got.Open != (test.reason == ReasonOpen) || !strings.Contains(got.Message, test.want) {
				t.Errorf("got %+v, want %s: %s", got, test.reason, test.want)
			}
			if got.NextTime != nil || strings.Contains(got.Message, "\n") {
				t.Errorf("got %+v, want a single line and no time: nobody knows it", got)
			}
		})
	}
}

func TestThirdPartyGate(t *testing.T) {
	const kind = "load-test.example.com/Passed"
	set := func(status metav1.ConditionStatus, generation int64) *metav1.Condition {
		return &metav1.Condition{Type: kind, Status: status, ObservedGeneration: generation, Message: "p99 is 80 ms"}
	}
	tests := []struct {
		name          string
		condition     *metav1.Condition
		message       string
		open          bool
		want, another string
	}{
		{name: "nobody has set it", want: "nobody has set the condition load-test.example.com/Passed of the Promotion yet"},
		{
			name: "nobody has set it, and what it is", message: "the load test takes an hour",
			want: "the load test takes an hour: nobody has set the condition load-test.example.com/Passed of the Promotion yet",
		},
		{name: "true", condition: set(metav1.ConditionTrue, 0), open: true, want: "load-test.example.com/Passed: p99 is 80 ms"},
		{name: "true of this generation", condition: set(metav1.ConditionTrue, 3), open: true, want: "load-test.example.com/Passed: p99 is 80 ms"},
		{name: "true of an earlier one", condition: set(metav1.ConditionTrue, 2), want: "the condition load-test.example.com/Passed is about an earlier generation of the Promotion"},
		{name: "false", condition: set(metav1.ConditionFalse, 3), want: "load-test.example.com/Passed is False: p99 is 80 ms"},
		{name: "unknown", condition: set(metav1.ConditionUnknown, 0), want: "load-test.example.com/Passed is Unknown: p99 is 80 ms"},
		{
			name: "another is true", condition: &metav1.Condition{Type: "load-test.example.com/Begun", Status: metav1.ConditionTrue},
			want: "nobody has set the condition load-test.example.com/Passed of the Promotion yet",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			if test.condition != nil {
				in.Promotion.Status.Conditions = []metav1.Condition{*test.condition}
			}
			got := own(t.Context(), in, &v1alpha1.PromotionGate{Name: "load-test", ConditionType: kind, Message: test.message})
			if got.Open != test.open || got.Message != test.want || got.NextTime != nil {
				t.Errorf("got %+v, want open: %t: %s", got, test.open, test.want)
			}
			if !test.open && got.Reason != v1alpha1.ReasonGateClosed {
				t.Errorf("reason is %s", got.Reason)
			}
		})
	}
}
