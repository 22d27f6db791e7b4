package controllers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/bulkhead"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/sync"
)

// PromotionReconciler carries out Promotions: one at a time for each Novu environment, in slices, each of which ends with
// a status that a restarted operator can go on from.
type PromotionReconciler struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Waker of Promotions.
	Waker *reconcile.Waker
	// Environments, Workflows and Layouts are told to look when a Promotion finds something wrong with one.
	Environments, Workflows, Layouts *reconcile.Waker
	// Corrections of drift in targets, which no Promotion writes at the same time as.
	Corrections *promotion.Corrections
	// Reassessments of Workflows that Novu complains about.
	Reassessments *sync.Reassessments
	// Quiet is how long no definition of the source may have come or changed before a plan is made, so that a Promotion
	// that is applied together with its Workflows does not take the first few for all. Zero: two seconds.
	Quiet time.Duration
	// Metrics of promotions; nil: nothing is measured.
	Metrics *metrics.Promotions
	// Slice is how long one reconcile works on items. Zero: one second.
	Slice time.Duration

	backoff  reconcile.Backoff
	sessions promotion.Sessions
	queue    promotion.Queue
	interest promotion.Interest
	firsts   firsts
	judged   promotion.Reassessed
}

const (
	defaultQuiet = 2 * time.Second
	defaultSlice = time.Second
)

// promotionScope is what one reconcile of a Promotion works with.
type promotionScope struct {
	promotion *v1alpha1.Promotion
	before    *v1alpha1.Promotion // as it is written
	initial   *v1alpha1.Promotion // as it was when the reconcile began

	// target, and for all but a rollback source and origin: where it comes from, and whose objects describe that.
	target, source, origin *v1alpha1.Environment
	session                *promotion.Session
	quiet                  time.Time // since when the definitions of the source have been
	records                []*history.Record
	planned                bool      // the plan was made in this reconcile
	begun                  bool      // the work begins with this reconcile
	wake                   time.Time // when a gate or an approval is to be looked at again
	until                  time.Time // when it ends if nothing has changed by then
	foreign                []metav1.Condition
	approvals              *gate.Count // once they are counted
}

// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions/status,verbs=get;patch

