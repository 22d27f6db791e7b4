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
	points := &harness.Sweep{}
	t.Cleanup(func() { points.Report(t, "killed") })
	for _, sc := range scenarios {
		t.Run(slug(sc.name), func(t *testing.T) {
			t.Parallel()
			r := undisturbed(t, sc, false)
			t.Logf("%d calls to Novu, %d writes to the cluster", r.novuCalls, r.kubeWrites)
			for side, calls := range map[string]int{"novu": r.novuCalls, "cluster": r.kubeWrites} {
				for k := 1; k <= calls; k++ {
					for _, after := range []bool{false, true} {
						p := point{reference: r, points: points, side: side, call: k, after: after}
						t.Run(p.name(), func(t *testing.T) { t.Parallel(); p.try(t, sc) })
					}
				}
			}
		})
	}
}

// point is one moment at which the operator is killed.
type point struct {
	*reference
	points *harness.Sweep
	side   string
	call   int
	after  bool
}

func (p point) name() string {
	moment := "before"
	if p.after {
		moment = "after"
	}
	return fmt.Sprintf("%s/%d/%s", p.side, p.call, moment)
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
	p.points.Count(t.Name(), reached)
	p.arrive(s, before, start(s, nil))
}

// arm sees to it that die is called at the point.
func (p point) arm(s *harness.Stage, die func()) (config *rest.Config, disarm func()) {
	if p.side == "cluster" {
		writes := &kubeWrites{at: int32(p.call), after: p.after, die: die}
		return writes.watch(harness.API(s)), func() {}
	}
	moment := novutest.BeforeCommit
	if p.after {
		moment = novutest.AfterCommit
	}
	return nil, s.Novu.Inject(novutest.Fault{
		Skip: p.call - 1, Times: 1, Reset: moment, Hook: func(*http.Request) { die() },
	})
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
		if observe(s, before).differs(p.outcome) == nil {
			return
		}
	}
	s.Fatalf("the operator neither reached call %d nor the end: %v", p.call, observe(s, before).differs(p.outcome))
}
