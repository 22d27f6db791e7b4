// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/reconcile"
)

// stateOf makes a Promotion whose status the changes make up.
func stateOf(changes ...func(*v1alpha1.PromotionStatus)) *v1alpha1.Promotion {
	p := &v1alpha1.Promotion{}
	for _, change := range changes {
		change(&p.Status)
	}
	return p
}

func with(name string, status metav1.ConditionStatus, reason string) func(*v1alpha1.PromotionStatus) {
	return func(s *v1alpha1.PromotionStatus) {
		s.Conditions = append(s.Conditions, metav1.Condition{Type: name, Status: status, Reason: reason, Message: "because"})
	}
}

func withReady(reason string) func(*v1alpha1.PromotionStatus) {
	return with(v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
}

func withPlan(hash string) func(*v1alpha1.PromotionStatus) {
	return func(s *v1alpha1.PromotionStatus) {
		s.Plan = &v1alpha1.PromotionPlan{Hash: hash, Create: 1, Items: []v1alpha1.PlannedItem{{Name: "letter", State: v1alpha1.ItemStatePending}}}
		with(v1alpha1.ConditionPlanned, metav1.ConditionTrue, v1alpha1.ReasonPlanned)(s)
	}
}

func withGate(name, reason string) func(*v1alpha1.PromotionStatus) {
	return func(s *v1alpha1.PromotionStatus) {
		s.Gates = []v1alpha1.GateStatus{{Name: name, Reason: reason}}
		with(v1alpha1.ConditionGatesPassed, metav1.ConditionFalse, reason)(s)
	}
}

func gatesOpen(s *v1alpha1.PromotionStatus) {
	with(v1alpha1.ConditionGatesPassed, metav1.ConditionTrue, v1alpha1.ReasonGatesPassed)(s)
}

func approvals(status metav1.ConditionStatus, reason string) func(*v1alpha1.PromotionStatus) {
	return with(v1alpha1.ConditionApproved, status, reason)
}

func hasBegun(s *v1alpha1.PromotionStatus) { s.StartTime = &metav1.Time{} }

func hasEnded(s *v1alpha1.PromotionStatus) { s.CompletionTime = &metav1.Time{} }

func itemFailed(s *v1alpha1.PromotionStatus) { s.Plan.Items[0].State = v1alpha1.ItemStateFailed }

func isVerified(s *v1alpha1.PromotionStatus) {
	with(v1alpha1.ConditionVerified, metav1.ConditionTrue, v1alpha1.ReasonVerified)(s)
}

// A transition is what a reconcile makes of a Promotion, and the reasons of the events that tell of it.
type transition struct {
	name        string
	before, now *v1alpha1.Promotion
	err         error  // the outcome of the reconcile
	reason      string // of the verdict, if there is no error
	want        string
}

func transitions() []transition {
	missing, approved := approvals("False", v1alpha1.ReasonApprovalsMissing), approvals("True", v1alpha1.ReasonApproved)
	list := []transition{
		{"seen first", stateOf(), stateOf(), &underway{}, "", ""},
		{"planned", stateOf(), stateOf(withPlan("a")), &underway{}, "", "Normal Planned"},
		{"planned again, the same", stateOf(withPlan("a")), stateOf(withPlan("a")), &underway{}, "", ""},
		{"planned again, another", stateOf(withPlan("a")), stateOf(withPlan("b")), &underway{}, "", "Normal Planned"},
		{"planned and kept back", stateOf(), stateOf(withPlan("a"), withGate("freeze", "Frozen")), waits("Frozen"), "", "Normal Planned, Normal Frozen"},
		{
			"kept back as before, after something in between", stateOf(withPlan("a"), withGate("freeze", "Frozen"), withReady("Progressing")),
			stateOf(withPlan("a"), withGate("freeze", "Frozen")), waits("Frozen"), "", "",
		},
		{
			"kept back by another gate for the same reason", stateOf(withPlan("a"), withGate("one", "GateClosed")),
			stateOf(withPlan("a"), withGate("two", "GateClosed")), waits("GateClosed"), "", "Normal GateClosed",
		},
		{
			"gates open, approvals missing", stateOf(withPlan("a"), withGate("freeze", "Frozen")),
			stateOf(withPlan("a"), gatesOpen, missing), waits("ApprovalsMissing"), "", "Normal GatesPassed, Normal ApprovalsMissing",
		},
		{"gates open from the start", stateOf(withPlan("a")), stateOf(withPlan("a"), gatesOpen), &underway{}, "", ""},
		{"approvals still missing", stateOf(withPlan("a"), missing), stateOf(withPlan("a"), missing), waits("ApprovalsMissing"), "", ""},
		{"approved", stateOf(withPlan("a"), missing), stateOf(withPlan("a"), approved), &underway{}, "", "Normal Approved"},
		{"none required", stateOf(withPlan("a")), stateOf(withPlan("a"), approvals("True", "NotRequired")), &underway{}, "", ""},
		{"begun", stateOf(withPlan("a")), stateOf(withPlan("a"), hasBegun), &underway{}, "", "Normal Begun"},
		{"at work", stateOf(withPlan("a"), hasBegun), stateOf(withPlan("a"), hasBegun), &underway{}, "", ""},
		{"an item fails, the rest goes back", stateOf(withPlan("a"), hasBegun), stateOf(withPlan("a"), hasBegun, itemFailed), &underway{}, "", "Warning ItemFailed"},
		{"it still goes back", stateOf(withPlan("a"), hasBegun, itemFailed), stateOf(withPlan("a"), hasBegun, itemFailed), &underway{}, "", ""},
		{"an item fails, the end", stateOf(withPlan("a"), hasBegun), stateOf(withPlan("a"), hasBegun, itemFailed, hasEnded), nil, "ItemsFailed", "Warning ItemsFailed"},
		{"success", stateOf(withPlan("a"), hasBegun), stateOf(withPlan("a"), hasBegun, isVerified, hasEnded), nil, "Promoted", "Normal Verified, Normal Promoted"},
		{
			"success but for what was left out", stateOf(withPlan("a"), hasBegun, isVerified), stateOf(withPlan("a"), hasBegun, isVerified, hasEnded),
			nil, "PromotedInPart", "Normal PromotedInPart",
		},
		{"way back", stateOf(withPlan("a"), hasBegun, isVerified), stateOf(withPlan("a"), hasBegun, isVerified, hasEnded), nil, "RolledBack", "Normal RolledBack"},
		{"dry run", stateOf(), stateOf(withPlan("a"), hasEnded), errPlanned, "", "Normal DryRunCompleted"},
		{
			"aborted at a gate", stateOf(withPlan("a"), withGate("freeze", "Frozen"), withReady("Frozen")),
			stateOf(withPlan("a"), withGate("freeze", "Frozen"), hasEnded), &ended{reason: "Aborted"}, "", "Warning Aborted",
		},
		{"too late", stateOf(withPlan("a"), hasBegun), stateOf(withPlan("a"), hasBegun, hasEnded), &ended{reason: "TimedOut"}, "", "Warning TimedOut"},
		{"replaced", stateOf(), stateOf(hasEnded), &ended{reason: "Superseded"}, "", "Normal Superseded"},
		{"no way back", stateOf(), stateOf(hasEnded), &ended{reason: "NothingRecorded"}, "", "Warning NothingRecorded"},
		{"another was faster", stateOf(), stateOf(hasEnded), &ended{reason: "Overtaken"}, "", "Warning Overtaken"},
		{"refused", stateOf(), stateOf(), waits("ItemsRefused"), "", "Warning ItemsRefused"},
		{"still refused", stateOf(withReady("ItemsRefused")), stateOf(), waits("ItemsRefused"), "", ""},
	}
	for _, reason := range []string{"Queued", "Held", "NothingSelected", "ItemsNotReady"} {
		list = append(list, transition{"waits: " + reason, stateOf(), stateOf(), waits(reason), "", "Normal " + reason})
	}
	for _, reason := range []string{"Order", "Soaking", "WindowClosed", "GateFailed"} {
		list = append(list, transition{"gate: " + reason, stateOf(), stateOf(withGate("g", reason)), waits(reason), "", "Normal " + reason})
	}
	return list
}

func waits(reason string) error { return reconcile.Waitingf(reason, "") }

func (tr *transition) happenings() []happening {
	v := reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: tr.reason}
	if tr.err != nil {
		v = judge(&scope{promotion: tr.now}, tr.err)
	} else if tr.reason == v1alpha1.ReasonItemsFailed {
		v.Ready = metav1.ConditionFalse
	}
	return happenings(tr.before, tr.now, v, eventType(v, tr.err))
}

