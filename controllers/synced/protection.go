// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	ctrlreconcile "sigs.k8s.io/controller-runtime/pkg/reconcile"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/view"
)

// protector puts the finalizer on objects with deletionPolicy Delete, and on the Environments that they are deleted through.
// It has a queue and a worker of its own, and never calls Novu: whatever else an object waits for, be it a comparison that
// is under way, an Environment that is not connected, or a thousand others, it must not go before the operator holds it.
type protector[O view.Object, W, H any] struct {
	*sync.Reconciler[O, W, H]
}

// Protect registers the protector of a kind.
func Protect[O view.Object, W, H any](mgr ctrl.Manager, r *sync.Reconciler[O, W, H]) error {
	p := &protector[O, W, H]{Reconciler: r}
	return ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(p.kind())+"-protection").
		Watches(p.empty(), p.events()).
		Complete(ctrlreconcile.Func(p.reconcile))
}

func (*protector[O, W, H]) kind() string { return reflect.TypeFor[O]().Elem().Name() }

func (*protector[O, W, H]) empty() O { return reflect.New(reflect.TypeFor[O]().Elem()).Interface().(O) }

// events lets those objects into the queue that need the finalizer, or have just got it, and tells of those that went
// without it.
func (p *protector[O, W, H]) events() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q watch.Queue) { p.enqueue(nil, e.Object, q) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q watch.Queue) {
			p.enqueue(e.ObjectOld, e.ObjectNew, q)
			o := e.ObjectNew.(O)
			if e.ObjectOld.GetDeletionTimestamp().IsZero() && !o.GetDeletionTimestamp().IsZero() && p.lacks(o) {
				p.tellOfLoss(ctx, o) // others' finalizers keep it
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ watch.Queue) {
			// The API server may overlook a finalizer that comes while it deletes the object: what is gone without having been
			// marked was not held.
			if o := e.Object.(O); o.GetDeletionTimestamp().IsZero() {
				p.tellOfLoss(ctx, o)
			}
		},
	}
}

func (p *protector[O, W, H]) enqueue(before, now client.Object, q watch.Queue) {
	held := func(o client.Object) bool { return o != nil && controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) }
	if p.lacks(now.(O)) && now.GetDeletionTimestamp().IsZero() || held(now) && !held(before) {
		q.Add(ctrl.Request{NamespacedName: client.ObjectKeyFromObject(now)})
	}
}

// lacks reports whether the object is to be deleted in Novu and does not have the finalizer.
func (p *protector[O, W, H]) lacks(o O) bool {
	return sync.EffectiveDeletionPolicy(o, p.DeletionPolicy) == v1alpha1.DeletionPolicyDelete &&
		!controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer)
}

func (p *protector[O, W, H]) reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	o := p.empty()
	if err := p.Client.Get(ctx, request.NamespacedName, o); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var err error
	switch {
	case !o.GetDeletionTimestamp().IsZero():
	case p.lacks(o):
		err = reconcile.SetFinalizer(ctx, p.Client, o, true)
	case controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer):
		err = p.holdEnvironment(ctx, o)
	}
	switch {
	case apierrors.IsInvalid(err): // it began to be deleted; who was too late is told by the event of that
		return ctrl.Result{}, nil
	case reconcile.Outdated(err), requeue.Deposed(err):
		return requeue.Abandon(ctx, err)
	}
	return ctrl.Result{}, err
}

// holdEnvironment keeps the Environment from going before the object. The cache that shows that the object has the finalizer
// is the one that the Environment's controller looks into before it takes its own away.
func (p *protector[O, W, H]) holdEnvironment(ctx context.Context, o O) error {
	var environment v1alpha1.Environment
	if err := p.Client.Get(ctx, view.Environment(o), &environment); err != nil {
		return client.IgnoreNotFound(err)
	}
	if !environment.DeletionTimestamp.IsZero() || controllerutil.ContainsFinalizer(&environment, v1alpha1.Finalizer) {
		return nil
	}
	return reconcile.SetFinalizer(ctx, p.Client, &environment, true)
}

// tellOfLoss tells of an object that was deleted before the operator held it, so that what it had written stays in Novu.
func (p *protector[O, W, H]) tellOfLoss(ctx context.Context, o O) {
	status := view.Status(o)
	if !p.MustDelete(o, status) {
		return
	}
	if heir, err := p.Heir(ctx, o, status.EnvironmentID); err != nil || heir != nil {
		return
	}
	note := fmt.Sprintf("%s %s was deleted before the operator had put its finalizer on it, so it was not deleted in Novu as its deletionPolicy asks. "+
		"What it describes stays there under the id %s: delete it there by hand, or create the object again, wait until it is Ready, and delete it",
		p.kind(), reconcile.Key(o), o.EffectiveID())
	log.FromContext(ctx).Info("left in Novu: deleted before it was held", "kind", p.kind(), "object", client.ObjectKeyFromObject(o), "id", o.EffectiveID())
	var regarding client.Object = o
	var environment v1alpha1.Environment
	if err := p.Client.Get(ctx, view.Environment(o), &environment); err == nil {
		regarding = &environment
	}
	p.Recorder.Eventf(regarding, o, corev1.EventTypeWarning, v1alpha1.ReasonLeftInNovu, "Delete", "%s", reconcile.Bounded(note))
}
