// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/test/harness"
)

// refusal is one way in which Novu, or the way to it, keeps an object from being deleted there.
type refusal struct {
	// layout reports whether the object is a layout; else it is a workflow.
	layout bool
	cause  func(team, platform *harness.Stage)
	says   string
	// passing reports whether it may be over soon by itself.
	passing bool
}

func fails(status int) func(team, platform *harness.Stage) {
	return func(team, _ *harness.Stage) {
		team.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: status})
	}
}

// anotherKey gives the Environment the key of another Novu environment.
func anotherKey(platform *harness.Stage) {
	platform.Secret("dev-key", map[string]string{"secretKey": platform.Novu.Environment("Production").SecretKey})
}

var refusals = map[string]refusal{
	"it is the default layout": {layout: true, cause: func(_, _ *harness.Stage) {}, says: "make another layout the default one"},
	"the key may not":          {cause: fails(http.StatusForbidden), says: "403"},
	"Novu refuses":             {cause: fails(http.StatusBadRequest), says: "400"},
	"the key is refused": {says: "API key", cause: func(team, _ *harness.Stage) {
		team.Novu.RotateKey("Development")
	}},
	"the Environment is read-only now": {says: "read-only", cause: func(_, platform *harness.Stage) {
		patch(platform, &v1alpha1.Environment{}, "dev", `{"spec":{"promotionPolicy":{"sourceRef":{"name":"another"}}}}`)
	}},
	"the Environment leads elsewhere, as spec says": {says: "belongs to another one", cause: func(team, platform *harness.Stage) {
		fix := team.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: http.StatusInternalServerError})
		defer fix()
		drop(team, &v1alpha1.Workflow{}, "order") // before it is written to the other one
		team.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonDeletionBlocked)
		other := platform.Novu.Environment("Production")
		patch(platform, &v1alpha1.Environment{}, "dev", fmt.Sprintf(`{"spec":{"environmentID":%q}}`, other.ID))
		anotherKey(platform)
		platform.Eventually("the other environment", func() error {
			var e v1alpha1.Environment
			platform.Ready(&e, "dev")
			return unless(e.Status.EnvironmentID == other.ID, "it leads to "+e.Status.EnvironmentID)
		})
	}},
	"the Environment leads elsewhere by mistake": {says: "not connected", passing: true, cause: func(_, platform *harness.Stage) {
		anotherKey(platform)
		platform.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonEnvironmentChanged)
	}},
	"the Environment is suspended": {says: "suspended", passing: true, cause: func(_, platform *harness.Stage) {
		patch(platform, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":true}}`)
		platform.Condition(&v1alpha1.Environment{}, "dev", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	}},
	"Novu cannot be reached": {says: "no answer from Novu", passing: true, cause: func(team, _ *harness.Stage) { unreachable(team) }},
	"Novu fails":             {says: "500", passing: true, cause: fails(http.StatusInternalServerError)},
	"Novu wants it slower":   {says: "rate limit", passing: true, cause: fails(http.StatusTooManyRequests)},
}

// TestRefusals deletes an object that Novu will not delete, and then its namespace. The object says why it waits. In a
// namespace that goes it waits no longer than makes sense, and an event tells what stays in Novu.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := testingclock.NewFakePassiveClock(time.Now())
			team, platform, o := refused(t, clock, tc)
			tc.cause(team, platform)
			drop(team, o, "order")
			team.Eventually("it says why it waits, and the way out", func() error {
				message := team.NotReady(o, "order", v1alpha1.ReasonDeletionBlocked)
				return unless(strings.Contains(message, tc.says) && strings.Contains(message, v1alpha1.ForceDetachAnnotation), message)
			})
			dropNamespace(team, team.Namespace)
			if tc.passing {
				stays(team, o, "order")
				clock.SetTime(time.Now().Add(reconcile.TeardownPatience))
			}
			namespaceGone(team, team.Namespace)
			holds(team, "order", true)
			told(team, tc.says)
		})
	}
}

