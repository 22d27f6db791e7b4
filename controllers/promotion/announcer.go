// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// announcer tells users and metrics what has happened to a Promotion.
type announcer struct {
	access

	recorder events.EventRecorder
	metrics  *metrics.Promotions
}

// report tells of what has happened since the reconcile began: an event and a log line on each transition, none in between.
func (r *announcer) report(ctx context.Context, s *scope, v reconcile.Verdict, err error) {
	for _, h := range happenings(s.initial, s.promotion, v, eventType(v, err)) {
		log.FromContext(ctx).Info("promotion moved on", "reason", h.reason, "message", h.note, "phase", s.promotion.Status.Phase)
		r.recorder.Eventf(s.promotion, nil, h.kind, h.reason, "Promote", "%s", reconcile.Bounded(h.note))
	}
}

// measure times and counts what has happened since the reconcile began. Of Promotions into Environments that do not exist
// nothing is measured: their names could be any.
func (r *announcer) measure(ctx context.Context, s *scope) {
	before, now := s.initial, s.promotion
	target := now.Spec.TargetRef.In(now.Namespace)
	if s.target == nil && r.Client.Get(ctx, target, &v1alpha1.Environment{}) != nil {
		return
	}
	for stage, name := range map[metrics.Stage]string{
		metrics.StageGates: v1alpha1.ConditionGatesPassed, metrics.StageApprovals: v1alpha1.ConditionApproved,
	} {
		if was := conditionOf(before, name); was != nil && was.Status == metav1.ConditionFalse && isTrue(now, name) {
			r.metrics.Waited(target, stage, r.Pool.Clock().Since(was.LastTransitionTime.Time))
		}
	}
	if promotion.Finished(now) && !promotion.Finished(before) {
		r.metrics.Ended(target, endOf(now))
	}
}
