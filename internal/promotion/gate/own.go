// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
)

// own asks a gate of spec.promotionPolicy.gates.
func own(ctx context.Context, in *Input, gate *v1alpha1.PromotionGate) v1alpha1.GateStatus {
	if gate.ConditionType != "" {
		return thirdParty(in.Promotion, gate)
	}
	program, err := compile(gate.Expression)
	if err != nil {
		return failed("correct the expression: %s", oneLine(err))
	}
	evidence := in.Evidence[gate.Name]
	if evidence.Problem != "" {
		return failed("%s", evidence.Problem)
	}
	variables, err := in.variables(evidence)
	if err != nil {
		return failed("%s", oneLine(err))
	}
	holds, err := evaluate(ctx, program, variables)
	switch {
	case err != nil:
		return failed("the expression cannot be evaluated: %s. Ask with has() or `?` for what may be absent", oneLine(err))
	case holds:
		return open("the expression is true")
	case gate.Message != "":
		return closed(v1alpha1.ReasonGateClosed, time.Time{}, "%s", gate.Message)
	}
	return closed(v1alpha1.ReasonGateClosed, time.Time{}, "the expression is false: %s", gate.Expression)
}

func failed(format string, args ...any) v1alpha1.GateStatus {
	return closed(v1alpha1.ReasonGateFailed, time.Time{}, format, args...)
}

// oneLine makes the message of an error fit for status.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// judgement is the message of a third party's condition: which plan it is about, and its text.
var judgement = regexp.MustCompile(`^plan ([0-9a-f]{64})(?:$|[^0-9a-zA-Z])\s*((?s).*)$`)

// thirdParty checks a condition of the Promotion that a third party sets. It counts for one plan, which its message names:
// the generation would change with every approval, and the time of a transition says nothing about what was judged.
func thirdParty(p *v1alpha1.Promotion, gate *v1alpha1.PromotionGate) v1alpha1.GateStatus {
	condition := apimeta.FindStatusCondition(p.Status.Conditions, gate.ConditionType)
	shut := func(format string, args ...any) v1alpha1.GateStatus {
		text := fmt.Sprintf(format, args...)
		if gate.Message != "" {
			text = gate.Message + ": " + text
		}
		return closed(v1alpha1.ReasonGateClosed, time.Time{}, "%s", text)
	}
	if condition == nil {
		return shut("the condition %s of the Promotion is not set yet", gate.ConditionType)
	}
	judged := judgement.FindStringSubmatch(condition.Message)
	switch {
	case p.Status.Plan == nil || p.Status.Plan.Hash == "":
		return shut("the plan that %s is to be about is not made yet", gate.ConditionType)
	case judged == nil:
		return shut("the condition %s does not say which plan it is about: begin its message with `plan ` and the whole status.plan.hash",
			gate.ConditionType)
	case judged[1] != p.Status.Plan.Hash:
		return shut("the condition %s is about another plan, %s: set it again for the plan %s",
			gate.ConditionType, definition.Short(judged[1]), definition.Short(p.Status.Plan.Hash))
	case condition.Status != metav1.ConditionTrue:
		return shut("%s is %s: %s", gate.ConditionType, condition.Status, judged[2])
	}
	return open("%s: %s", gate.ConditionType, judged[2])
}

// variables are what expressions see.
func (in *Input) variables(evidence Evidence) (map[string]any, error) {
	promotion, err := plain(in.Promotion)
	if err != nil {
		return nil, err
	}
	target, err := plain(in.Target)
	if err != nil {
		return nil, err
	}
	objects := evidence.Objects
	if objects == nil {
		objects = map[string]any{}
	}
	return map[string]any{"objects": objects, "promotion": promotion, "environment": target}, nil
}

// plain is an object as JSON has it.
func plain(o runtime.Object) (map[string]any, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil, fmt.Errorf("cannot be shown to expressions: %w", err)
	}
	return fields, nil
}
