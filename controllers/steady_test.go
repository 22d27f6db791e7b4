// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// everything is one object of each state that lasts.
func everything(s *harness.Stage) {
	s.Helper()
	s.Environment("dev", "Development", "")
	s.Environment("broken", "Production", "environmentName: Staging")
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(brand + "\n---" + branded + "\n---" + orderShipped + "\n---" + sendgrid + "\n---" + faulty)
	s.YAML(strings.NewReplacer("name: order-shipped", "name: suspended", "  name: Order", "  suspend: true\n  name: Order").Replace(orderShipped))
	s.YAML(strings.NewReplacer("name: order-shipped", "name: lonely", "{name: dev}", "{name: nowhere}").Replace(orderShipped))
	s.YAML(strings.NewReplacer("name: order-shipped", "name: waiting", "{name: dev}", "{name: broken}").Replace(orderShipped))
	s.Ready(&v1alpha1.Workflow{}, "order-shipped", "branded")
	s.YAML(claimant("claims", "{name: dev}"))
	s.Ready(&v1alpha1.Workflow{}, "claims")
	s.YAML(claimant("claims-too", "{name: dev}"))
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	s.NotReady(&v1alpha1.Workflow{}, "faulty", v1alpha1.ReasonIssuesReported)
	s.NotReady(&v1alpha1.Workflow{}, "claims-too", v1alpha1.ReasonConflict)
	s.NotReady(&v1alpha1.Workflow{}, "lonely", v1alpha1.ReasonEnvironmentNotFound)
	s.NotReady(&v1alpha1.Workflow{}, "waiting", v1alpha1.ReasonEnvironmentNotReady)
	s.NotReady(&v1alpha1.Environment{}, "broken", v1alpha1.ReasonWrongEnvironment)
	s.Condition(&v1alpha1.Workflow{}, "suspended", v1alpha1.ConditionReady, "Unknown", v1alpha1.ReasonSuspended)
	countedByKind(s, "dev", []v1alpha1.KindCount{
		{Kind: v1alpha1.CountedWorkflow, Total: 4, Managed: 4, NotReady: 3}, {Kind: v1alpha1.CountedLayout, Total: 1, Managed: 1},
		{Kind: v1alpha1.CountedIntegration, Total: 2, Managed: 1, Unmanaged: 1},
	})
	settle(s)
}

// versions are the resourceVersions of all objects of the project and the number of events.
func versions(s *harness.Stage) map[string]string {
	s.Helper()
	found := map[string]string{}
	for _, list := range []client.ObjectList{
		&v1alpha1.EnvironmentList{}, &v1alpha1.WorkflowList{}, &v1alpha1.LayoutList{}, &v1alpha1.IntegrationList{}, &corev1.EventList{},
	} {
		s.Must(s.List(s.Context(), list, client.InNamespace(s.Namespace)))
		_ = apimeta.EachListItem(list, func(o runtime.Object) error {
			object := o.(client.Object)
			found[fmt.Sprintf("%T %s", o, object.GetName())] = object.GetResourceVersion()
			return nil
		})
	}
	return found
}

func unmoved(t testing.TB, before, after map[string]string) {
	t.Helper()
	for name, version := range after {
		if before[name] != version {
			t.Errorf("%s went from version %q to %q", name, before[name], version)
		}
	}
}

func TestRestartChangesNothing(t *testing.T) {
	s := unmanaged(t, novutest.Options{HideCredentials: true, StrictKeyScope: true})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	everything(s)
	s.Must(m.Stop())
	before := versions(s)
	s.Novu.ClearRequests()
	var kube kubeWrites
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: kube.config(t)})
	s.Eventually("the restarted operator looks at Novu", func() error {
		if n := s.Novu.Count(http.MethodGet, "/v2/workflows"); n == 0 {
			return fmt.Errorf("it has not looked yet")
		}
		return nil
	})
	settle(s)
	expect(t, "calls to Novu beside lists", objects(s))
	lists := requests(s, func(r novutest.Request) bool { return r.Path != "/v1/environments/me" })
	expect(t, "lists", lists, "GET /v2/layouts", "GET /v1/integrations", "GET /v2/workflows")
	expect(t, "writes to the API server", kube.all())
	unmoved(t, before, versions(s))
}

func TestManyLooksChangeNothing(t *testing.T) {
	s := bare(t, novutest.Options{})
	everything(s)
	before := versions(s)
	s.Novu.ClearRequests()
	for n := range 7 { // the sixth begins a round of comparisons
		look(s, "dev")
		s.Condition(&v1alpha1.Environment{}, "dev", v1alpha1.ConditionReady, "True", v1alpha1.ReasonConnected)
		if t.Failed() {
			t.Fatalf("look %d", n+1)
		}
	}
	expect(t, "writes", writes(s))
	after := versions(s)
	delete(after, "*v1alpha1.Environment dev") // its status says which request for a look it has followed
	unmoved(t, before, after)
}

