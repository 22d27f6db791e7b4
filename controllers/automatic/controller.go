// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"cmp"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/source"
)

// Reconciler lets targets with spec.promotionPolicy.automatic follow their source: it makes a Promotion when the source
// holds something that the target does not, lifts the hold of a rollback when it is told to, and deletes the oldest of the
// Promotions that it has made. It asks Novu nothing; what it goes by is in the status of objects.
type Reconciler struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Quiet is how long nothing may have come or changed in the source before a Promotion is made, so that a hundred objects
	// which are applied together are promoted together. Zero: two seconds.
	Quiet time.Duration
	// Metrics of promotions, of which those of an Environment go with it; nil: there are none.
	Metrics *metrics.Promotions

	// interest is that of targets, by their own names, in the Environments whose objects describe them.
	interest promotion.Interest
	delays   delays
	told     told
}

// scope is what one reconcile of a target works with.
type scope struct {
	target, source, origin *v1alpha1.Environment
	own                    []*v1alpha1.Promotion
	quiet                  time.Time // since when the objects have been
	goingBack              bool      // a rollback is at work
}

// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions,verbs=create;delete

// Reconcile looks whether one target needs another Promotion.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	s := &scope{target: &v1alpha1.Environment{}}
	err := r.Client.Get(ctx, request.NamespacedName, s.target)
	switch {
	case apierrors.IsNotFound(err):
		r.forget(request.NamespacedName)
		r.Metrics.Forget(request.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case !s.target.DeletionTimestamp.IsZero() || r.Pool.ReadOnly():
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	result, err := r.drive(ctx, s)
	switch {
	case ctx.Err() != nil || requeue.Deposed(err) || reconcile.Outdated(err):
		return requeue.Abandon(ctx, err)
	case reconcile.Expected(err):
		r.explain(ctx, s.target, err)
		if reconcile.OutcomeOf(err).Poll {
			result.RequeueAfter = requeue.Jitter(notAnnounced)
		}
		return result, nil
	}
	return result, err
}

func (r *Reconciler) drive(ctx context.Context, s *scope) (ctrl.Result, error) {
	if err := r.resume(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	if !s.target.IsPromotionTarget() {
		r.forget(client.ObjectKeyFromObject(s.target))
		return ctrl.Result{}, nil
	}
	if err := r.recall(ctx, r.Client, s, client.MatchingFields{index.Target: reconcile.Key(s.target)}); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.trim(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	if !follows(s.target) {
		r.forget(client.ObjectKeyFromObject(s.target))
		return ctrl.Result{}, nil
	}
	if s.goingBack { // what it records as live differs from the source, and the hold follows at its end
		return ctrl.Result{RequeueAfter: promotion.LongestQuiet}, nil
	}
	return r.follow(ctx, s)
}

// follows reports whether Promotions into the target are to be made. Freeze, windows and other gates do not count: a Promotion
// waits for those, and everybody sees it. What an earlier Environment of the same identity has left, a hold among it, is known
// once the identity is: status tells that after the hold.
func follows(target *v1alpha1.Environment) bool {
	return target.IsPromotionTarget() && target.Spec.PromotionPolicy.Automatic != nil && !ptr.Deref(target.Spec.Suspend, false) &&
		target.Status.EnvironmentID != "" && target.Status.Hold == nil
}

// recall finds the Promotions that were made for the target.
func (r *Reconciler) recall(ctx context.Context, reader client.Reader, s *scope, options ...client.ListOption) error {
	var list v1alpha1.PromotionList
	if err := reader.List(ctx, &list, options...); err != nil {
		return fmt.Errorf("list the Promotions into Environment %s: %w", reconcile.Key(s.target), err)
	}
	s.own, s.goingBack = automatic.Of(s.target, list.Items), automatic.GoingBack(list.Items)
	return nil
}

// trim deletes the oldest Promotions that have ended and that the operator itself has made.
func (r *Reconciler) trim(ctx context.Context, s *scope) error {
	for _, p := range automatic.Expired(s.own, s.target.Spec.PromotionPolicy.EffectiveHistoryLimit()) {
		err := r.Client.Delete(ctx, p, client.Preconditions{UID: &p.UID})
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete the old Promotion %s: %w", reconcile.Key(p), err)
		}
	}
	return nil
}

// follow makes a Promotion if the target needs one and the source is quiet.
func (r *Reconciler) follow(ctx context.Context, s *scope) (ctrl.Result, error) {
	if err := r.resolve(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	state, err := r.want(ctx, s)
	if err != nil {
		return ctrl.Result{}, err
	}
	key, now := client.ObjectKeyFromObject(s.target), r.Pool.Clock().Now()
	if !automatic.Needed(state, s.target, s.own) {
		r.delays.over(key)
		if newest := automatic.Newest(s.own); newest != nil && automatic.LeftOut(newest) {
			return ctrl.Result{RequeueAfter: requeue.Jitter(time.Minute)}, nil // what is listed of the target wakes nothing
		}
		return ctrl.Result{}, nil
	}
	if rest := r.delays.left(key, s.quiet.Add(r.quiet()), now, state.Unsettled); rest > 0 {
		return ctrl.Result{RequeueAfter: rest}, nil
	}
	return r.promote(ctx, s, state)
}

// resolve finds the source, and the Environment whose objects describe it.
func (r *Reconciler) resolve(ctx context.Context, s *scope) (err error) {
	s.source, err = reconcile.ResolveEnvironment(ctx, r.Client, s.target.Spec.PromotionPolicy.SourceRef, s.target.Namespace)
	if err != nil {
		return err
	}
	if s.origin, err = promotion.Origin(ctx, source.Cached(r.Client), s.source); err != nil {
		return err
	}
	s.quiet = r.interest.Join(client.ObjectKeyFromObject(s.target), client.ObjectKeyFromObject(s.origin), r.Pool.Clock().Now())
	return nil
}

// want finds out what the target is to hold.
func (r *Reconciler) want(ctx context.Context, s *scope) (automatic.State, error) {
	catalog, err := promotion.ReadCatalog(ctx, source.Cached(r.Client), s.origin)
	if err != nil {
		return automatic.State{}, err
	}
	wanted, records := &v1alpha1.Promotion{}, []*history.Record(nil)
	wanted.Namespace = s.target.Namespace
	wanted.Spec.Selector, wanted.Spec.Prune = s.target.Spec.PromotionPolicy.Automatic.Selector, s.target.Spec.PromotionPolicy.Automatic.Prune
	if ptr.Deref(wanted.Spec.Prune, false) { // objects that are gone cannot say what is live
		if records, err = (&history.Store{Client: r.Client, Live: r.Live}).List(ctx, s.target); err != nil {
			return automatic.State{}, err
		}
	}
	items, err := catalog.Select(wanted, records)
	if err != nil {
		return automatic.State{}, err
	}
	described := promotion.Describes(s.origin, s.source)
	state := automatic.Compare(items, s.source, s.target, described)
	if s.target.Spec.PromotionPolicy.Automatic.UnfitItems == v1alpha1.UnfitItemsLeaveOut {
		if state, err = r.weigh(s, state, items, described); err != nil {
			return automatic.State{}, err
		}
	}
	if s.target.Spec.PromotionPolicy.Automatic.EffectiveSupersede() == v1alpha1.SupersedeQueue {
		state = state.Without(s.own)
	}
	return state, nil
}

// weigh adds to the state what decides whether items can be promoted, of the target and of a source that is one.
func (r *Reconciler) weigh(s *scope, state automatic.State, items []promotion.Item, described bool) (automatic.State, error) {
	target, err := r.listed(s.target, connection.Integrations)
	if err != nil {
		return state, err
	}
	promotion.LeaveWaiting(items, r.Pool.Clock().Now())
	facts := promotion.Receptive(target, items, s.target.Spec.PromotionPolicy.EffectiveMissingIntegrations())
	if !described {
		from, err := r.listed(s.source, connection.Workflows)
		if err != nil {
			return state, err
		}
		facts = append(facts, promotion.Faulty(from, items)...)
	}
	return state.Weigh(items, facts...), nil
}

// listed is the connection of an Environment of which the resource was listed. What is not known yet, after a restart, is no
// change that calls for a Promotion.
func (r *Reconciler) listed(environment *v1alpha1.Environment, resource connection.Resource) (*connection.Connection, error) {
	conn := r.Pool.Get(client.ObjectKeyFromObject(environment))
	if conn == nil || conn.ListedAt(resource).IsZero() {
		return nil, reconcile.Pollingf(v1alpha1.ReasonEnvironmentNotReady,
			"Environment %s has not been listed yet, so it is not known what can be promoted; its conditions tell why", reconcile.Key(environment))
	}
	return conn, nil
}

// promote makes the Promotion, if the API server agrees with what the caches say.
func (r *Reconciler) promote(ctx context.Context, s *scope, state automatic.State) (ctrl.Result, error) {
	sure, err := r.confirm(ctx, s, state)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !sure {
		return ctrl.Result{RequeueAfter: behindTheTimes}, nil
	}
	p := automatic.Promotion(s.target, state)
	if err := r.Client.Create(ctx, p); err != nil {
		return ctrl.Result{}, fmt.Errorf("promote automatically into Environment %s: %w", reconcile.Key(s.target), err)
	}
	r.delays.over(client.ObjectKeyFromObject(s.target))
	message := fmt.Sprintf("made Promotion %s: in the source, %d of the objects differ from what is live here", p.Name, len(state.Changes))
	log.FromContext(ctx).Info("promotes automatically", "promotion", p.Name, "changes", len(state.Changes), "state", definition.Short(state.Hash))
	r.Recorder.Eventf(s.target, p, corev1.EventTypeNormal, v1alpha1.ReasonPromotionMade, "Promote", "%s", message)
	return ctrl.Result{}, nil
}

// notAnnounced is how soon it is looked again for what nothing announces. It costs no call.
const notAnnounced = 5 * time.Second

// behindTheTimes is how long the caches are given to catch up with the API server.
const behindTheTimes = time.Second

// confirm asks the API server for what the decision hangs on: that the target still is to follow its source, that no
// Promotion has come meanwhile, and that the first of the changes is one.
func (r *Reconciler) confirm(ctx context.Context, s *scope, state automatic.State) (bool, error) {
	current := &v1alpha1.Environment{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(s.target), current); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if current.UID != s.target.UID || current.Generation != s.target.Generation || !follows(current) || !current.DeletionTimestamp.IsZero() {
		return false, nil
	}
	known := automatic.Newest(s.own)
	if err := r.recall(ctx, r.Live, s, client.InNamespace(s.target.Namespace), client.HasLabels{automatic.StateLabel}); err != nil {
		return false, err
	}
	if newest := automatic.Newest(s.own); (newest == nil) != (known == nil) || newest != nil && newest.UID != known.UID {
		return false, nil
	}
	if !automatic.Needed(state, current, s.own) {
		return false, nil
	}
	return r.stillDiffers(ctx, state.Changes[0])
}

// stillDiffers reports whether the cache knows the latest of an object. What a Promotion that has just ended has recorded there
// may reach the cache after its end.
func (r *Reconciler) stillDiffers(ctx context.Context, change automatic.Change) (bool, error) {
	if change.Revision == "" {
		return true, nil // the records are read from the API server
	}
	kind := promotion.PromotableOf(change.Kind)
	cached, live := kind.New(), kind.New()
	if err := r.Client.Get(ctx, change.Key, cached); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if err := r.Live.Get(ctx, change.Key, live); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return cached.GetResourceVersion() == live.GetResourceVersion(), nil
}

// explain tells why the target cannot follow its source, once for each cause.
func (r *Reconciler) explain(ctx context.Context, target *v1alpha1.Environment, err error) {
	message := ""
	if err != nil {
		message = "cannot promote automatically: " + err.Error()
	}
	if !r.told.differs(client.ObjectKeyFromObject(target), message) || message == "" {
		return
	}
	log.FromContext(ctx).Info("does not follow its source", "message", message)
	verdict := reconcile.Judge(reconcile.OutcomeOf(err), reconcile.Standing{})
	r.Recorder.Eventf(target, nil, verdict.EventType(), verdict.Reason, "Promote", "%s", reconcile.Bounded(message))
}

func (r *Reconciler) quiet() time.Duration { return cmp.Or(r.Quiet, promotion.DefaultQuiet) }

func (r *Reconciler) forget(target types.NamespacedName) {
	r.interest.Leave(target)
	r.delays.over(target)
	r.told.differs(target, "")
}
