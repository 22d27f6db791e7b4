// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metrics tells Prometheus what goes out to Novu and how each Environment's connection fares. Series are per route
// or per Environment, never per object, so that their number stays small.
package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"novu-operator.dev/internal/novu"
)

const namespace = "novu_operator"

// Requests counts and times the requests to Novu. It is the observer of every budget.
type Requests struct {
	novu.NoObserver

	total     *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	waited    *prometheus.HistogramVec
	throttled *prometheus.CounterVec
}

var _ novu.Observer = (*Requests)(nil)

// NewRequests makes the metrics and registers them.
func NewRequests(registry prometheus.Registerer) (*Requests, error) {
	r := &Requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "novu_requests_total",
			Help: "Requests sent to Novu, by rate limit category, method, route and status code; code 0 means no answer.",
		}, []string{"category", "method", "route", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "novu_request_duration_seconds",
			Help:    "Time from sending a request to Novu to the end of the answer.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"category", "method"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "novu_wait_seconds",
			Help:    "Time that a request waited for its turn within the rate limit.",
			Buckets: []float64{.001, .01, .1, .5, 1, 5, 15, 60},
		}, []string{"category", "priority"}),
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "novu_throttled_total",
			Help: "Answers with which Novu asked to wait (429).",
		}, []string{"category"}),
	}
	for _, c := range []prometheus.Collector{r.total, r.duration, r.waited, r.throttled} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Request counts and times one request.
func (r *Requests) Request(category novu.Category, method, route string, status int, d time.Duration) {
	r.total.WithLabelValues(string(category), method, route, strconv.Itoa(status)).Inc()
	r.duration.WithLabelValues(string(category), method).Observe(d.Seconds())
}

// Waited times the wait of one request.
func (r *Requests) Waited(category novu.Category, priority novu.Priority, d time.Duration) {
	name := "background"
	if priority == novu.PriorityUser {
		name = "user"
	}
	r.waited.WithLabelValues(string(category), name).Observe(d.Seconds())
}

// Throttled counts one 429.
func (r *Requests) Throttled(category novu.Category, _ time.Time) {
	r.throttled.WithLabelValues(string(category)).Inc()
}
