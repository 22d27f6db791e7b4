// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/promotion"
)

// endOf is what there is to measure of a Promotion that has ended.
func endOf(p *v1alpha1.Promotion) metrics.End {
	end := metrics.End{Phase: p.Status.Phase, Total: p.Status.CompletionTime.Sub(p.CreationTimestamp.Time)}
	if !promotion.Started(p) {
		return end
	}
	work := p.Status.CompletionTime.Sub(p.Status.StartTime.Time)
	end.Work, end.Items = &work, map[metrics.Result]int{}
	for i := range p.Status.Plan.Items {
		end.Items[resultOf(&p.Status.Plan.Items[i])]++
	}
	return end
}

// resultOf is what has become of an item.
func resultOf(item *v1alpha1.PlannedItem) metrics.Result {
	switch item.State {
	case v1alpha1.ItemStateFailed:
		return metrics.ResultFailed
	case v1alpha1.ItemStateRolledBack:
		return metrics.ResultRolledBack
	case v1alpha1.ItemStateDone:
		return map[v1alpha1.PlanAction]metrics.Result{
			v1alpha1.PlanActionCreate: metrics.ResultCreated, v1alpha1.PlanActionUpdate: metrics.ResultUpdated,
			v1alpha1.PlanActionDelete: metrics.ResultDeleted, v1alpha1.PlanActionUnchanged: metrics.ResultUnchanged,
		}[item.Action]
	}
	return metrics.ResultNotBegun
}

// ByPhase counts, from the cache, the Promotions into each target, as long as ctx lasts.
func ByPhase(ctx context.Context, reader client.Reader) metrics.Census {
	return func() map[types.NamespacedName]map[v1alpha1.PromotionPhase]int {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		var (
			environments v1alpha1.EnvironmentList
			promotions   v1alpha1.PromotionList
		)
		if reader.List(ctx, &environments, client.UnsafeDisableDeepCopy) != nil || reader.List(ctx, &promotions, client.UnsafeDisableDeepCopy) != nil {
			return nil // the cache is not there yet
		}
		counts := map[types.NamespacedName]map[v1alpha1.PromotionPhase]int{}
		for i := range environments.Items {
			if environments.Items[i].IsPromotionTarget() {
				counts[client.ObjectKeyFromObject(&environments.Items[i])] = map[v1alpha1.PromotionPhase]int{}
			}
		}
		for i := range promotions.Items {
			p := &promotions.Items[i]
			if count := counts[p.Spec.TargetRef.In(p.Namespace)]; count != nil {
				count[p.Status.Phase]++
			}
		}
		return counts
	}
}