// A fake clock takes the timers' place: the interval passes in no time.
func TestTwoEnvironmentsLookOnce(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Environment("again", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev", "again")
	s.YAML(claimant("a", "{name: dev}") + "---" + strings.Replace(claimant("b", "{name: again}"), "contested", "other", 1))
	s.Ready(&v1alpha1.Workflow{}, "a", "b")
	settle(s)
	s.Novu.ClearRequests()
	meddle(s, "contested", rename)
	meddle(s, "other", rename)
	s.Novu.ClearRequests()
	look(s, "again")
	if n := s.Novu.Count(http.MethodGet, "/v2/layouts"); n != 1 {
		t.Errorf("%d lists of layouts", n)
	}
	if got := stored(s, "other").Name; got != "Of b" {
		t.Errorf("the look of its own Environment did not correct it: %q", got)
	}
	annotate(s, &v1alpha1.Environment{}, "dev", "example.com/touched", "yes")
	settle(s)
	if n := s.Novu.Count(http.MethodGet, "/v2/layouts"); n != 1 {
		t.Errorf("the other Environment listed again: %d lists", n)
	}
	if got := stored(s, "contested").Name; got != "Of a" {
		t.Errorf("the other Environment does not use the look: %q", got)
	}
}

// Failures that pass soon are nobody's business.
func TestShortOutageIsInvisible(t *testing.T) {
	t.Parallel()
	tests := map[string]novutest.Fault{
		"a server error":       {Status: http.StatusInternalServerError},
		"a gateway":            {Status: http.StatusBadGateway},
		"a broken connection":  {Reset: novutest.BeforeCommit},
		"a page":               {Status: http.StatusOK, Body: []byte("<html></html>")},
		"too many requests":    {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
		"an answer cut short":  {Truncate: 5},
		"an answer too late":   {Hang: true},
		"an answer in letters": {SlowLoris: 10 * time.Millisecond},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			s := unmanaged(t, novutest.Options{})
			harness.StartManager(t, harness.ManagerOptions{
				Namespaces:  []string{s.Namespace},
				Connections: connection.Options{Timeout: 5 * time.Second, Budget: novu.BudgetConfig{FailureThreshold: 10}},
			})
			s.Environment("dev", "Development", "")
			var before v1alpha1.Workflow
			var e v1alpha1.Environment
			s.YAML(orderShipped)
			s.Ready(&before, "order-shipped")
			s.Ready(&e, "dev")
			settle(s)
			longAgo(s, &before)
			longAgo(s, &e)
			for _, path := range []string{"/v2/workflows/order-shipped", "/v2/layouts"} {
				fault.Path, fault.Times = path, 1
				s.Novu.Inject(fault)
			}
			alarms := warnings(s)
			then := *apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionReady)
			annotate(s, &v1alpha1.Workflow{}, "order-shipped", v1alpha1.RequestedAtAnnotation, "now")
			ask(s, &e, "dev")
			var w v1alpha1.Workflow
			s.Eventually("the comparison", func() error {
				s.Must(s.Get(s.Context(), s.Key("order-shipped"), &w))
				if w.Status.LastHandledRequest != "now" {
					return fmt.Errorf("it was not made")
				}
				return nil
			})
			same(t, &before, &w)
			if now := *apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionReady); now != then {
				t.Errorf("the Environment's Ready went from %+v to %+v", then, now)
			}
			if n := warnings(s); n != alarms {
				t.Errorf("%d warnings, before there were %d", n, alarms)
			}
		})
	}
}

// longAgo makes the conditions of an object older than they are: their times have whole seconds, and a change within one would
// not be seen.
func longAgo(s *harness.Stage, o v1alpha1.Object) {
	s.Helper()
	s.Eventually("the conditions are old", func() error {
		s.Must(s.Get(s.Context(), client.ObjectKeyFromObject(o), o))
		for i := range o.GetConditions() {
			o.GetConditions()[i].LastTransitionTime = metav1.NewTime(o.GetCreationTimestamp().Add(-time.Hour))
		}
		return s.Status().Update(s.Context(), o)
	})
	settle(s)
}

// warnings is the number of events that warn.
func warnings(s *harness.Stage) (n int) {
	s.Helper()
	var list corev1.EventList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	for i := range list.Items {
		if list.Items[i].Type == corev1.EventTypeWarning {
			n++
		}
	}
	return n
}
