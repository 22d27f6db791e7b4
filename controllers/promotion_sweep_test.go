package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// A point is one call to Novu of an undisturbed promotion: the nth of its method and path, whatever comes between. How many
// calls another run makes, and in which order, depends on how fast the machine is.
type point struct {
	method string
	path   string // a pattern: Novu makes up another id each time
	nth    int
	// lasting says that the call leaves something behind, so that it matters whether Novu carried it out.
	lasting bool
}

func (c point) String() string { return fmt.Sprintf("%s %s, number %d", c.method, c.path, c.nth) }

// fault is f at the point.
func (c point) fault(f novutest.Fault) novutest.Fault {
	f.Method, f.Path, f.Exact, f.Skip, f.Times = c.method, c.path, true, c.nth-1, 1
	return f
}

// madeUp are the ids that Novu gives.
var madeUp = regexp.MustCompile("[0-9a-f]{24}")

func (v *variant) points(calls []novutest.Request) (points []point) {
	for i, call := range calls {
		c := point{method: call.Method, path: madeUp.ReplaceAllString(call.Path, "*")}
		c.lasting = call.Method != http.MethodGet && !v.refuses(call)
		for _, earlier := range calls[:i+1] {
			if same, _ := path.Match(c.path, earlier.Path); same && earlier.Method == c.method {
				c.nth++
			}
		}
		points = append(points, c)
	}
	return points
}

// The operator is killed at every single call to Novu, before and after Novu carries it out. Another one goes on, and in
// the end everything is as if nothing had happened.
func TestPromotionSurvivesBeingKilled(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	for _, v := range th.variants(time.Nanosecond, time.Minute) {
		want, calls := v.undisturbed(t)
		sweep := &harness.Sweep{}
		for _, c := range v.points(calls) {
			moments := map[string]novutest.Moment{"before": novutest.BeforeCommit, "after": novutest.AfterCommit}
			if !c.lasting {
				delete(moments, "after")
			}
			for name, moment := range moments {
				what := fmt.Sprintf("killed %s Novu carried out %s", name, c)
				p := v.play(t)
				before := p.steps()
				sweep.Count(what, p.killAt(c, moment))
				p.work(t.Context(), p.operator())
				p.expect(v.target+": "+what, want)
				if after := p.steps(); !reflect.DeepEqual(before, after) {
					t.Fatalf("%s, %s: steps %v became %v", v.target, what, before, after)
				}
			}
		}
		sweep.Report(t, v.target)
	}
}

// killAt runs an operator that dies at a call, if it makes it: no later one reaches Novu.
func (p *play) killAt(c point, moment novutest.Moment) (reached bool) {
	ctx, kill := context.WithCancel(p.t.Context())
	defer kill()
	operator := p.operator()
	var dead atomic.Bool
	revive := func() {}
	disarm := p.novu.Inject(c.fault(novutest.Fault{Reset: moment, Hook: func(*http.Request) {
		revive = p.novu.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
		dead.Store(true)
		kill() // at last, since it ends the wait below
	}}))
	p.refuse()
	p.work(ctx, operator)
	disarm()
	if dead.Load() {
		revive()
	}
	return dead.Load()
}

// Every single call to Novu fails in every way that leaves open what became of it. It is tried again.
func TestPromotionSurvivesBadAnswers(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	for _, v := range th.variants(time.Minute) {
		want, calls := v.undisturbed(t)
		sweep := &harness.Sweep{}
		for _, c := range v.points(calls) {
			faults := map[string]novutest.Fault{
				"500":       {Status: http.StatusInternalServerError},
				"reset":     {Reset: novutest.AfterCommit},
				"truncated": {Truncate: 10},
			}
			if !c.lasting {
				delete(faults, "reset")
				delete(faults, "truncated")
			}
			for name, fault := range faults {
				what := fmt.Sprintf("%s instead of an answer to %s", name, c)
				var reached atomic.Bool
				fault.Hook = func(*http.Request) { reached.Store(true) }
				p := v.play(t)
				operator := p.operator()
				p.novu.Inject(c.fault(fault))
				p.refuse()
				p.work(t.Context(), operator)
				sweep.Count(what, reached.Load())
				p.expect(v.target+": "+what, want)
			}
		}
		sweep.Report(t, v.target)
	}
}
