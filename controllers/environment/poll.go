// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"sort"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// poll lists what Novu holds, if it is time or if the last reconcile went wrong, and wakes the objects for which
// something is new.
func (p *poller) poll(ctx context.Context, s *scope) error {
	notBefore := p.Pool.Clock().Now()
	if !p.urgent(s) {
		notBefore = notBefore.Add(-p.pollAge(s))
	}
	if s.conn.Budget().Snapshot().Circuit.Open {
		p.awake.again(client.ObjectKeyFromObject(s.environment)) // objects may have been refused meanwhile
	}
	if _, err := s.conn.Look(novu.WithProbe(ctx), notBefore); err != nil {
		return err
	}
	s.environment.Status.LastHandledRequest = s.environment.Annotations[v1alpha1.RequestedAtAnnotation]
	s.environment.Status.RateLimits = rateLimits(s.conn.Budget().Snapshot())
	// What has come since the start of this reconcile found no connection and waits.
	if err := p.gather(ctx, s); err != nil {
		return err
	}
	p.doubt(s)
	p.reassess(s)
	p.wake(s)
	s.environment.Status.Counts = p.count(s)
	if err := p.forgetter.Forget(ctx, s.environment, s.objects()); err != nil {
		return err
	}
	if err := p.targets.Check(ctx, s.target()); err != nil {
		return err
	}
	return p.writes(s)
}

// writes reports an environment that answers reads and no writes. The next write that is answered ends it.
func (p *poller) writes(s *scope) error {
	stalled := s.conn.Budget().Snapshot().Writes
	if !stalled.Open {
		return nil
	}
	return reconcile.Outcome{Kind: reconcile.Transient, Reason: v1alpha1.ReasonWritesUnanswered, Err: stalled.Cause, Message: fmt.Sprintf(
		"Novu answers reads, and since %s it answers no writes: %s. Writes are held back, but for one now and then: check Novu's API and its database",
		stalled.Since.UTC().Format(time.RFC3339), stalled.Cause)}
}

// urgent reports whether a poll must not wait for the interval.
func (p *poller) urgent(s *scope) bool {
	return s.conn.LookedAt().IsZero() ||
		s.conn.Budget().Snapshot().Circuit.Open ||
		p.backoff.Failures(s.environment) > 0 ||
		!apimeta.IsStatusConditionTrue(s.before.Status.Conditions, v1alpha1.ConditionReady) ||
		s.environment.Annotations[v1alpha1.RequestedAtAnnotation] != s.before.Status.LastHandledRequest
}

// pollAge is how old a poll may be: a little less than the interval, so that a timer that comes early counts.
func (p *poller) pollAge(s *scope) (age duration) {
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
