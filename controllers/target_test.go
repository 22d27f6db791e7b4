// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/test/harness"
)

// counted waits until an Environment counts so of workflows and layouts together.
func counted(s *harness.Stage, environment string, want v1alpha1.TargetCounts) {
	s.Helper()
	s.Eventually("counts of "+environment, func() error {
		var e v1alpha1.Environment
		s.Must(s.Get(s.Context(), s.Key(environment), &e))
		if e.Status.Target == nil || *e.Status.Target != want {
			return fmt.Errorf("they are %+v, want %+v", e.Status.Target, want)
		}
		return nil
	})
}

// countedByKind waits until an Environment that is no target counts so.
func countedByKind(s *harness.Stage, environment string, want []v1alpha1.KindCount) {
	s.Helper()
	s.Eventually("counts of "+environment, func() error {
		var e v1alpha1.Environment
		s.Must(s.Get(s.Context(), s.Key(environment), &e))
		if !slices.Equal(e.Status.Counts, want) || e.Status.Target != nil {
			return fmt.Errorf("they are %+v, %+v, want %+v", e.Status.Counts, e.Status.Target, want)
		}
		return nil
	})
}

// unreported fails the test if there was an event with the reason.
func unreported(s *harness.Stage, reason string) {
	s.Helper()
	var list eventsv1.EventList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	for i := range list.Items {
		if list.Items[i].Reason == reason {
			s.Errorf("%s: %s", reason, list.Items[i].Note)
		}
	}
}

func TestTargetCounts(t *testing.T) {
	s := stage(t, novuEnvironments)
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}}")
	prod := theirs(s, "Production")
	_, err := prod.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: "house", Name: "House"})
	s.Must(err)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	look(s, "prod")
	counted(s, "staging", v1alpha1.TargetCounts{Pending: 3})
	counted(s, "prod", v1alpha1.TargetCounts{Pending: 3, Unmanaged: 1})
	promoted(s, promote(s, "to-staging", "staging", ""), "to-staging", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
	counted(s, "staging", v1alpha1.TargetCounts{Promoted: 3})
	promoted(s, promote(s, "to-prod", "prod", ""), "to-prod", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	counted(s, "prod", v1alpha1.TargetCounts{Promoted: 3, Unmanaged: 1})

	s.YAML(fmt.Sprintf(three, "another")) // nobody asks the targets to look
	counted(s, "staging", v1alpha1.TargetCounts{Promoted: 3, Pending: 1})
	counted(s, "prod", v1alpha1.TargetCounts{Promoted: 3, Pending: 1, Unmanaged: 1})
	retitle(s, prod, "letter", "Edited")
	look(s, "prod")
	counted(s, "prod", v1alpha1.TargetCounts{Promoted: 3, Pending: 1, Drifted: 1, Unmanaged: 1})
	drop(s, "letter")
	s.Gone(&v1alpha1.Workflow{}, "letter")
	countedByKind(s, "dev", []v1alpha1.KindCount{
		{Kind: v1alpha1.CountedWorkflow, Total: 2, Managed: 1, Unmanaged: 1}, {Kind: v1alpha1.CountedLayout, Total: 1, Managed: 1},
		{Kind: v1alpha1.CountedIntegration, Total: 1, Unmanaged: 1},
	})
}

// What is recorded of a target goes when the target is gone, and only that.
func TestTargetGone(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "hello"))
	for _, name := range []string{"staging", "prod"} {
		promoted(s, promote(s, "to-"+name, name, ""), "to-"+name, "3/3 promoted to "+name+": 3 created, 0 updated, 0 unchanged")
		unmarked(s, name)
	}
	staying := live(s, "letter")["prod"]
	remove(s, &v1alpha1.Environment{}, "staging")
	s.Eventually("the records of staging are gone", func() error {
		var layout v1alpha1.Layout
		s.Must(s.Get(t.Context(), s.Key("brand"), &layout))
		if a, b, c := live(s, "letter"), live(s, "message"), layout.Status.Environments; len(a)+len(b)+len(c) > 3 {
			return fmt.Errorf("letter %+v, message %+v, layout %+v", a, b, c)
		}
		return nil
	})
	now := live(s, "letter")["prod"]
	if !now.SinceTime.Equal(staying.SinceTime) || now.Revision != staying.Revision || now.RemoteHash != staying.RemoteHash {
		t.Errorf("of prod is recorded %+v, before %+v", now, staying)
	}
}

