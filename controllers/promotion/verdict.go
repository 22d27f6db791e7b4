// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/reconcile"
)

// judge makes a Verdict of the outcome.
func judge(s *scope, err error) reconcile.Verdict {
	var (
		going *underway
		over  *ended
	)
	switch {
	case errors.As(err, &going):
		return reconcile.Verdict{
			Ready: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing, Message: going.message, Reconciling: true,
		}
	case errors.Is(err, errPlanned):
		return reconcile.Verdict{
			Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonDryRunCompleted,
			Message: promotion.Foresight(s.promotion.Status.Plan) + "; nothing is written, as spec.dryRun asks",
		}
	case errors.As(err, &over):
		return reconcile.Verdict{Ready: metav1.ConditionFalse, Reason: over.reason, Message: soFar(s.promotion, over.message) + again(s.promotion, over.reason), Stalled: true}
	case err != nil:
		return reconcile.Judge(reconcile.OutcomeOf(err), reconcile.Standing{})
	}
	items, message := s.promotion.Status.Plan.Items, outcome(s.promotion)
	if promotion.Count(items).Failed > 0 {
		return reconcile.Verdict{
			Ready: metav1.ConditionFalse, Reason: v1alpha1.ReasonItemsFailed, Stalled: true,
			Message: message + again(s.promotion, v1alpha1.ReasonItemsFailed),
		}
	}
	reason := v1alpha1.ReasonPromoted
	switch {
	case s.promotion.IsRollback():
		reason = v1alpha1.ReasonRolledBack
	case s.promotion.Status.Plan.LeftOut > 0:
		reason = v1alpha1.ReasonPromotedInPart
	}
	return reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: reason, Message: message}
}

// outcome says what the Promotion has done.
func outcome(p *v1alpha1.Promotion) string {
	verb := "promoted to"
	if p.IsRollback() {
		verb = "restored in"
	}
	return promotion.Result(p.Status.Plan.Items, verb, p.Spec.TargetRef.Name)
}

// soFar adds to a message what was done until then.
func soFar(p *v1alpha1.Promotion, message string) string {
	if !promotion.Started(p) {
		return message
	}
	return message + ". Until then: " + outcome(p)
}

// hopeless reports whether a Promotion was cut off and cannot go on: what it was planned for is no longer there. It must not hold
// up those that come after it.
func hopeless(p *v1alpha1.Promotion, v reconcile.Verdict) bool {
	return promotion.Started(p) && (v.Reason == v1alpha1.ReasonEnvironmentChanged || v.Reason == v1alpha1.ReasonNotAPromotionTarget)
}

// planned reports whether there is a plan that can be carried out.
func planned(p *v1alpha1.Promotion, v reconcile.Verdict) bool {
	switch v.Reason {
	case v1alpha1.ReasonItemsRefused, v1alpha1.ReasonItemsNotReady, v1alpha1.ReasonNothingSelected,
		v1alpha1.ReasonEnvironmentNotFound, v1alpha1.ReasonNamespaceNotAllowed:
		return promotion.Started(p)
	}
	return p.Status.Plan != nil && (promotion.Started(p) || p.Status.Plan.Refused == 0)
}

func phaseOf(p *v1alpha1.Promotion, v reconcile.Verdict) v1alpha1.PromotionPhase {
	switch {
	case v.Reason == v1alpha1.ReasonAborted:
		return v1alpha1.PromotionPhaseAborted
	case v.Reason == v1alpha1.ReasonSuperseded:
		return v1alpha1.PromotionPhaseSuperseded
	case promotion.Finished(p) && v.Stalled:
		return v1alpha1.PromotionPhaseFailed
	case promotion.Finished(p):
		return v1alpha1.PromotionPhaseSucceeded
	case v.Reason == v1alpha1.ReasonQueued:
		return v1alpha1.PromotionPhaseQueued
	case promotion.Started(p):
		return v1alpha1.PromotionPhaseApplying
	case p.Status.Plan != nil && p.Status.Plan.Refused == 0:
		return v1alpha1.PromotionPhaseWaiting
	}
	return v1alpha1.PromotionPhasePending
}

func unexpected(err error) error {
	var going *underway
	if errors.As(err, &going) || errors.Is(err, errPlanned) || errors.As(err, new(*ended)) {
		return nil
	}
	return reconcile.Unexpected(err)
}

// again says how it is tried again what has ended before its time.
func again(p *v1alpha1.Promotion, reason string) string {
	switch {
	case reason == v1alpha1.ReasonSuperseded:
		return ""
	case automatic.Made(p):
		return ". It is tried again when the source has changed, or at once after: " + automatic.ResumeBy(p.Namespace, p.Spec.TargetRef.Name, string(p.UID))
	case reason == v1alpha1.ReasonItemsFailed:
		return ". Fix it and create a new Promotion"
	case reason == v1alpha1.ReasonTimedOut:
		return ". Find out what took so long, or raise the timeout, and create a new Promotion"
	}
	return ""
}
