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

// tally counts the points of a sweep. A point is missed if the operator needed fewer calls than undisturbed: which calls
// it can spare depends on what it happens to learn first. Its first call it always needs.
type tally struct{ tried, missed atomic.Int32 }

func (c *tally) count(t *testing.T, call int, reached bool) {
	t.Helper()
	c.tried.Add(1)
	switch {
	case reached:
	case call == 1:
		t.Error("the first call was not reached: nothing was disturbed")
	default:
		c.missed.Add(1)
		t.Log("not reached")
	}
}

// report says how many points were tried, once all have been.
func (c *tally) report(t *testing.T, what string) {
	t.Helper()
	t.Cleanup(func() {
		t.Logf("%s: %d points tried, %d of them not reached", what, c.tried.Load(), c.missed.Load())
	})
}