// A target that goes while no operator runs is forgotten when one runs again.
func TestTargetGoneUnseen(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	targets(s)
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "to-prod", "prod", ""), "to-prod", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	s.Must(m.Stop())
	remove(s, &v1alpha1.Environment{}, "prod")
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Eventually("the records of prod are gone", func() error {
		if a, b := live(s, "letter"), live(s, "message"); len(a)+len(b) > 0 {
			return fmt.Errorf("letter %+v, message %+v", a, b)
		}
		return nil
	})
}

// What is recorded in many objects goes in several goes.
func TestTargetGoneFromMany(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	const many = 130
	for i := range many {
		s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: layout-%d}
spec: {environmentRef: {name: dev}, name: Layout, body: "<html><body>{{content}}</body></html>", suspend: true}
`, i))
		var layout v1alpha1.Layout
		s.Must(s.Get(t.Context(), s.Key(fmt.Sprintf("layout-%d", i)), &layout))
		part := &v1alpha1.Layout{}
		part.Status.Environments = []v1alpha1.LiveRevision{{Environment: "lost", Namespace: s.Namespace, Revision: "r1"}}
		s.Must(reconcile.ApplyStatus(t.Context(), s.Client, &layout, part, "novu-operator-promotion-lost"))
	}
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Eventually("all records are gone", func() error {
		var list v1alpha1.LayoutList
		s.Must(s.List(t.Context(), &list, client.InNamespace(s.Namespace)))
		left := 0
		for i := range list.Items {
			left += len(list.Items[i].Status.Environments)
		}
		if left > 0 || len(list.Items) != many {
			return fmt.Errorf("%d are left in %d objects", left, len(list.Items))
		}
		return nil
	})
}

// An operator that is killed right after a correction takes it for what it is.
func TestKilledWhileCorrecting(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	target(s, "driftPolicy: Correct")
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	retitle(s, theirs(s, "Production"), "message", "Edited")
	s.Novu.ClearRequests()
	killed := make(chan struct{})
	s.Novu.Inject(novutest.Fault{
		Method: http.MethodPut, Path: "/v2/workflows/message", Times: 1, Reset: novutest.AfterCommit, Hook: func(*http.Request) {
			m.Kill()
			close(killed)
		},
	})
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.RequestedAtAnnotation, "now")
	<-killed
	s.Must(m.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	look(s, "prod")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	expect(t, "writes", writes(s), "PUT /v2/workflows/message")
	unreported(s, v1alpha1.ReasonDriftDetected)
	if l := live(s, "message")["prod"]; l.Drifted || l.RemoteUpdatedAt == "" {
		t.Errorf("recorded: %+v", l)
	}
}

// What a Promotion that is at work has written is no drift, however often the target is looked at meanwhile.
func TestNoDriftWhileAPromotionIsAtWork(t *testing.T) {
	s := production(t, "driftPolicy: Correct")
	begun, goOn := make(chan struct{}), make(chan struct{})
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message/sync", Times: 1, Hook: func(*http.Request) {
		close(begun)
		<-goOn
	}})
	s.YAML(strings.ReplaceAll(fmt.Sprintf(three, "another"), "<p>Hello</p>", "<p>Goodbye</p>"))
	second := promote(s, "second", "prod", "")
	<-begun // the letter is written, and Novu has touched its layout
	s.Novu.ClearRequests()
	for range 2 {
		ask(s, &v1alpha1.Environment{}, "prod")
	}
	expect(t, "meanwhile", requests(s, func(r novutest.Request) bool {
		return r.Environment == "Production" && strings.Count(r.Path, "/") > 2 && r.Path != "/v1/environments/me"
	}))
	close(goOn)
	promoted(s, second, "second", "3/3 promoted to prod: 0 created, 2 updated, 1 unchanged")
	unmarked(s, "prod")
	look(s, "prod")
	drift(s, "prod", metav1.ConditionFalse, v1alpha1.ReasonNoDrift)
	unreported(s, v1alpha1.ReasonDriftDetected)
	unreported(s, v1alpha1.ReasonDriftCorrected)
}

// The operator writes nothing in a dry run, and says what it sees.
func TestDriftInADryRun(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	target(s, "driftPolicy: Correct")
	s.YAML(fmt.Sprintf(three, "hello"))
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	unmarked(s, "prod")
	s.Must(m.Stop())
	retitle(s, theirs(s, "Production"), "letter", "Edited")
	m = harness.StartManager(t, harness.ManagerOptions{
		Namespaces: []string{s.Namespace}, Connections: connection.Options{ReadOnly: true},
	})
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow letter", "the operator runs with --dry-run")
	s.Must(m.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	drift(s, "prod", metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow letter (once since ")
	reported(s, v1alpha1.ReasonDriftCorrected, "Workflow letter")
}
