package controllers

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
)

// PromotionReconciler carries out Promotions: one at a time for each Novu environment, in slices, each of which ends with
// a status that a restarted operator can go on from.
type PromotionReconciler struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Waker of Promotions.
	Waker *engine.Waker
	// Environments, Workflows and Layouts are told to look when a Promotion finds something wrong with one.
	Environments, Workflows, Layouts *engine.Waker
	// Quiet is how long no definition of the source may have come or changed before a plan is made, so that a Promotion
	// that is applied together with its Workflows does not take the first few for all. Zero: two seconds.
	Quiet time.Duration
	// Slice is how long one reconcile works on items. Zero: two seconds.
	Slice time.Duration

	backoff  engine.Backoff
	sessions promotion.Sessions
	queue    promotion.Queue
	interest promotion.Interest
}

const (
	defaultQuiet = 2 * time.Second
	defaultSlice = 2 * time.Second
)

// promotionScope is what one reconcile of a Promotion works with.
type promotionScope struct {
	promotion *v1alpha1.Promotion
	before    *v1alpha1.Promotion

	target, source, origin *v1alpha1.Environment
	session                *promotion.Session
	quiet                  time.Time // since when the definitions of the source have been
}

// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions,verbs=get;list;watch
// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions/status,verbs=get;patch

// Reconcile takes one Promotion a step further.
func (r *PromotionReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	p := &v1alpha1.Promotion{}
	err := r.Client.Get(ctx, request.NamespacedName, p)
	switch {
	case apierrors.IsNotFound(err):
		return ctrl.Result{}, r.leave(ctx, request.NamespacedName)
	case err != nil:
		return ctrl.Result{}, err
	case promotion.Finished(p) || !p.DeletionTimestamp.IsZero():
		return ctrl.Result{}, r.leave(ctx, request.NamespacedName)
	}
	// The cache may not have seen yet what the last reconcile wrote, and no step may be taken twice.
	if err := r.Live.Get(ctx, request.NamespacedName, p); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if promotion.Finished(p) {
		return ctrl.Result{}, nil
	}
	s := &promotionScope{promotion: p, before: p.DeepCopy()}
	return r.finish(ctx, s, r.drive(novu.WithPriority(ctx, novu.PriorityUser), s))
}

// drive runs the phases. The first that does not go through ends the reconcile.
func (r *PromotionReconciler) drive(ctx context.Context, s *promotionScope) error {
	phases := []func(context.Context, *promotionScope) error{
		r.resolve, r.connect, r.enter, r.plan, r.apply, r.verify, r.record,
	}
	for _, phase := range phases {
		if err := phase(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// leave forgets a Promotion that has ended or is gone, and takes its mark off the target.
func (r *PromotionReconciler) leave(ctx context.Context, key types.NamespacedName) error {
	r.sessions.Close(key)
	r.interest.Leave(key)
	r.backoff.Gone(key)
	gone := &v1alpha1.Promotion{}
	gone.Namespace, gone.Name = key.Namespace, key.Name
	var list v1alpha1.EnvironmentList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("look for Environments that Promotion %s was at work in: %w", key, err)
	}
	for i := range list.Items {
		environment := &list.Items[i]
		if environment.Status.ActivePromotion != promotion.NameIn(gone, environment.Namespace) {
			continue
		}
		if err := promotion.Mark(ctx, r.Client, environment.DeepCopy(), ""); err != nil {
			return err
		}
	}
	return nil
}

// SetupWithManager registers the controller and its watches.
func (r *PromotionReconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Promotion{}, specChanged()).
		Named("promotion").
		WatchesRawSource(r.Waker).
		Watches(&v1alpha1.Promotion{}, r.queueMoves()).
		Watches(&v1alpha1.Environment{}, r.environmentMoves(), onUpdate(environmentChanged)).
		Watches(&v1alpha1.Workflow{}, r.sourceMoves()).
		Watches(&v1alpha1.Layout{}, r.sourceMoves()).
		WithOptions(options).
		Complete(r)
}
