package controllers_test

import (
	"testing"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// stage is a namespace with a Novu server of its own, a manager that watches only it, and a connected Environment `dev`.
func stage(t *testing.T, o novutest.Options) *harness.Stage {
	t.Helper()
	s := bare(t, o)
	s.Environment("dev", "Development", "")
	return s
}

// bare is stage without the Environment.
func bare(t *testing.T, o novutest.Options) *harness.Stage {
	t.Helper()
	t.Parallel()
	s := harness.NewStage(t, o)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	return s
}
