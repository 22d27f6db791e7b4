package controllers

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/promotion"
)

// finish turns the outcome of a reconcile into conditions, an event on transition, the status write and the time of the
// next step.
func (r *PromotionReconciler) finish(ctx context.Context, s *promotionScope, err error) (ctrl.Result, error) {
	if ctx.Err() != nil || engine.Deposed(err) {
		return engine.Abandon(ctx, err)
	}
	verdict := judgePromotion(s, err)
	r.conclude(s, verdict, err)
	if writeErr := r.write(ctx, s); writeErr != nil {
		return engine.Abandon(ctx, errors.Join(writeErr, unexpected(err)))
	}
	r.report(ctx, s, verdict, err)
	r.tidy(s, err)
	return r.next(s, err)
}

// write writes status, and then the mark at the target.
func (r *PromotionReconciler) write(ctx context.Context, s *promotionScope) error {
	if err := engine.WriteStatus(ctx, r.Client, r.Live, s.promotion, s.before); err != nil {
		return err
	}
	return r.mark(ctx, s)
}

// judgePromotion makes a Verdict of the outcome.
func judgePromotion(s *promotionScope, err error) engine.Verdict {
	var going *underway
	switch {
	case errors.As(err, &going):
		return engine.Verdict{
			Ready: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing, Message: going.message, Reconciling: true,
		}
	case errors.Is(err, errPlanned):
		return engine.Verdict{
			Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonDryRunCompleted,
			Message: promotion.Foresight(s.promotion.Status.Plan) + "; nothing is written, as spec.dryRun asks",
		}
	case err != nil:
		return engine.Judge(err, false, false)
	}
	items := s.promotion.Status.Plan.Items
	message := promotion.Result(items, s.promotion.Spec.TargetRef.Name)
	if promotion.Count(items).Failed > 0 {
		return engine.Verdict{
			Ready: metav1.ConditionFalse, Reason: v1alpha1.ReasonItemsFailed, Stalled: true,
			Message: message + ". Mend it and create a new Promotion",
		}
	}
	return engine.Verdict{Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonPromoted, Message: message}
}

// conclude sets conditions, phase, progress and the time of the end.
func (r *PromotionReconciler) conclude(s *promotionScope, v engine.Verdict, err error) {
	p := s.promotion
	p.Status.ObservedGeneration = p.Generation
	set := engine.Conditions{List: &p.Status.Conditions, Generation: p.Generation}
	v.Apply(set)
	if planned(p, v) {
		set.True(v1alpha1.ConditionPlanned, v1alpha1.ReasonPlanned, promotion.Foresight(p.Status.Plan))
	} else {
		set.False(v1alpha1.ConditionPlanned, v.Reason, v.Message)
	}
	if promotion.Started(p) {
		p.Status.Progress = promotion.Progress(p.Status.Plan.Items)
	}
	if err == nil || errors.Is(err, errPlanned) || hopeless(p, v) {
		p.Status.CompletionTime = r.now()
	}
	p.Status.Phase = phaseOf(p, v)
}

// hopeless says that a Promotion was cut off and cannot go on: what it was planned for is no longer there. It must not hold
// up those that come after it.
func hopeless(p *v1alpha1.Promotion, v engine.Verdict) bool {
	return promotion.Started(p) && (v.Reason == v1alpha1.ReasonEnvironmentChanged || v.Reason == v1alpha1.ReasonNotAPromotionTarget)
}

// planned says that there is a plan that can be carried out.
func planned(p *v1alpha1.Promotion, v engine.Verdict) bool {
	return promotion.Started(p) || v.Reason == v1alpha1.ReasonDryRunCompleted || v.Reason == v1alpha1.ReasonDryRun
}

func phaseOf(p *v1alpha1.Promotion, v engine.Verdict) v1alpha1.PromotionPhase {
	switch {
	case promotion.Finished(p) && v.Stalled:
		return v1alpha1.PromotionPhaseFailed
	case promotion.Finished(p):
		return v1alpha1.PromotionPhaseSucceeded
	case v.Reason == v1alpha1.ReasonQueued:
		return v1alpha1.PromotionPhaseQueued
	case promotion.Started(p):
		return v1alpha1.PromotionPhaseApplying
	}
	return v1alpha1.PromotionPhasePending
}

