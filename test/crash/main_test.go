package crash_test

import (
	"flag"
	"strconv"
	"sync/atomic"
	"testing"

	"novu-operator.dev/test/harness"
)

// together is the number of points that run at the same time: they wait much and compute little.
const together = 16

func TestMain(m *testing.M) {
	flag.Parse()
	if !given("test.parallel") {
		_ = flag.Set("test.parallel", strconv.Itoa(together))
	}
	harness.Main(m)
}

func given(name string) (found bool) {
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// tally counts the points of a sweep. A point is missed if the operator, in another order of calls, needed fewer.
type tally struct{ tried, missed atomic.Int32 }

// report says how many points were tried, once all have been, and fails if so many were missed that the sweep is none.
func (c *tally) report(t *testing.T, what string) {
	t.Helper()
	t.Cleanup(func() {
		tried, missed := c.tried.Load(), c.missed.Load()
		t.Logf("%s: %d points tried, %d of them not reached", what, tried, missed)
		if missed*5 > tried {
			t.Errorf("%s: more than a fifth of %d points was not reached", what, tried)
		}
	})
}
