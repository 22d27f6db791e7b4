// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// namespaceGone waits until a namespace is deleted; what keeps it is the failure.
func namespaceGone(s *harness.Stage, name string) {
	s.Helper()
	s.Eventually("namespace "+name+" is gone", func() error {
		var ns corev1.Namespace
		err := s.Get(s.Context(), types.NamespacedName{Name: name}, &ns)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(err, fmt.Errorf("it is kept by %+v", ns.Status.Conditions))
	})
}

// TestNamespaceGoes deletes a whole namespace after one thing or another in it has gone. It never waits for somebody, and
// what can still be deleted in Novu is.
func TestNamespaceGoes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		first func(s *harness.Stage, m *harness.Manager)
		left  bool // whether Novu still holds what was to be deleted there
	}{
		"all together": {first: func(*harness.Stage, *harness.Manager) {}},
		"after the object": {first: func(s *harness.Stage, _ *harness.Manager) {
			drop(s, &v1alpha1.Workflow{}, "order")
		}},
		"after the Environment": {first: func(s *harness.Stage, _ *harness.Manager) {
			drop(s, &v1alpha1.Environment{}, "dev")
			s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
		}},
		"after the Secret": {left: true, first: func(s *harness.Stage, _ *harness.Manager) {
			drop(s, secret(), "dev-key")
			s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonSecretNotFound)
		}},
		"after the Environment and the Secret": {first: func(s *harness.Stage, _ *harness.Manager) {
			drop(s, &v1alpha1.Environment{}, "dev")
			s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
			drop(s, secret(), "dev-key")
		}},
		"after the Secret and a restart": {left: true, first: func(s *harness.Stage, m *harness.Manager) {
			s.Must(m.Stop())
			drop(s, secret(), "dev-key")
			operate(s, retain)
		}},
		"while the object is suspended": {left: true, first: func(s *harness.Stage, _ *harness.Manager) {
			patch(s, &v1alpha1.Workflow{}, "order", `{"spec":{"suspend":true}}`)
		}},
		"while the Environment is suspended": {left: true, first: func(s *harness.Stage, _ *harness.Manager) {
			patch(s, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":true}}`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewStage(t, novutest.Options{})
			m := operate(s, retain)
			s.Environment("dev", "Development", "")
			s.YAML(workflow("order", remove) + "---\n" + workflow("kept", retain))
			s.Ready(&v1alpha1.Workflow{}, "order", "kept")
			finalized(s, &v1alpha1.Environment{}, "dev", true)
			tc.first(s, m)
			dropNamespace(s, s.Namespace)
			namespaceGone(s, s.Namespace)
			holds(s, "order", tc.left)
			holds(s, "kept", true)
		})
	}
}

// TestNamespaceGoesWithoutAnOperator: the next operator finds a namespace that waits for it, without Secret.
func TestNamespaceGoesWithoutAnOperator(t *testing.T) {
	t.Parallel()
	s := harness.NewStage(t, novutest.Options{})
	m := operate(s, retain)
	s.Environment("dev", "Development", "")
	s.YAML(workflow("order", remove))
	s.Ready(&v1alpha1.Workflow{}, "order")
	finalized(s, &v1alpha1.Environment{}, "dev", true)
	s.Must(m.Stop())
	dropNamespace(s, s.Namespace)
	s.Gone(secret(), "dev-key")
	operate(s, retain)
	namespaceGone(s, s.Namespace)
}

// elsewhere is a stage whose Environment lies in a namespace of its own, with one Workflow of policy Delete.
func elsewhere(t *testing.T) (s *harness.Stage, platform string) {
	t.Helper()
	s = harness.NewStage(t, novutest.Options{})
	platform = namespace(s)
	operate(s, retain, platform)
	team := s.Namespace
	s.Namespace = platform
	s.Environment("dev", "Development", "allowedNamespaces: {from: All}")
	s.Namespace = team
	s.YAML(workflow("order", remove, fmt.Sprintf("environmentRef: {name: dev, namespace: %s}", platform)))
	s.Ready(&v1alpha1.Workflow{}, "order")
	finalized(at(s, platform), &v1alpha1.Environment{}, "dev", true)
	return s, platform
}

func at(s *harness.Stage, namespace string) *harness.Stage {
	other := *s
	other.Namespace = namespace
	return &other
}

func TestNamespacesOfTeamAndPlatform(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		first func(s *harness.Stage, platform string)
		left  bool
	}{
		"the team's goes first": {first: func(*harness.Stage, string) {}},
		"the platform's goes first": {left: true, first: func(s *harness.Stage, platform string) {
			dropNamespace(s, platform)
			namespaceGone(s, platform)
			s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonEnvironmentNotFound)
		}},
		"the team is no longer allowed": {left: true, first: func(s *harness.Stage, platform string) {
			patch(at(s, platform), &v1alpha1.Environment{}, "dev", `{"spec":{"allowedNamespaces":{"from":"Same"}}}`)
			s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonNamespaceNotAllowed)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, platform := elsewhere(t)
			tc.first(s, platform)
			dropNamespace(s, s.Namespace)
			namespaceGone(s, s.Namespace)
			holds(s, "order", tc.left)
			if name != "the platform's goes first" {
				finalized(at(s, platform), &v1alpha1.Environment{}, "dev", false)
			}
		})
	}
}

// TestBigNamespaceGoes tears down a namespace with 500 objects of mixed policies.
func TestBigNamespaceGoes(t *testing.T) {
	t.Parallel()
	const objects = 500
	s := harness.NewStage(t, novutest.Options{WorkflowLimit: -1})
	operate(s, retain)
	s.Environment("dev", "Development", "")
	s.YAML(layout("house", retain))
	s.Ready(&v1alpha1.Layout{}, "house")
	names := make([]string, objects)
	for i := range names {
		names[i] = fmt.Sprintf("object-%03d", i)
		s.YAML(kindOf(i).manifest(names[i], policyOf(i)))
	}
	for i, name := range names {
		s.Ready(kindOf(i).empty(), name)
	}
	begun := time.Now()
	dropNamespace(s, s.Namespace)
	namespaceGone(s, s.Namespace)
	t.Logf("a namespace with %d objects, half of them to be deleted in Novu, is gone after %s", objects, time.Since(begun).Round(time.Millisecond))
	for i, name := range names {
		holds(s, name, policyOf(i) == retain)
	}
}

// kindOf lets few objects be layouts: an environment holds at most a hundred.
func kindOf(i int) kind {
	switch i % 10 {
	case 0:
		return kinds["Layout"]
	case 1, 2, 3:
		return kinds["Integration"]
	}
	return kinds["Workflow"]
}

func policyOf(i int) v1alpha1.DeletionPolicy {
	if i%2 == 0 {
		return remove
	}
	return retain
}
