// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/test/harness"
)

// series are the values of counters and gauges, and of histograms how often something was observed, by name and the value of
// the one label that is not the target's. Series of other targets than the one are an error.
func series(s *harness.Stage, registry prometheus.Gatherer, target string) map[string]float64 {
	s.Helper()
	families, err := registry.Gather()
	s.Must(err)
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if labels["namespace"] != s.Namespace || labels["name"] != target {
				s.Errorf("%s is about %v", family.GetName(), labels)
			}
			key := family.GetName() + " " + labels["phase"] + labels["stage"] + labels["result"]
			if value := valueOf(metric); value != 0 {
				values[key] = value
			}
		}
	}
	return values
}

func valueOf(metric *dto.Metric) float64 {
	return metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
}

func TestPromotionMetrics(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	registry := prometheus.NewPedanticRegistry()
	measuring, err := metrics.NewPromotions(registry)
	s.Must(err)
	harness.StartManager(t, harness.ManagerOptions{
		Namespaces: []string{s.Namespace}, Controllers: controllers.Options{Metrics: measuring},
	})
	s.Environment("dev", "Development", "")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, freeze: {reason: launch week}}")
	s.YAML(fmt.Sprintf(three, "hello"))
	p := promote(s, "first", "prod", "")
	s.NotReady(p, "first", v1alpha1.ReasonFrozen)
	s.NotReady(promote(s, "nowhere", "none", "abort: true"), "nowhere", v1alpha1.ReasonAborted)
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Ready(p, "first")
	s.Eventually("the metrics", func() error {
		got := series(s, registry, "prod")
		want := map[string]float64{
			"novu_operator_promotions Succeeded":                 1,
			"novu_operator_promotion_duration_seconds Succeeded": 1,
			"novu_operator_promotion_total_seconds Succeeded":    1,
			"novu_operator_promotion_wait_seconds gates":         1,
			"novu_operator_promotion_items_total created":        3,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
	remove(s, &v1alpha1.Environment{}, "prod")
	s.Eventually("the series of an Environment that is gone", func() error {
		if got := series(s, registry, "prod"); len(got) > 0 {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
}
