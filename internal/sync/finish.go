// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// finish is the one place that turns the outcome of a reconcile into conditions, events, the status write and the time
// of the next try.
func (r *reporter[O, W, H]) finish(ctx context.Context, s *Scope[O], err error) (ctrl.Result, error) {
	outcome := reconcile.OutcomeOf(err)
	switch {
	case outcome.Kind == reconcile.Gone:
		return ctrl.Result{}, nil
	case ctx.Err() != nil, reconcile.Outdated(err), requeue.Deposed(err):
		return requeue.Abandon(ctx, err)
	}
	if reconcile.EnvironmentTrouble(err) {
		r.Environments.Wake(requeue.PriorityNormal, view.Environment(s.Object))
	}
	if !s.Object.GetDeletionTimestamp().IsZero() {
		outcome = blocked(outcome, s.teardown)
	}
	verdict := r.judge(s, outcome)
	r.conclude(s, verdict)
	if writeErr := reconcile.WriteStatus(ctx, r.Client, r.Live, s.Object, s.status); writeErr != nil {
		r.rounds.done(client.ObjectKeyFromObject(s.Object), recheck) // what it found is lost
		return requeue.Abandon(ctx, errors.Join(writeErr, reconcile.Unexpected(err)))
	}
	if err := r.memorise(ctx, s); err != nil {
		return requeue.Abandon(ctx, err)
	}
	r.report(ctx, s, verdict)
	return r.next(s, outcome)
}

// judge makes a Verdict of the outcome.
func (r *reporter[O, W, H]) judge(s *Scope[O], outcome reconcile.Outcome) reconcile.Verdict {
	if outcome.Kind != reconcile.Succeeded {
		return reconcile.Judge(outcome, reconcile.Standing{
			Settled: s.settledNow(), Steady: r.backoff.Steady(s.Object, s.readyNow()), Unknown: s.early,
		})
	}
	complaints, warnings := r.Adapter.Complaints(s.Object)
	if complaints != "" {
		return reconcile.Verdict{Ready: metav1.ConditionFalse, Reason: v1alpha1.ReasonIssuesReported, Stalled: true, Message: "Novu reports " + complaints}
	}
	message := "Novu holds revision " + definition.Short(s.Sync().Revision)
	if s.drift != "" && s.described == "" {
		return reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftDetected, Message: join(message, "Drift is left as it is: "+s.drift, warnings)}
	}
	if counted := s.Sync().Corrections; counted != nil {
		return reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftCorrected, Message: join(message, correctionNote(counted), warnings)}
	}
	if kept := s.Sync().Differences; len(kept) > 0 {
		message = join(message, "Novu keeps its own form of "+paths(kept))
	}
	return reconcile.Verdict{Ready: metav1.ConditionTrue, Reason: v1alpha1.ReasonSynced, Message: join(message, warnings)}
}

// readyNow reports whether the object was ready for the spec that it has now.
func (s *Scope[O]) readyNow() bool {
	ready := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Status == metav1.ConditionTrue && s.before.ObservedGeneration == s.Object.GetGeneration()
}

// settledNow reports whether the object was ready or stalled for the spec that it has now: nothing that happens to its
// Environment changes that.
func (s *Scope[O]) settledNow() bool {
	stalled := apimeta.IsStatusConditionTrue(s.before.Conditions, v1alpha1.ConditionStalled)
	return s.readyNow() || stalled && s.before.ObservedGeneration == s.Object.GetGeneration()
}

// conclude sets the conditions.
func (r *reporter[O, W, H]) conclude(s *Scope[O], v reconcile.Verdict) {
	if v.Keep {
		return
	}
	sync := s.Sync()
	sync.ObservedGeneration = s.Object.GetGeneration()
	set := reconcile.Conditions{List: &sync.Conditions, Generation: s.Object.GetGeneration()}
	v.Apply(set)
	switch {
	case v.Reference:
		set.False(v1alpha1.ConditionReferencesResolved, v.Reason, reconcile.Brief(v.Message))
	case s.stage >= stageResolved:
		set.True(v1alpha1.ConditionReferencesResolved, v1alpha1.ReasonResolved, "every object that spec names was found")
	case !v.Suspended && !apimeta.IsStatusConditionTrue(sync.Conditions, v1alpha1.ConditionReferencesResolved):
		apimeta.RemoveStatusCondition(&sync.Conditions, v1alpha1.ConditionReferencesResolved) // it is not known any more
	}
	r.concludeSync(s, set, v)
	r.concludeDrift(s, set)
}

