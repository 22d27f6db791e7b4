// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// everyGate is of a target that has all gates, all of them closed.
func everyGate() *Input {
	in := anInput(noon)
	*in.Target.Spec.PromotionPolicy = v1alpha1.PromotionPolicy{
		AfterRefs: []v1alpha1.EnvironmentReference{{Name: "staging"}},
		Soak:      &metav1.Duration{Duration: time.Hour},
		Windows:   these(aWindow(deny, "0 0 * * *", "", 20*time.Hour)),
		Freeze:    &v1alpha1.PromotionFreeze{Reason: "launch", EndTime: new(metaTime(noon.Add(time.Hour)))},
		Gates: []v1alpha1.PromotionGate{
			{Name: "load-test", ConditionType: "load-test.example.com/Passed"}, {Name: "api", Expression: "has(objects.api)"},
		},
	}
	in.Source.Environment.Status.Conditions = nil
	in.Items, in.After = []Item{anItem("a", "r2")}, []Place{aPlace("staging", Live{})}
	return in
}

// brief is the name and reason of each gate.
func brief(gates []v1alpha1.GateStatus) (lines []string) {
	for _, gate := range gates {
		lines = append(lines, strings.TrimSpace(gate.Name+" "+gate.Reason))
	}
	return lines
}

func TestCheckAsksInOrder(t *testing.T) {
	plain := anInput(noon)
	noSoak := anInput(noon)
	noSoak.Target.Spec.PromotionPolicy.Soak = &metav1.Duration{}
	rollback := everyGate()
	rollback.Promotion.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
	tests := []struct {
		name string
		in   *Input
		want []string
	}{
		{"a target without gates", plain, []string{"source Open"}},
		{"a soak of nothing", noSoak, []string{"source Open"}},
		{"every gate", everyGate(), []string{
			"order Order", "soak Soaking", "window WindowClosed", "freeze Frozen", "source EnvironmentNotReady", "load-test GateClosed", "api GateClosed",
		}},
		{"a rollback", rollback, []string{
			"order Rollback", "soak Rollback", "window Rollback", "freeze Rollback", "source Rollback", "load-test Rollback", "api Rollback",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			gates := Check(t.Context(), test.in)
			if diff := cmp.Diff(test.want, brief(gates)); diff != "" {
				t.Error(diff)
			}
			for _, gate := range gates {
				if isOpen := gate.Reason == ReasonOpen || gate.Reason == ReasonRollback; gate.Open != isOpen || gate.Message == "" {
					t.Errorf("%+v", gate)
				}
			}
		})
	}
}

// A rollback passes although nothing was gathered: it must work when everything else is gone.
func TestRollbackNeedsNothing(t *testing.T) {
	full := everyGate()
	full.Promotion.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
	in := &Input{Now: noon, Target: full.Target, Promotion: full.Promotion}
	if first, next := Closed(Check(t.Context(), in)); first != nil || next != nil {
		t.Errorf("gate %+v is closed until %s", first, next)
	}
}

func TestClosed(t *testing.T) {
	soon, later := new(metaTime(noon)), new(metaTime(noon.Add(time.Hour)))
	opened, shut := v1alpha1.GateStatus{Name: "open", Open: true, NextOpenTime: soon}, v1alpha1.GateStatus{Name: "shut"}
	tests := []struct {
		name  string
		gates []v1alpha1.GateStatus
		first string
		next  *metav1.Time
	}{
		{"none", nil, "", nil},
		{"all open", []v1alpha1.GateStatus{opened, opened}, "", nil},
		{"one closed for nobody knows how long", []v1alpha1.GateStatus{opened, shut}, "shut", nil},
		{"the earliest of the closed ones", []v1alpha1.GateStatus{opened, {Name: "a", NextOpenTime: later}, shut, {Name: "b", NextOpenTime: soon}}, "a", soon},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			first, next := Closed(test.gates)
			if (first == nil) != (test.first == "") || first != nil && first.Name != test.first || !next.Equal(test.next) {
				t.Errorf("got %+v and %s, want %q and %s", first, next, test.first, test.next)
			}
		})
	}
}

