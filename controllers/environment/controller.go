// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/bulkhead"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
)

// Reconciler connects Environments to Novu and polls what Novu holds, once an interval for all of their
// Workflows, Layouts and Integrations.
type Reconciler struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Waker of Environments.
	Waker *requeue.Waker
	// Children are the kinds that are woken when something has changed in Novu.
	Children []Children
	// Corrections in promotion targets.
	Corrections *promotion.Corrections
	// Reassessments of Workflows that Novu complains about.
	Reassessments *sync.Reassessments
	// Placed are the reassessments of what was promoted.
	Placed *promotion.Reassessments

	backoff  requeue.Backoff
	awake    awakened
	attempts promotion.Attempts
	departed departures
	guards   guard.Cache
	visits   visits
}

// scope is what one reconcile of an Environment works with.
type scope struct {
	environment *v1alpha1.Environment
	before      *v1alpha1.Environment
	settings    connection.Settings
	conn        *connection.Connection
	children    []child
	teardown    bool // whether its namespace is being deleted
	caused      bool // whether what workflows depend on has changed since the last poll
}

// SetupWithManager registers the controller and its watches.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	b, options, err := bulkhead.Add(mgr, options)
	if err != nil {
		return err
	}
	w := r.watches()
	builder := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Environment{}, watch.SpecChanged()).
		Named("environment").
		WatchesRawSource(r.Waker).
		WatchesMetadata(&corev1.Secret{}, watch.Referrers(mgr.GetClient(), watch.SecretOf, &v1alpha1.EnvironmentList{})).
		WatchesMetadata(&corev1.ConfigMap{}, watch.Referrers(mgr.GetClient(), watch.ConfigMapOf, &v1alpha1.EnvironmentList{})).
		Watches(&v1alpha1.Environment{}, w.targetMoves()).
		Watches(&v1alpha1.Workflow{}, w.countsAgain()).
		Watches(&v1alpha1.Layout{}, w.countsAgain()).
		WithOptions(options)
	for i := range r.Children {
		builder.Watches(r.Children[i].Object, w.needs())
	}
	return builder.Complete(requeue.Requests(mgr.GetClient(), r, b))
}

// +kubebuilder:rbac:groups=novu-operator.dev,resources=environments,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=novu-operator.dev,resources=environments/status,verbs=get;patch
// +kubebuilder:rbac:groups="",resources=secrets;configmaps;namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=events,verbs=create;patch

// Reconcile connects one Environment, polls Novu if it is time, and wakes the objects concerned.
func (r *Reconciler) Reconcile(ctx context.Context, environment *v1alpha1.Environment) (ctrl.Result, error) {
	r.visits.begin(client.ObjectKeyFromObject(environment), r.connector().sources(ctx, environment))
	defer r.visits.end(client.ObjectKeyFromObject(environment))
	s := &scope{environment: environment, before: environment.DeepCopy()}
	if err := r.begin(ctx, s); err != nil {
		return requeue.Abandon(ctx, err)
	}
	if s.before.Status.ObservedGeneration != environment.Generation {
		r.backoff.Forget(environment) // what failed was another spec
	}
	return r.finish(ctx, s, r.drive(ctx, s))
}

// begin tells of a new Environment that work on it has begun.
func (r *Reconciler) begin(ctx context.Context, s *scope) error {
	status := &s.environment.Status
	if len(status.Conditions) > 0 || !s.environment.DeletionTimestamp.IsZero() {
		return nil
	}
	reconcile.Begin(reconcile.Conditions{List: &status.Conditions, Generation: s.environment.Generation})
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.environment, s.before); err != nil {
		return err
	}
	s.before = s.environment.DeepCopy()
	return nil
}

func (r *Reconciler) drive(ctx context.Context, s *scope) error {
	if err := r.finder().gather(ctx, s); err != nil {
		return err
	}
	if !s.environment.DeletionTimestamp.IsZero() {
		return r.finalizer().finalize(ctx, s)
	}
	if err := r.finalizer().protect(ctx, s); err != nil {
		return err
	}
	if err := r.guardian().guard(ctx, s); err != nil {
		return err
	}
	if ptr.Deref(s.environment.Spec.Suspend, false) {
		return reconcile.ErrSuspended
	}
	return r.connectAndPoll(ctx, s)
}

// connectAndPoll notes why it fails, for the objects that wait for the connection.
func (r *Reconciler) connectAndPoll(ctx context.Context, s *scope) error {
	err := r.tryConnectAndPoll(ctx, s)
	switch trouble := reconcile.TroubleOf(err); {
	case err == nil:
		r.Pool.Recover(client.ObjectKeyFromObject(s.environment))
	case trouble.Reason != "" && r.Pool.Fail(client.ObjectKeyFromObject(s.environment), trouble):
		wakeWaiting(s)
	}
	return err
}