// refused is a stage of a team and one of a platform, whose Environment the team's only object refers to.
func refused(t *testing.T, clock *testingclock.FakePassiveClock, tc refusal) (team, platform *harness.Stage, o client.Object) {
	t.Helper()
	team = harness.NewStage(t, novutest.Options{})
	platform = at(team, namespace(team))
	harness.StartManager(t, harness.ManagerOptions{
		Namespaces:  []string{team.Namespace, platform.Namespace},
		Connections: connection.Options{Clock: clock},
	})
	platform.Environment("dev", "Development", "allowedNamespaces: {from: All}")
	k := kinds["Workflow"]
	if tc.layout {
		k = kinds["Layout"]
	}
	team.YAML(k.manifest("order", remove, fmt.Sprintf("environmentRef: {name: dev, namespace: %s}", platform.Namespace)))
	o = k.empty()
	team.Ready(o, "order")
	finalized(platform, &v1alpha1.Environment{}, "dev", true)
	return team, platform, o
}

// TestPlatformGoesWhileTheTeamWaits: an object elsewhere that Novu will not delete keeps its Environment, but the namespace
// of the Environment no longer than makes sense.
func TestPlatformGoesWhileTheTeamWaits(t *testing.T) {
	t.Parallel()
	clock := testingclock.NewFakePassiveClock(time.Now())
	team, platform, o := refused(t, clock, refusal{layout: true})
	drop(team, o, "order")
	team.NotReady(o, "order", v1alpha1.ReasonDeletionBlocked)
	dropNamespace(platform, platform.Namespace)
	platform.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
	stays(platform, &v1alpha1.Environment{}, "dev")
	clock.SetTime(time.Now().Add(reconcile.TeardownPatience + 2*reconcile.TeardownRetry))
	namespaceGone(platform, platform.Namespace)
	team.NotReady(o, "order", v1alpha1.ReasonDeletionBlocked)
	patch(team, o, "order", forceDetach)
	team.Gone(o, "order")
}

// stays fails the test if the operator comes to rest without the object.
func stays(s *harness.Stage, o client.Object, name string) {
	s.Helper()
	s.Calm(func() int { return len(s.Novu.Requests()) })
	s.Must(s.Get(s.Context(), s.Key(name), o))
}

// told waits for the event that says what stays in Novu. It is about the namespace: nothing can be made in one that goes.
func told(s *harness.Stage, cause string) {
	s.Helper()
	s.Eventually("the event about what stays in Novu", func() error {
		var list corev1.EventList
		s.Must(s.List(s.Context(), &list, client.InNamespace(metav1.NamespaceDefault)))
		var notes []string
		for i := range list.Items {
			e := &list.Items[i]
			if e.InvolvedObject.Name != s.Namespace || e.Reason != v1alpha1.ReasonLeftInNovu {
				continue
			}
			if e.Type == corev1.EventTypeWarning && strings.Contains(e.Message, "under the id order") && strings.Contains(e.Message, cause) {
				return nil
			}
			notes = append(notes, e.Message)
		}
		return fmt.Errorf("there is none with %q: %q", cause, notes)
	})
}

// TestTroubleWhileTheEnvironmentGoes: an Environment that is itself being deleted still finds out when Novu can be reached
// again, or the key is fixed: nothing else does for the objects that wait for it.
func TestTroubleWhileTheEnvironmentGoes(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(s *harness.Stage) (fix func()){
		"Novu cannot be reached": unreachable,
		"the key is refused": func(s *harness.Stage) func() {
			s.Novu.RotateKey("Development")
			return func() {
				s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
			}
		},
		"the key is refused for a while": func(s *harness.Stage) func() {
			return s.Novu.Inject(novutest.Fault{Status: http.StatusUnauthorized, Body: []byte(`{"statusCode":401,"message":"API Key not found"}`)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewStage(t, novutest.Options{})
			m := operate(s, retain)
			s.Environment("dev", "Development", "")
			s.YAML(workflow("order", remove))
			s.Ready(&v1alpha1.Workflow{}, "order")
			finalized(s, &v1alpha1.Environment{}, "dev", true)
			drop(s, &v1alpha1.Environment{}, "dev")
			s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
			fix := trouble(s)
			drop(s, &v1alpha1.Workflow{}, "order")
			s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonDeletionBlocked)
			s.Eventually("calls to Novu are suspended", func() error {
				conn := m.Pool.Get(s.Key("dev"))
				return unless(conn == nil || conn.Budget().Snapshot().Circuit.Open, "they are not")
			})
			fix()
			s.Gone(&v1alpha1.Workflow{}, "order")
			s.Gone(&v1alpha1.Environment{}, "dev")
			holds(s, "order", false)
		})
	}
}
