// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// janitor frees what is no longer needed of a Promotion, and deletes it when its time is over.
type janitor struct {
	access

	environments *requeue.Waker
	backoff      *requeue.Backoff
	sessions     *promotion.Sessions
	queue        *promotion.Queue
	waker        *requeue.Waker // of Promotions
	interest     *promotion.Interest
	judged       *promotion.Reassessed
	attempts     *attempts
	scheduler    *scheduler
}

// leave forgets a Promotion that has ended or is gone, and takes its mark off the target.
func (r *janitor) leave(ctx context.Context, key types.NamespacedName) error {
	r.sessions.Close(key)
	r.interest.Leave(key)
	r.judged.Forget(key)
	r.waker.Wake(requeue.PriorityNormal, r.queue.Leave(key)...)
	r.backoff.Gone(key)
	r.attempts.firsts.forget(key)
	gone := &v1alpha1.Promotion{}
	gone.Namespace, gone.Name = key.Namespace, key.Name
	var list v1alpha1.EnvironmentList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("look for Environments that Promotion %s was at work in: %w", key, err)
	}
	for i := range list.Items {
		environment := &list.Items[i]
		if active := environment.Status.ActivePromotionRef; active == nil || active.Key() != key {
			continue
		}
		if err := promotion.Mark(ctx, r.Client, environment.DeepCopy(), nil); err != nil {
			return err
		}
	}
	return nil
}

// sealed seals the end of a Promotion again if its annotation was taken off.
func (r *janitor) sealed(ctx context.Context, p *v1alpha1.Promotion) error {
	if !p.DeletionTimestamp.IsZero() {
		return nil
	}
	return r.attempts.sealOnce(ctx, p.DeepCopy())
}

// expire deletes a Promotion that has ended once its time is over, if it has one.
func (r *janitor) expire(ctx context.Context, p *v1alpha1.Promotion) (ctrl.Result, error) {
	left, expires := r.scheduler.lifetime(p)
	if !expires || left > 0 {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	gone := client.Preconditions{UID: &p.UID}
	return ctrl.Result{}, client.IgnoreNotFound(r.Client.Delete(ctx, p.DeepCopy(), gone))
}

// tidy frees what the next reconcile will not need, and tells the Environments of trouble with their connections.
func (r *janitor) tidy(s *scope, err error) {
	if !errors.As(err, new(*underway)) && reconcile.KindOf(err) != reconcile.Transient && !r.pausing(s, err) {
		r.sessions.Close(client.ObjectKeyFromObject(s.promotion))
	}
	if promotion.Started(s.promotion) || promotion.Finished(s.promotion) {
		r.interest.Leave(client.ObjectKeyFromObject(s.promotion))
	}
	if promotion.Finished(s.promotion) {
		r.judged.Forget(client.ObjectKeyFromObject(s.promotion))
	}
	if reconcile.EnvironmentTrouble(err) {
		wake(r.environments, s.source, s.target)
	}
}

// longestPause is how long what was read is kept while Novu is not asked.
const longestPause = 10 * time.Minute

// pausing reports whether the work only pauses because Novu failed several times in a row: what was read counts when it
// goes on, unless that takes too long to keep it in memory.
func (r *janitor) pausing(s *scope, err error) bool {
	o := reconcile.OutcomeOf(err)
	return s.session != nil && o.Kind == reconcile.Waiting && o.Poll && o.Quiet &&
		r.Pool.Clock().Since(s.session.Began) < longestPause
}