// find finds out what is to be done about a Promotion.
func (r *PromotionReconciler) find(ctx context.Context, request ctrl.Request) (*bulkhead.Work, ctrl.Result, error) {
	p := &v1alpha1.Promotion{}
	err := r.Client.Get(ctx, request.NamespacedName, p)
	switch {
	case apierrors.IsNotFound(err):
		return nil, ctrl.Result{}, r.leave(ctx, request.NamespacedName)
	case err != nil:
		return nil, ctrl.Result{}, err
	case promotion.Finished(p) || !p.DeletionTimestamp.IsZero():
		if err := cmp.Or(r.leave(ctx, request.NamespacedName), r.sealed(ctx, p)); err != nil {
			result, err := reconcile.Abandon(ctx, err)
			return nil, result, err
		}
		result, err := r.expire(ctx, p)
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
func (r *PromotionReconciler) unwanted(ctx context.Context, p *v1alpha1.Promotion) bool {
	now := &v1alpha1.Promotion{}
	if err := r.Client.Get(ctx, keyOf(p), now); err != nil {
		return apierrors.IsNotFound(err)
	}
	return now.UID != p.UID || !now.DeletionTimestamp.IsZero() || ptr.Deref(now.Spec.Abort, false) && !ptr.Deref(p.Spec.Abort, false)
}

// Reconcile takes one Promotion that has not ended a step further.
func (r *PromotionReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	p := &v1alpha1.Promotion{}
	// The cache may not have seen yet what the last reconcile wrote, and no step may be taken twice.
	if err := r.Live.Get(ctx, request.NamespacedName, p); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if promotion.Finished(p) { // what is to be done then is done when the cache sees it, too
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	taken := takeForeign(p)
	s := &promotionScope{promotion: p, before: p.DeepCopy(), foreign: taken}
	s.initial = s.before
	err := r.drive(novu.WithPriority(ctx, novu.PriorityUser), s)
	if ended, ok := errors.AsType[*former](err); ok && ctx.Err() == nil {
		return r.relive(ctx, s, ended)
	}
	return r.finish(ctx, s, err)
}

// drive runs the phases. The first that does not go through ends the reconcile.
func (r *PromotionReconciler) drive(ctx context.Context, s *promotionScope) error {
	phases := []func(context.Context, *promotionScope) error{
		r.remember, r.stop, r.resolve, r.aim, r.makeWay, r.connect, r.predecessor, r.pin, r.lineUp, r.enter, r.plan, r.admit, r.begin, r.keep, r.apply, r.revert, r.verify, r.record,
	}
	for _, phase := range phases {
		if err := phase(ctx, s); err != nil {
			return r.decide(ctx, s, r.cutShort(s, err))
		}
	}
	return nil
}

// leave forgets a Promotion that has ended or is gone, and takes its mark off the target.
func (r *PromotionReconciler) leave(ctx context.Context, key types.NamespacedName) error {
	r.sessions.Close(key)
	r.interest.Leave(key)
	r.judged.Forget(key)
	r.queue.Leave(key)
	r.backoff.Gone(key)
	r.firsts.forget(key)
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
func (r *PromotionReconciler) sealed(ctx context.Context, p *v1alpha1.Promotion) error {
	if !p.DeletionTimestamp.IsZero() {
		return nil
	}
	return r.sealOnce(ctx, p.DeepCopy())
}

// expire deletes a Promotion that has ended once its time is over, if it has one.
func (r *PromotionReconciler) expire(ctx context.Context, p *v1alpha1.Promotion) (ctrl.Result, error) {
	left, expires := r.lifetime(p)
	if !expires || left > 0 {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	gone := client.Preconditions{UID: &p.UID}
	return ctrl.Result{}, client.IgnoreNotFound(r.Client.Delete(ctx, p.DeepCopy(), gone))
}

// lifetime is how long a Promotion that has ended stays, if that is limited.
func (r *PromotionReconciler) lifetime(p *v1alpha1.Promotion) (left time.Duration, expires bool) {
	ttl := p.Spec.TTLSecondsAfterFinished
	if ttl == nil || !promotion.Finished(p) || !p.DeletionTimestamp.IsZero() {
		return 0, false
	}
	end := p.Status.CompletionTime.Time
	if p.CreationTimestamp.After(end) { // it ended as another object: a GitOps tool would create it again and again
		end = p.CreationTimestamp.Time
	}
	end = end.Add(time.Duration(*ttl) * time.Second)
	return max(0, end.Sub(r.Pool.Clock().Now())), true
}

// takeForeign takes out of status the conditions that third parties have set as gates, and returns them: the operator reads
// them and must not write them, since they would then be its own.
func takeForeign(p *v1alpha1.Promotion) (taken []metav1.Condition) {
	taken = foreign(p)
	p.Status.Conditions = slices.DeleteFunc(p.Status.Conditions, isForeign)
	return taken
}

// foreign are the conditions that third parties have set as gates.
func foreign(p *v1alpha1.Promotion) (found []metav1.Condition) {
	for _, c := range p.Status.Conditions {
		if isForeign(c) {
			found = append(found, c)
		}
	}
	return found
}

func isForeign(c metav1.Condition) bool { return strings.Contains(c.Type, "/") }

// SetupWithManager registers the controller and its watches.
func (r *PromotionReconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Promotion{}, builder.WithPredicates(predicate.Or(
			predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, foreignChanged()))).
		Named("promotion").
		WatchesRawSource(r.Waker).
		Watches(&v1alpha1.Promotion{}, r.queueMoves()).
		Watches(&v1alpha1.Environment{}, r.environmentMoves(), onUpdate(environmentChanged)).
		Watches(&v1alpha1.Workflow{}, r.sourceMoves()).
		Watches(&v1alpha1.Layout{}, r.sourceMoves()).
		Watches(&v1alpha1.Integration{}, r.integrationMoves(), onUpdate(readinessChanged)).
		WithOptions(options).
		Complete(b.Reconciler(r.find))
}
