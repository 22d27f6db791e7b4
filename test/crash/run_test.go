// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// timeout of one call to Novu: short, since some points are calls that are never answered.
const timeout = 2 * time.Second

// still is how long nothing may happen for a run to be over: longer than the operator puts anything off, but for what an
// Environment counts, and the look at Novu once an interval.
const still = 1500 * time.Millisecond

// patience is far longer than anything takes, for busy machines.
const patience = 4 * time.Minute

// pause between two looks at a stage in which the operator is about to be killed.
const pause = time.Second

// begin plays a scenario up to its change, with an operator that is still at work if there was anything to do.
func begin(t *testing.T, sc scenario) (s *harness.Stage, before ids, m *harness.Manager) {
	t.Helper()
	s = harness.NewStage(t, novutest.Options{})
	if sc.before != nil {
		sc.before(s)
		m = start(s, nil)
		s.Eventually("the operator brings to Novu what is there before", func() error { return settled(s) })
	}
	return s, remember(s), m
}

// change makes the change, either before the eyes of the operator or while there is none.
func change(s *harness.Stage, sc scenario, m *harness.Manager, watched bool) *harness.Manager {
	s.Helper()
	if m != nil && !watched {
		s.Must(m.Stop())
		m = nil
	}
	s.Novu.ClearRequests()
	sc.change(s)
	return m
}

func start(s *harness.Stage, config *rest.Config) *harness.Manager {
	return harness.StartManager(s, harness.ManagerOptions{
		Config: config, Namespaces: []string{s.Namespace}, Connections: connection.Options{Timeout: timeout},
	})
}

// reference is an undisturbed run.
type reference struct {
	outcome
	calls      []harness.Point
	kubeWrites int
}

// undisturbed plays a scenario to its end.
func undisturbed(t *testing.T, sc scenario, watched bool) *reference {
	t.Helper()
	s, before, m := begin(t, sc)
	writes := &kubeWrites{}
	if m = change(s, sc, m, watched); m == nil {
		m = start(s, writes.watch(harness.API(t)))
	}
	var r *reference
	since := time.Now()
	s.Eventually("the operator brings the change to Novu", func() error {
		now := &reference{outcome: observe(s, before), calls: harness.Points(s.Novu.Requests()), kubeWrites: writes.count()}
		if r == nil || len(r.calls) != len(now.calls) || r.kubeWrites != now.kubeWrites || differs(r.outcome, now.outcome) != nil {
			r, since = now, time.Now()
		}
		if time.Since(since) < still+s.Lag() {
			return errors.New("something still happens")
		}
		return now.settled()
	})
	s.Must(m.Stop())
	if len(r.calls) == 0 {
		t.Fatalf("the scenario does nothing: %+v", r)
	}
	return r
}

// arrive waits until the stage is as an undisturbed run leaves it, and then makes sure that it stays so.
func (r *reference) arrive(s *harness.Stage, before ids, m *harness.Manager) {
	s.Helper()
	same := func() error { return r.isAt(s, before) }
	s.Eventually("the operator recovers", same)
	s.Must(m.Stop())
	s.Must(same())
}

func slug(text string) string { return strings.ReplaceAll(text, " ", "_") }
