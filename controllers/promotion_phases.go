package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// underway ends a reconcile of which the next one follows by itself, at once or after a while.
type underway struct {
	message string
	after   time.Duration
}

func (u *underway) Error() string { return u.message }

// errPlanned ends a dry run.
var errPlanned = errors.New("planned")

// ended ends a Promotion before it is done.
type ended struct{ reason, message string }

func (e *ended) Error() string { return e.message }

// stop ends a Promotion that is aborted before it has written anything.
func (r *PromotionReconciler) stop(_ context.Context, s *promotionScope) error {
	if over := r.over(s); over != nil && !promotion.Started(s.promotion) {
		return over
	}
	return nil
}

// over says why the Promotion is to end before it is done; nil if it is not.
func (r *PromotionReconciler) over(s *promotionScope) *ended {
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
func (r *PromotionReconciler) cutShort(s *promotionScope, err error) error {
	var (
		going *underway
		ends  *ended
		again *former
	)
	if over := r.over(s); over != nil && !errors.As(err, &going) && !errors.As(err, &ends) && !errors.As(err, &again) && !reconcile.Deposed(err) {
		return &ended{reason: over.reason, message: over.Error() + ". Before that: " + err.Error()}
	}
	return err
}

// resolve finds the Environments: the target, its source, and the one whose objects describe the source.
func (r *PromotionReconciler) resolve(ctx context.Context, s *promotionScope) (err error) {
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
	if s.origin, err = promotion.Origin(ctx, r.Client, s.source); err != nil {
		return err
	}
	s.quiet = r.interest.Join(keyOf(p), keyOf(s.origin), r.Pool.Clock().Now())
	return nil
}

// connect finds the connections of target and source, and makes sure that a Promotion that has started goes on between
// the same two Novu environments.
func (r *PromotionReconciler) connect(_ context.Context, s *promotionScope) error {
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

// enter waits until it is the Promotion's turn to write to the target.
func (r *PromotionReconciler) enter(ctx context.Context, s *promotionScope) error {
	if ptr.Deref(s.promotion.Spec.DryRun, false) || r.Pool.ReadOnly() {
		return nil
	}
	if id := s.session.Target.Conn.Environment().ID; r.Corrections.Underway(id) {
		return &underway{after: time.Second, message: "waits for a correction of drift in the target to end"}
	}
	rivals, err := r.rivals(ctx, s)
	if err != nil {
		return err
	}
	return r.queue.Enter(s.session.Target.Conn.Environment().ID, s.promotion, rivals)
}

// rivals are the other Promotions in line for the same Novu environment, through whatever Environment.
func (r *PromotionReconciler) rivals(ctx context.Context, s *promotionScope) ([]*v1alpha1.Promotion, error) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the other Promotions: %w", err)
	}
	var rivals []*v1alpha1.Promotion
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID == s.promotion.UID || !promotion.InLine(other) {
			continue
		}
		conn := r.Pool.Get(other.Spec.TargetRef.In(other.Namespace))
		if conn != nil && conn.Backend == s.session.Target.Conn.Backend {
			rivals = append(rivals, other)
		}
	}
	return rivals, nil
}
