// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

func TestJudge(t *testing.T) {
	const no, unknown = metav1.ConditionFalse, metav1.ConditionUnknown
	waiting, stalled := reconcile.Waitingf("W", "w"), reconcile.Stalledf("S", "s")
	quiet := reconcile.Outcome{Kind: reconcile.Waiting, Reason: "Q", Quiet: true}
	transient := reconcile.Outcome{Kind: reconcile.Transient, Reason: "T", Message: "t"}
	tests := map[string]struct {
		err    error
		before reconcile.Standing
		want   reconcile.Verdict
		event  string
	}{
		"waiting":                   {waiting, reconcile.Standing{Settled: true, Steady: true}, reconcile.Verdict{Ready: no, Reason: "W", Message: "w", Reconciling: true}, corev1.EventTypeWarning},
		"waiting for a reference":   {reconcile.Missingf("W", "%d", 1), reconcile.Standing{Settled: true, Steady: true}, reconcile.Verdict{Ready: no, Reason: "W", Message: "1", Reconciling: true, Reference: true}, corev1.EventTypeWarning},
		"quiet, settled":            {quiet, reconcile.Standing{Settled: true}, reconcile.Verdict{Ready: no, Reason: "Q", Reconciling: true, Quiet: true, Keep: true}, corev1.EventTypeNormal},
		"before the first poll":     {waiting, reconcile.Standing{Unknown: true}, reconcile.Verdict{Ready: no, Reason: "W", Message: "w", Reconciling: true, Keep: true}, corev1.EventTypeWarning},
		"quiet, not settled":        {quiet, reconcile.Standing{Steady: true}, reconcile.Verdict{Ready: no, Reason: "Q", Reconciling: true, Quiet: true}, corev1.EventTypeNormal},
		"stalled":                   {stalled, reconcile.Standing{Settled: true, Steady: true}, reconcile.Verdict{Ready: no, Reason: "S", Message: "s", Stalled: true}, corev1.EventTypeWarning},
		"transient, steady":         {transient, reconcile.Standing{Steady: true}, reconcile.Verdict{Ready: no, Reason: "T", Message: "t", Reconciling: true, Keep: true}, corev1.EventTypeWarning},
		"transient, no longer":      {transient, reconcile.Standing{Settled: true}, reconcile.Verdict{Ready: no, Reason: "T", Message: "t", Reconciling: true}, corev1.EventTypeWarning},
		"unexpected":                {errors.New("x"), reconcile.Standing{Settled: true}, reconcile.Verdict{Ready: unknown, Reason: v1alpha1.ReasonProgressing, Message: "x", Reconciling: true}, corev1.EventTypeNormal},
		"wrapped":                   {fmt.Errorf("more: %w", stalled), reconcile.Standing{Settled: true, Steady: true}, reconcile.Verdict{Ready: no, Reason: "S", Message: "s", Stalled: true}, corev1.EventTypeWarning},
		"stalled by what Novu says": {reconcile.Outcome{Kind: reconcile.Stalled, Reason: "S", Err: transient}, reconcile.Standing{Settled: true, Steady: true}, reconcile.Verdict{Ready: no, Reason: "S", Stalled: true}, corev1.EventTypeWarning},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := reconcile.Judge(reconcile.OutcomeOf(test.err), test.before)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if got.EventType() != test.event {
				t.Errorf("event %s", got.EventType())
			}
		})
	}
}

// kinds of an object's conditions with status, sorted as they are.
func shown(list []metav1.Condition) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprintf("%s=%s/%s@%d", c.Type, c.Status, c.Reason, c.ObservedGeneration))
	}
	return strings.Join(parts, " ")
}

func TestConditionsOfVerdicts(t *testing.T) {
	const yes, no = metav1.ConditionTrue, metav1.ConditionFalse
	tests := map[string]struct {
		verdicts []reconcile.Verdict
		want     string
	}{
		"from the beginning": {nil, "Ready=Unknown/Progressing@1 Reconciling=True/Progressing@1"},
		"ready":              {[]reconcile.Verdict{{Ready: yes, Reason: "R"}}, "Ready=True/R@2"},
		"waiting":            {[]reconcile.Verdict{{Ready: no, Reason: "W", Reconciling: true}}, "Ready=False/W@2 Reconciling=True/W@2"},
		"stalled":            {[]reconcile.Verdict{{Ready: no, Reason: "S", Stalled: true}}, "Ready=False/S@2 Stalled=True/S@2"},
		"stalled, then ready": {
			[]reconcile.Verdict{{Ready: no, Reason: "S", Stalled: true}, {Ready: yes, Reason: "R"}}, "Ready=True/R@3"},
		"kept": {[]reconcile.Verdict{{Ready: yes, Reason: "R"}, {Ready: no, Reason: "W", Keep: true}}, "Ready=True/R@2"},
		"suspended while ready": {
			[]reconcile.Verdict{{Ready: yes, Reason: "R"}, {Suspended: true, Reason: "Suspended"}}, "Ready=True/Suspended@3"},
		"suspended while stalled": {
			[]reconcile.Verdict{{Ready: no, Reason: "S", Stalled: true}, {Suspended: true, Reason: "Suspended"}}, "Ready=False/Suspended@3"},
		"suspended from the beginning": {[]reconcile.Verdict{{Suspended: true, Reason: "Suspended"}}, "Ready=Unknown/Suspended@2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var list []metav1.Condition
			reconcile.Begin(reconcile.Conditions{List: &list, Generation: 1})
			for i, v := range test.verdicts {
				v.Apply(reconcile.Conditions{List: &list, Generation: int64(i + 2)})
			}
			if got := shown(list); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSuspensionOfWhatNothingIsKnownOf(t *testing.T) {
	var list []metav1.Condition
	reconcile.Verdict{Suspended: true, Reason: "Suspended"}.Apply(reconcile.Conditions{List: &list})
	if got := shown(list); got != "Ready=Unknown/Suspended@0" {
		t.Errorf("got %s", got)
	}
}

func TestLongMessagesAreCut(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	var list []metav1.Condition
	set := reconcile.Conditions{List: &list}
	set.False("X", "R", long)
	for what, text := range map[string]string{"condition": apimeta.FindStatusCondition(list, "X").Message, "event": reconcile.Bounded(long)} {
		if len(text) > 2048 || !utf8.ValidString(text) || !strings.HasSuffix(text, "…") {
			t.Errorf("the message of the %s is %d bytes", what, len(text))
		}
	}
	if len(reconcile.Bounded(long)) > 1024 || reconcile.Bounded("short") != "short" {
		t.Error("the API server refuses longer notes of events")
	}
}
