package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// aim settles what a rollback goes back to, from what was recorded when it was created, and writes that down before anything
// else happens. From then on no promotion changes what the rollback means.
func (r *PromotionReconciler) aim(ctx context.Context, s *promotionScope) error {
	status := &s.promotion.Status
	switch {
	case !s.promotion.IsRollback() || promotion.Started(s.promotion):
		return nil
	case ptr.Deref(s.target.Spec.Suspend, false):
		return &reconcile.Waiting{
			Reason: v1alpha1.ReasonEnvironmentSuspended, Message: "Environment " + reconcile.Key(s.target) + " is suspended",
		}
	case status.RollbackPoint != nil:
		return r.overtaken(ctx, s)
	}
	records, err := r.history().List(ctx, s.target)
	if err != nil {
		return err
	}
	point, err := history.Locate(ofOthers(records, s.promotion), s.initial, s.target)
	if err != nil {
		return err
	}
	status.RestoresRef = &v1alpha1.PromotionReference{Namespace: point.Promotion.Namespace, Name: point.Promotion.Name}
	status.RollbackPoint = &v1alpha1.RollbackPoint{
		PromotionUID: point.UID, Record: point.Number, Before: point.Before, LatestRecord: point.Newest,
	}
	if err := r.note(ctx, s); err != nil {
		return err
	}
	return r.overtaken(ctx, s)
}

// note writes status in the middle of a reconcile. Without any condition, tools would take the Promotion for done.
func (r *PromotionReconciler) note(ctx context.Context, s *promotionScope) error {
	if status := &s.promotion.Status; len(status.Conditions) == 0 {
		reconcile.Begin(reconcile.Conditions{List: &status.Conditions, Generation: s.promotion.Generation})
	}
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.promotion, s.before); err != nil {
		return err
	}
	s.before = s.promotion.DeepCopy()
	return nil
}

// restored names the Promotion that status has the rollback go back to; zero: none.
func restored(p *v1alpha1.Promotion) v1alpha1.PromotionReference {
	return ptr.Deref(p.Status.RestoresRef, v1alpha1.PromotionReference{})
}

func pointOf(s *promotionScope) history.Point {
	restores, point := restored(s.promotion), s.promotion.Status.RollbackPoint
	return history.Point{
		Promotion: restores.Key(), Name: promotion.TitleIn(restores, s.target.Namespace), UID: point.PromotionUID, Number: point.Record, Before: point.Before, Newest: point.LatestRecord,
	}
}

// overtaken ends a rollback to previous when something was promoted since it was created: whoever asked for it has not seen
// that. The name of a Promotion still means the same.
func (r *PromotionReconciler) overtaken(ctx context.Context, s *promotionScope) error {
	point := s.promotion.Status.RollbackPoint
	if !point.Before {
		return nil
	}
	newest, err := r.history().Newest(ctx, s.target)
	if err != nil || newest <= point.LatestRecord {
		return err
	}
	return overtakenBy(s)
}

// overtakenBy is the end of a rollback to previous of which previous means something else by now.
func overtakenBy(s *promotionScope) error {
	title := promotion.TitleIn(restored(s.promotion), s.target.Namespace)
	return reconcile.Stalledf(v1alpha1.ReasonOvertaken,
		"another Promotion has written to Environment %s since this rollback was created, when previous meant the state before %s: "+
			"create a new Promotion with a rollback to Previous, or to Promotion %s to go back to what that one left",
		reconcile.Key(s.target), title, title)
}

// decide ends a Promotion that has not begun if it must not wait for what keeps it from going on, or has waited long enough.
func (r *PromotionReconciler) decide(ctx context.Context, s *promotionScope, err error) error {
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
	case reason == v1alpha1.ReasonEnvironmentNotReady && !r.Pool.Tried(keyOf(s.target)):
		return err // the operator has only just started
	case r.mistaken(ctx, s, reason):
		return &underway{after: time.Second, message: "the operator does not see yet what has changed"}
	}
	return &ended{reason: reason, message: farewell(err.Error(), time.Duration(patience))}
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
func (r *PromotionReconciler) mistaken(ctx context.Context, s *promotionScope, reason string) bool {
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
