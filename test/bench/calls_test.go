// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"time"

	testingclock "k8s.io/utils/clock/testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// Figures of what an Environment with a hundred workflows costs while nothing changes.
const (
	firstCalls    figure = "calls-first-run"
	steadyCalls   figure = "calls-per-interval"
	averageCalls  figure = "calls-per-interval-with-full-check"
	steadyWrites  figure = "kube-writes-per-interval"
	restartCalls  figure = "calls-per-restart"
	replacedSteps figure = "step-ids-replaced"
)

var callBenchmarks = []benchmark{{
	name:    "calls",
	figures: []figure{firstCalls, steadyCalls, averageCalls, steadyWrites, restartCalls, replacedSteps},
	run:     countCalls,
}}

const (
	hundred = 100
	// rounds of full comparisons that are looked at, of six intervals each.
	rounds       = 2
	looksInRound = 6
)

// countCalls counts calls to Novu of the operator and of the recipe, each with a Novu server of its own.
func countCalls(r *report) {
	peer, err := runRecipe(r, hundred)
	if missing, ok := errors.AsType[*errNoRecipe](err); ok {
		r.Progress("WITHOUT THE PEER: %s", missing.why)
	}
	beside := func(f figure, value float64, reference func() int) {
		if peer == nil {
			r.Against(f, value, "no recipe", 0)
			return
		}
		r.Against(f, value, "recipe", float64(reference()))
	}
	o := newOperator(r, novutest.Options{PaidTier: true})
	clock := testingclock.NewFakePassiveClock(time.Now())
	o.connections.Clock = clock
	o.start()
	o.Environment(environmentName, "Development", "")
	o.apply(withoutLayouts(workflows(readSamples(r, "workflows"), hundred)))
	o.synced(hundred)
	o.settle()
	beside(firstCalls, float64(len(o.Novu.Requests())), func() int { return peer.first })
	before := stepIDs(o.Novu, "Development")

	perLook := o.looks(clock, rounds*looksInRound)
	beside(steadyCalls, percentile(perLook, 50), func() int { return peer.again })
	beside(averageCalls, mean(perLook), func() int { return peer.again })
	r.Figure(steadyWrites, float64(total(o.kube.take(), "patch", "create", "update", "delete"))/float64(len(perLook)))

	o.restart()
	o.settle()
	beside(restartCalls, float64(len(o.Novu.Requests())), func() int { return peer.again })
	beside(replacedSteps, float64(replaced(before, stepIDs(o.Novu, "Development"))), func() int { return peer.replaced })
}

// looks lets that many intervals pass and returns how many calls were made in each.
func (o *operator) looks(clock *testingclock.FakePassiveClock, n int) (calls []float64) {
	o.Novu.ClearRequests()
	o.kube.take()
	for i := range n {
		clock.SetTime(clock.Now().Add(v1alpha1.DefaultInterval))
		began := clock.Now()
		o.annotate("bench/interval", fmt.Sprint(i)) // wakes the Environment, as its timer would
		o.Eventually("the operator looks", func() error {
			conn := o.manager.Pool.Get(o.Key(environmentName))
			if conn == nil || conn.LookedAt().Before(began) {
				return errors.New("it has not looked yet")
			}
			return nil
		})
		o.settle()
		calls = append(calls, float64(len(o.Novu.Requests())))
		o.Novu.ClearRequests()
	}
	return calls
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(len(values), 1))
}