func TestFreeze(t *testing.T) {
	at := func(d time.Duration) *metav1.Time { return new(metaTime(noon.Add(d))) }
	tests := []struct {
		name    string
		until   *metav1.Time
		open    bool
		message string
	}{
		{"without end", nil, false, "Environment novu/production is frozen until spec.promotionPolicy.freeze is removed: launch of the app"},
		{"for an hour", at(time.Hour), false, "Environment novu/production is frozen until Thu 2026-11-19 13:00:00 UTC: launch of the app"},
		{"until now", at(0), true, "the freeze was over at Thu 2026-11-19 12:00:00 UTC"},
		{"until yesterday", at(-24 * time.Hour), true, "the freeze was over at Wed 2026-11-18 12:00:00 UTC"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Target.Spec.PromotionPolicy.Freeze = &v1alpha1.PromotionFreeze{Reason: "launch of the app", EndTime: test.until}
			got := freeze(in)
			if got.Open != test.open || got.Message != test.message {
				t.Errorf("got %+v", got)
			}
			if !test.open && (got.Reason != v1alpha1.ReasonFrozen || !got.NextOpenTime.Equal(test.until)) {
				t.Errorf("got %s until %s, want %s", got.Reason, got.NextOpenTime, test.until)
			}
		})
	}
}

func TestSource(t *testing.T) {
	ready := func(status metav1.ConditionStatus) Place {
		place := aPlace("development")
		place.Environment.Status.Conditions[0].Status = status
		place.Environment.Status.Conditions[0].Message = "the key is unknown"
		return place
	}
	readable := ready(metav1.ConditionFalse)
	readable.Environment.Status.Conditions[0].Reason = v1alpha1.ReasonWritesUnanswered
	readable.Environment.Status.Conditions[0].Message = "it answers no writes"
	unseen := aPlace("development")
	unseen.Environment.Status.Conditions = nil
	tests := []struct {
		name            string
		source          Place
		reason, message string
	}{
		{"ready", aPlace("development"), ReasonOpen, "Environment novu/development is ready"},
		{"not ready", ready(metav1.ConditionFalse), v1alpha1.ReasonEnvironmentNotReady, "Environment novu/development is not ready: the key is unknown"},
		{"answers reads alone", readable, ReasonOpen, "Environment novu/development answers reads: it answers no writes"},
		{"unknown", ready(metav1.ConditionUnknown), v1alpha1.ReasonEnvironmentNotReady, "Environment novu/development is not ready: the key is unknown"},
		{"not polled", unseen, v1alpha1.ReasonEnvironmentNotReady, "the operator has not polled Environment novu/development yet"},
		{"gone", Place{Name: "novu/development", Reason: v1alpha1.ReasonEnvironmentNotFound, Message: "create it"}, v1alpha1.ReasonEnvironmentNotFound, "create it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Source = test.source
			if got := source(in); got.Reason != test.reason || got.Message != test.message || got.Open != (test.reason == ReasonOpen) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWake(t *testing.T) {
	expression := func(text string) v1alpha1.PromotionGate { return v1alpha1.PromotionGate{Name: "own", Expression: text} }
	tests := []struct {
		name  string
		gate  v1alpha1.PromotionGate
		until time.Duration // of a freeze
		want  time.Duration // from now; 0 is never
	}{
		{"nothing is closed", expression("true"), 0, 0},
		{"an expression is false", expression("false"), 0, RecheckInterval},
		{"an expression cannot be evaluated", expression("objects.api.spec.replicas > 1"), 0, RecheckInterval},
		{"an expression will never compile", expression("objects.("), 0, 0},
		{"a third party is silent", v1alpha1.PromotionGate{Name: "own", ConditionType: "a.example/B"}, 0, 0},
		{"another gate opens before", expression("false"), 10 * time.Second, 10 * time.Second},
		{"another gate opens later", expression("false"), time.Hour, RecheckInterval},
		{"another gate opens alone", expression("true"), time.Hour, time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Target.Spec.PromotionPolicy.Gates = []v1alpha1.PromotionGate{test.gate}
			if test.until != 0 {
				in.Target.Spec.PromotionPolicy.Freeze = &v1alpha1.PromotionFreeze{Reason: "launch", EndTime: new(metaTime(noon.Add(test.until)))}
			}
			want := time.Time{}
			if test.want != 0 {
				want = noon.Add(test.want)
			}
			if got := Wake(in, Check(t.Context(), in)); !got.Equal(want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestBounded(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("a", 512), strings.Repeat("é", 400), strings.Repeat("a", 511) + "é"} {
		got := bounded(text)
		if len(got) > 512 || !utf8.ValidString(got) || len(text) <= 512 && got != text || len(text) > 512 && !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes became %q", len(text), got)
		}
	}
}
