// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/reconcile"
)

// gatekeeper asks the gates of the target and counts approvals.
type gatekeeper struct{ access }

// admit asks the target's gates, and counts approvals, before the work may begin.
func (r *gatekeeper) admit(ctx context.Context, s *scope) error {
	if promotion.Started(s.promotion) {
		return nil
	}
	if err := r.heed(ctx, s); err != nil {
		return err
	}
	closed, err := r.gates(ctx, s)
	if err != nil {
		return err
	}
	return cmp.Or(closed, r.approve(s))
}

// gates asks every gate. What keeps the Promotion back is the first result.
func (r *gatekeeper) gates(ctx context.Context, s *scope) (closed, err error) {
	asking, status := s.promotion.DeepCopy(), &s.promotion.Status
	asking.Status.Conditions = append(asking.Status.Conditions, s.foreign...)
	in, err := gate.Gather(ctx, r.Client, r.Live, asking, s.target, s.source, status.Plan.Items, r.Pool.Clock().Now())
	if err != nil {
		return nil, err
	}
	status.Gates = gate.Check(ctx, in)
	first, next := gate.Closed(status.Gates)
	status.NextOpenTime = next
	s.lookAgain(gate.Wake(in, status.Gates))
	if first == nil {
		return nil, nil
	}
	return reconcile.Waitingf(first.Reason, "gate %s: %s", first.Name, first.Message), nil
}

// approve counts the approvals of the plan.
func (r *gatekeeper) approve(s *scope) error {
	count := gate.Approvals(s.promotion, s.target, r.Pool.Clock().Now())
	s.approvals, s.promotion.Status.Approvals = &count, count.Seen
	if count.Next != nil {
		s.lookAgain(count.Next.Time)
	}
	if count.Missing > 0 {
		return reconcile.Waitingf(v1alpha1.ReasonApprovalsMissing, "%s", count.Message)
	}
	return nil
}

// heed takes into account what outlasts the target. Its own status shows that as well, but only once the operator has polled it: it
// may have been deleted and created again a moment ago.
func (r *gatekeeper) heed(ctx context.Context, s *scope) error {
	entry, err := (&guard.Store{Client: r.Client, Live: r.Live}).Read(ctx, s.target)
	if err != nil {
		return err
	}
	state := guard.Next(entry.State, s.target, r.Pool.Clock().Now())
	s.target.Status.Freeze = state.Kept
	if state.Hold != nil && automatic.Made(s.promotion) {
		return reconcile.Waitingf(v1alpha1.ReasonHeld, "%s", automatic.HeldBy(s.target, state.Hold))
	}
	return nil
}
