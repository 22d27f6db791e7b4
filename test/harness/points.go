// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"net/http"
	"path"
	"regexp"

	"novu-operator.dev/internal/novu/novutest"
)

// Point is one call to Novu of an undisturbed run: the nth of its method and path, whatever comes between. How many calls
// another run makes, and in which order, depends on how fast the machine is.
type Point struct {
	Method string
	Path   string // a pattern: Novu makes up another id each time
	Nth    int
}

// madeUp are the ids that Novu gives.
var madeUp = regexp.MustCompile("[0-9a-f]{24}")

// Points of the calls of a run.
func Points(calls []novutest.Request) (points []Point) {
	for i, call := range calls {
		p := Point{Method: call.Method, Path: madeUp.ReplaceAllString(call.Path, "*")}
		for _, earlier := range calls[:i+1] {
			if same, _ := path.Match(p.Path, earlier.Path); same && earlier.Method == p.Method {
				p.Nth++
			}
		}
		points = append(points, p)
	}
	return points
}

func (p Point) String() string { return fmt.Sprintf("%s %s %d", p.Method, p.Path, p.Nth) }

// Reads reports whether the call leaves nothing behind: whether Novu has carried it out makes no difference.
func (p Point) Reads() bool { return p.Method == http.MethodGet }

// Fault is f at the point. Of several at one point each hits the call after the other: the second one is made again.
func (p Point) Fault(f novutest.Fault) novutest.Fault {
	f.Method, f.Path, f.Exact, f.Skip, f.Times = p.Method, p.Path, true, p.Nth-1, 1
	return f
}
