// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

// planner makes the plan, keeps it up to date while the Promotion waits, and settles it when the work begins.
type planner struct {
	access

	quiet      time.Duration
	drafter    *drafter
	gatekeeper *gatekeeper
	attempts   *attempts
}

// plan makes the plan. While the Promotion waits for gates and approvals it is kept, as long as the objects that it was made
// for have not changed; right before the work begins it is made again.
func (r *planner) plan(ctx context.Context, s *scope) error {
	if promotion.Started(s.promotion) {
		return nil
	}
	if planned, err := r.upToDate(ctx, s); planned || err != nil {
		return err
	}
	return r.replan(ctx, s)
}

// upToDate reports whether there is a plan, and the caches of the operator know of no change to what it is about.
func (r *planner) upToDate(ctx context.Context, s *scope) (bool, error) {
	status := &s.promotion.Status
	if status.Plan == nil || !apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionPlanned) || ptr.Deref(s.promotion.Spec.DryRun, false) {
		return false, nil
	}
	if s.promotion.IsRollback() {
		return true, nil
	}
	items, err := r.drafter.sequence(s).Select(ctx) // before records are read
	if err != nil {
		return false, err
	}
	return promotion.Matches(status.Plan, items, s.described()), nil
}

func (r *planner) replan(ctx context.Context, s *scope) error {
	if rest := r.unsettled(s); rest > 0 {
		r.drafter.sequence(s).ReadAhead(ctx, rest)
		return &underway{after: r.unsettled(s), message: "waits for the definitions of the source to settle"}
	}
	records, err := r.history().List(ctx, s.target)
	if err != nil {
		return err
	}
	if s.records, err = r.drafter.withPins(ctx, s, ofOthers(records, s.promotion)); err != nil {
		return err
	}
	if err := r.drafter.draft(ctx, s); err != nil {
		return err
	}
	s.planned = true
	switch {
	case ptr.Deref(s.promotion.Spec.DryRun, false):
		_, err := r.gatekeeper.gates(ctx, s) // for people to see
		return cmp.Or(err, errPlanned)
	case r.Pool.ReadOnly():
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: %s", promotion.Foresight(s.promotion.Status.Plan))
	}
	return nil
}

// unsettled is how long the definitions of the source must still stay as they are.
func (r *planner) unsettled(s *scope) time.Duration {
	if s.promotion.IsRollback() {
		return 0
	}
	settled := s.quiet.Add(r.quiet)
	if latest := s.session.Began.Add(promotion.LongestQuiet); latest.Before(settled) {
		settled = latest
	}
	return settled.Sub(r.Pool.Clock().Now())
}

// begin settles the plan. It is made again first, unless it was made just now: what was approved is what is done.
func (r *planner) begin(ctx context.Context, s *scope) error {
	if promotion.Started(s.promotion) {
		return nil
	}
	status := &s.promotion.Status
	if !s.planned {
		seen := status.Plan.Hash
		if err := r.replan(ctx, s); err != nil {
			return err
		}
		if status.Plan.Hash != seen {
			return &underway{message: "source or target have changed since the plan was made: " + promotion.Foresight(status.Plan)}
		}
		if err := r.askAgain(ctx, s); err != nil {
			return err
		}
	}
	if err := r.attempts.claim(ctx, s); err != nil {
		return err
	}
	status.StartTime, s.begun = r.now(), true
	return &underway{message: promotion.Foresight(status.Plan)}
}

// askAgain asks the gates once more, after source and target were read: the target may have been frozen meanwhile.
func (r *planner) askAgain(ctx context.Context, s *scope) error {
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(s.target), current); err != nil {
		return err
	}
	if current.UID != s.target.UID || current.Generation != s.target.Generation {
		return &underway{message: "the rules of the target have changed"}
	}
	return r.gatekeeper.admit(ctx, s)
}
