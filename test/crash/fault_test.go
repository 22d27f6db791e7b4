package crash_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// faults are the ways in which one call goes wrong. All of them pass.
var faults = map[string]novutest.Fault{
	"429 without a pause":      {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
	"429 with a pause":         {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
	"500":                      {Status: http.StatusInternalServerError},
	"503":                      {Status: http.StatusServiceUnavailable},
	"reset before commit":      {Reset: novutest.BeforeCommit},
	"reset after commit":       {Reset: novutest.AfterCommit},
	"no answer, not committed": {Hang: true},
	"no answer, committed":     {Hang: true, Reset: novutest.AfterCommit},
	"answer cut short":         {Truncate: 10},
	"a page instead of JSON": {
		Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html>Please log in</html>"),
	},
}

// TestFaulty lets every single call of every scenario go wrong, in every way.
func TestFaulty(t *testing.T) {
	points := &harness.Sweep{}
	t.Cleanup(func() { points.Report(t, "faulty") })
	for _, sc := range scenarios {
		if sc.faultsElsewhere {
			continue
		}
		t.Run(slug(sc.name), func(t *testing.T) {
			t.Parallel()
			r := undisturbed(t, sc, true)
			t.Logf("%d calls to Novu", r.novuCalls)
			for name, fault := range faults {
				for k := 1; k <= r.novuCalls; k++ {
					fault := fault // each point has its own: they run later, and together
					fault.Skip, fault.Times = k-1, 1
					t.Run(fmt.Sprintf("%s/%d", slug(name), k), func(t *testing.T) {
						t.Parallel()
						points.Count(t.Name(), hit(t, sc, fault, r))
					})
				}
			}
		})
	}
}

// hit plays the scenario with the fault and says whether the fault came to bear.
func hit(t *testing.T, sc scenario, fault novutest.Fault, r *reference) bool {
	t.Helper()
	s, before, m := begin(t, sc)
	var reached atomic.Bool
	fault.Hook = func(*http.Request) { reached.Store(true) }
	s.Novu.Inject(fault)
	if m = change(s, sc, m, true); m == nil {
		m = start(s, nil)
	}
	r.arrive(s, before, m)
	return reached.Load()
}