func (r *Reconciler) tryConnectAndPoll(ctx context.Context, s *scope) error {
	c := r.connector()
	for _, phase := range []func(context.Context, *scope) error{c.resolve, c.connect, c.identify, r.guardIdentified, r.poller().poll} {
		if err := phase(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// guardIdentified has what outlasts an Environment's predecessors taken over as soon as it is known which one it is.
func (r *Reconciler) guardIdentified(ctx context.Context, s *scope) error {
	if s.before.Status.EnvironmentID == s.environment.Status.EnvironmentID {
		return nil
	}
	return r.guardian().guard(ctx, s)
}

// finish turns the outcome into conditions, an event on transition, the status write and the time of the next poll.
func (r *Reconciler) finish(ctx context.Context, s *scope, err error) (ctrl.Result, error) {
	outcome := reconcile.OutcomeOf(err)
	switch {
	case outcome.Kind == reconcile.Gone:
		r.backoff.Forget(s.environment)
		return ctrl.Result{}, nil
	case ctx.Err() != nil, reconcile.Outdated(err), requeue.Deposed(err):
		return requeue.Abandon(ctx, err)
	}
	verdict := r.judge(s, outcome)
	if !verdict.Keep {
		s.environment.Status.ObservedGeneration = s.environment.Generation
	}
	verdict.Apply(reconcile.Conditions{List: &s.environment.Status.Conditions, Generation: s.environment.Generation})
	tellProtection(ctx, r.Live, s)
	if writeErr := reconcile.WriteStatus(ctx, r.Client, r.Live, s.environment, s.before); writeErr != nil {
		return requeue.Abandon(ctx, errors.Join(writeErr, reconcile.Unexpected(err)))
	}
	r.report(ctx, s, verdict)
	if first := r.Pool.Try(client.ObjectKeyFromObject(s.environment)); first && err != nil {
		// They have waited to hear what has become of it, those that have come meanwhile included.
		if err := r.finder().gather(ctx, s); err != nil {
			return ctrl.Result{}, err
		}
		wakeAll(s)
	}
	if err != nil {
		r.awake.again(client.ObjectKeyFromObject(s.environment))
		return r.backoff.Next(s.environment, outcome, r.retryInterval(s), r.Pool.Clock().Now())
	}
	r.backoff.Forget(s.environment)
	return r.nextPoll(s), nil
}

func (r *Reconciler) judge(s *scope, outcome reconcile.Outcome) reconcile.Verdict {
	if outcome.Kind == reconcile.Succeeded {
		remote := s.conn.Environment()
		return reconcile.Verdict{
			Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonConnected,
			Message: "connected to the Novu environment " + remote.Name + " (" + remote.ID + ")",
		}
	}
	ready := apimeta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionReady)
	wasReady := ready != nil && ready.Status == metav1.ConditionTrue &&
		s.before.Status.ObservedGeneration == s.environment.Generation
	return reconcile.Judge(outcome, reconcile.Standing{Steady: r.backoff.Steady(s.environment, wasReady)})
}

// report tells of transitions and of nothing in between.
func (r *Reconciler) report(ctx context.Context, s *scope, v reconcile.Verdict) {
	before := apimeta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionReady)
	if v.Keep || before != nil && before.Reason == v.Reason {
		return
	}
	log.FromContext(ctx).Info("state changed", "ready", v.Ready, "reason", v.Reason, "message", v.Message)
	r.Recorder.Eventf(s.environment, nil, v.EventType(), v.Reason, "Connect", "%s", reconcile.Bounded(v.Message))
}

func (r *Reconciler) retryInterval(s *scope) time.Duration {
	if s.teardown {
		return reconcile.TeardownRetry
	}
	if interval := s.environment.EffectiveInterval(); interval > 0 {
		return interval
	}
	return v1alpha1.DefaultInterval
}

// nextPoll is an interval after the last one, give or take a tenth, so that many Environments do not poll together.
func (r *Reconciler) nextPoll(s *scope) ctrl.Result {
	interval := s.environment.EffectiveInterval()
	if interval == 0 {
		return ctrl.Result{}
	}
	passed := r.Pool.Clock().Now().Sub(s.conn.LookedAt())
	low := requeue.PriorityLow
	return ctrl.Result{RequeueAfter: max(requeue.Jitter(interval)-passed, time.Second), Priority: &low}
}
