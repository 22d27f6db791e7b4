// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
)

// resolver finds what a Promotion is between: the Environments, their connections, and the state that a rollback goes back to.
type resolver struct {
	access

	interest *promotion.Interest
	sessions *promotion.Sessions
}

// resolve finds the Environments: the target, its source, and the one whose objects describe the source.
func (r *resolver) resolve(ctx context.Context, s *scope) (err error) {
	p := s.promotion
	if s.target, err = reconcile.ResolveEnvironment(ctx, r.Client, p.Spec.TargetRef, p.Namespace); err != nil {
		return err
	}
	if !s.target.IsPromotionTarget() {
		return reconcile.Stalledf(v1alpha1.ReasonNotAPromotionTarget,
			"Environment %s is no promotion target: set its spec.promotionPolicy.sourceRef, or name another in a new Promotion", reconcile.Key(s.target))
	}
	if p.IsRollback() {
		return nil // it takes what was recorded, even when the source is gone
	}
	s.source, err = reconcile.ResolveEnvironment(ctx, r.Client, s.target.Spec.PromotionPolicy.SourceRef, s.target.Namespace)
	if err != nil {
		return err
	}
	if s.origin, err = promotion.Origin(ctx, source.Cached(r.Client), s.source); err != nil {
		return err
	}
	s.quiet = r.interest.Join(client.ObjectKeyFromObject(p), client.ObjectKeyFromObject(s.origin), r.Pool.Clock().Now())
	return nil
}

// connect finds the connections of target and source, and makes sure that a Promotion that has started goes on between
// the same two Novu environments.
func (r *resolver) connect(_ context.Context, s *scope) error {
	target, err := reconcile.Connected(r.Pool, s.target)
	if err != nil {
		return err
	}
	to, from, side := target.Environment(), novu.Environment{}, (*promotion.Side)(nil)
	if s.source != nil {
		source, err := reconcile.Connected(r.Pool, s.source)
		if err != nil {
			return err
		}
		from, side = source.Environment(), &promotion.Side{Conn: source, Name: reconcile.Key(s.source)}
	}
	status := &s.promotion.Status
	switch {
	case promotion.Started(s.promotion) && (status.SourceEnvironmentID != from.ID || status.TargetEnvironmentID != to.ID):
		return reconcile.Stalledf(v1alpha1.ReasonEnvironmentChanged,
			"the plan is for the Novu environments %s and %s, and the keys now belong to %s and %s: create a new Promotion",
			status.SourceEnvironmentID, status.TargetEnvironmentID, from.ID, to.ID)
	case from.ID == to.ID:
		return reconcile.Stalledf(v1alpha1.ReasonInvalidSpec,
			"Environments %s and %s lead to one and the same Novu environment (%s): correct the Secret of one of them",
			reconcile.Key(s.source), reconcile.Key(s.target), from.ID)
	}
	status.SourceEnvironmentID, status.TargetEnvironmentID = from.ID, to.ID
	s.target.Status.EnvironmentID = to.ID // the cache may know another; records are found by it
	s.session = r.sessions.Open(s.promotion, side,
		&promotion.Side{Conn: target, Name: reconcile.Key(s.target)}, r.Pool.Clock().Now())
	return nil
}

// aim settles what a rollback goes back to, from what was recorded when it was created, and writes that down before anything
// else happens. From then on no promotion changes what the rollback means.
func (r *resolver) aim(ctx context.Context, s *scope) error {
	status := &s.promotion.Status
	switch {
	case !s.promotion.IsRollback() || promotion.Started(s.promotion):
		return nil
	case ptr.Deref(s.target.Spec.Suspend, false):
		return reconcile.Waitingf(v1alpha1.ReasonEnvironmentSuspended, "Environment %s is suspended: set its spec.suspend to false", reconcile.Key(s.target))
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

// restored names the Promotion that status has the rollback go back to; zero: none.
func restored(p *v1alpha1.Promotion) v1alpha1.PromotionReference {
	return ptr.Deref(p.Status.RestoresRef, v1alpha1.PromotionReference{})
}

func pointOf(s *scope) history.Point {
	restores, point := restored(s.promotion), s.promotion.Status.RollbackPoint
	return history.Point{
		Promotion: restores.Key(), Name: promotion.TitleIn(restores, s.target.Namespace), UID: point.PromotionUID, Number: point.Record, Before: point.Before, Newest: point.LatestRecord,
	}
}

// overtaken ends a rollback to previous when something was promoted since it was created: whoever asked for it has not seen
// that. The name of a Promotion still means the same.
func (r *resolver) overtaken(ctx context.Context, s *scope) error {
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
func overtakenBy(s *scope) error {
	title := promotion.TitleIn(restored(s.promotion), s.target.Namespace)
	return reconcile.Stalledf(v1alpha1.ReasonOvertaken,
		"another Promotion has written to Environment %s since this rollback was created, when previous meant the state before %s: "+
			"create a new Promotion with a rollback to Previous, or to Promotion %s to go back to what that one left",
		reconcile.Key(s.target), title, title)
}
