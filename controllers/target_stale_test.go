// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const brought = "1/1 promoted to %s: 1 created, 0 updated, 0 unchanged"

// lapsed is a stage whose Novu, when `patient` was promoted to `prod`, allowed less than it does now: it complains about it
// there, and there alone. policy is YAML of further fields of spec.promotionPolicy of prod.
func lapsed(t *testing.T, policy string) *harness.Stage {
	t.Helper()
	s := stage(t, novutest.Options{PaidTier: true})
	target(s, policy)
	s.YAML(patient)
	s.Ready(&v1alpha1.Workflow{}, "patient")
	s.Novu.Downgrade()
	promoted(s, promote(s, "first", "prod", ""), "first", fmt.Sprintf(brought, "prod"))
	unmarked(s, "prod")
	complaints(s, "prod", 1)
	s.Novu.Upgrade()
	s.Novu.ClearRequests()
	return s
}

// complaints waits until a target counts so many workflows in which Novu reports errors.
func complaints(s *harness.Stage, environment string, want int32) {
	s.Helper()
	s.Eventually("what Novu complains about in "+environment, func() error {
		e := &v1alpha1.Environment{}
		s.Must(s.Get(s.Context(), s.Key(environment), e))
		if e.Status.Target == nil || e.Status.Target.Faulty != want {
			return fmt.Errorf("it counts %+v, want %d", e.Status.Target, want)
		}
		return nil
	})
}

// rewrites are the writes of `patient` to a Novu environment since the last ClearRequests, those of Novu's sync included.
func rewrites(s *harness.Stage, environment string) (list []string) {
	return requests(s, func(r novutest.Request) bool {
		return r.Method == http.MethodPut && (r.Environment == environment && r.Path == "/v2/workflows/patient" || strings.HasSuffix(r.Path, "/patient/sync"))
	})
}

const rewritten = "PUT /v2/workflows/patient"

