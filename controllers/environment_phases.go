package controllers

import (
	"context"
	"fmt"
	"sort"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// resolve reads the key and the certificates.
func (r *EnvironmentReconciler) resolve(ctx context.Context, s *environmentScope) (err error) {
	if s.settings, err = r.settings(ctx, s.environment); err != nil {
		if s.settings.SecretKey == "" {
			r.disconnect(ctx, s)
		}
		return err
	}
	r.visits.use(keyOf(s.environment), s.settings)
	return r.check(s)
}

// settings are what the Environment says about its connection. If it is not the key that is missing, they have the key.
func (r *EnvironmentReconciler) settings(ctx context.Context, e *v1alpha1.Environment) (settings connection.Settings, err error) {
	key, err := reconcile.ReadSecretKey(ctx, r.Live, e.Namespace, e.Spec.SecretKeyRef.Name, e.EffectiveSecretKey())
	if err != nil {
		return settings, err
	}
	settings = connection.Settings{BaseURL: e.Spec.APIURL, SecretKey: key}
	bundle := e.Spec.CABundle
	if e.Spec.CABundleRef != nil {
		bundle, err = reconcile.ReadConfigMapKey(ctx, r.Live, e.Namespace, *e.Spec.CABundleRef)
	}
	settings.CABundle = []byte(bundle)
	return settings, err
}

// disconnect drops the connection of a key that is gone, unless the whole namespace goes and objects are still to be
// deleted through it: then the key is in nobody's way any more.
func (r *EnvironmentReconciler) disconnect(ctx context.Context, s *environmentScope) {
	if _, terminating := reconcile.Terminating(ctx, r.Live, s.environment.Namespace); len(s.needy()) == 0 || !terminating {
		r.Pool.Drop(keyOf(s.environment))
	}
}

// check refuses settings that no request could be made with.
func (r *EnvironmentReconciler) check(s *environmentScope) error {
	config, reason := novu.Config{BaseURL: s.settings.BaseURL, SecretKey: s.settings.SecretKey}, v1alpha1.ReasonInvalidSpec
	_, err := novu.New(config)
	if err == nil {
		config.CABundle, reason = s.settings.CABundle, v1alpha1.ReasonInvalidCABundle
		_, err = novu.New(config)
	}
	if err == nil {
		return nil
	}
	r.Pool.Drop(keyOf(s.environment))
	return reconcile.Stalledf(reason, "cannot connect to Novu: %s", err)
}

// connect finds out which Novu environment the key belongs to, and goes no further if it is not the one that is meant.
func (r *EnvironmentReconciler) connect(ctx context.Context, s *environmentScope) (err error) {
	s.settings.Accept = func(remote novu.Environment) error { return r.identity(s, remote) }
	s.conn, err = r.Pool.Connect(ctx, keyOf(s.environment), s.settings)
	return err
}

// identify refuses a connection that was made before spec named another environment, and records which it is. Once that is known, so is
// what outlasts its predecessors.
func (r *EnvironmentReconciler) identify(ctx context.Context, s *environmentScope) error {
	remote := s.conn.Environment()
	if err := r.identity(s, remote); err != nil {
		r.Pool.Drop(keyOf(s.environment))
		return err
	}
	status := &s.environment.Status
	status.EnvironmentID = remote.ID
	status.EnvironmentName = remote.Name
	status.EnvironmentType = remote.Type
	status.ApplicationIdentifier = remote.Identifier
	status.OrganizationID = remote.OrganizationID
	if s.before.Status.EnvironmentID == remote.ID {
		return nil
	}
	return r.guard(ctx, s)
}

func (r *EnvironmentReconciler) identity(s *environmentScope, remote novu.Environment) error {
	spec, secret := &s.environment.Spec, s.environment.Spec.SecretKeyRef.Name
	belongs := fmt.Sprintf("the key in Secret %s/%s belongs to the Novu environment %q (%s)",
		s.environment.Namespace, secret, remote.Name, remote.ID)
	known := s.environment.Status.EnvironmentID
	switch {
	case spec.EnvironmentID != "" && spec.EnvironmentID != remote.ID:
		return wrongEnvironment(v1alpha1.ReasonWrongEnvironment,
			"%s, not to the one that spec.environmentID names (%s): correct the Secret or spec", belongs, spec.EnvironmentID)
	case spec.EnvironmentName != "" && spec.EnvironmentName != remote.Name:
		return wrongEnvironment(v1alpha1.ReasonWrongEnvironment,
			"%s, not to %q as spec.environmentName says: correct the Secret or spec", belongs, spec.EnvironmentName)
	case known != "" && known != remote.ID && spec.EnvironmentID != remote.ID:
		return wrongEnvironment(v1alpha1.ReasonEnvironmentChanged,
			"%s; before, it belonged to %s. Nothing is written. If the change is meant, set spec.environmentID to %s", belongs, known, remote.ID)
	}
	return nil
}

// wrongEnvironment is tried again now and then: the key may be moved in Novu, too.
func wrongEnvironment(reason, format string, args ...any) error {
	return &reconcile.Stalled{Reason: reason, Message: fmt.Sprintf(format, args...), Retry: true}
}

// look lists what Novu holds, if it is time or if the last reconcile went wrong, and wakes the objects for which
// something is new.
func (r *EnvironmentReconciler) look(ctx context.Context, s *environmentScope) error {
	notBefore := r.Pool.Clock().Now()
	if !r.urgent(s) {
		notBefore = notBefore.Add(-r.lookAge(s))
	}
	if s.conn.Budget().Snapshot().Circuit.Open {
		r.awake.again(keyOf(s.environment)) // objects may have been refused meanwhile
	}
	if _, err := s.conn.Look(novu.WithProbe(ctx), notBefore); err != nil {
		return err
	}
	s.environment.Status.LastHandledRequest = s.environment.Annotations[v1alpha1.RequestedAtAnnotation]
	s.environment.Status.RateLimits = rateLimits(s.conn.Budget().Snapshot())
	// What has come since the start of this reconcile found no connection and waits.
	if err := r.gather(ctx, s); err != nil {
		return err
	}
	r.doubt(s)
	r.reassess(s)
	r.wake(s)
	s.environment.Status.Counts = r.count(s)
	if err := r.forget(ctx, s); err != nil {
		return err
	}
	if err := r.overlook(ctx, s); err != nil {
		return err
	}
	return r.writes(s)
}

// writes reports an environment that answers reads and no writes. The next write that is answered ends it.
func (r *EnvironmentReconciler) writes(s *environmentScope) error {
	stalled := s.conn.Budget().Snapshot().Writes
	if !stalled.Open {
		return nil
	}
	return &reconcile.Transient{Reason: v1alpha1.ReasonWritesUnanswered, Err: stalled.Cause, Message: fmt.Sprintf(
		"Novu answers reads, and since %s it answers no writes: %s. Writes are held back, but for one now and then: check Novu's API and its database",
		stalled.Since.UTC().Format(time.RFC3339), stalled.Cause)}
}

// urgent says that a look must not wait for the interval.
func (r *EnvironmentReconciler) urgent(s *environmentScope) bool {
	return s.conn.LookedAt().IsZero() ||
		s.conn.Budget().Snapshot().Circuit.Open ||
		r.backoff.Failures(s.environment) > 0 ||
		!apimeta.IsStatusConditionTrue(s.before.Status.Conditions, v1alpha1.ConditionReady) ||
		s.environment.Annotations[v1alpha1.RequestedAtAnnotation] != s.before.Status.LastHandledRequest
}

// lookAge is how old a look may be: a little less than the interval, so that a timer that comes early counts.
func (r *EnvironmentReconciler) lookAge(s *environmentScope) (age duration) {
	if interval := s.environment.EffectiveInterval(); interval > 0 {
		return interval * 8 / 10
	}
	return never
}

func rateLimits(snapshot novu.BudgetSnapshot) []v1alpha1.RateLimitStatus {
	var limits []v1alpha1.RateLimitStatus
	for category, c := range snapshot.Categories {
		if c.Limit == 0 {
			continue
		}
		limits = append(limits, v1alpha1.RateLimitStatus{
			Category: string(category), Limit: int32(c.Limit), Burst: int32(c.Burst), //nolint:gosec // small numbers
			WindowSeconds: int32(c.Window.Seconds()),
		})
	}
	sort.Slice(limits, func(i, j int) bool { return limits[i].Category < limits[j].Category })
	return limits
}