func (r *reporter[O, W, H]) concludeSync(s *Scope[O], set reconcile.Conditions, v reconcile.Verdict) {
	sync := s.Sync()
	if s.stage < stageCompared {
		if !v.Suspended && (s.stage >= stageResolved || sync.Revision == "") {
			set.False(v1alpha1.ConditionSynced, v.Reason, reconcile.Brief(v.Message))
		}
		return
	}
	if s.gone {
		set.False(v1alpha1.ConditionSynced, v.Reason, reconcile.Brief(v.Message))
		apimeta.RemoveStatusCondition(&sync.Conditions, v1alpha1.ConditionValid)
		return
	}
	set.True(v1alpha1.ConditionSynced, v1alpha1.ReasonSynced, "revision "+definition.Short(sync.Revision)+" is in Novu")
	if complaints, _ := r.Adapter.Complaints(s.Object); complaints != "" {
		set.False(v1alpha1.ConditionValid, v1alpha1.ReasonIssuesReported, reconcile.Brief("Novu reports "+complaints))
		return
	}
	set.True(v1alpha1.ConditionValid, v1alpha1.ReasonValid, "Novu reports no errors")
}

func (r *reporter[O, W, H]) concludeDrift(s *Scope[O], set reconcile.Conditions) {
	switch {
	case s.stage < stageCompared:
	case s.driftPolicy() == v1alpha1.DriftPolicyIgnore:
		set.False(v1alpha1.ConditionDrifted, v1alpha1.ReasonDriftIgnored, "driftPolicy is Ignore: changes that are made in Novu are left alone")
	case s.drift != "" && s.described == "":
		set.True(v1alpha1.ConditionDrifted, v1alpha1.ReasonDriftDetected, s.drift)
	case s.Sync().Corrections != nil:
		set.True(v1alpha1.ConditionDrifted, v1alpha1.ReasonDriftCorrected, correctionNote(s.Sync().Corrections))
	default:
		set.False(v1alpha1.ConditionDrifted, v1alpha1.ReasonNoDrift, "Novu holds what was written")
	}
}

// report tells of what has happened: an event and a log line on each transition, none in between.
func (r *reporter[O, W, H]) report(ctx context.Context, s *Scope[O], v reconcile.Verdict) {
	if s.described != "" {
		note := s.described + " in Novu, revision " + definition.Short(s.Sync().Revision)
		reason := v1alpha1.ReasonSynced
		if s.drift != "" {
			note, reason = "corrected: "+s.drift, v1alpha1.ReasonDriftCorrected
		}
		log.FromContext(ctx).Info("written to Novu", "outcome", s.described, "revision", definition.Short(s.Sync().Revision), "drift", s.drift)
		r.Recorder.Eventf(s.Object, nil, corev1.EventTypeNormal, reason, "Write", "%s", note)
		r.Environments.Nudge(view.Environment(s.Object)) // it counts what Novu holds
	}
	before := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionReady)
	if v.Keep || before != nil && before.Reason == v.Reason {
		return
	}
	r.Environments.Nudge(view.Environment(s.Object))
	log.FromContext(ctx).Info("state changed", "ready", v.Ready, "reason", v.Reason, "message", v.Message)
	if v.Ready != metav1.ConditionTrue || v.Reason == v1alpha1.ReasonDriftDetected {
		r.Recorder.Eventf(s.Object, nil, v.EventType(), v.Reason, "Reconcile", "%s", reconcile.Bounded(v.Message))
	}
}

// next says when the object is tried again. Only failures have a timer; everything else is woken.
func (r *reporter[O, W, H]) next(s *Scope[O], outcome reconcile.Outcome) (ctrl.Result, error) {
	interval := v1alpha1.DefaultInterval
	if s.Environment != nil && s.Environment.EffectiveInterval() > 0 {
		interval = s.Environment.EffectiveInterval()
	}
	if s.teardown {
		interval = min(interval, reconcile.TeardownRetry)
	}
	return r.backoff.Next(s.Object, outcome, interval, r.Pool.Clock().Now())
}
