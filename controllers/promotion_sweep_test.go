// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// lasts reports whether a call leaves something behind, so that it matters whether Novu carried it out.
func (v *variant) lasts(p harness.Point) bool {
	return !p.Reads() && !v.refuses(novutest.Request{Method: p.Method, Path: p.Path})
}

// The operator is killed at every single call to Novu, before and after Novu carries it out. Another one goes on, and in
// the end everything is as if nothing had happened.
func TestPromotionSurvivesBeingKilled(t *testing.T) {
	t.Parallel()
	sweep(t, newTheatre(t).variants(time.Nanosecond, time.Minute), func(v *variant, c harness.Point) map[string]performance {
		moments := map[string]performance{"killed before " + c.String(): killedAt(c, novutest.BeforeCommit)}
		if v.lasts(c) {
			moments["killed after "+c.String()] = killedAt(c, novutest.AfterCommit)
		}
		return moments
	})
}

// performance plays a variant in which something goes wrong, to its end. It reports whether that came to bear.
type performance func(p *play) (reached bool)

// sweep plays every variant with everything that can go wrong at every point. What it leaves behind, and the ids of steps
// that were there before, must be as if nothing had.
func sweep(t *testing.T, variants []*variant, troubles func(*variant, harness.Point) map[string]performance) {
	t.Helper()
	for _, v := range variants {
		t.Run(v.target, func(t *testing.T) {
			t.Parallel()
			v, count := v.in(t), &harness.Sweep{}
			want, calls := v.undisturbed(t)
			for _, c := range harness.Points(calls) {
				for what, perform := range troubles(v, c) {
					p := v.play(t)
					before := p.steps()
					count.Count(what, perform(p))
					p.expect(what, want)
					if after := p.steps(); !reflect.DeepEqual(before, after) {
						t.Fatalf("%s: steps %v became %v", what, before, after)
					}
				}
			}
			count.Report(t, v.target)
		})
	}
}

func killedAt(c harness.Point, moment novutest.Moment) performance {
	return func(p *play) bool {
		reached := p.killAt(c, moment)
		p.work(p.t.Context(), p.operator())
		return reached
	}
}

// killAt runs an operator that dies at a call, if it makes it: no later one reaches Novu.
func (p *play) killAt(c harness.Point, moment novutest.Moment) (reached bool) {
	ctx, kill := context.WithCancel(p.t.Context())
	defer kill()
	operator := p.operator()
	var dead atomic.Bool
	revive := func() {}
	disarm := p.novu.Inject(c.Fault(novutest.Fault{Reset: moment, Hook: func(*http.Request) {
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
	sweep(t, newTheatre(t).variants(time.Minute), func(v *variant, c harness.Point) map[string]performance {
		faults := map[string]performance{"500 at " + c.String(): answered(c, novutest.Fault{Status: http.StatusInternalServerError})}
		if v.lasts(c) {
			faults["reset after "+c.String()] = answered(c, novutest.Fault{Reset: novutest.AfterCommit})
			faults["answer cut short at "+c.String()] = answered(c, novutest.Fault{Truncate: 10})
		}
		return faults
	})
}

func answered(c harness.Point, fault novutest.Fault) performance {
	return func(p *play) bool {
		var reached atomic.Bool
		fault.Hook = func(*http.Request) { reached.Store(true) }
		operator := p.operator()
		p.novu.Inject(c.Fault(fault))
		p.refuse()
		p.work(p.t.Context(), operator)
		return reached.Load()
	}
}
