// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestMain runs the tests with a controller manager, which deletes namespaces.
func TestMain(m *testing.M) {
	harness.Alone(controlplane.Options{ControllerManager: true})
	harness.Main(m)
}

// namespace makes another one. Of two objects that are made within a second the one in the stage's own counts as the elder:
// its name comes first.
func namespace(s *harness.Stage) string {
	s.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "younger-"}}
	s.Must(s.Create(s.Context(), ns))
	return ns.Name
}

// staged is a namespace with a Novu server, an operator with that default policy, and the connected Environment `dev`.
func staged(t *testing.T, fallback v1alpha1.DeletionPolicy) *harness.Stage {
	t.Helper()
	s := harness.NewStage(t, novutest.Options{})
	operate(s, fallback)
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	return s
}

// operate starts an operator for the stage's namespace and further ones.
func operate(s *harness.Stage, fallback v1alpha1.DeletionPolicy, others ...string) *harness.Manager {
	s.Helper()
	return harness.StartManager(s, harness.ManagerOptions{
		Namespaces:  append(others, s.Namespace),
		Controllers: controllers.Options{DeletionPolicy: fallback},
	})
}

// as is the stage for a test within the test.
func as(s *harness.Stage, t *testing.T) *harness.Stage {
	t.Helper()
	own := *s
	own.TB = t
	return &own
}
