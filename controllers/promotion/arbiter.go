// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// arbiter decides whether a Promotion ends before it is done: it is aborted, has taken too long, or waits for what it must not
// wait for.
type arbiter struct{ access }

// stop ends a Promotion that is aborted before it has written anything.
func (r *arbiter) stop(_ context.Context, s *scope) error {
	if over := r.over(s); over != nil && !promotion.Started(s.promotion) {
		return over
	}
	return nil
}

// over says why the Promotion is to end before it is done; nil if it is not.
func (r *arbiter) over(s *scope) *ended {
	switch p := s.promotion; {
	case ptr.Deref(p.Spec.Abort, false):
		return &ended{reason: v1alpha1.ReasonAborted, message: "spec.abort is set: nothing more is written"}
	case promotion.Started(p):
		timeout := v1alpha1.DefaultPromotionTimeout
		if s.target != nil && s.target.IsPromotionTarget() {
			timeout = s.target.Spec.PromotionPolicy.EffectiveTimeout()
		}
		if r.Pool.Clock().Since(p.Status.StartTime.Time) > timeout {
			return &ended{reason: v1alpha1.ReasonTimedOut, message: fmt.Sprintf(
				"it has taken longer than the %s of the target's spec.promotionPolicy.timeout", timeout)}
		}
	}
	return nil
}

// cutShort ends a Promotion that is to end, instead of waiting for what keeps it from going on.
func (r *arbiter) cutShort(s *scope, err error) error {
	var (
		going *underway
		ends  *ended
		again *former
	)
	if over := r.over(s); over != nil && !errors.As(err, &going) && !errors.As(err, &ends) && !errors.As(err, &again) && !requeue.Deposed(err) {
		return &ended{reason: over.reason, message: over.Error() + ". Before that: " + reconcile.OutcomeOf(err).Message}
	}
	return err
}

// decide ends a Promotion that has not begun if it must not wait for what keeps it from going on, or has waited long enough.
func (r *arbiter) decide(ctx context.Context, s *scope, err error) error {
	reason := obstacle(err)
	if reason == "" || promotion.Started(s.promotion) || automatic.Made(s.promotion) {
		return err
	}
	now, patience := r.Pool.Clock().Now(), promotion.FateOf(reason).Patience(s.promotion)
	until := promotion.Unplanned(s.promotion, now).Add(time.Duration(patience))
	switch {
	case patience == promotion.Waits:
		return err
	case now.Before(until):
		s.until = until
		return err
	case reason == v1alpha1.ReasonEnvironmentNotReady && !r.Pool.Tried(client.ObjectKeyFromObject(s.target)):
		return err // the operator has only just started
	case r.mistaken(ctx, s, reason):
		return &underway{after: time.Second, message: "the operator does not see yet what has changed"}
	}
	return &ended{reason: reason, message: farewell(reconcile.OutcomeOf(err).Message, time.Duration(patience))}
}

// obstacle is the reason for which a Promotion cannot go on, if that is an outcome that the table of fates is about.
func obstacle(err error) string {
	if errors.As(err, new(*ended)) {
		return ""
	}
	return reconcile.TroubleOf(err).Reason
}

// mistaken reports whether the cache is behind: the API server knows of the Environment what the cache does not. It is asked
// before a Promotion ends for that.
func (r *arbiter) mistaken(ctx context.Context, s *scope, reason string) bool {
	switch reason {
	case v1alpha1.ReasonEnvironmentNotFound, v1alpha1.ReasonNotAPromotionTarget, v1alpha1.ReasonNamespaceNotAllowed, v1alpha1.ReasonEnvironmentSuspended:
	default:
		return false
	}
	p := s.promotion
	target, err := reconcile.ResolveEnvironment(ctx, r.Live, p.Spec.TargetRef, p.Namespace)
	if err == nil && !p.IsRollback() && target.IsPromotionTarget() {
		_, err = reconcile.ResolveEnvironment(ctx, r.Live, target.Spec.PromotionPolicy.SourceRef, target.Namespace)
	}
	return !reconcile.Expected(err) || err == nil && target.IsPromotionTarget() && !ptr.Deref(target.Spec.Suspend, false)
}

// farewell tells users that nothing more is to be expected, and what to do.
func farewell(message string, waited time.Duration) string {
	if waited > 0 {
		return fmt.Sprintf("%s. It was not there after %s, and this Promotion does not wait longer: create a new Promotion once it is", message, waited)
	}
	if strings.Contains(message, "new Promotion") || strings.Contains(message, "create a Promotion") {
		return message
	}
	return message + ". This Promotion has ended and wrote nothing: once that is fixed, create a new Promotion"
}
