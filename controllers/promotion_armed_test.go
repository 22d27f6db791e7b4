// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// failedForGood waits until a Promotion has ended without writing anything, and returns what it says.
func failedForGood(s *harness.Stage, name, reason string) string {
	s.Helper()
	p := &v1alpha1.Promotion{}
	message := s.NotReady(p, name, reason)
	if p.Status.Phase != v1alpha1.PromotionPhaseFailed && reason != v1alpha1.ReasonAborted || p.Status.CompletionTime == nil || p.Status.StartTime != nil {
		s.Errorf("%s: phase %s, started %v, completed %v", name, p.Status.Phase, p.Status.StartTime, p.Status.CompletionTime)
	}
	toolsSay(s, p, status.FailedStatus)
	return message
}

// A rollback that cannot start ends. Nothing that comes later makes it start: neither promotions, nor the Promotion that it
// names, nor a restart, nor somebody who touches it.
func TestRollbackThatCannotStartEnds(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	operator := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	targets(s)
	s.Environment("asleep", "Staging", "promotionPolicy: {sourceRef: {name: dev}}\nsuspend: true")
	s.YAML(fmt.Sprintf(three, "one"))
	promoted(s, promote(s, "elsewhere", "staging", ""), "elsewhere", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")

	tests := []struct{ name, target, spec, reason, text string }{
		{"undo", "prod", "rollback: {to: Previous}", v1alpha1.ReasonNothingRecorded, "promote the revisions that are wanted"},
		{"undo-pruned", "prod", "rollback: {to: Previous}, prune: true", v1alpha1.ReasonNothingRecorded, "promote the revisions that are wanted"},
		{"undo-plan", "prod", "rollback: {to: Previous}, dryRun: true", v1alpha1.ReasonNothingRecorded, "no Promotion is recorded"},
		{"back-to-typo", "prod", "rollback: {to: Promotion, promotionRef: {name: relaese-1}}", v1alpha1.ReasonNothingRecorded, "no Promotion relaese-1 is recorded"},
		{"back-to-later", "prod", "rollback: {to: Promotion, promotionRef: {name: release-1}}", v1alpha1.ReasonNothingRecorded, "no Promotion release-1 is recorded"},
		{"back-elsewhere", "prod", "rollback: {to: Promotion, promotionRef: {name: elsewhere}}", v1alpha1.ReasonNothingRecorded, "no Promotion elsewhere is recorded"},
		{"aborted", "prod", "rollback: {to: Previous}, abort: true", v1alpha1.ReasonAborted, "spec.abort is set"},
		{"no-target", "new", "rollback: {to: Previous}", v1alpha1.ReasonEnvironmentNotFound, "create a new Promotion"},
		{"not-a-target", "dev", "rollback: {to: Previous}", v1alpha1.ReasonNotAPromotionTarget, "new Promotion"},
		{"asleep", "asleep", "rollback: {to: Previous}", v1alpha1.ReasonEnvironmentSuspended, "create a new Promotion"},
	}
	ended := map[string]string{}
	for _, test := range tests {
		promote(s, test.name, test.target, test.spec)
		if got := failedForGood(s, test.name, test.reason); !strings.Contains(got, test.text) {
			t.Errorf("%s: %q does not say %q", test.name, got, test.text)
		}
		ended[test.name] = versionOf(s, test.name)
	}

	promoted(s, promote(s, "release-1", "prod", ""), "release-1", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	s.YAML(fmt.Sprintf(three, "two"))
	promoted(s, promote(s, "release-2", "prod", ""), "release-2", "3/3 promoted to prod: 0 created, 1 updated, 2 unchanged")
	s.Must(operator.Stop())
	s.Novu.ClearRequests()
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("asleep", "Staging", "promotionPolicy: {sourceRef: {name: dev}}\nsuspend: false")
	s.Environment("new", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Ready(&v1alpha1.Environment{}, "new", "asleep", "prod")
	for _, test := range tests {
		annotate(s, &v1alpha1.Promotion{}, test.name, "example.com/touched", "yes")
	}
	s.Ready(promote(s, "release-3", "prod", ""), "release-3") // whatever was to come first has come
	settle(s)
	expect(t, "writes to Novu", slices.DeleteFunc(writes(s), func(w string) bool { return strings.Contains(w, "/integrations") }))
	if got := text(s, "message"); got != "two" {
		t.Errorf("the text is %q", got)
	}
	for _, test := range tests {
		failedForGood(s, test.name, test.reason)
		if got := versionOf(s, test.name); got != ended[test.name] {
			t.Errorf("%s: status has changed since it ended: %s, was %s", test.name, got, ended[test.name])
		}
	}
}

// versionOf is what must not change of a Promotion that has ended.
func versionOf(s *harness.Stage, name string) string {
	var p v1alpha1.Promotion
	s.Must(s.Get(s.Context(), s.Key(name), &p))
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	return fmt.Sprintf("%s %s %s", p.Status.CompletionTime.UTC(), p.Status.Phase, ready.Message)
}

// A Promotion that must not wait for what is wrong ends, too.
func TestPromotionThatCannotBeMendedEnds(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "one"))
	s.Environment("plain", "Production", "")
	s.Environment("mirror", "Development", "promotionPolicy: {sourceRef: {name: dev}}")
	for name, test := range map[string]struct{ target, spec, reason, text string }{
		"plain":  {"plain", "", v1alpha1.ReasonNotAPromotionTarget, "set its spec.promotionPolicy.sourceRef, or name another in a new Promotion"},
		"mirror": {"mirror", "", v1alpha1.ReasonInvalidSpec, "lead to one and the same Novu environment"},
		"wrong":  {"prod", `selector: {matchLabels: {"a b": c}}`, v1alpha1.ReasonInvalidSpec, "create a new Promotion"},
	} {
		promote(s, name, test.target, test.spec)
		if got := failedForGood(s, name, test.reason); !strings.Contains(got, test.text) {
			t.Errorf("%s: %q does not say %q", name, got, test.text)
		}
	}
}

// A rollback that waits for approvals means what it meant when it was created. A release that goes by ends it, if it is one
// to previous.
func TestRollbackIsOvertaken(t *testing.T) {
	s := history(t)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1, rollbacks: true}}")
	s.YAML(fmt.Sprintf(three, "four"))
	release := promote(s, "fourth", "prod", "")
	s.NotReady(release, "fourth", v1alpha1.ReasonApprovalsMissing)
	back, named := promote(s, "back", "prod", "rollback: {to: Previous}"), promote(s, "named", "prod", "rollback: {to: Promotion, promotionRef: {name: second}}")
	s.NotReady(back, "back", v1alpha1.ReasonApprovalsMissing)
	s.NotReady(named, "named", v1alpha1.ReasonApprovalsMissing)
	if back.Status.RestoresRef == nil || back.Status.RestoresRef.Name != "third" || back.Status.RollbackPoint == nil || !back.Status.RollbackPoint.Before {
		t.Errorf("it goes back to %s, %+v", back.Status.RestoresRef, back.Status.RollbackPoint)
	}
	approve(s, release, "fourth", "alice")
	promoted(s, release, "fourth", "4/4 promoted to prod: 0 created, 1 updated, 3 unchanged")
	if got := failedForGood(s, "back", v1alpha1.ReasonOvertaken); !strings.Contains(got, "create a new Promotion with a rollback to Previous") {
		t.Error(got)
	}
	seen := named.Status.Plan.Hash
	approve(s, named, "named", "alice")
	s.Eventually("the plan is another one now, and needs approvals of its own", func() error {
		s.Must(s.Get(t.Context(), s.Key("named"), named))
		return unless(named.Status.Plan.Hash != seen && named.Status.StartTime == nil, "the same plan")
	})
	approve(s, named, "named", "alice")
	wentBack(s, named, "named", "2/2 restored in prod: 0 created, 1 updated, 1 unchanged")
	if got := text(s, "message"); got != "two" {
		t.Errorf("the text is %q", got)
	}
}

// A freeze, a window and other gates do not hold a rollback; approvals do if the target says so.
func TestRollbackPassesGates(t *testing.T) {
	t.Parallel()
	const policy = `promotionPolicy:
  sourceRef: {name: dev}
  freeze: {reason: launch week}
  soak: 24h
  windows: [{kind: Deny, schedule: "* * * * *", duration: 24h}]
  gates: [{name: never, expression: "false"}]
  approvals: {required: 1%s}
`
	for name, test := range map[string]struct {
		rollbacks string
		needed    bool
	}{
		"without approvals": {"", false},
		"with approvals":    {", rollbacks: true", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := history(t)
			s.Environment("prod", "Production", fmt.Sprintf(policy, test.rollbacks))
			back := promote(s, "back", "prod", "rollback: {to: Previous}")
			if test.needed {
				s.NotReady(back, "back", v1alpha1.ReasonApprovalsMissing)
				if got := text(s, "message"); got != "three" {
					t.Errorf("the text is %q before anybody has approved", got)
				}
				approve(s, back, "back", "alice")
			}
			wentBack(s, back, "back", "1/1 restored in prod: 0 created, 1 updated, 0 unchanged")
		})
	}
}
