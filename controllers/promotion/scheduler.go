// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"errors"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// scheduler knows when the next step of a Promotion is due, and when one that has ended is to go.
type scheduler struct {
	pool    *connection.Pool
	backoff *requeue.Backoff
}

// lifetime is how long a Promotion that has ended stays, if that is limited.
func (r *scheduler) lifetime(p *v1alpha1.Promotion) (left time.Duration, expires bool) {
	ttl := p.Spec.TTLSecondsAfterFinished
	if ttl == nil || !promotion.Finished(p) || !p.DeletionTimestamp.IsZero() {
		return 0, false
	}
	end := p.Status.CompletionTime.Time
	if p.CreationTimestamp.After(end) { // it ended as another object: a GitOps tool would create it again and again
		end = p.CreationTimestamp.Time
	}
	end = end.Add(time.Duration(*ttl) * time.Second)
	return max(0, end.Sub(r.pool.Clock().Now())), true
}

// patience is how long a Promotion that waits is left alone if nothing wakes it: a safety net. One with refused items is
// for users to fix, and planning it again takes many calls.
func patience(reason string) time.Duration {
	const often = 30 * time.Second
	if reason == v1alpha1.ReasonItemsRefused {
		return v1alpha1.DefaultInterval
	}
	return often
}

// next says when the next step follows, at the latest when the Promotion has waited long enough.
func (r *scheduler) next(s *scope, err error) (ctrl.Result, error) {
	result, err := r.following(s, err)
	if err == nil && !s.until.IsZero() {
		left := max(s.until.Sub(r.pool.Clock().Now()), time.Second)
		if result.RequeueAfter == 0 || left < result.RequeueAfter {
			result.RequeueAfter = left
		}
	}
	return result, err
}

func (r *scheduler) following(s *scope, err error) (ctrl.Result, error) {
	var going *underway
	outcome := reconcile.OutcomeOf(err)
	switch {
	case promotion.Finished(s.promotion):
		r.backoff.Forget(s.promotion)
		if left, expires := r.lifetime(s.promotion); expires {
			return ctrl.Result{RequeueAfter: max(left, time.Second)}, nil
		}
		return ctrl.Result{}, nil
	case errors.As(err, &going):
		r.backoff.Forget(s.promotion)
		return ctrl.Result{RequeueAfter: max(going.after, time.Millisecond)}, nil
	case outcome.Kind == reconcile.Waiting && outcome.Reason == v1alpha1.ReasonEnvironmentNotReady:
		// That an Environment is connected again is not always to be seen in its status, after a restart for example.
		polling := reconcile.Outcome{Kind: reconcile.Waiting, Poll: true}
		return r.backoff.Next(s.promotion, polling, patience(outcome.Reason), r.pool.Clock().Now())
	case outcome.Kind == reconcile.Waiting:
		r.backoff.Forget(s.promotion)
		low := requeue.PriorityLow
		return ctrl.Result{RequeueAfter: r.again(s, outcome.Reason), Priority: &low}, nil
	}
	if s.advanced() {
		r.backoff.Forget(s.promotion) // Novu answers now and then: each failure is the first since
	}
	result, err := r.backoff.Next(s.promotion, outcome, v1alpha1.DefaultInterval, r.pool.Clock().Now())
	if promotion.Started(s.promotion) && err == nil && result.RequeueAfter == 0 {
		result.RequeueAfter = requeue.Jitter(v1alpha1.DefaultInterval) // it keeps others back, and must see when its time is over
	}
	return result, err
}

// again is when a Promotion that waits is reconciled again: when a gate may open, an approval expires or Novu must have judged an
// item, if that is known.
func (r *scheduler) again(s *scope, reason string) time.Duration {
	rest := requeue.Jitter(patience(reason))
	if s.wake.IsZero() {
		return rest
	}
	known := max(s.wake.Sub(r.pool.Clock().Now()), time.Second)
	if s.promotion.Status.Plan == nil && !promotion.LeavesOut(s.promotion) {
		return min(rest, known)
	}
	return known
}