func TestHappenings(t *testing.T) {
	t.Parallel()
	for _, tc := range transitions() {
		var got []string
		for _, h := range tc.happenings() {
			got = append(got, h.kind+" "+h.reason)
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, strings.Join(got, ", "), tc.want)
		}
	}
}

// The reference lists what the transitions above tell, and what the operator says of Environments.
func TestReferenceListsEveryEventOfPromotions(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/reference/events.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| (\\w+) \\| .*\\. \\|$").FindAllStringSubmatch(string(raw), -1) {
		listed = append(listed, row[2]+" "+row[3]+" "+row[1])
	}
	want := []string{
		"Environment Normal " + v1alpha1.ReasonPromotionMade, "Environment Normal " + v1alpha1.ReasonHeld, "Environment Normal " + v1alpha1.ReasonResumed,
		"Environment Warning " + v1alpha1.ReasonFreezeKept, "Environment Normal " + v1alpha1.ReasonFreezeLifted,
	}
	for _, tr := range transitions() {
		for _, h := range tr.happenings() {
			want = append(want, "Promotion "+h.kind+" "+h.reason)
		}
	}
	slices.Sort(listed)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(listed, want) {
		t.Errorf("docs/reference/events.md lists\n%s\nwant\n%s", strings.Join(listed, "\n"), strings.Join(want, "\n"))
	}
}

