package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/reconcile"
)

// finish turns the outcome of a reconcile into conditions, an event on transition, the status write and the time of the
// next step.
func (r *PromotionReconciler) finish(ctx context.Context, s *promotionScope, err error) (ctrl.Result, error) {
	if ctx.Err() != nil || reconcile.Deposed(err) {
		return reconcile.Abandon(ctx, err)
	}
	verdict := judgePromotion(s, err)
	r.conclude(s, verdict, err)
	if s.session == nil || !promotion.InLine(s.promotion) {
		r.queue.Leave(keyOf(s.promotion)) // the others look as soon as they see it
	}
	if writeErr := r.write(ctx, s); writeErr != nil {
		return reconcile.Abandon(ctx, errors.Join(writeErr, unexpected(err)))
	}
	r.report(ctx, s, verdict, err)
	r.measure(ctx, s)
	r.tidy(s, err)
	return r.next(s, err)
}

// write writes status, and then the mark at the target. Before the status of one that has ended come the places that outlast it.
func (r *PromotionReconciler) write(ctx context.Context, s *promotionScope) error {
	if err := r.sealOnce(ctx, s.promotion); err != nil {
		return err
	}
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.promotion, s.before); err != nil {
		return err
	}
	return r.mark(ctx, s)
}

// judgePromotion makes a Verdict of the outcome.
func judgePromotion(s *promotionScope, err error) reconcile.Verdict {
	var (
		going *underway
		over  *ended
	)
	switch {
	case errors.As(err, &going):
		return reconcile.Verdict{
			Ready: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing, Message: going.message, Reconciling: true,
		}
	case errors.Is(err, errPlanned):
		return reconcile.Verdict{
			Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonDryRunCompleted,
			Message: promotion.Foresight(s.promotion.Status.Plan) + "; nothing is written, as spec.dryRun asks",
		}
	case errors.As(err, &over):
		return reconcile.Verdict{Ready: metav1.ConditionFalse, Reason: over.reason, Message: soFar(s.promotion, over.message) + again(s.promotion, over.reason), Stalled: true}
	case err != nil:
		return reconcile.Judge(err, false, false)
	}
	items, message := s.promotion.Status.Plan.Items, outcome(s.promotion)
	if promotion.Count(items).Failed > 0 {
		return reconcile.Verdict{
			Ready: metav1.ConditionFalse, Reason: v1alpha1.ReasonItemsFailed, Stalled: true,
			Message: message + again(s.promotion, v1alpha1.ReasonItemsFailed),
		}
	}
	reason := v1alpha1.ReasonPromoted
	switch {
	case s.promotion.IsRollback():
		reason = v1alpha1.ReasonRolledBack
	case s.promotion.Status.Plan.LeftOut > 0:
		reason = v1alpha1.ReasonPromotedInPart
	}
	return reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: reason, Message: message}
}

// outcome says what the Promotion has done.
func outcome(p *v1alpha1.Promotion) string {
	verb := "promoted to"
	if p.IsRollback() {
		verb = "restored in"
	}
	return promotion.Result(p.Status.Plan.Items, verb, p.Spec.TargetRef.Name)
}

// soFar adds to a message what was done until then.
func soFar(p *v1alpha1.Promotion, message string) string {
	if !promotion.Started(p) {
		return message
	}
	return message + ". Until then: " + outcome(p)
}

// conclude sets conditions, phase, progress and the time of the end.
func (r *PromotionReconciler) conclude(s *promotionScope, v reconcile.Verdict, err error) {
	p := s.promotion
	p.Status.ObservedGeneration = p.Generation
	set := reconcile.Conditions{List: &p.Status.Conditions, Generation: p.Generation}
	v.Apply(set)
	if planned(p, v) {
		set.True(v1alpha1.ConditionPlanned, v1alpha1.ReasonPlanned, promotion.Foresight(p.Status.Plan))
	} else {
		set.False(v1alpha1.ConditionPlanned, v.Reason, v.Message)
	}
	r.detail(s, set, err)
	if promotion.Started(p) {
		promotion.Shrink(p.Status.Plan.Items)
		p.Status.Progress = promotion.Progress(p.Status.Plan.Items)
	}
	var over *ended
	if err == nil || errors.Is(err, errPlanned) || errors.As(err, &over) || hopeless(p, v) {
		p.Status.CompletionTime, p.Status.NextOpenTime = r.now(), nil
	}
	p.Status.Phase = phaseOf(p, v)
}

