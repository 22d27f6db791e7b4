// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/internal/novu"
)

// Budgets lists the budget of each connected Environment, as connection.Pool does.
type Budgets interface {
	Budgets() map[types.NamespacedName]novu.BudgetSnapshot
}

// environments collects the state of each Environment's connection when it is asked for. An Environment that is gone is
// no longer there.
type environments struct {
	budgets                              Budgets
	circuit, inFlight, waiting, leftover *prometheus.Desc
}

// RegisterEnvironments registers the metrics of the Environments' connections.
func RegisterEnvironments(registry prometheus.Registerer, budgets Budgets) error {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_environment_"+name, help, append([]string{"namespace", "name"}, labels...), nil)
	}
	return registry.Register(&environments{
		budgets:  budgets,
		circuit:  describe("circuit_open", "1 while nothing is sent because Novu refuses the key or cannot be reached, else 0."),
		inFlight: describe("requests_in_flight", "Requests that are under way."),
		waiting:  describe("requests_waiting", "Requests that wait for their turn within the rate limit."),
		leftover: describe("rate_limit_remaining", "Requests that may be sent now; absent where Novu announces no limit.", "category"),
	})
}

// Describe sends the descriptions of the metrics.
func (e *environments) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{e.circuit, e.inFlight, e.waiting, e.leftover} {
		out <- d
	}
}

// Collect sends the metrics of every connected Environment.
func (e *environments) Collect(out chan<- prometheus.Metric) {
	for key, b := range e.budgets.Budgets() {
		gauge := func(d *prometheus.Desc, value int, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value),
				append([]string{key.Namespace, key.Name}, labels...)...)
		}
		open := 0
		if b.Circuit.Open {
			open = 1
		}
		gauge(e.circuit, open)
		gauge(e.inFlight, b.InFlight)
		gauge(e.waiting, b.Waiting)
		for category, c := range b.Categories {
			if c.Limit > 0 {
				gauge(e.leftover, c.Remaining, string(category))
			}
		}
	}
}