func TestEndOf(t *testing.T) {
	t.Parallel()
	item := func(state v1alpha1.ItemState, action v1alpha1.PlanAction) v1alpha1.PlannedItem {
		return v1alpha1.PlannedItem{State: state, Action: action}
	}
	created := metav1.NewTime(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	after := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: created.Add(d)} }
	p := stateOf(hasEnded)
	p.CreationTimestamp, p.Status.CompletionTime, p.Status.Phase = created, after(time.Hour), v1alpha1.PromotionPhaseFailed
	if got := endOf(p); got.Work != nil || got.Items != nil || got.Total != time.Hour {
		t.Errorf("of one that never began: %+v", got)
	}
	p.Status.StartTime = after(50 * time.Minute)
	p.Status.Plan = &v1alpha1.PromotionPlan{Items: []v1alpha1.PlannedItem{
		item(v1alpha1.ItemStateDone, v1alpha1.PlanActionCreate), item(v1alpha1.ItemStateDone, v1alpha1.PlanActionUpdate),
		item(v1alpha1.ItemStateDone, v1alpha1.PlanActionDelete), item(v1alpha1.ItemStateDone, v1alpha1.PlanActionUnchanged),
		item(v1alpha1.ItemStateDone, v1alpha1.PlanActionUnchanged), item(v1alpha1.ItemStateFailed, v1alpha1.PlanActionUpdate),
		item(v1alpha1.ItemStateRolledBack, v1alpha1.PlanActionCreate), item(v1alpha1.ItemStatePending, v1alpha1.PlanActionCreate),
		item(v1alpha1.ItemStateApplying, v1alpha1.PlanActionCreate),
	}}
	want := map[metrics.Result]int{
		metrics.ResultCreated: 1, metrics.ResultUpdated: 1, metrics.ResultDeleted: 1, metrics.ResultUnchanged: 2,
		metrics.ResultFailed: 1, metrics.ResultRolledBack: 1, metrics.ResultNotBegun: 2,
	}
	got := endOf(p)
	if *got.Work != 10*time.Minute || got.Total != time.Hour || got.Phase != v1alpha1.PromotionPhaseFailed || !maps.Equal(got.Items, want) {
		t.Errorf("%+v", got)
	}
}
