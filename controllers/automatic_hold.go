package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/reconcile"
)

// resume lifts the hold of a rollback when somebody has annotated the target with the UID of that rollback. The annotation
// stays: it belongs to whoever set it, and means nothing to any other hold, even of a rollback of the same name.
func (r *AutomaticReconciler) resume(ctx context.Context, s *automaticScope) error {
	if !resumes(s.target) {
		return nil
	}
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, keyOf(s.target), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.UID != s.target.UID || !resumes(current) {
		s.target = current
		return nil
	}
	hold := current.Status.Hold
	if err := promotion.Hold(ctx, r.Client, current, nil); err != nil {
		return err
	}
	current.Status.Hold = nil
	s.target = current
	log.FromContext(ctx).Info("resumes automatic promotion", "rollback", hold.PromotionRef)
	r.Recorder.Eventf(current, nil, corev1.EventTypeNormal, v1alpha1.ReasonResumed, "Resume",
		"the hold that rollback %s has set is lifted, and automatic promotion goes on", promotion.TitleIn(hold.PromotionRef, current.Namespace))
	return nil
}

func resumes(target *v1alpha1.Environment) bool {
	hold := target.Status.Hold
	return hold != nil && target.Annotations[v1alpha1.ResumeAnnotation] == resumeToken(hold)
}

// resumeToken is the value of the annotation that lifts the hold: its identity.
func resumeToken(hold *v1alpha1.PromotionHold) string { return string(hold.UID) }

// holdBack keeps automatic promotion from undoing a rollback, and also one that has restored only a part.
func (r *PromotionReconciler) holdBack(ctx context.Context, s *promotionScope) error {
	if !s.promotion.IsRollback() {
		return nil
	}
	hold := holdOf(s.promotion, s.promotion.UID, s.target, *r.now())
	if err := promotion.Hold(ctx, r.Client, s.target, hold); err != nil {
		return err
	}
	known := s.target.Status.Hold
	if s.target.Spec.PromotionPolicy.Automatic != nil && (known == nil || known.UID != hold.UID) {
		r.Recorder.Eventf(s.target, s.promotion, corev1.EventTypeNormal, v1alpha1.ReasonHeld, "Hold", "%s", heldBy(s.target, hold))
	}
	return nil
}

// holdOf is the hold that a rollback, as the object with this UID, sets at its target.
func holdOf(rollback *v1alpha1.Promotion, uid types.UID, target *v1alpha1.Environment, since metav1.Time) *v1alpha1.PromotionHold {
	return &v1alpha1.PromotionHold{
		PromotionRef: *promotion.RefTo(rollback), UID: uid, StartTime: since, Reason: "rolled back to " + goal(rollback.Spec.Rollback),
	}
}

// goal is what a rollback goes back to, for texts.
func goal(rollback *v1alpha1.PromotionRollback) string {
	if name := rollback.PromotionName(); name != "" {
		return "what Promotion " + name + " left"
	}
	return "the previous state"
}

// heldBy says what to do about a hold.
func heldBy(target *v1alpha1.Environment, hold *v1alpha1.PromotionHold) string {
	return fmt.Sprintf("rollback %s holds automatic promotion back; to go on: %s",
		promotion.TitleIn(hold.PromotionRef, target.Namespace), resumeBy(target.Namespace, target.Name, resumeToken(hold)))
}

// resumeBy is the command that makes automatic promotion go on from what has stopped it.
func resumeBy(namespace, target, stopped string) string {
	return fmt.Sprintf("kubectl annotate --overwrite -n %s environments.novu-operator.dev %s %s=%s",
		namespace, target, v1alpha1.ResumeAnnotation, stopped)
}

// again says how it is tried again what has ended before its time.
func again(p *v1alpha1.Promotion, reason string) string {
	switch {
	case reason == v1alpha1.ReasonSuperseded:
		return ""
	case automatic.Made(p):
		return ". It is tried again when the source has changed, or at once after: " + resumeBy(p.Namespace, p.Spec.TargetRef.Name, string(p.UID))
	case reason == v1alpha1.ReasonItemsFailed:
		return ". Mend it and create a new Promotion"
	}
	return ""
}

// makeWay keeps a Promotion that the operator has made by itself from beginning when another one is to be carried out
// instead, or before, or none at all. Those that people create are not concerned.
func (r *PromotionReconciler) makeWay(ctx context.Context, s *promotionScope) error {
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
func (r *PromotionReconciler) held(ctx context.Context, s *promotionScope) error {
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, keyOf(s.target), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.Status.Hold == nil {
		return nil
	}
	return &reconcile.Waiting{Reason: v1alpha1.ReasonHeld, Message: heldBy(current, current.Status.Hold)}
}

// superseded ends a Promotion that a newer one takes the place of.
func (r *PromotionReconciler) superseded(ctx context.Context, newer *v1alpha1.Promotion) error {
	if newer == nil {
		return nil
	}
	current := &v1alpha1.Promotion{}
	if err := r.Live.Get(ctx, keyOf(newer), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.UID != newer.UID || !current.DeletionTimestamp.IsZero() {
		return nil
	}
	return &ended{reason: v1alpha1.ReasonSuperseded, message: fmt.Sprintf(
		"Promotion %s takes its place, because the source has changed since then", newer.Name)}
}

// wakeOlder wakes the Promotions that may have to make way for one that has come.
func (r *PromotionReconciler) wakeOlder(ctx context.Context, o client.Object, queue workQueue) {
	p := o.(*v1alpha1.Promotion)
	if automatic.Made(p) && !promotion.Finished(p) {
		r.unfinished(ctx, queue, automatic.Made, client.MatchingFields{index.Target: p.Spec.TargetRef.In(p.Namespace).String()})
	}
}

// holdMoved says that a rollback has set a hold, or that one was lifted.
func holdMoved(before, after client.Object) bool {
	was, is := before.(*v1alpha1.Environment).Status.Hold, after.(*v1alpha1.Environment).Status.Hold
	return (was == nil) != (is == nil) || was != nil && (was.PromotionRef != is.PromotionRef || was.UID != is.UID)
}

// readyReason is the status of the condition Ready and its reason; empty if there is none.
func readyReason(o v1alpha1.Object) string {
	if ready := apimeta.FindStatusCondition(o.GetConditions(), v1alpha1.ConditionReady); ready != nil {
		return string(ready.Status) + " " + ready.Reason
	}
	return ""
}
