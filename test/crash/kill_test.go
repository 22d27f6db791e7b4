// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestKilled kills the operator at every call to Novu and at every write to the cluster, before the other side carried it
// out and after, but never with an answer heard.
func TestKilled(t *testing.T) {
	t.Parallel()
	points := &harness.Sweep{}
	t.Cleanup(func() { points.Report(t, "killed") })
	for _, sc := range scenarios {
		t.Run(slug(sc.name), func(t *testing.T) {
			t.Parallel()
			r := undisturbed(t, sc, false)
			t.Logf("calls to Novu: %v, and %d writes to the cluster", r.calls, r.kubeWrites)
			for _, p := range r.points(points) {
				t.Run(p.name(), func(t *testing.T) { t.Parallel(); p.try(t, sc) })
			}
		})
	}
}

// points are all moments at which the operator may be killed. Before and after are the same for what changes nothing.
func (r *reference) points(sweep *harness.Sweep) (all []point) {
	for k, at := range r.calls {
		all = append(all, point{reference: r, sweep: sweep, number: k + 1, at: &at})
		if !at.Reads() {
			all = append(all, point{reference: r, sweep: sweep, number: k + 1, at: &at, after: true})
		}
	}
	for k := range r.kubeWrites {
		for _, after := range []bool{false, true} {
			all = append(all, point{reference: r, sweep: sweep, number: k + 1, after: after})
		}
	}
	return all
}

// point is one moment at which the operator is killed.
type point struct {
	*reference
	sweep *harness.Sweep
	// at is the call to Novu. Without one it is the write to the cluster of that number, whatever is written.
	at     *harness.Point
	number int
	after  bool
}

func (p point) name() string {
	side, moment := "cluster", "before"
	if p.at != nil {
		side = "novu"
	}
	if p.after {
		moment = "after"
	}
	return fmt.Sprintf("%s/%d/%s", side, p.number, moment)
}

func (p point) try(t *testing.T, sc scenario) {
	s, before, m := begin(t, sc)
	change(s, sc, m, false)
	var victim *harness.Manager
	begun, killed := make(chan struct{}), make(chan struct{})
	config, disarm := p.arm(s, func() {
		<-begun
		victim.Kill()
		close(killed)
	})
	victim = start(s, config)
	close(begun)
	p.wait(s, before, killed)
	disarm()
	s.Must(victim.Stop()) // what it was doing has ended, the killing included
	reached := true
	select {
	case <-killed:
	default:
		reached = false
	}
	p.sweep.Count(t.Name(), reached)
	p.arrive(s, before, start(s, nil))
}

// arm sees to it that die is called at the point.
func (p point) arm(s *harness.Stage, die func()) (config *rest.Config, disarm func()) {
	if p.at == nil {
		writes := &kubeWrites{at: int32(p.number), after: p.after, die: die}
		return writes.watch(harness.API(s)), func() {}
	}
	moment := novutest.BeforeCommit
	if p.after {
		moment = novutest.AfterCommit
	}
	return nil, s.Novu.Inject(p.at.Fault(novutest.Fault{Reset: moment, Hook: func(*http.Request) { die() }}))
}

// wait waits until the operator is killed, or until it has done everything in fewer calls.
func (p point) wait(s *harness.Stage, before ids, killed <-chan struct{}) {
	s.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-killed:
			return
		case <-time.After(pause):
		}
		if p.isAt(s, before) == nil {
			return
		}
	}
	s.Fatalf("the operator neither reached %s nor the end: %v", p.name(), p.isAt(s, before))
}