// detail sets the conditions of the single stages, once the Promotion has come to them.
func (r *PromotionReconciler) detail(s *promotionScope, set reconcile.Conditions, err error) {
	p := s.promotion
	if len(p.Status.Gates) > 0 {
		if first, _ := gate.Closed(p.Status.Gates); first != nil {
			set.False(v1alpha1.ConditionGatesPassed, first.Reason, fmt.Sprintf("gate %s: %s", first.Name, first.Message))
		} else {
			set.True(v1alpha1.ConditionGatesPassed, v1alpha1.ReasonGatesPassed, "every gate is open")
		}
	}
	switch count := s.approvals; {
	case count == nil:
	case count.Missing > 0:
		set.False(v1alpha1.ConditionApproved, v1alpha1.ReasonApprovalsMissing, count.Message)
	case count.Required == 0:
		set.True(v1alpha1.ConditionApproved, v1alpha1.ReasonNotRequired, count.Message)
	default:
		set.True(v1alpha1.ConditionApproved, v1alpha1.ReasonApproved, count.Message)
	}
	switch {
	case err == nil && promotion.Count(p.Status.Plan.Items).Failed == 0:
		set.True(v1alpha1.ConditionVerified, v1alpha1.ReasonVerified, "the target was read back and holds what the plan foresees")
	case promotion.Started(p):
		set.False(v1alpha1.ConditionVerified, v1alpha1.ReasonNotVerified, "the target does not hold all that the plan foresees, as far as is known")
	}
}

// hopeless says that a Promotion was cut off and cannot go on: what it was planned for is no longer there. It must not hold
// up those that come after it.
func hopeless(p *v1alpha1.Promotion, v reconcile.Verdict) bool {
	return promotion.Started(p) && (v.Reason == v1alpha1.ReasonEnvironmentChanged || v.Reason == v1alpha1.ReasonNotAPromotionTarget)
}

// planned says that there is a plan that can be carried out.
func planned(p *v1alpha1.Promotion, v reconcile.Verdict) bool {
	switch v.Reason {
	case v1alpha1.ReasonItemsRefused, v1alpha1.ReasonItemsNotReady, v1alpha1.ReasonNothingSelected,
		v1alpha1.ReasonEnvironmentNotFound, v1alpha1.ReasonNamespaceNotAllowed:
		return promotion.Started(p)
	}
	return p.Status.Plan != nil && (promotion.Started(p) || p.Status.Plan.Refused == 0)
}

func phaseOf(p *v1alpha1.Promotion, v reconcile.Verdict) v1alpha1.PromotionPhase {
	switch {
	case v.Reason == v1alpha1.ReasonAborted:
		return v1alpha1.PromotionPhaseAborted
	case v.Reason == v1alpha1.ReasonSuperseded:
		return v1alpha1.PromotionPhaseSuperseded
	case promotion.Finished(p) && v.Stalled:
		return v1alpha1.PromotionPhaseFailed
	case promotion.Finished(p):
		return v1alpha1.PromotionPhaseSucceeded
	case v.Reason == v1alpha1.ReasonQueued:
		return v1alpha1.PromotionPhaseQueued
	case promotion.Started(p):
		return v1alpha1.PromotionPhaseApplying
	case p.Status.Plan != nil && p.Status.Plan.Refused == 0:
		return v1alpha1.PromotionPhaseWaiting
	}
	return v1alpha1.PromotionPhasePending
}

// mark shows at the target which Promotion is at work there.
func (r *PromotionReconciler) mark(ctx context.Context, s *promotionScope) error {
	if s.target == nil {
		return nil
	}
	own, active := promotion.RefTo(s.promotion), s.target.Status.ActivePromotionRef
	switch {
	case promotion.Started(s.promotion) && !promotion.Finished(s.promotion):
		return promotion.Mark(ctx, r.Client, s.target, own)
	case active != nil && *active == *own || promotion.Started(s.before):
		s.target.Status.ActivePromotionRef = own // the cache may not know it yet
		return promotion.Mark(ctx, r.Client, s.target, nil)
	}
	return nil
}

// eventType is a warning if somebody should have a look. To wait for what the operator does itself is normal.
func eventType(v reconcile.Verdict, err error) string {
	var waiting *reconcile.Waiting
	if v.Reason == v1alpha1.ReasonSuperseded {
		return corev1.EventTypeNormal
	}
	if errors.As(err, &waiting) && v.Reason != v1alpha1.ReasonItemsRefused && !waiting.Reference {
		return corev1.EventTypeNormal
	}
	return v.EventType()
}

