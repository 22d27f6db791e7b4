// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue

import (
	"context"
	"errors"
	"time"

	ctrl "sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/internal/lease"
	"novu-operator.dev/internal/reconcile"
)

// Deposed reports whether a write was held back because another replica may be the one that works by now. What was found out
// does not count then: either this process ends, or the lease is renewed and it begins again.
func Deposed(err error) bool { return errors.Is(err, lease.ErrNotHeld) }

// Abandon ends a reconcile that could not even write status. One that worked on an outdated state begins again as soon as
// the cache may have caught up, and says nothing.
func Abandon(ctx context.Context, err error) (ctrl.Result, error) {
	switch {
	case ctx.Err() != nil:
		return ctrl.Result{}, Interrupted(ctx)
	case Deposed(err):
		return ctrl.Result{RequeueAfter: Jitter(transientFirst)}, nil
	case reconcile.Outdated(err):
		return ctrl.Result{RequeueAfter: Jitter(catchUp)}, nil
	}
	return ctrl.Result{}, err
}

const catchUp = 100 * time.Millisecond

// Interrupted is the error of a reconcile that was cut off. Status stays as it is. A shutdown is no error; that the time
// for one reconcile ran out is.
func Interrupted(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return context.Cause(ctx)
}
