package controllers

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
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
