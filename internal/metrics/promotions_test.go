// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// census is what a Census finds.
type census map[types.NamespacedName]map[v1alpha1.PromotionPhase]int

func (c census) take() map[types.NamespacedName]map[v1alpha1.PromotionPhase]int { return c }

var prod, staging = types.NamespacedName{Namespace: "shop", Name: "prod"}, types.NamespacedName{Namespace: "shop", Name: "staging"}

func measured(t *testing.T) (*Promotions, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	p, err := NewPromotions(registry)
	if err != nil {
		t.Fatal(err)
	}
	return p, registry
}

func TestPromotionsAreCountedByTargetAndPhase(t *testing.T) {
	p, registry := measured(t)
	if n, err := testutil.GatherAndCount(registry); n != 0 || err != nil {
		t.Errorf("%d series before anybody counts, %v", n, err)
	}
	live := census{prod: {v1alpha1.PromotionPhaseSucceeded: 3, v1alpha1.PromotionPhasePending: 1, "": 1}, staging: {}}
	p.Count(live.take)
	want := "# HELP novu_operator_promotions Promotions that exist, by target and phase.\n# TYPE novu_operator_promotions gauge\n"
	for _, phase := range phases {
		value := map[v1alpha1.PromotionPhase]string{v1alpha1.PromotionPhaseSucceeded: "3", v1alpha1.PromotionPhasePending: "2"}[phase]
		if value == "" {
			value = "0"
		}
		want += `novu_operator_promotions{name="prod",namespace="shop",phase="` + string(phase) + `"} ` + value + "\n" +
			`novu_operator_promotions{name="staging",namespace="shop",phase="` + string(phase) + `"} 0` + "\n"
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "novu_operator_promotions"); err != nil {
		t.Error(err)
	}
	delete(live, staging)
	if n, _ := testutil.GatherAndCount(registry, "novu_operator_promotions"); n != len(phases) {
		t.Errorf("%d series are left of an Environment that is gone and one that is not", n)
	}
}

func TestPromotionsAreTimed(t *testing.T) {
	p, registry := measured(t)
	end := End{
		Phase: v1alpha1.PromotionPhaseFailed, Total: time.Hour, Work: new(time.Minute),
		Items: map[Result]int{ResultCreated: 2, ResultFailed: 1},
	}
	p.Ended(prod, end)
	p.Ended(prod, end)
	p.Ended(staging, End{Phase: v1alpha1.PromotionPhaseSuperseded, Total: time.Second})
	p.Waited(prod, StageGates, 2*time.Hour)
	for name, want := range map[string]int{
		"novu_operator_promotion_total_seconds": 2, "novu_operator_promotion_duration_seconds": 1,
		"novu_operator_promotion_wait_seconds": 1, "novu_operator_promotion_items_total": 2,
	} {
		if n, err := testutil.GatherAndCount(registry, name); n != want || err != nil {
			t.Errorf("%s: %d series, want %d, %v", name, n, want, err)
		}
	}
	want := `
# HELP novu_operator_promotion_items_total Items of Promotions that have ended after they had begun, by target and result.
# TYPE novu_operator_promotion_items_total counter
novu_operator_promotion_items_total{name="prod",namespace="shop",result="created"} 4
novu_operator_promotion_items_total{name="prod",namespace="shop",result="failed"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "novu_operator_promotion_items_total"); err != nil {
		t.Error(err)
	}
	p.Forget(prod)
	if n, _ := testutil.GatherAndCount(registry); n != 1 {
		t.Errorf("%d series are left when one target is gone", n)
	}
}

func TestWithoutMetricsNothingIsMeasured(*testing.T) {
	var p *Promotions
	p.Count(census{}.take)
	p.Waited(prod, StageGates, time.Second)
	p.Ended(prod, End{})
	p.Forget(prod)
}
