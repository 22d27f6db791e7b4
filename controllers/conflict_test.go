// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// claimant is a Workflow of workflowID contested.
func claimant(name, environment string) string {
	return fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: %s}
spec:
  environmentRef: %s
  workflowID: contested
  name: Of %s
`, name, environment, name)
}

func TestTwoObjectsOfOneID(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *harness.Stage) (older, younger string){
		"through one Environment": func(*harness.Stage) (older, younger string) {
			return claimant("a", "{name: dev}"), claimant("b", "{name: dev}")
		},
		"through two Environments": func(s *harness.Stage) (older, younger string) {
			s.Environment("again", "Development", never)
			return claimant("a", "{name: dev}"), claimant("b", "{name: again}")
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			s.Environment("dev", "Development", never)
			older, younger := prepare(s)
			s.YAML(older)
			var a, b v1alpha1.Workflow
			s.Ready(&a, "a")
			s.YAML(younger)
			message := s.NotReady(&b, "b", v1alpha1.ReasonConflict)
			if !strings.Contains(message, "Workflow "+s.Namespace+"/a is older") || !strings.Contains(message, "delete or change one") {
				t.Errorf("the message does not name the other: %s", message)
			}
			s.Condition(&b, "b", v1alpha1.ConditionStalled, "True", v1alpha1.ReasonConflict)
			settle(s)
			if got := stored(s, "contested"); got.Name != "Of a" || len(s.Novu.Workflows("Development")) != 1 {
				t.Errorf("Novu holds %+v", s.Novu.Workflows("Development"))
			}
			s.Ready(&a, "a")
			id := stored(s, "contested").ID
			remove(s, &v1alpha1.Workflow{}, "a")
			s.Ready(&b, "b")
			if got := stored(s, "contested"); got.Name != "Of b" || got.ID != id {
				t.Errorf("after the takeover Novu holds %+v", got)
			}
		})
	}
}

// Both are there before the operator: it must not let the younger write because it does not know the Environment yet.
func TestTwoObjectsOfOneIDBeforeTheOperator(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	s.Environment("dev", "Development", never)
	s.Environment("again", "Development", never)
	s.YAML(claimant("b", "{name: again}") + "---" + claimant("a", "{name: dev}") + "---" + claimant("c", "{name: dev}"))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	var a, b, c v1alpha1.Workflow
	// Made within one second, the name decides; else the time.
	first, others := "a", []string{"b", "c"}
	s.Must(s.Get(s.Context(), s.Key("a"), &a))
	s.Must(s.Get(s.Context(), s.Key("b"), &b))
	if b.CreationTimestamp.Before(&a.CreationTimestamp) {
		first, others = "b", []string{"a", "c"}
	}
	s.Ready(&a, first)
	for _, name := range others {
		s.NotReady(&c, name, v1alpha1.ReasonConflict)
	}
	settle(s)
	s.Ready(&a, first)
	if got := stored(s, "contested"); got.Name != "Of "+first || len(s.Novu.Workflows("Development")) != 1 {
		t.Errorf("Novu holds %+v", s.Novu.Workflows("Development"))
	}
}

func TestTwoNamespacesClaimOneID(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "tests-"}}
	s.Must(s.Create(s.Context(), ns))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace, ns.Name}})
	s.Environment("dev", "Development", never+"\nallowedNamespaces: {from: All}")
	s.YAML(claimant("a", "{name: dev}"))
	var a, b v1alpha1.Workflow
	s.Ready(&a, "a")
	remote := there(s, ns.Name)
	remote.YAML(claimant("a", "{name: dev, namespace: "+s.Namespace+"}"))
	if message := remote.NotReady(&b, "a", v1alpha1.ReasonConflict); !strings.Contains(message, s.Namespace+"/a is older") {
		t.Errorf("the message does not name the other: %s", message)
	}
	t.Run("who may not refer to the Environment claims nothing", func(t *testing.T) {
		s, remote := within(t, s), within(t, remote)
		remove(s, &v1alpha1.Workflow{}, "a")
		remote.Ready(&b, "a")
		outlive(s, &b)
		s.YAML(claimant("a", "{name: dev}"))
		s.NotReady(&a, "a", v1alpha1.ReasonConflict)
		s.Environment("dev", "Development", never+"\nallowedNamespaces: {from: Same}")
		s.Ready(&a, "a")
		remote.NotReady(&b, "a", v1alpha1.ReasonNamespaceNotAllowed)
	})
}

// outlive waits until what is created now is younger than the object: ages are in seconds, and of equals the name decides.
func outlive(s *harness.Stage, o client.Object) {
	s.Helper()
	s.Eventually("the API server's next second", func() error {
		made, now := o.GetCreationTimestamp(), &corev1.ConfigMap{}
		now.Namespace, now.GenerateName = s.Namespace, "now-"
		s.Must(s.Create(s.Context(), now, client.DryRunAll))
		return unless(made.Before(&now.CreationTimestamp), "it is the same second")
	})
}

func TestSameIDInTwoNovuEnvironmentsIsNoConflict(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("prod", "Production", "")
	s.YAML(claimant("a", "{name: dev}") + "---" + claimant("b", "{name: prod}"))
	s.Ready(&v1alpha1.Workflow{}, "a", "b")
}

// The older comes to the environment last: its Environment had no key.
func TestOlderObjectTakesOver(t *testing.T) {
	s := bare(t, novutest.Options{})
	s.YAML(strings.Replace(connectionTo("apiURL: "+s.Novu.URL+"\n"+never), "name: dev}", "name: late}", 1))
	s.Environment("again", "Development", never)
	s.YAML(claimant("a", "{name: late}"))
	s.NotReady(&v1alpha1.Workflow{}, "a", v1alpha1.ReasonEnvironmentNotReady)
	s.YAML(claimant("b", "{name: again}"))
	s.Ready(&v1alpha1.Workflow{}, "b")
	devKey(s)
	s.Ready(&v1alpha1.Workflow{}, "a")
	s.NotReady(&v1alpha1.Workflow{}, "b", v1alpha1.ReasonConflict)
	if got := stored(s, "contested").Name; got != "Of a" {
		t.Errorf("Novu holds %q", got)
	}
}