// mark shows at the target which Promotion is at work there.
func (r *PromotionReconciler) mark(ctx context.Context, s *promotionScope) error {
	if s.target == nil {
		return nil
	}
	name, active := promotion.NameIn(s.promotion, s.target.Namespace), s.target.Status.ActivePromotion
	switch {
	case promotion.Started(s.promotion) && !promotion.Finished(s.promotion):
		return promotion.Mark(ctx, r.Client, s.target, name)
	case active == name || promotion.Started(s.before):
		s.target.Status.ActivePromotion = name // the cache may not know it yet
		return promotion.Mark(ctx, r.Client, s.target, "")
	}
	return nil
}

// report tells of what has happened: an event and a log line on each transition, none in between.
func (r *PromotionReconciler) report(ctx context.Context, s *promotionScope, v engine.Verdict, err error) {
	before := apimeta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionReady)
	if promotion.Started(s.promotion) && !promotion.Started(s.before) {
		message := promotion.Foresight(s.promotion.Status.Plan)
		log.FromContext(ctx).Info("planned", "plan", message, "hash", s.promotion.Status.Plan.Hash, "strategy", s.promotion.Status.Strategy)
		r.Recorder.Eventf(s.promotion, nil, corev1.EventTypeNormal, v1alpha1.ReasonPlanned, "Plan", "%s", message)
	}
	if v.Reason == v1alpha1.ReasonProgressing || before != nil && before.Reason == v.Reason {
		return
	}
	log.FromContext(ctx).Info("state changed", "ready", v.Ready, "reason", v.Reason, "message", v.Message)
	r.Recorder.Eventf(s.promotion, nil, eventType(v, err), v.Reason, "Promote", "%s", engine.Bounded(v.Message))
}

// eventType is a warning if somebody should have a look. To wait for what the operator does itself is normal.
func eventType(v engine.Verdict, err error) string {
	var waiting *engine.Waiting
	if errors.As(err, &waiting) && v.Reason != v1alpha1.ReasonItemsRefused && !waiting.Reference {
		return corev1.EventTypeNormal
	}
	return v.EventType()
}

// tidy frees what the next reconcile will not need, and tells the Environments of trouble with their connections.
func (r *PromotionReconciler) tidy(s *promotionScope, err error) {
	var (
		going     *underway
		transient *engine.Transient
	)
	if !errors.As(err, &going) && !errors.As(err, &transient) {
		r.sessions.Close(keyOf(s.promotion))
	}
	if promotion.Started(s.promotion) || promotion.Finished(s.promotion) {
		r.interest.Leave(keyOf(s.promotion))
	}
	if engine.EnvironmentTrouble(err) {
		wake(r.Environments, s.source, s.target)
	}
}

// patience is how long a Promotion that waits is left alone if nothing wakes it: a safety net. One with refused items is
// for somebody to mend, and planning it again takes many calls.
func patience(w *engine.Waiting) time.Duration {
	const often = 30 * time.Second
	if w.Reason == v1alpha1.ReasonItemsRefused {
		return v1alpha1.DefaultInterval
	}
	return often
}

// next says when the next step follows.
func (r *PromotionReconciler) next(s *promotionScope, err error) (ctrl.Result, error) {
	var (
		going   *underway
		waiting *engine.Waiting
	)
	switch {
	case promotion.Finished(s.promotion):
		r.backoff.Forget(s.promotion)
		return ctrl.Result{}, nil
	case errors.As(err, &going):
		r.backoff.Forget(s.promotion)
		return ctrl.Result{RequeueAfter: max(going.after, time.Millisecond)}, nil
	case errors.As(err, &waiting) && waiting.Reason == v1alpha1.ReasonEnvironmentNotReady:
		// That an Environment is connected again is not always to be seen in its status, after a restart for example.
		return r.backoff.Next(s.promotion, &engine.Waiting{Poll: true}, patience(waiting), r.Pool.Clock().Now())
	case errors.As(err, &waiting):
		r.backoff.Forget(s.promotion)
		low := engine.PriorityLow
		return ctrl.Result{RequeueAfter: engine.Jitter(patience(waiting)), Priority: &low}, nil
	}
	return r.backoff.Next(s.promotion, err, v1alpha1.DefaultInterval, r.Pool.Clock().Now())
}

func unexpected(err error) error {
	var going *underway
	if engine.Expected(err) || errors.As(err, &going) || errors.Is(err, errPlanned) {
		return nil
	}
	return err
}
