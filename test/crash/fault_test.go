// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// a group are faults that hit the same call, one try after the other. All of them pass.
type group struct {
	name   string
	faults []novutest.Fault
	// changes and reads say at which calls they are tried: whether Novu has carried out a call that changes nothing makes no
	// difference, and so those are grouped otherwise.
	changes, reads bool
}

var (
	page = novutest.Fault{
		Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html>Please log in</html>"),
	}
	hang   = novutest.Fault{Hang: true}
	cut    = novutest.Fault{Truncate: 10}
	groups = []group{
		{"429 without a pause, then 500", []novutest.Fault{throttled("0"), {Status: http.StatusInternalServerError}}, true, true},
		{"429 with a pause, then 503", []novutest.Fault{throttled("1"), {Status: http.StatusServiceUnavailable}}, true, true},
		{"a page instead of JSON, then a reset before commit", []novutest.Fault{page, {Reset: novutest.BeforeCommit}}, true, true},
		{"an answer cut short, then none", []novutest.Fault{cut, hang}, false, true},
		{"answer cut short", []novutest.Fault{cut}, true, false},
		{"no answer, not committed", []novutest.Fault{hang}, true, false},
		{"no answer, committed", []novutest.Fault{{Hang: true, Reset: novutest.AfterCommit}}, true, false},
		{"reset after commit", []novutest.Fault{{Reset: novutest.AfterCommit}}, true, false},
	}
)

func throttled(pause string) novutest.Fault {
	return novutest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {pause}}}
}

// TestFaulty lets every single call of every scenario go wrong, in every way.
func TestFaulty(t *testing.T) {
	t.Parallel()
	points := &harness.Sweep{}
	t.Cleanup(func() { points.Report(t, "faulty") })
	for _, sc := range scenarios {
		if sc.faultsElsewhere {
			continue
		}
		t.Run(slug(sc.name), func(t *testing.T) {
			t.Parallel()
			r := undisturbed(t, sc, true)
			t.Logf("calls to Novu: %v", r.calls)
			for _, g := range groups {
				for k, at := range r.calls {
					if at.Reads() && !g.reads || !at.Reads() && !g.changes {
						continue
					}
					t.Run(fmt.Sprintf("%s/%d", slug(g.name), k+1), func(t *testing.T) {
						t.Parallel()
						points.Count(t.Name(), hit(t, sc, at, g, r))
					})
				}
			}
		})
	}
}

// hit plays the scenario with the faults and reports whether all of them came to bear.
func hit(t *testing.T, sc scenario, at harness.Point, g group, r *reference) bool {
	t.Helper()
	s, before, m := begin(t, sc)
	var reached atomic.Int32
	for _, fault := range g.faults {
		fault.Hook = func(*http.Request) { reached.Add(1) }
		s.Novu.Inject(at.Fault(fault))
	}
	if m = change(s, sc, m, true); m == nil {
		m = start(s, nil)
	}
	r.arrive(s, before, m)
	return int(reached.Load()) == len(g.faults)
}
