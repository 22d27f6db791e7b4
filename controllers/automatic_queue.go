package controllers

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// takesItsTurn says that a Promotion was made to be carried out after those before it, and not instead: supersede is Queue.
func takesItsTurn(s *promotionScope) bool {
	if promotion.Started(s.promotion) || !automatic.Made(s.promotion) {
		return false
	}
	follow := s.target.Spec.PromotionPolicy.Automatic
	return pinned(s.promotion) || follow != nil && follow.EffectiveSupersede() == v1alpha1.SupersedeQueue
}

// pinned says that a Promotion is about certain revisions.
func pinned(p *v1alpha1.Promotion) bool {
	return slices.ContainsFunc(p.Spec.Items, func(i v1alpha1.PromotionItem) bool { return i.Revision != "" })
}

// pin keeps what a Promotion is to bring while the source still holds it: it may be a long time until its turn comes.
func (r *PromotionReconciler) pin(ctx context.Context, s *promotionScope) error {
	if !takesItsTurn(s) || !pinned(s.promotion) {
		return nil
	}
	kept, err := r.history().Pinned(ctx, s.target, s.promotion)
	if err != nil || kept != nil {
		return err
	}
	catalog, err := promotion.ReadCatalog(ctx, r.Client, s.origin)
	if err != nil {
		return err
	}
	items, err := catalog.Select(s.promotion, nil)
	if err != nil {
		return err
	}
	draft, err := r.planner(s).Draft(ctx, items, r.slice())
	switch {
	case err != nil:
		return reconcile.FromNovu(err)
	case draft.Unread > 0:
		return r.unread(draft, fmt.Sprintf("saves what it is to promote: %d of %d items are read", len(items)-draft.Unread, len(items)))
	}
	return r.history().Pin(ctx, s.target, s.promotion, pins(s.session.Entries(&v1alpha1.PromotionPlan{Items: draft.Items}, nil)),
		func(ctx context.Context, digest string) error {
			s.promotion.Status.PinsDigest = digest
			return r.note(ctx, s)
		})
}

// pins are those entries that say what the target is to hold.
func pins(entries []history.Entry) (kept []history.Entry) {
	for _, entry := range entries {
		if entry.After != nil {
			kept = append(kept, entry)
		}
	}
	return kept
}

// withPins adds what the Promotion is to bring to the records in which its revisions are looked for.
func (r *PromotionReconciler) withPins(ctx context.Context, s *promotionScope, records []*history.Record) ([]*history.Record, error) {
	if !takesItsTurn(s) {
		return records, nil
	}
	kept, err := r.history().Pinned(ctx, s.target, s.promotion)
	if err != nil || kept == nil {
		return records, err
	}
	return append(records, kept), nil
}

// lineUp keeps a Promotion waiting while one that the operator has made before for the same target has not ended.
func (r *PromotionReconciler) lineUp(ctx context.Context, s *promotionScope) error {
	if !takesItsTurn(s) {
		return nil
	}
	siblings, err := r.siblings(ctx, s)
	if err != nil {
		return err
	}
	if older := automatic.Older(s.promotion, siblings); older != nil {
		return &reconcile.Waiting{Reason: v1alpha1.ReasonQueued, Message: fmt.Sprintf("Promotion %s was made before and comes first", older.Name)}
	}
	return nil
}

// siblings are the Promotions into the same target, this one among them.
func (r *PromotionReconciler) siblings(ctx context.Context, s *promotionScope) ([]v1alpha1.Promotion, error) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.Target: reconcile.Key(s.target)}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the other Promotions into Environment %s: %w", reconcile.Key(s.target), err)
	}
	return list.Items, nil
}
