package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// holdAgain has a rollback that was restored from a backup hold automatic promotion back as it did, when what the target itself has
// kept of that was not restored: else the release that was rolled back would be promoted at once. The hold has the UID of then, so
// that whoever has lifted it, or lifts it from a Git repository, is understood.
func (r *PromotionReconciler) holdAgain(ctx context.Context, p *v1alpha1.Promotion, attempt *history.Attempt) error {
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
	hold := holdOf(p, attempt.UID, target, *attempt.CompletionTime)
	if err := promotion.Hold(ctx, r.Client, target, hold); err != nil {
		return err
	}
	r.Recorder.Eventf(target, p, corev1.EventTypeNormal, v1alpha1.ReasonHeld, "Hold", "%s", heldBy(target, hold))
	return nil
}

// liftedSince reports whether the hold of a rollback is history: the operator has made a Promotion by itself since, which took somebody
// to lift it, or a later rollback has set its own.
func (r *PromotionReconciler) liftedSince(ctx context.Context, target *v1alpha1.Environment, rollback *history.Attempt) (bool, error) {
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
