// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// executor carries out the plan: it records what the target holds, writes, reverts, verifies, and records what is live.
type executor struct {
	access

	slice        time.Duration
	environments *requeue.Waker
	arbiter      *arbiter
	holder       *holder
}

// keep records what the target holds and what is promoted before anything is written. A Promotion without a record has
// written nothing: it was cut off right after it had begun, and begins again.
func (r *executor) keep(ctx context.Context, s *scope) error {
	status := &s.promotion.Status
	if s.session.Kept {
		return nil
	}
	if !s.session.Remembers() {
		record, err := r.vouching(s).Of(ctx, s.target, s.promotion)
		if err != nil {
			return err
		}
		if record == nil {
			status.StartTime, status.Plan, status.Progress = nil, nil, ""
			return &underway{message: "begins again: the operator was stopped before anything was written"}
		}
		s.session.Recall(record)
	}
	records, err := r.history().List(ctx, s.target)
	if err != nil {
		return err
	}
	others := ofOthers(records, s.promotion)
	s.session.Complete(status.Plan, others)
	if err := r.vouching(s).Keep(ctx, s.target, s.promotion, s.session.Entries(status.Plan, others)); err != nil {
		return err
	}
	s.session.Kept = true
	return nil
}

// apply works on the items for a while.
func (r *executor) apply(ctx context.Context, s *scope) error {
	status := &s.promotion.Status
	if r.Pool.ReadOnly() {
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run and does not go on: %s are done",
			promotion.Progress(status.Plan.Items))
	}
	if over := r.arbiter.over(s); over != nil {
		return cmp.Or(r.record(ctx, s), error(over))
	}
	if counts := promotion.Count(status.Plan.Items); counts.Pending+counts.Applying == 0 || counts.Failed+counts.RolledBack > 0 {
		return nil
	}
	execution, recorder := r.execution(s), r.recorder(ctx, s)
	if s.target.Spec.PromotionPolicy.EffectiveOnFailure() != v1alpha1.FailurePolicyRollback {
		// What is live is written down while Novu's rate limit has the next items wait.
		execution.Brought = recorder.Note
	}
	err := cmp.Or(execution.Run(ctx, status.Plan.Items, r.slice), recorder.Wait())
	status.Strategy = execution.Strategy
	if counts := promotion.Count(status.Plan.Items); err == nil && counts.Pending+counts.Applying > 0 && counts.Failed == 0 {
		return &underway{message: promotion.Progress(status.Plan.Items) + " items are done"}
	}
	return err
}

func (r *executor) recorder(ctx context.Context, s *scope) *promotion.Recorder {
	return promotion.NewRecorder(ctx, r.Client, s.promotion, s.target, s.session.Target, *r.now())
}

// revert restores what the target held before if an item has failed and the target asks for that.
func (r *executor) revert(ctx context.Context, s *scope) error {
	items := s.promotion.Status.Plan.Items
	if promotion.Count(items).Failed == 0 || s.target.Spec.PromotionPolicy.EffectiveOnFailure() != v1alpha1.FailurePolicyRollback {
		return nil
	}
	if err := r.execution(s).Revert(ctx, items, r.slice); err != nil {
		return err
	}
	for i := range items {
		if promotion.Revertible(&items[i]) {
			return &underway{message: "an item has failed: restores what the target held before"}
		}
	}
	return nil
}

func (r *executor) execution(s *scope) *promotion.Execution {
	return &promotion.Execution{
		Session: s.session, Clock: r.Pool.Clock(), Strategy: s.promotion.Status.Strategy,
		Insist: s.target.Spec.PromotionPolicy.Strategy == v1alpha1.PromotionStrategySync,
		Checkpoint: func(ctx context.Context) error {
			promotion.Shrink(s.promotion.Status.Plan.Items)
			s.promotion.Status.Progress = promotion.Progress(s.promotion.Status.Plan.Items)
			return r.note(ctx, s)
		},
		Supplement: func(ctx context.Context, entry history.Entry) error {
			return r.vouching(s).Supplement(ctx, s.target, s.promotion, &entry)
		},
		Brought: func(*v1alpha1.PlannedItem) {},
		Halt:    func(ctx context.Context) bool { return r.aborted(ctx, s) },
	}
}

// aborted reports whether spec.abort was set since the reconcile began.
func (r *executor) aborted(ctx context.Context, s *scope) bool {
	now := &v1alpha1.Promotion{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(s.promotion), now) // from the cache
	return err == nil && now.UID == s.promotion.UID && ptr.Deref(now.Spec.Abort, false)
}

// verify looks at the target once more. What fails only then is undone as well, if the target asks for that.
func (r *executor) verify(ctx context.Context, s *scope) error {
	items := s.promotion.Status.Plan.Items
	failed := promotion.Count(items).Failed
	if err := r.execution(s).Verify(ctx, items); err != nil {
		return err
	}
	if promotion.Count(items).Failed > failed && s.target.Spec.PromotionPolicy.EffectiveOnFailure() == v1alpha1.FailurePolicyRollback {
		return &underway{message: "the target does not hold what was brought: restores what it held before"}
	}
	return nil
}

// record writes down what is live in the target: at the objects, and in the history.
func (r *executor) record(ctx context.Context, s *scope) error {
	r.environments.Wake(requeue.PriorityNormal, client.ObjectKeyFromObject(s.target)) // it counts what Novu holds
	if err := r.holder.holdBack(ctx, s); err != nil {
		return err
	}
	recorder := r.recorder(ctx, s)
	for i := range s.promotion.Status.Plan.Items {
		recorder.Note(&s.promotion.Status.Plan.Items[i])
	}
	if err := recorder.Wait(); err != nil {
		return err
	}
	return r.conserve(ctx, s)
}

// conserve ends the record of what was done, and forgets the oldest ones.
func (r *executor) conserve(ctx context.Context, s *scope) error {
	var done []history.Item
	for i := range s.promotion.Status.Plan.Items {
		item := &s.promotion.Status.Plan.Items[i]
		failed := item.State == v1alpha1.ItemStateFailed && r.execution(s).Touched(ctx, item)
		if failed || item.State == v1alpha1.ItemStateDone {
			done = append(done, history.Item{Kind: item.Kind, ID: item.EffectiveID(), Failed: failed})
		}
	}
	if err := r.history().Finish(ctx, s.target, s.promotion, done); err != nil {
		return err
	}
	return r.history().Trim(ctx, s.target, s.target.Spec.PromotionPolicy.EffectiveHistoryLimit())
}
