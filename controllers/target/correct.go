// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
)

const (
	targetBusy    = "a Promotion is at work"
	targetChanged = "the Environment was changed a moment ago"
	targetGone    = "the Environment is gone"
)

// busy is what keeps others than Promotions from writing to the target; empty: nothing. It asks the API server and not only
// the cache: the mark at the target stands there before the Promotion's first write, and so does a freeze.
func (c *corrector) busy(ctx context.Context, t *scope) (why string, err error) {
	current := &v1alpha1.Environment{}
	err = c.Live.Get(ctx, client.ObjectKeyFromObject(t.Environment), current)
	switch {
	case apierrors.IsNotFound(err) || err == nil && current.UID != t.Environment.UID:
		return targetGone, nil
	case err != nil:
		return "", err
	case current.Status.ActivePromotionRef != nil:
		return targetBusy, nil
	}
	var list v1alpha1.PromotionList
	if err := c.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return "", fmt.Errorf("list the Promotions: %w", err)
	}
	for i := range list.Items {
		p := &list.Items[i]
		if !promotion.Started(p) || promotion.Finished(p) {
			continue
		}
		if conn := c.Pool.Get(p.Spec.TargetRef.In(p.Namespace)); conn != nil && conn.Backend == t.Conn.Backend {
			return targetBusy, nil
		}
	}
	if current.Generation != t.Environment.Generation {
		return targetChanged, nil
	}
	return "", nil
}

// mayCorrect finds out whether drift may be corrected now, and if so keeps Promotions from writing until end is called.
func (c *corrector) mayCorrect(ctx context.Context, t *scope) (end func(), err error) {
	end = func() {}
	t.stopped = t.obstacle(c.Pool)
	if t.stopped != "" {
		return end, nil
	}
	id := t.Conn.Environment().ID
	release, ok := c.Corrections.Begin(id)
	if !ok {
		t.stopped, t.rest = "it is being corrected through another Environment", true
		return end, nil
	}
	t.stopped, err = c.busy(ctx, t) // once more: a Promotion may have begun right before Begin
	if err == nil && t.stopped == "" {
		err = c.recall(ctx, t)
	}
	if err != nil {
		release()
		return end, err
	}
	return release, nil
}

// obstacle is why nothing is to be written to the target; empty if nothing speaks against it.
func (t *scope) obstacle(pool *connection.Pool) string {
	freeze, kept := t.Environment.Spec.PromotionPolicy.Freeze, t.Environment.Status.Freeze
	switch {
	case pool.ReadOnly():
		return "the operator runs with --dry-run"
	case freeze != nil && (freeze.EndTime == nil || freeze.EndTime.After(pool.Clock().Now())):
		return "the Environment is frozen: " + freeze.Reason
	case kept != nil && (kept.EndTime == nil || kept.EndTime.After(pool.Clock().Now())):
		return "an earlier Environment of its name was frozen: " + kept.Reason
	}
	return ""
}

// due reports whether an item may be written again.
func (c *corrector) due(t *scope, d *promotion.Described, found string, moved bool) bool {
	return t.obstacle(c.Pool) == "" &&
		c.attempts.Due(t.key(d), promotion.Cause{Wish: t.wish(d), Found: found}, moved, t.Conn.ListedAt(d.Resource()))
}

// wish changes whenever corrections that were given up are to be tried again.
func (t *scope) wish(d *promotion.Described) string {
	return fmt.Sprint(d.Live.Revision, " ", t.Environment.Generation, " ", t.Environment.Annotations[v1alpha1.RequestedAtAnnotation])
}

// correct writes again what was promoted.
func (c *corrector) correct(
	ctx context.Context, t *scope, d *promotion.Described, found finding, cause string,
) (finding, error) {
	listed := t.Conn.ListedAt(d.Resource())
	count := func(problem string) {
		c.attempts.Made(t.key(d), promotion.Cause{Wish: t.wish(d), Found: cause}, listed, problem)
	}
	entry := history.Last(t.records, d.Kind, d.ID())
	if entry == nil || entry.After == nil || entry.Revision != d.Live.Revision {
		count("the records do not hold the revision that was promoted: promote it again")
		return found, nil
	}
	last, _ := t.Conn.Lookup(d.Resource(), d.ID())
	held, uncertain, err := t.side.Restore(ctx, c.Pool.Clock(), entry, c.intend(t, d))
	switch {
	case reconcile.Outdated(err):
		t.rest = true // nothing was sent
		return found, nil
	case uncertain != nil:
		t.troubles++
		found.live.UncertainCreation = c.earliest(d, uncertain)
		return found, nil
	case err != nil && promotion.AboutOne(err):
		count(err.Error())
		return found, nil
	case err != nil:
		return found, err
	}
	count("")
	found.live = promotion.Judged(*d.Live, held)
	if found.corrected = !found.live.Drifted; found.corrected {
		found.live.Corrections = promotion.Corrected(d.Live.Corrections, c.Pool.Clock().Now(), last.UpdatedBy)
	}
	return found, nil
}

