// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/reconcile"
)

// line has Promotions for the same target, or the same Novu environment, wait for each other.
type line struct {
	access

	queue       *promotion.Queue
	corrections *promotion.Corrections
}

// enter waits until it is the Promotion's turn to write to the target.
func (r *line) enter(ctx context.Context, s *scope) error {
	if ptr.Deref(s.promotion.Spec.DryRun, false) || r.Pool.ReadOnly() {
		return nil
	}
	if id := s.session.Target.Conn.Environment().ID; r.corrections.Underway(id) {
		return &underway{after: time.Second, message: "waits for a correction of drift in the target to end"}
	}
	rivals, err := r.rivals(ctx, s)
	if err != nil {
		return err
	}
	return r.queue.Enter(s.session.Target.Conn.Environment().ID, s.promotion, rivals)
}

// rivals are the other Promotions in line for the same Novu environment, through whatever Environment.
func (r *line) rivals(ctx context.Context, s *scope) ([]*v1alpha1.Promotion, error) {
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

// lineUp keeps a Promotion waiting while one that the operator has made before for the same target has not ended.
func (r *line) lineUp(ctx context.Context, s *scope) error {
	if !takesItsTurn(s) {
		return nil
	}
	siblings, err := r.siblings(ctx, s)
	if err != nil {
		return err
	}
	if older := automatic.Older(s.promotion, siblings); older != nil {
		return reconcile.Waitingf(v1alpha1.ReasonQueued, "waiting for Promotion %s, which was created before", reconcile.Key(older))
	}
	return nil
}

// siblings are the Promotions into the same target, this one among them.
func (r *line) siblings(ctx context.Context, s *scope) ([]v1alpha1.Promotion, error) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.Target: reconcile.Key(s.target)}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the other Promotions into Environment %s: %w", reconcile.Key(s.target), err)
	}
	return list.Items, nil
}

// makeWay keeps a Promotion that the operator has made by itself from beginning when another one is to be carried out
// instead, or before, or none at all. Those that people create are not concerned.
func (r *line) makeWay(ctx context.Context, s *scope) error {
	if promotion.Started(s.promotion) || !automatic.Made(s.promotion) {
		return nil
	}
	if err := r.held(ctx, s); err != nil {
		return err
	}
	siblings, err := r.siblings(ctx, s)
	if err != nil {
		return err
	}
	// One that is carried out in its turn makes way only when that can never come: it would hold up all that come after it.
	refused := conditionOf(s.promotion, v1alpha1.ConditionReady)
	if takesItsTurn(s) && (refused == nil || refused.Reason != v1alpha1.ReasonItemsRefused) {
		return nil
	}
	return r.superseded(ctx, automatic.Newer(s.promotion, siblings))
}

// held asks the API server whether a rollback holds automatic promotion back: it may have ended a moment ago.
func (r *line) held(ctx context.Context, s *scope) error {
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(s.target), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.Status.Hold == nil {
		return nil
	}
	return reconcile.Waitingf(v1alpha1.ReasonHeld, "%s", automatic.HeldBy(current, current.Status.Hold))
}

// superseded ends a Promotion that a newer one takes the place of.
func (r *line) superseded(ctx context.Context, newer *v1alpha1.Promotion) error {
	if newer == nil {
		return nil
	}
	current := &v1alpha1.Promotion{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(newer), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.UID != newer.UID || !current.DeletionTimestamp.IsZero() {
		return nil
	}
	return &ended{reason: v1alpha1.ReasonSuperseded, message: fmt.Sprintf(
		"Promotion %s takes its place, because the source has changed since then", newer.Name)}
}
