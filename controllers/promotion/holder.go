// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// holder keeps automatic promotion from undoing a rollback.
type holder struct {
	access

	recorder events.EventRecorder
}

// holdAgain has a rollback that was restored from a backup hold automatic promotion back as it did, when what the target itself has
// kept of that was not restored: else the release that was rolled back would be promoted at once. The hold has the UID of then, so
// that whoever has lifted it, or lifts it from a Git repository, is understood.
func (r *holder) holdAgain(ctx context.Context, p *v1alpha1.Promotion, attempt *history.Attempt) error {
	if !p.IsRollback() || attempt.StartTime == nil {
		return nil
	}
	target := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, p.Spec.TargetRef.In(p.Namespace), target); err != nil {
		return client.IgnoreNotFound(err)
	}
	if target.Status.Hold != nil || target.Annotations[v1alpha1.ResumeAnnotation] == string(attempt.UID) {
		return nil
	}
	over, err := r.liftedSince(ctx, target, attempt)
	if err != nil || over {
		return err
	}
	hold := holdOf(p, attempt.UID, *attempt.CompletionTime)
	if err := promotion.Hold(ctx, r.Client, target, hold); err != nil {
		return err
	}
	r.recorder.Eventf(target, p, corev1.EventTypeNormal, v1alpha1.ReasonHeld, "Hold", "%s", automatic.HeldBy(target, hold))
	return nil
}

// liftedSince reports whether the hold of a rollback is history: the operator has made a Promotion by itself since, which took a user
// to lift it, or a later rollback has set its own.
func (r *holder) liftedSince(ctx context.Context, target *v1alpha1.Environment, rollback *history.Attempt) (bool, error) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.Target: reconcile.Key(target)}, client.UnsafeDisableDeepCopy); err != nil {
		return false, fmt.Errorf("list the other Promotions into Environment %s: %w", reconcile.Key(target), err)
	}
	for i := range list.Items {
		other := &list.Items[i]
		told := history.Annotated(other)
		if told == nil || told.StartTime == nil || told.UID == rollback.UID || !other.IsRollback() && !automatic.Made(other) {
			continue
		}
		if told.StartTime.After(rollback.StartTime.Time) {
			return true, nil
		}
	}
	return false, nil
}

// holdBack keeps automatic promotion from undoing a rollback, and also one that has restored only a part.
func (r *holder) holdBack(ctx context.Context, s *scope) error {
	if !s.promotion.IsRollback() {
		return nil
	}
	hold := holdOf(s.promotion, s.promotion.UID, *r.now())
	if err := promotion.Hold(ctx, r.Client, s.target, hold); err != nil {
		return err
	}
	known := s.target.Status.Hold
	if s.target.Spec.PromotionPolicy.Automatic != nil && (known == nil || known.UID != hold.UID) {
		r.recorder.Eventf(s.target, s.promotion, corev1.EventTypeNormal, v1alpha1.ReasonHeld, "Hold", "%s", automatic.HeldBy(s.target, hold))
	}
	return nil
}

// holdOf is the hold that a rollback, as the object with this UID, sets at its target.
func holdOf(rollback *v1alpha1.Promotion, uid types.UID, since metav1.Time) *v1alpha1.PromotionHold {
	return &v1alpha1.PromotionHold{
		PromotionRef: *promotion.RefTo(rollback), UID: uid, StartTime: since, Reason: "rolled back to " + goal(rollback.Spec.Rollback),
	}
}

// goal is what a rollback goes back to, for texts.
func goal(rollback *v1alpha1.PromotionRollback) string {
	if name := rollback.PromotionName(); name != "" {
		return "what Promotion " + name + " left"
	}
	return "the previous state"
}
