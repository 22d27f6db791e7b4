// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"io"
	"os"
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) {
	logs := io.Writer(&operatorLog)
	if os.Getenv("LOG") != "" {
		logs = io.MultiWriter(&operatorLog, os.Stderr)
	}
	ctrl.SetLogger(zap.New(zap.UseDevMode(true), zap.WriteTo(logs)))
	harness.Main(m)
}

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
	s := unmanaged(t, o)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	return s
}

// clocked is stage with a clock that the test moves.
func clocked(t *testing.T, o novutest.Options) (*harness.Stage, *harness.Clock) {
	t.Helper()
	s, clock := unmanaged(t, o), &harness.Clock{}
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Connections: connection.Options{Clock: clock}})
	s.Environment("dev", "Development", "")
	return s, clock
}

// unmanaged is bare without the manager. At the end of the test no secret may be found anywhere.
func unmanaged(t *testing.T, o novutest.Options) *harness.Stage {
	t.Helper()
	t.Parallel()
	s := harness.NewStage(t, o)
	guardSecrets(t, s)
	return s
}

// within is the stage for a test within the test, which alone ends when something is wrong there.
func within(t *testing.T, s *harness.Stage) *harness.Stage {
	t.Helper()
	own := *s
	own.TB = t
	return &own
}