// polls has Production polled so often, and prod looked after once then, without a request about prod: the twin leads to
// the same Novu environment and shares its polls, and an object that comes to the source has prod count again.
func polls(s *harness.Stage, times int) {
	s.Helper()
	s.Environment("twin", "Production", "")
	s.Ready(&v1alpha1.Environment{}, "twin")
	for range times {
		look(s, "twin")
	}
	name := fmt.Sprintf("layout-%d", asked.Add(1))
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: %s}
spec: {environmentRef: {name: dev}, name: Layout, body: "<html><body>{{content}}</body></html>"}
`, name))
	s.Ready(&v1alpha1.Layout{}, name)
	settle(s)
}

// Where drift is corrected, a user who asks gets Novu's judgement of today, and no other writer is reported.
func TestRequestEndsStaleIssuesInATarget(t *testing.T) {
	s := lapsed(t, "driftPolicy: Correct")
	look(s, "prod")
	complaints(s, "prod", 0)
	expect(t, "writes", writes(s), rewritten)
	reported(s, v1alpha1.ReasonReassessed, "Workflow patient", "Novu no longer reports errors in it")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	unreported(s, v1alpha1.ReasonDriftCorrected)
	if l := live(s, "patient")["prod"]; l.Drifted || l.Corrections != nil || l.PromotionRef == nil || l.PromotionRef.Name != "first" {
		t.Errorf("recorded: %+v", l)
	}
	s.Novu.ClearRequests()
	look(s, "prod")
	expect(t, "requests afterwards", objects(s))
}

// Full comparisons find it out by themselves, ever more rarely if it is in vain.
func TestFullComparisonEndsStaleIssuesInATarget(t *testing.T) {
	s := lapsed(t, "driftPolicy: Correct")
	s.Novu.Downgrade()
	polls(s, 6)
	expect(t, "writes after one round", rewrites(s, "Production"), rewritten)
	polls(s, 6)
	expect(t, "writes after two rounds", rewrites(s, "Production"), rewritten)
	s.Novu.Upgrade()
	polls(s, 6)
	complaints(s, "prod", 0)
	expect(t, "writes after three rounds", rewrites(s, "Production"), rewritten, rewritten)
}

// An integration or a layout that comes, by whatever hand, is a cause to have it judged again.
func TestNewCauseEndsStaleIssuesInATarget(t *testing.T) {
	s := lapsed(t, "driftPolicy: Correct")
	_, err := theirs(s, "Production").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "by-hand", Name: "By hand"})
	s.Must(err)
	polls(s, 1)
	complaints(s, "prod", 0)
	expect(t, "writes", rewrites(s, "Production"), rewritten)
}

// Nothing is written where drift is not corrected, or under a freeze, whoever asks and whatever has changed. What was asked for
// happens when the freeze is over.
func TestStaleIssuesStayInATarget(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]string{
		"that is only watched": "driftPolicy: Detect", "that is ignored": "driftPolicy: Ignore",
		"that is frozen": "driftPolicy: Correct, freeze: {reason: launch}",
	} {
		t.Run(name, func(t *testing.T) {
			s := lapsed(t, "")
			target(s, policy)
			_, err := theirs(s, "Production").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "by-hand", Name: "By hand"})
			s.Must(err)
			for range 7 {
				look(s, "prod")
			}
			expect(t, "writes", rewrites(s, "Production"))
			unreported(s, v1alpha1.ReasonReassessed)
			target(s, "driftPolicy: Correct")
			complaints(s, "prod", 0)
			expect(t, "writes afterwards", rewrites(s, "Production"), rewritten)
		})
	}
}

// What was changed by hand is drift, and corrected as such.
func TestStaleIssuesOfWhatHasDrifted(t *testing.T) {
	s := lapsed(t, "driftPolicy: Correct")
	retitle(s, theirs(s, "Production"), "patient", "Edited")
	s.Novu.ClearRequests()
	look(s, "prod")
	reported(s, v1alpha1.ReasonDriftCorrected, "Workflow patient")
	expect(t, "writes", rewrites(s, "Production"), rewritten)
	unreported(s, v1alpha1.ReasonReassessed)
}

// A write of which Novu did not say what came of it is made up for.
func TestUnansweredJudgementOfATargetIsAskedForAgain(t *testing.T) {
	s := lapsed(t, "driftPolicy: Correct")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/patient", Times: 1, Status: http.StatusInternalServerError})
	look(s, "prod")
	polls(s, 1)
	complaints(s, "prod", 0)
}

// Where drift is not corrected, a user promotes again: what the target holds already is written once more, as planned.
func TestPromotionEndsStaleIssuesInATarget(t *testing.T) {
	t.Parallel()
	for _, strategy := range []v1alpha1.PromotionStrategy{v1alpha1.PromotionStrategySync, v1alpha1.PromotionStrategyApply} {
		t.Run(string(strategy), func(t *testing.T) {
			s := lapsed(t, "")
			target(s, "approvals: {required: 1}, strategy: "+string(strategy))
			second := promote(s, "second", "prod", "")
			s.NotReady(second, "second", v1alpha1.ReasonApprovalsMissing)
			item := second.Status.Plan.Items[0]
			if item.Action != v1alpha1.PlanActionUpdate || len(item.Changes) > 0 || !strings.Contains(item.Message, "it is written once more as it is") {
				t.Errorf("planned: %+v", item)
			}
			expect(t, "writes before it is approved", rewrites(s, "Production"))
			approve(s, second, "second", "bob")
			promoted(s, second, "second", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
			if n := len(rewrites(s, "Production")); n != 1 {
				t.Errorf("%d writes", n)
			}
			complaints(s, "prod", 0)
			target(s, "")
			third := promote(s, "third", "prod", "")
			promoted(s, third, "third", "1/1 promoted to prod: 0 created, 0 updated, 1 unchanged")
		})
	}
}

// To go back to previous undoes the last promotion that has changed something.
func TestRollbackPassesWhatWasOnlyJudgedAgain(t *testing.T) {
	s := lapsed(t, "")
	s.YAML(strings.Replace(patient, "name: Patient", "name: More patient", 1))
	s.Ready(&v1alpha1.Workflow{}, "patient")
	s.Novu.Downgrade()
	promoted(s, promote(s, "second", "prod", ""), "second", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	s.Novu.Upgrade()
	promoted(s, promote(s, "third", "prod", ""), "third", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	back := promote(s, "back", "prod", "rollback: {to: Previous}")
	s.Ready(back, "back")
	if r := back.Status.RestoresRef; r == nil || r.Name != "second" {
		t.Errorf("it restores what was before %+v", r)
	}
	names := []string{}
	for _, w := range s.Novu.Workflows("Production") {
		names = append(names, w.Name)
	}
	expect(t, "what Production holds", names, "Patient")
}

// sourced is lapsed for a chain: Novu complains about what `staging` holds, from which prod is promoted. more are further
// objects, all of which Novu holds without a complaint; all says how many are promoted.
func sourced(t *testing.T, more, all string) *harness.Stage {
	t.Helper()
	s, _ := sourcedBy(t, more, all)
	return s
}

// sourcedBy is sourced with the operator, which can be stopped.
func sourcedBy(t *testing.T, more, all string) (*harness.Stage, *harness.Manager) {
	t.Helper()
	o := novuEnvironments
	o.PaidTier = true
	s := unmanaged(t, o)
	manager := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.YAML(patient + more)
	s.Ready(&v1alpha1.Workflow{}, "patient")
	s.Novu.Downgrade()
	promoted(s, promote(s, "first", "staging", ""), "first", fmt.Sprintf(all, "staging"))
	unmarked(s, "staging")
	complaints(s, "staging", 1)
	s.Novu.Upgrade()
	return s, manager
}

// A promotion that is refused for what its source held says what to do, and goes on when that is done.
func TestChainIsPromotedOnceItsSourceIsJudgedAgain(t *testing.T) {
	s := sourced(t, "", brought)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}}")
	p := promote(s, "to-prod", "prod", "")
	if message := s.NotReady(p, "to-prod", v1alpha1.ReasonItemsRefused); !strings.Contains(message, "promote it again into Environment "+s.Namespace+"/staging") {
		t.Errorf("it says %s", message)
	}
	promoted(s, promote(s, "again", "staging", ""), "again", "1/1 promoted to staging: 0 created, 1 updated, 0 unchanged")
	promoted(s, p, "to-prod", fmt.Sprintf(brought, "prod"))
}

// Where drift is corrected in the source, a Promotion has it judged again before it refuses or leaves anything out.
func TestChainHasItsSourceJudgedAgain(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]string{"refused": "", "left out": "unfitItems: LeaveOut"} {
		t.Run(name, func(t *testing.T) {
			s := sourced(t, "", brought)
			s.Novu.Downgrade() // what is asked for when the rules of staging change is in vain
			s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}, driftPolicy: Correct}")
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}}")
			s.Ready(&v1alpha1.Environment{}, "prod", "staging")
			settle(s)
			s.Novu.Upgrade()
			s.Novu.ClearRequests()
			promoted(s, promote(s, "to-prod", "prod", extra), "to-prod", fmt.Sprintf(brought, "prod"))
			judged := requests(s, func(r novutest.Request) bool {
				return r.Method == http.MethodPut && r.Environment == "Staging" && r.Path == "/v2/workflows/patient"
			})
			expect(t, "writes to the source", judged, rewritten)
		})
	}
}

// A dry run writes nothing, and has nothing written to its source.
func TestDryRunHasNothingJudgedAgain(t *testing.T) {
	s := sourced(t, "", brought)
	s.Novu.Downgrade() // what is asked for when the rules of staging change is in vain
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}, driftPolicy: Correct}")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}}")
	s.Ready(&v1alpha1.Environment{}, "prod", "staging")
	settle(s)
	s.Novu.Upgrade()
	s.Novu.ClearRequests()
	s.NotReady(promote(s, "what-if", "prod", "dryRun: true"), "what-if", v1alpha1.ReasonItemsRefused)
	expect(t, "writes", writes(s))
}

// A target that follows its source and has left an item out comes back to it when Novu no longer complains in the source.
func TestAutomaticChainComesBackToWhatIsJudgedAgain(t *testing.T) {
	s := sourced(t, "---"+fmt.Sprintf(three, "hello"), "4/4 promoted to %s: 4 created, 0 updated, 0 unchanged")
	follow(s, "prod", "Production", "staging", "", "unfitItems: LeaveOut")
	first := made(s, "prod", 1)[0]
	s.Condition(first, first.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonPromotedInPart)
	promoted(s, promote(s, "again", "staging", ""), "again", "4/4 promoted to staging: 0 created, 1 updated, 3 unchanged")
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "4/4 promoted to prod: 1 created, 0 updated, 3 unchanged")
}

// That nothing is known of a source yet, after a restart, is nothing new to promote.
func TestAutomaticChainWaitsForItsSourceAfterARestart(t *testing.T) {
	s, manager := sourcedBy(t, "---"+fmt.Sprintf(three, "hello"), "4/4 promoted to %s: 4 created, 0 updated, 0 unchanged")
	follow(s, "prod", "Production", "staging", "", "unfitItems: LeaveOut")
	first := made(s, "prod", 1)[0]
	s.Condition(first, first.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonPromotedInPart)
	s.Must(manager.Stop())
	s.Secret("staging-key", map[string]string{"secretKey": "of another Novu"})
	harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	reported(s, v1alpha1.ReasonEnvironmentNotReady, "has not been listed yet")
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Ready(&v1alpha1.Environment{}, "staging", "prod")
	promoted(s, promote(s, "again", "staging", ""), "again", "4/4 promoted to staging: 0 created, 1 updated, 3 unchanged")
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "4/4 promoted to prod: 1 created, 0 updated, 3 unchanged")
}
