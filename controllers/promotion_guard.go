package controllers

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/reconcile"
)

// heed takes into account what outlasts the target. Its own status shows that as well, but only once the operator has looked at it: it
// may have been deleted and created again a moment ago.
func (r *PromotionReconciler) heed(ctx context.Context, s *promotionScope) error {
	entry, err := (&guard.Store{Client: r.Client, Live: r.Live}).Read(ctx, s.target)
	if err != nil {
		return err
	}
	state := guard.Next(entry.State, s.target, r.Pool.Clock().Now())
	s.target.Status.Freeze = state.Kept
	if state.Hold != nil && automatic.Made(s.promotion) {
		return &reconcile.Waiting{Reason: v1alpha1.ReasonHeld, Message: heldBy(s.target, state.Hold)}
	}
	return nil
}