// intend writes down that a workflow is about to be created again, so that what Novu makes of it late is recognised, even if the
// operator is killed before it hears of it.
func (c *corrector) intend(t *scope, d *promotion.Described) promotion.Intend {
	return func(ctx context.Context, creation v1alpha1.UncertainCreation) error {
		live := *d.Live
		live.UncertainCreation = c.earliest(d, &creation)
		return promotion.Note(ctx, c.Client, d, t.Environment, live)
	}
}

// earliest is the first creation of the same of which something may still come.
func (c *corrector) earliest(d *promotion.Described, latest *v1alpha1.UncertainCreation) *v1alpha1.UncertainCreation {
	known := d.Live.UncertainCreation
	if known != nil && known.Outline == latest.Outline && remote.Pending(*known, c.Pool.Clock().Now()) {
		return known
	}
	return latest
}

// tellDrift sets the condition of a target, and tells when corrections are given up.
func (r *reporter) tellDrift(t *scope) {
	r.setDrift(t)
	before := apimeta.FindStatusCondition(t.Before.Status.Conditions, v1alpha1.ConditionDrifted)
	now := apimeta.FindStatusCondition(t.Environment.Status.Conditions, v1alpha1.ConditionDrifted)
	if now.Reason == v1alpha1.ReasonNotConverging && (before == nil || before.Reason != now.Reason) {
		r.Recorder.Eventf(t.Environment, nil, corev1.EventTypeWarning, now.Reason, "Correct", "%s", reconcile.Bounded(now.Message))
	}
}

func (r *reporter) setDrift(t *scope) {
	set := reconcile.Conditions{List: &t.Environment.Status.Conditions, Generation: t.Environment.Generation}
	if t.policy() == v1alpha1.DriftPolicyIgnore {
		set.False(v1alpha1.ConditionDrifted, v1alpha1.ReasonDriftIgnored, "driftPolicy is Ignore: changes that are made in Novu are left alone")
		return
	}
	drifted, corrected := t.drifted(), t.unproved()
	switch {
	case len(drifted) > 0:
	case corrected != "":
		set.True(v1alpha1.ConditionDrifted, v1alpha1.ReasonDriftCorrected, corrected)
		return
	default:
		set.False(v1alpha1.ConditionDrifted, v1alpha1.ReasonNoDrift, "Novu holds what was promoted")
		return
	}
	names, reason, remedy := make([]string, len(drifted)), v1alpha1.ReasonDriftDetected, r.remedy(t)
	for i, place := range drifted {
		d := &t.placed[place]
		names[i] = t.name(d, t.state(place))
		exhausted, problem := r.attempts.Standing(t.key(d), t.wish(d))
		if problem != "" {
			names[i] += " (not corrected: " + problem + ")"
		}
		if t.policy() == v1alpha1.DriftPolicyCorrect && exhausted {
			reason, remedy = givenUp(reason, remedy, problem)
		}
	}
	message := "changed in Novu since the promotion: " + reconcile.FirstFew(names) + ". " + remedy
	if corrected != "" {
		message += ". " + corrected
	}
	set.True(v1alpha1.ConditionDrifted, reason, message)
}

// unproved names what was corrected and has not stayed so for a whole poll yet; empty if there is nothing.
func (t *scope) unproved() string {
	var names []string
	for i := range t.placed {
		d := &t.placed[i]
		made := t.state(i).Corrections
		if made == nil || t.state(i).Drifted {
			continue
		}
		by := ""
		if made.By != "" {
			by = ", last by " + made.By
		}
		names = append(names, fmt.Sprintf("%s %s (%s%s)", d.Kind, d.ID(), sync.HowOften(int(made.Count), made.SinceTime.Time), by))
	}
	if len(names) == 0 {
		return ""
	}
	return "changed in Novu since the promotion and written again: " + reconcile.FirstFew(names) + sync.SecondWriter
}

// givenUp is what to say of a target in which something is not corrected any more: because it came back each time, or
// because it cannot be.
func givenUp(reason, remedy, problem string) (newReason, newRemedy string) {
	switch {
	case problem == "":
		return v1alpha1.ReasonNotConverging, "It was corrected again and again and came back: stop the other writer and change the annotation " +
			v1alpha1.RequestedAtAnnotation + ", or promote again"
	case reason == v1alpha1.ReasonNotConverging:
		return reason, remedy
	}
	return reason, "It is not tried again until something changes: fix it and change the annotation " +
		v1alpha1.RequestedAtAnnotation + ", or promote again"
}

// drifted are the places of out-of-band changes.
func (t *scope) drifted() (places []int) {
	for i := range t.placed {
		if t.state(i).Drifted {
			places = append(places, i)
		}
	}
	return places
}

// remedy says what can be done about drift.
func (r *reporter) remedy(t *scope) string {
	if t.policy() != v1alpha1.DriftPolicyCorrect {
		return "Promote again, or set spec.promotionPolicy.driftPolicy to Correct"
	}
	if stopped := t.obstacle(r.Pool); stopped != "" {
		return "It is not corrected now, because " + stopped
	}
	return "It is corrected at the next poll"
}
