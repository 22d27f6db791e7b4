package crash_test

import (
	"flag"
	"strconv"
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
