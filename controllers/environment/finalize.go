// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// protect keeps the Environment from going while objects must still be deleted through it.
func (f *finalizer) protect(ctx context.Context, s *scope) error {
	wanted := len(s.needy()) > 0
	if wanted == controllerutil.ContainsFinalizer(s.environment, v1alpha1.Finalizer) {
		return nil
	}
	return reconcile.SetFinalizer(ctx, f.Client, s.environment, wanted)
}

// Gone forgets an Environment that no longer exists, and its connection unless objects must still be deleted through it.
func (r *Reconciler) Gone(ctx context.Context, key types.NamespacedName) {
	r.backoff.Gone(key)
	r.awake.gone(key)
	r.Placed.ForgetAll(func(p promotion.Placement) bool { return p.Target == key })
	if r.guardian().guardDeparted(ctx, key) != nil {
		r.Waker.NudgeAfter(watch.Soon, key)
	}
	s := &scope{environment: &v1alpha1.Environment{}}
	s.environment.Namespace, s.environment.Name = key.Namespace, key.Name
	if err := r.finder().gather(ctx, s); err == nil && len(s.needy()) == 0 {
		r.Pool.Forget(key)
	}
}

// finalize lets the Environment go when nothing needs it any more. Until then it stays connected, as well as it can.
func (f *finalizer) finalize(ctx context.Context, s *scope) error {
	if !controllerutil.ContainsFinalizer(s.environment, v1alpha1.Finalizer) {
		f.Pool.Drop(client.ObjectKeyFromObject(s.environment))
		return reconcile.ErrGone
	}
	needy := s.needy()
	_, s.teardown = reconcile.Terminating(ctx, f.Live, s.environment.Namespace)
	if len(needy) == 0 || s.environment.Annotations[v1alpha1.ForceDetachAnnotation] == "true" || f.doomed(ctx, s, needy) {
		if err := reconcile.SetFinalizer(ctx, f.Client, s.environment, false); err != nil {
			return err
		}
		f.Pool.Drop(client.ObjectKeyFromObject(s.environment))
		return reconcile.ErrGone
	}
	served := f.serve(ctx, s, needy)
	return reconcile.Outcome{
		Kind: reconcile.Waiting, Reason: v1alpha1.ReasonInUse, Poll: !served || s.teardown,
		Message: reconcile.Bounded("objects with deletionPolicy Delete still need this Environment" + f.obstacle(s, needy, served) +
			": delete them, or set their policy to Retain: " + names(needy)),
	}
}

// obstacle is the root cause of why the objects do not go; empty if they only have to be deleted.
func (f *finalizer) obstacle(s *scope, needy []child, served bool) string {
	if trouble := f.Pool.Trouble(client.ObjectKeyFromObject(s.environment)); !served && trouble.Reason != "" {
		return ", which is not connected to Novu (" + reconcile.Cause(trouble.Reason, trouble.Message) + ")"
	}
	for _, c := range needy {
		ready := apimeta.FindStatusCondition(view.Status(c.Object).Conditions, v1alpha1.ConditionReady)
		if served && !c.GetDeletionTimestamp().IsZero() && ready != nil && ready.Reason == v1alpha1.ReasonDeletionBlocked {
			return " (" + reconcile.Key(c.Object) + ": " + reconcile.Cause(ready.Reason, ready.Message) + ")"
		}
	}
	return ""
}

// serve keeps the connection for the objects that are being deleted. If it was lost, for example by a restart, or if Novu
// could not be reached or refused the key, it is made again, or probed: nothing else does that. If that fails the objects say so
// themselves. It returns whether there is a connection that works.
func (f *finalizer) serve(ctx context.Context, s *scope, needy []child) bool {
	if !f.serving(s) {
		_ = f.connect(ctx, s)
	}
	for _, c := range needy {
		if !c.GetDeletionTimestamp().IsZero() {
			c.kind.Waker.Wake(requeue.PriorityNormal, client.ObjectKeyFromObject(c.Object))
		}
	}
	return f.serving(s)
}

func (f *finalizer) serving(s *scope) bool {
	conn := f.Pool.Get(client.ObjectKeyFromObject(s.environment))
	return conn != nil && !conn.Budget().Snapshot().Circuit.Open
}

// doomed reports whether the namespace is being torn down and that nothing the Environment could still do for its objects is
// worth waiting for: its key is gone, or the objects are elsewhere and are not being deleted, or all of them have had their
// time.
func (f *finalizer) doomed(ctx context.Context, s *scope, needy []child) bool {
	if !s.teardown {
		return false
	}
	waited := f.Pool.Clock().Since(s.environment.DeletionTimestamp.Time)
	if waited > reconcile.TeardownPatience+reconcile.TeardownRetry || reconcile.Abandoned(ctx, f.Live, f.Pool, client.ObjectKeyFromObject(s.environment)) {
		return true
	}
	for _, c := range needy {
		if !c.GetDeletionTimestamp().IsZero() || c.GetNamespace() == s.environment.Namespace {
			return false
		}
	}
	return true
}

func names(objects []child) string {
	const most = 5
	text := ""
	for i, c := range objects {
		switch {
		case i == most:
			return text + " and more"
		case i > 0:
			text += ", "
		}
		text += reconcile.Key(c.Object)
	}
	return text
}
