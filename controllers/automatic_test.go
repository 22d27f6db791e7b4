// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/test/harness"
)

// following is a stage with a target `prod` that follows `dev`. policy is YAML of further fields of spec.promotionPolicy, and how
// of automatic, each in one line.
func following(t *testing.T, policy, how string) *harness.Stage {
	t.Helper()
	s := stage(t, novuEnvironments)
	follow(s, "prod", "Production", "dev", policy, how)
	return s
}

func follow(s *harness.Stage, name, novuName, source, policy, how string) {
	s.Helper()
	s.Environment(name, novuName, fmt.Sprintf("promotionPolicy: {sourceRef: {name: %s}, automatic: {%s}, %s}", source, how, policy))
}

// made waits until the operator has made so many Promotions into the target, and returns them, the oldest first.
func made(s *harness.Stage, target string, count int) (own []*v1alpha1.Promotion) {
	s.Helper()
	s.Eventually(fmt.Sprintf("%d automatic Promotions", count), func() error {
		if own = madeNow(s, target); len(own) != count {
			return fmt.Errorf("there are %d", len(own))
		}
		return nil
	})
	return own
}

func madeNow(s *harness.Stage, target string) []*v1alpha1.Promotion {
	s.Helper()
	var (
		environment v1alpha1.Environment
		list        v1alpha1.PromotionList
	)
	s.Must(s.Get(s.Context(), s.Key(target), &environment))
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	return automatic.Of(&environment, list.Items)
}

// toldOnce waits until there are events about a Promotion with these reasons, and fails if there are others, or if one was
// told again. A plan that is made again is another plan.
func toldOnce(s *harness.Stage, name string, reasons ...string) {
	s.Helper()
	eventsOf(s, name, reasons...)
	var list eventsv1.EventList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	told, notes := []string{}, map[string]bool{}
	for i := range list.Items {
		e := &list.Items[i]
		if e.Regarding.Name != name {
			continue
		}
		if told = append(told, e.Reason); e.Series != nil || notes[e.Reason+e.Note] {
			s.Errorf("%s was told again: %s", e.Reason, e.Note)
		}
		notes[e.Reason+e.Note] = true
	}
	slices.Sort(told)
	slices.Sort(reasons)
	expect(s, "events of "+name, slices.Compact(told), reasons...)
}

// textIn is the message workflow's text in a Novu environment.
func textIn(s *harness.Stage, environment string) string {
	for _, w := range s.Novu.Workflows(environment) {
		if w.WorkflowID == "message" {
			return fmt.Sprint(w.Steps[1].ControlValues["body"])
		}
	}
	return ""
}

func TestAutomaticFollows(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	promoted(s, first, first.Name, "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if owner := metav1.GetControllerOf(first); owner == nil || owner.Name != "prod" || owner.BlockOwnerDeletion != nil {
		t.Errorf("owner: %+v", owner)
	}
	if !strings.HasPrefix(first.Name, "prod-") || first.Spec.RequestedBy != "" || first.Spec.Prune != nil || first.Spec.Items != nil || first.Spec.Selector != nil {
		t.Errorf("%s: %+v", first.Name, first.Spec)
	}
	eventsOf(s, "prod", "PromotionMade")
	toldOnce(s, first.Name, "Planned", "Begun", "Verified", "Promoted")
	s.YAML(fmt.Sprintf(three, "two"))
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "3/3 promoted to prod: 0 created, 1 updated, 2 unchanged")
	if got := textIn(s, "Production"); got != "two" {
		t.Errorf("Production says %q", got)
	}
	look(s, "dev")
	look(s, "prod")
	made(s, "prod", 2)
}

// applied together, a hundred objects are promoted together.
func TestAutomaticMakesOneForMany(t *testing.T) {
	s := following(t, "historyLimit: 5", "selector: {matchLabels: {ship: soon}}")
	const many = 40
	for i := range many {
		s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: bulk-%d, labels: {ship: soon}}
spec: {environmentRef: {name: dev}, name: Bulk, steps: [{stepID: push, type: Push, push: {subject: a, body: b}}]}
`, i))
	}
	s.YAML(fmt.Sprintf(three, "not selected"))
	first := made(s, "prod", 1)[0]
	promoted(s, first, first.Name, fmt.Sprintf("%d/%d promoted to prod: %d created, 0 updated, 0 unchanged", many, many, many))
	settle(s)
	made(s, "prod", 1)
}

// A target that follows a target gets what that holds, and is not held up by what it does not hold yet.
func TestAutomaticFollowsATarget(t *testing.T) {
	s := stage(t, novuEnvironments)
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	follow(s, "prod", "Production", "staging", "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "tested"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	settle(s)
	made(s, "prod", 0)
	promoted(s, promote(s, "some", "staging", "items: [{kind: Workflow, name: message}]"), "some", "1/1 promoted to staging: 1 created, 0 updated, 0 unchanged")
	first := made(s, "prod", 1)[0]
	promoted(s, first, first.Name, "1/1 promoted to prod: 1 created, 0 updated, 0 unchanged")
	promoted(s, promote(s, "all", "staging", ""), "all", "3/3 promoted to staging: 2 created, 0 updated, 1 unchanged")
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "3/3 promoted to prod: 2 created, 0 updated, 1 unchanged")
}

// What still has to be fixed does not keep the rest back.
func TestAutomaticLeavesOutWhatIsBroken(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: broken}
spec: {environmentRef: {name: dev}, name: Broken, steps: [{stepID: mail, type: Email, email: {subject: s, body: b, layout: {type: Ref, ref: {name: nowhere}}}}]}
`)
	s.YAML(fmt.Sprintf(three, "whole"))
	first := made(s, "prod", 1)[0]
	promoted(s, first, first.Name, "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if len(first.Spec.Items) != 3 || first.Spec.Items[0].Revision != "" {
		t.Errorf("items: %+v", first.Spec.Items)
	}
}

func TestAutomaticPrunes(t *testing.T) {
	s := following(t, "historyLimit: 5", "prune: true")
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	promoted(s, first, first.Name, "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	remove(s, &v1alpha1.Workflow{}, "message")
	second := made(s, "prod", 2)[1]
	promoted(s, second, second.Name, "3/3 promoted to prod: 0 created, 0 updated, 1 deleted, 2 unchanged")
	settle(s)
	made(s, "prod", 2)
	if got := textIn(s, "Production"); got != "" {
		t.Errorf("Production still holds %q", got)
	}
}

// Another operator takes over without making anything twice.
func TestAutomaticAfterARestart(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	operator := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	follow(s, "staging", "Staging", "dev", "historyLimit: 5", "")
	follow(s, "prod", "Production", "dev", closed, "")
	s.YAML(fmt.Sprintf(three, "one"))
	waiting, done := made(s, "prod", 1)[0], made(s, "staging", 1)[0]
	s.NotReady(waiting, waiting.Name, v1alpha1.ReasonFrozen)
	s.Ready(done, done.Name)
	s.Must(operator.Stop())
	s.Novu.ClearRequests()
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	look(s, "dev")
	made(s, "prod", 1)
	made(s, "staging", 1)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "staging", 2)[1].Name)
	made(s, "prod", 2)
	s.NotReady(waiting, waiting.Name, v1alpha1.ReasonSuperseded)
}
