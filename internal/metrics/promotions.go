// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// Stage is what a Promotion waits at.
type Stage string

// Values of Stage.
const (
	StageGates     Stage = "gates"
	StageApprovals Stage = "approvals"
)

// Result is what has become of an item.
type Result string

// Values of Result.
const (
	ResultCreated    Result = "created"
	ResultUpdated    Result = "updated"
	ResultDeleted    Result = "deleted"
	ResultUnchanged  Result = "unchanged"
	ResultFailed     Result = "failed"
	ResultRolledBack Result = "rolled_back"
	ResultNotBegun   Result = "not_begun"
)

// End is what is measured of a Promotion that has ended.
type End struct {
	Phase v1alpha1.PromotionPhase
	// Total is the time since it was created.
	Total time.Duration
	// Work is the time since it began to write; nil: it has not.
	Work *time.Duration
	// Items by what has become of them.
	Items map[Result]int
}

// Census counts the Promotions into each target that exists, by phase.
type Census func() map[types.NamespacedName]map[v1alpha1.PromotionPhase]int

// Promotions measures promotions, by target. A nil one measures nothing.
type Promotions struct {
	census atomic.Pointer[Census]
	count  *prometheus.Desc

	work, total, waited *prometheus.HistogramVec
	items               *prometheus.CounterVec
}

// phases in the order of a Promotion's life. A Promotion that the operator has not seen yet is pending.
var phases = []v1alpha1.PromotionPhase{
	v1alpha1.PromotionPhasePending, v1alpha1.PromotionPhaseQueued, v1alpha1.PromotionPhaseWaiting, v1alpha1.PromotionPhaseApplying,
	v1alpha1.PromotionPhaseSucceeded, v1alpha1.PromotionPhaseFailed, v1alpha1.PromotionPhaseAborted, v1alpha1.PromotionPhaseSuperseded,
}

// NewPromotions makes the metrics and registers them.
func NewPromotions(registry prometheus.Registerer) (*Promotions, error) {
	labels := func(more string) []string { return []string{"namespace", "name", more} }
	histogram := func(name, help, label string, buckets ...float64) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "promotion_" + name, Help: help, Buckets: buckets,
		}, labels(label))
	}
	const minute, hour, day = 60, 3600, 24 * 3600
	p := &Promotions{
		count: prometheus.NewDesc(namespace+"_promotions", "Promotions that exist, by target and phase.", labels("phase"), nil),
		work: histogram("duration_seconds", "Time from the beginning of the work on a Promotion to its end, by target and last phase.",
			"phase", 1, 5, 15, minute, 5*minute, 15*minute, hour, 6*hour),
		total: histogram("total_seconds", "Time from the creation of a Promotion to its end, by target and last phase.",
			"phase", 5, 15, minute, 15*minute, hour, 6*hour, day, 7*day),
		waited: histogram("wait_seconds", "Time that a Promotion has waited at closed gates, or for approvals, until it could go on.",
			"stage", minute, 15*minute, hour, 6*hour, day, 3*day, 7*day),
		items: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "promotion_items_total", Help: "Items of Promotions that have ended after they had begun, by target and result.",
		}, labels("result")),
	}
	for _, c := range []prometheus.Collector{p, p.work, p.total, p.waited, p.items} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Count has the Promotions counted by the census at each scrape.
func (p *Promotions) Count(census Census) {
	if p != nil {
		p.census.Store(&census)
	}
}

// Waited times the wait of one Promotion that goes on.
func (p *Promotions) Waited(target types.NamespacedName, stage Stage, d time.Duration) {
	if p != nil {
		p.waited.WithLabelValues(target.Namespace, target.Name, string(stage)).Observe(d.Seconds())
	}
}

// Ended measures one Promotion that has ended.
func (p *Promotions) Ended(target types.NamespacedName, end End) {
	if p == nil {
		return
	}
	phase := string(end.Phase)
	p.total.WithLabelValues(target.Namespace, target.Name, phase).Observe(end.Total.Seconds())
	if end.Work != nil {
		p.work.WithLabelValues(target.Namespace, target.Name, phase).Observe(end.Work.Seconds())
	}
	for result, count := range end.Items {
		p.items.WithLabelValues(target.Namespace, target.Name, string(result)).Add(float64(count))
	}
}

// Forget removes the series of an Environment that is gone.
func (p *Promotions) Forget(target types.NamespacedName) {
	if p == nil {
		return
	}
	series := prometheus.Labels{"namespace": target.Namespace, "name": target.Name}
	for _, vec := range []interface {
		DeletePartialMatch(prometheus.Labels) int
	}{p.work, p.total, p.waited, p.items} {
		vec.DeletePartialMatch(series)
	}
}

// Describe sends the description of the count.
func (p *Promotions) Describe(out chan<- *prometheus.Desc) { out <- p.count }

// Collect sends the count of every target, of each phase.
func (p *Promotions) Collect(out chan<- prometheus.Metric) {
	census := p.census.Load()
	if census == nil {
		return
	}
	for target, byPhase := range (*census)() {
		counts := map[v1alpha1.PromotionPhase]int{}
		for phase, count := range byPhase {
			counts[cmp.Or(phase, v1alpha1.PromotionPhasePending)] += count
		}
		for _, phase := range phases {
			out <- prometheus.MustNewConstMetric(p.count, prometheus.GaugeValue, float64(counts[phase]), target.Namespace, target.Name, string(phase))
		}
	}
}
