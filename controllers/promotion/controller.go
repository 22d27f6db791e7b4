// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/bulkhead"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
)

// Reconciler carries out Promotions: one at a time for each Novu environment, in slices, each of which ends with
// a status that a restarted operator can go on from.
type Reconciler struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Waker of Promotions.
	Waker *requeue.Waker
	// Environments, Workflows and Layouts are told to look when a Promotion finds something wrong with one.
	Environments, Workflows, Layouts *requeue.Waker
	// Corrections of drift in targets, which no Promotion writes at the same time as.
	Corrections *promotion.Corrections
	// Reassessments of Workflows that Novu complains about.
	Reassessments *sync.Reassessments
	// Placed are the reassessments of what was promoted.
	Placed *promotion.Reassessments
	// Quiet is how long no definition of the source may have come or changed before a plan is made, so that a Promotion
	// that is applied together with its Workflows does not take the first few for all. Zero: two seconds.
	Quiet time.Duration
	// Metrics of promotions; nil: nothing is measured.
	Metrics *metrics.Promotions
	// Slice is how long one reconcile works on items. Zero: one second.
	Slice time.Duration

	backoff  requeue.Backoff
	sessions promotion.Sessions
	queue    promotion.Queue
	interest promotion.Interest
	firsts   firsts
	judged   promotion.Reassessed
}

const defaultSlice = time.Second

// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions/status,verbs=get;patch

// find finds out what is to be done about a Promotion.
func (r *Reconciler) find(ctx context.Context, request ctrl.Request) (*bulkhead.Work, ctrl.Result, error) {
	p, parts := &v1alpha1.Promotion{}, r.parts()
	err := r.Client.Get(ctx, request.NamespacedName, p)
	switch {
	case apierrors.IsNotFound(err):
		return nil, ctrl.Result{}, parts.janitor.leave(ctx, request.NamespacedName)
	case err != nil:
		return nil, ctrl.Result{}, err
	case promotion.Finished(p) || !p.DeletionTimestamp.IsZero():
		if err := cmp.Or(parts.janitor.leave(ctx, request.NamespacedName), parts.janitor.sealed(ctx, p)); err != nil {
			result, err := requeue.Abandon(ctx, err)
			return nil, result, err
		}
		result, err := parts.janitor.expire(ctx, p)
		return nil, result, err
	}
	return &bulkhead.Work{
		Lane:     p.Spec.TargetRef.In(p.Namespace),
		Outdated: func(ctx context.Context) bool { return !promotion.Started(p) && r.unwanted(ctx, p) },
		Do:       func(ctx context.Context) (ctrl.Result, error) { return r.Reconcile(ctx, request) },
	}, ctrl.Result{}, nil
}

// unwanted reports whether a Promotion is no longer to be carried out. What it may be about to begin then does not happen;
// one that has begun is not cut off in the middle of an item.
func (r *Reconciler) unwanted(ctx context.Context, p *v1alpha1.Promotion) bool {
	now := &v1alpha1.Promotion{}
	if err := r.Client.Get(ctx, client.ObjectKeyFromObject(p), now); err != nil {
		return apierrors.IsNotFound(err)
	}
	return now.UID != p.UID || !now.DeletionTimestamp.IsZero() || ptr.Deref(now.Spec.Abort, false) && !ptr.Deref(p.Spec.Abort, false)
}

// Reconcile takes one Promotion that has not ended a step further.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	p := &v1alpha1.Promotion{}
	// The cache may not have seen yet what the last reconcile wrote, and no step may be taken twice.
	if err := r.Live.Get(ctx, request.NamespacedName, p); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if promotion.Finished(p) { // what is to be done then is done when the cache sees it, too
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	taken := takeForeign(p)
	s := &scope{promotion: p, before: p.DeepCopy(), foreign: taken}
	s.initial = s.before
	parts := r.parts()
	err := parts.drive(novu.WithPriority(ctx, novu.PriorityUser), s)
	if ended, ok := errors.AsType[*former](err); ok && ctx.Err() == nil {
		return parts.finisher.relive(ctx, s, ended)
	}
	return parts.finisher.finish(ctx, s, err)
}

// drive runs the phases. The first that does not go through ends the reconcile.
func (p *parts) drive(ctx context.Context, s *scope) error {
	phases := []func(context.Context, *scope) error{
		p.attempts.remember, p.arbiter.stop, p.resolver.resolve, p.resolver.aim,
		p.line.makeWay, p.resolver.connect, p.attempts.predecessor, p.drafter.pin, p.line.lineUp, p.line.enter,
		p.planner.plan, p.gatekeeper.admit, p.planner.begin,
		p.executor.keep, p.executor.apply, p.executor.revert, p.executor.verify, p.executor.record,
	}
	for _, phase := range phases {
		if err := phase(ctx, s); err != nil {
			return p.arbiter.decide(ctx, s, p.arbiter.cutShort(s, err))
		}
	}
	return nil
}

// SetupWithManager registers the controller and its watches.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	wake := &waker{Client: r.Client, Pool: r.Pool, interest: &r.interest}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Promotion{}, builder.WithPredicates(predicate.Or(
			predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, foreignChanged()))).
		Named("promotion").
		WatchesRawSource(r.Waker).
		Watches(&v1alpha1.Promotion{}, wake.queueMoves()).
		Watches(&v1alpha1.Environment{}, wake.environmentMoves(), watch.OnUpdate(environmentChanged)).
		Watches(&v1alpha1.Workflow{}, wake.sourceMoves()).
		Watches(&v1alpha1.Layout{}, wake.sourceMoves()).
		Watches(&v1alpha1.Integration{}, wake.integrationMoves(), watch.OnUpdate(readinessChanged)).
		WithOptions(options).
		Complete(b.Reconciler(r.find))
}
