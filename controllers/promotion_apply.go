package controllers

import (
	"cmp"
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// admit asks the target's gates, and counts approvals, before the work may begin.
func (r *PromotionReconciler) admit(ctx context.Context, s *promotionScope) error {
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
func (r *PromotionReconciler) gates(ctx context.Context, s *promotionScope) (closed, err error) {
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
	return &reconcile.Waiting{Reason: first.Reason, Message: fmt.Sprintf("gate %s: %s", first.Name, first.Message)}, nil
}

// approve counts the approvals of the plan.
func (r *PromotionReconciler) approve(s *promotionScope) error {
	count := gate.Approvals(s.promotion, s.target, r.Pool.Clock().Now())
	s.approvals, s.promotion.Status.Approvals = &count, count.Seen
	if count.Next != nil {
		s.lookAgain(count.Next.Time)
	}
	if count.Missing > 0 {
		return &reconcile.Waiting{Reason: v1alpha1.ReasonApprovalsMissing, Message: count.Message}
	}
	return nil
}

// lookAgain has the Promotion looked at again at t, if that is before what is known to come.
func (s *promotionScope) lookAgain(t time.Time) {
	if !t.IsZero() && (s.wake.IsZero() || t.Before(s.wake)) {
		s.wake = t
	}
}

// begin settles the plan. It is made again first, unless it was made just now: what was approved is what is done.
func (r *PromotionReconciler) begin(ctx context.Context, s *promotionScope) error {
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
	if err := r.claim(ctx, s); err != nil {
		return err
	}
	status.StartTime, s.begun = r.now(), true
	return &underway{message: promotion.Foresight(status.Plan)}
}

// askAgain asks the gates once more, after source and target were read: somebody may have frozen the target meanwhile.
func (r *PromotionReconciler) askAgain(ctx context.Context, s *promotionScope) error {
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, keyOf(s.target), current); err != nil {
		return err
	}
	if current.UID != s.target.UID || current.Generation != s.target.Generation {
		return &underway{message: "the rules of the target have changed"}
	}
	return r.admit(ctx, s)
}

// keep records what the target holds and what is promoted before anything is written. A Promotion without a record has
// written nothing: it was cut off right after it had begun, and begins anew.
func (r *PromotionReconciler) keep(ctx context.Context, s *promotionScope) error {
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
			return &underway{message: "begins anew: the operator was stopped before anything was written"}
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
func (r *PromotionReconciler) apply(ctx context.Context, s *promotionScope) error {
	status := &s.promotion.Status
	if r.Pool.ReadOnly() {
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run and does not go on: %s are done",
			promotion.Progress(status.Plan.Items))
	}
	if over := r.over(s); over != nil {
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
	err := cmp.Or(execution.Run(ctx, status.Plan.Items, r.slice()), recorder.Wait())
	status.Strategy = execution.Strategy
	if counts := promotion.Count(status.Plan.Items); err == nil && counts.Pending+counts.Applying > 0 && counts.Failed == 0 {
		return &underway{message: promotion.Progress(status.Plan.Items) + " items are done"}
	}
	return err
}

func (r *PromotionReconciler) recorder(ctx context.Context, s *promotionScope) *promotion.Recorder {
	return promotion.NewRecorder(ctx, r.Client, s.promotion, s.target, s.session.Target, *r.now())
}

// revert restores what the target held before if an item has failed and the target asks for that.
func (r *PromotionReconciler) revert(ctx context.Context, s *promotionScope) error {
	items := s.promotion.Status.Plan.Items
	if promotion.Count(items).Failed == 0 || s.target.Spec.PromotionPolicy.EffectiveOnFailure() != v1alpha1.FailurePolicyRollback {
		return nil
	}
	if err := r.execution(s).Revert(ctx, items, r.slice()); err != nil {
		return err
	}
	for i := range items {
		if promotion.Revertible(&items[i]) {
			return &underway{message: "an item has failed: restores what the target held before"}
		}
	}
	return nil
}

func (r *PromotionReconciler) execution(s *promotionScope) *promotion.Execution {
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

// aborted says that spec.abort was set since the reconcile began.
func (r *PromotionReconciler) aborted(ctx context.Context, s *promotionScope) bool {
	now := &v1alpha1.Promotion{}
	err := r.Client.Get(ctx, keyOf(s.promotion), now) // from the cache
	return err == nil && now.UID == s.promotion.UID && ptr.Deref(now.Spec.Abort, false)
}

// verify looks at the target once more. What fails only then is undone as well, if the target asks for that.
func (r *PromotionReconciler) verify(ctx context.Context, s *promotionScope) error {
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
func (r *PromotionReconciler) record(ctx context.Context, s *promotionScope) error {
	r.Environments.Wake(reconcile.PriorityNormal, keyOf(s.target)) // it counts what Novu holds
	if err := r.holdBack(ctx, s); err != nil {
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
func (r *PromotionReconciler) conserve(ctx context.Context, s *promotionScope) error {
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

// history of what promotions have brought to their targets.
func (r *PromotionReconciler) history() *history.Store {
	return &history.Store{Client: r.Client, Live: r.Live}
}

// vouching is history that takes for the Promotion's own only what its status vouches for.
func (r *PromotionReconciler) vouching(s *promotionScope) *history.Store {
	store := r.history()
	store.Vouch = func(ctx context.Context, digest string) error {
		s.promotion.Status.RecordDigest = digest
		return r.note(ctx, s)
	}
	return store
}

// ofOthers are the records of other Promotions.
func ofOthers(records []*history.Record, p *v1alpha1.Promotion) (rest []*history.Record) {
	for _, record := range records {
		if record.PromotionUID != p.UID {
			rest = append(rest, record)
		}
	}
	return rest
}

func (r *PromotionReconciler) now() *metav1.Time {
	now := metav1.NewTime(r.Pool.Clock().Now())
	return &now
}

func (r *PromotionReconciler) slice() time.Duration { return cmp.Or(r.Slice, defaultSlice) }