// tidy frees what the next reconcile will not need, and tells the Environments of trouble with their connections.
func (r *PromotionReconciler) tidy(s *promotionScope, err error) {
	var (
		going     *underway
		transient *reconcile.Transient
	)
	if !errors.As(err, &going) && !errors.As(err, &transient) && !r.pausing(s, err) {
		r.sessions.Close(keyOf(s.promotion))
	}
	if promotion.Started(s.promotion) || promotion.Finished(s.promotion) {
		r.interest.Leave(keyOf(s.promotion))
	}
	if promotion.Finished(s.promotion) {
		r.judged.Forget(keyOf(s.promotion))
	}
	if reconcile.EnvironmentTrouble(err) {
		wake(r.Environments, s.source, s.target)
	}
}

// longestPause is how long what was read is kept while Novu is not asked.
const longestPause = 10 * time.Minute

// pausing reports whether the work only pauses because Novu failed several times in a row: what was read counts when it
// goes on, unless that takes too long to keep it in memory.
func (r *PromotionReconciler) pausing(s *promotionScope, err error) bool {
	var waiting *reconcile.Waiting
	return s.session != nil && errors.As(err, &waiting) && waiting.Poll && waiting.Quiet &&
		r.Pool.Clock().Since(s.session.Began) < longestPause
}

// advanced reports whether this reconcile has finished items.
func (s *promotionScope) advanced() bool {
	finished := func(p *v1alpha1.Promotion) int32 {
		if p.Status.Plan == nil {
			return 0
		}
		counts := promotion.Count(p.Status.Plan.Items)
		return counts.Done + counts.RolledBack
	}
	return promotion.Started(s.initial) && finished(s.promotion) > finished(s.initial)
}

// patience is how long a Promotion that waits is left alone if nothing wakes it: a safety net. One with refused items is
// for somebody to mend, and planning it again takes many calls.
func patience(w *reconcile.Waiting) time.Duration {
	const often = 30 * time.Second
	if w.Reason == v1alpha1.ReasonItemsRefused {
		return v1alpha1.DefaultInterval
	}
	return often
}

// next says when the next step follows, at the latest when the Promotion has waited long enough.
func (r *PromotionReconciler) next(s *promotionScope, err error) (ctrl.Result, error) {
	result, err := r.following(s, err)
	if err == nil && !s.until.IsZero() {
		left := max(s.until.Sub(r.Pool.Clock().Now()), time.Second)
		if result.RequeueAfter == 0 || left < result.RequeueAfter {
			result.RequeueAfter = left
		}
	}
	return result, err
}

func (r *PromotionReconciler) following(s *promotionScope, err error) (ctrl.Result, error) {
	var (
		going   *underway
		waiting *reconcile.Waiting
	)
	switch {
	case promotion.Finished(s.promotion):
		r.backoff.Forget(s.promotion)
		if left, expires := r.lifetime(s.promotion); expires {
			return ctrl.Result{RequeueAfter: max(left, time.Second)}, nil
		}
		return ctrl.Result{}, nil
	case errors.As(err, &going):
		r.backoff.Forget(s.promotion)
		return ctrl.Result{RequeueAfter: max(going.after, time.Millisecond)}, nil
	case errors.As(err, &waiting) && waiting.Reason == v1alpha1.ReasonEnvironmentNotReady:
		// That an Environment is connected again is not always to be seen in its status, after a restart for example.
		return r.backoff.Next(s.promotion, &reconcile.Waiting{Poll: true}, patience(waiting), r.Pool.Clock().Now())
	case errors.As(err, &waiting):
		r.backoff.Forget(s.promotion)
		low := reconcile.PriorityLow
		return ctrl.Result{RequeueAfter: r.again(s, waiting), Priority: &low}, nil
	}
	if s.advanced() {
		r.backoff.Forget(s.promotion) // Novu answers now and then: each failure is the first since
	}
	result, err := r.backoff.Next(s.promotion, err, v1alpha1.DefaultInterval, r.Pool.Clock().Now())
	if promotion.Started(s.promotion) && err == nil && result.RequeueAfter == 0 {
		result.RequeueAfter = reconcile.Jitter(v1alpha1.DefaultInterval) // it keeps others back, and must see when its time is over
	}
	return result, err
}

// again is when a Promotion that waits is looked at again: when a gate may open or an approval expires, if that is known.
func (r *PromotionReconciler) again(s *promotionScope, w *reconcile.Waiting) time.Duration {
	if s.promotion.Status.Plan == nil && !s.leavesOut() || s.wake.IsZero() {
		return reconcile.Jitter(patience(w))
	}
	return max(s.wake.Sub(r.Pool.Clock().Now()), time.Second)
}

func unexpected(err error) error {
	var going *underway
	if reconcile.Expected(err) || errors.As(err, &going) || errors.Is(err, errPlanned) || errors.As(err, new(*ended)) {
		return nil
	}
	return err
}
