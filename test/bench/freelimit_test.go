// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// Figures of what takes long because of Novu's rate limit.
const (
	firstConvergence    figure = "first-convergence"
	promotionOfHundred  figure = "promotion-sync"
	convergenceRefusals figure = "first-convergence-429"
	promotionRefusals   figure = "promotion-sync-429"
)

var limitBenchmarks = []benchmark{{
	name:    "freelimit",
	figures: []figure{firstConvergence, convergenceRefusals, promotionOfHundred, promotionRefusals},
	run:     convergeAtFreeLimit,
}}

// Novu's free plan, for each environment and category of routes.
const (
	freeRate  = 20.0 // requests a second
	freeBurst = 110
	// freeRefill is after which time without a request the burst is whole again.
	freeRefill = 11 * time.Second
)

// paced brings a hundred workflows to Novu by hand, as fast as the free limit allows: with two calls for each, and what is
// written for each. It returns how many seconds that takes, which is never less than the limit itself does.
func paced(r *report) float64 {
	server := novutest.Start(r, novutest.Options{PaidTier: true})
	h := newHand(r, harness.API(r), server, "Development")
	h.limit = rate.NewLimiter(freeRate, freeBurst)
	return (hundred * h.converge(hundred)).Seconds()
}

// convergeAtFreeLimit brings a hundred workflows to Development and from there to Production.
func convergeAtFreeLimit(r *report) {
	o := newOperator(r, novutest.Options{RateLimits: true, PaidTier: true})
	o.start()
	o.apply(withoutLayouts(workflows(readSamples(r, "workflows"), hundred)))
	o.settle()
	began := time.Now()
	o.Environment(environmentName, "Development", "")
	o.synced(hundred)
	r.Against(firstConvergence, time.Since(began).Seconds(), "paced", paced(r))
	r.Figure(convergenceRefusals, float64(o.refusals()))

	o.Environment("production", "Production", "promotionPolicy: {sourceRef: {name: "+environmentName+"}}")
	o.Ready(&v1alpha1.Environment{}, "production")
	o.settle()
	time.Sleep(freeRefill)
	o.Novu.ClearRequests()
	r.Against(promotionOfHundred, o.promote().Seconds(), "paced", paced(r))
	r.Figure(promotionRefusals, float64(o.refusals()))
	if promoted := len(o.Novu.Workflows("Production")); promoted != hundred {
		r.Errorf("Production holds %d workflows, want %d", promoted, hundred)
	}
}

// promote makes a Promotion of everything and returns how long it took.
func (o *operator) promote() time.Duration {
	o.Helper()
	began := time.Now()
	o.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: everything}
spec:
  targetRef: {name: production}`)
	p := &v1alpha1.Promotion{}
	o.Eventually("the Promotion ends", func() error {
		if err := o.Get(o.Context(), o.Key("everything"), p); err != nil {
			return err
		}
		if p.Status.CompletionTime == nil {
			return fmt.Errorf("it is %s: %s", p.Status.Phase, p.Status.Progress)
		}
		return nil
	})
	took := time.Since(began)
	if !apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionReady) {
		o.Errorf("the Promotion ended with %+v", p.Status.Conditions)
	}
	return took
}

// refusals is how often Novu said that it was asked too often.
func (o *operator) refusals() (n int) {
	for _, request := range o.Novu.Requests() {
		if request.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}
