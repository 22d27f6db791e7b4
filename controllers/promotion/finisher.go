// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// finisher turns the outcome of a reconcile into status, and has the other parts do what follows from it.
type finisher struct {
	access

	recorder  events.EventRecorder
	queue     *promotion.Queue
	waker     *requeue.Waker // of Promotions
	attempts  *attempts
	holder    *holder
	announcer *announcer
	scheduler *scheduler
	janitor   *janitor
}

// relive gives a Promotion that has ended before the end that it had.
func (r *finisher) relive(ctx context.Context, s *scope, ended *former) (ctrl.Result, error) {
	p, attempt := s.promotion, ended.attempt
	if ended.lost {
		if err := r.holder.holdAgain(ctx, p, attempt); err != nil {
			return requeue.Abandon(ctx, err)
		}
	}
	if err := r.attempts.seal(ctx, p, attempt); err != nil {
		return requeue.Abandon(ctx, err)
	}
	message := attempt.Message
	if attempt.UID != p.UID {
		message = fmt.Sprintf("%s. This was on %s, as the Promotion with the UID %s; it is not carried out again: to promote again, create a Promotion with another name",
			attempt.Message, attempt.CompletionTime.UTC().Format("2006-01-02 15:04:05 UTC"), attempt.UID)
		p.Status.Plan, p.Status.Gates, p.Status.Approvals = nil, nil, nil
	}
	verdict := reconcile.Verdict{Ready: attempt.Ready, Reason: attempt.Reason, Message: message, Stalled: attempt.Ready != metav1.ConditionTrue}
	set := reconcile.Conditions{List: &p.Status.Conditions, Generation: p.Generation}
	verdict.Apply(set)
	if attempt.Phase == v1alpha1.PromotionPhaseSucceeded && attempt.StartTime != nil {
		set.True(v1alpha1.ConditionVerified, v1alpha1.ReasonVerified, "the target was read back at the end and held what the plan foresaw")
	}
	p.Status.ObservedGeneration, p.Status.Phase, p.Status.Progress, p.Status.RestoresRef = p.Generation, attempt.Phase, attempt.Progress, attempt.RestoresRef
	p.Status.StartTime, p.Status.CompletionTime, p.Status.NextOpenTime = attempt.StartTime, attempt.CompletionTime, nil
	if err := r.write(ctx, s); err != nil {
		return requeue.Abandon(ctx, err)
	}
	log.FromContext(ctx).Info("has ended before", "attempt", attempt.UID, "reason", attempt.Reason, "phase", attempt.Phase)
	r.recorder.Eventf(p, nil, corev1.EventTypeNormal, attempt.Reason, "Promote", "%s", reconcile.Bounded(message))
	return ctrl.Result{}, r.janitor.leave(ctx, client.ObjectKeyFromObject(p))
}

// finish turns the outcome of a reconcile into conditions, an event on transition, the status write and the time of the
// next step.
func (r *finisher) finish(ctx context.Context, s *scope, err error) (ctrl.Result, error) {
	if ctx.Err() != nil || requeue.Deposed(err) {
		return requeue.Abandon(ctx, err)
	}
	verdict := judge(s, err)
	r.conclude(s, verdict, err)
	if s.session == nil || !promotion.InLine(s.promotion) {
		r.waker.Wake(requeue.PriorityNormal, r.queue.Leave(client.ObjectKeyFromObject(s.promotion))...)
	}
	if writeErr := r.write(ctx, s); writeErr != nil {
		return requeue.Abandon(ctx, errors.Join(writeErr, unexpected(err)))
	}
	r.announcer.report(ctx, s, verdict, err)
	r.announcer.measure(ctx, s)
	r.janitor.tidy(s, err)
	return r.scheduler.next(s, err)
}

// write writes status, and then the mark at the target. Before the status of one that has ended come the places that outlast it.
func (r *finisher) write(ctx context.Context, s *scope) error {
	if err := r.attempts.sealOnce(ctx, s.promotion); err != nil {
		return err
	}
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.promotion, s.before); err != nil {
		return err
	}
	return r.mark(ctx, s)
}

// conclude sets conditions, phase, progress and the time of the end.
func (r *finisher) conclude(s *scope, v reconcile.Verdict, err error) {
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
func (r *finisher) detail(s *scope, set reconcile.Conditions, err error) {
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

// mark shows at the target which Promotion is at work there.
func (r *finisher) mark(ctx context.Context, s *scope) error {
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
