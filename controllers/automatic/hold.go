// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
)

// resume lifts the hold of a rollback when a user has annotated the target with the UID of that rollback. The annotation
// stays: it belongs to whoever set it, and means nothing to any other hold, even of a rollback of the same name.
func (r *Reconciler) resume(ctx context.Context, s *scope) error {
	if !automatic.Resumes(s.target) {
		return nil
	}
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(s.target), current); err != nil {
		return client.IgnoreNotFound(err)
	}
	if current.UID != s.target.UID || !automatic.Resumes(current) {
		s.target = current
		return nil
	}
	hold := current.Status.Hold
	if err := promotion.Hold(ctx, r.Client, current, nil); err != nil {
		return err
	}
	current.Status.Hold = nil
	s.target = current
	log.FromContext(ctx).Info("automatic.Resumes automatic promotion", "rollback", hold.PromotionRef)
	r.Recorder.Eventf(current, nil, corev1.EventTypeNormal, v1alpha1.ReasonResumed, "Resume",
		"the hold that rollback %s has set is lifted, and automatic promotion goes on", promotion.TitleIn(hold.PromotionRef, current.Namespace))
	return nil
}
