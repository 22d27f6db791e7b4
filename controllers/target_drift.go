package controllers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

const (
	// targetSlice is how long one reconcile of an Environment reads and corrects what was changed by hand. The rest follows
	// in the next one.
	targetSlice = 2 * time.Second
	// mostTroubles is how many more items Novu may fail to answer for than it answers for before the others are left to the
	// next look.
	mostTroubles = 3
)

// targetScope is what a look at a promotion target works with.
type targetScope struct {
	environment *v1alpha1.Environment
	before      *v1alpha1.Environment
	conn        *connection.Connection
	children    []child

	placed []promotion.Described // what was promoted to it
	side   *promotion.Side
	until  time.Time
	rest   bool // there was no time for everything, or the cache is behind

	records  []*history.Record
	stopped  string          // why nothing is corrected; empty: it may be
	now      map[int]finding // by place in placed
	troubles int
}

// finding is what has become of something that was promoted.
type finding struct {
	live      v1alpha1.LiveRevision
	corrected bool
}

// overlook looks, at a promotion target, for what somebody has changed by hand, and counts.
func (c *targetChecker) check(ctx context.Context, s *environmentScope) error {
	if !s.environment.IsPromotionTarget() {
		apimeta.RemoveStatusCondition(&s.environment.Status.Conditions, v1alpha1.ConditionDrifted)
		return nil
	}
	placed, err := promotion.Placed(ctx, c.Client, s.environment)
	if err != nil {
		return err
	}
	if err := c.duplicates(ctx, s, placed); err != nil {
		return err
	}
	t := &targetScope{
		environment: s.environment, before: s.before, conn: s.conn, children: s.children, placed: placed, now: map[int]finding{}, until: c.Pool.Clock().Now().Add(targetSlice),
		side: &promotion.Side{Conn: s.conn, Name: reconcile.Key(s.environment)},
	}
	if err := c.drift(ctx, t); err != nil {
		return err
	}
	if t.rest {
		c.Waker.NudgeAfter(soon, keyOf(s.environment))
	}
	c.reporter.tellDrift(t)
	return c.count(ctx, t)
}

// drift finds out what was changed by hand, corrects it if it is to be, and writes down what it has found.
func (c *targetChecker) drift(ctx context.Context, t *targetScope) error {
	if t.policy() == v1alpha1.DriftPolicyIgnore {
		return c.note(ctx, t, t.cleared())
	}
	suspects, proved := c.suspects(t)
	if len(suspects)+len(proved) == 0 {
		return nil
	}
	if busy, err := c.busy(ctx, t); busy || err != nil {
		return err // a Promotion writes down itself what it leaves
	}
	if len(suspects) == 0 {
		return c.note(ctx, t, proved)
	}
	if t.policy() == v1alpha1.DriftPolicyCorrect {
		end, err := c.mayCorrect(ctx, t)
		if err != nil {
			return err
		}
		defer end()
	}
	suspects, err := c.withUsers(ctx, t, suspects)
	if err != nil {
		return err
	}
	findings, err := c.examine(ctx, t, suspects)
	if err != nil {
		return err
	}
	// What a Promotion has begun to do meanwhile is not drift. If it has even ended, the objects have changed.
	if busy, err := c.busy(ctx, t); busy || err != nil {
		return err
	}
	maps.Copy(findings, proved)
	return c.note(ctx, t, findings)
}

func (t *targetScope) policy() v1alpha1.DriftPolicy {
	return t.environment.Spec.PromotionPolicy.EffectiveDriftPolicy()
}

// cleared forgets drift where nobody is to look for it.
func (t *targetScope) cleared() map[int]finding {
	findings := map[int]finding{}
	for i := range t.placed {
		if d := &t.placed[i]; d.Drifted() || d.Live.Corrections != nil {
			live := *d.Live
			live.Drifted, live.Corrections = false, nil
			findings[i] = finding{live: live}
		}
	}
	return findings
}

// suspect is something that may have been changed by hand, and what the list says of it.
type suspect struct {
	place    int
	sighting promotion.Sighting
}

// suspects are those that have moved since the operator last looked, and, where drift is corrected, those that are known to
// have drifted. What was corrected and has not moved since is proved. It costs no call.
func (c *targetChecker) suspects(t *targetScope) (found []suspect, proved map[int]finding) {
	proved = map[int]finding{}
	for i := range t.placed {
		d := &t.placed[i]
		entry, listed := t.conn.Lookup(d.Resource(), d.ID())
		sighting := promotion.Sight(d.Live, entry, listed)
		if sighting == promotion.Unmoved && !d.Drifted() && c.attempts.Well(t.key(d), t.conn.ListedAt(d.Resource())) && d.Live.Corrections != nil {
			live := *d.Live
			live.Corrections = nil
			proved[i] = finding{live: live}
		}
		if sighting != promotion.Unmoved || d.Drifted() && t.policy() == v1alpha1.DriftPolicyCorrect && c.due(t, d, "", false) {
			found = append(found, suspect{place: i, sighting: sighting})
		}
	}
	return found, proved
}

// withUsers adds the workflows that used a layout which somebody has deleted: Novu has taken it out of them, and their
// times of change say nothing of it.
func (c *targetChecker) withUsers(ctx context.Context, t *targetScope, suspects []suspect) ([]suspect, error) {
	known := map[int]bool{}
	var deleted []string
	for _, s := range suspects {
		known[s.place] = true
		if d := &t.placed[s.place]; s.sighting == promotion.Vanished && d.Kind == v1alpha1.PromotionItemLayout {
			deleted = append(deleted, d.ID())
		}
	}
	if len(deleted) == 0 {
		return suspects, nil
	}
	if err := c.recall(ctx, t); err != nil {
		return nil, err
	}
	for i := range t.placed {
		d := &t.placed[i]
		entry := history.Last(t.records, d.Kind, d.ID())
		uses := func(layout string) bool { return promotion.UsesLayout(entry, layout) }
		if _, there := t.conn.Lookup(d.Resource(), d.ID()); there && !known[i] && slices.ContainsFunc(deleted, uses) {
			suspects = append(suspects, suspect{place: i, sighting: promotion.Moved})
		}
	}
	return suspects, nil
}

// recall reads what was promoted, once.
func (c *targetCorrector) recall(ctx context.Context, t *targetScope) (err error) {
	if t.records == nil {
		t.records, err = (&history.Store{Client: c.Client, Live: c.Live}).List(ctx, t.environment)
	}
	return err
}

// examine reads what has moved and corrects what is to be, for as long as there is time, and one at least.
func (c *targetChecker) examine(ctx context.Context, t *targetScope, suspects []suspect) (map[int]finding, error) {
	findings := map[int]finding{}
	for n, s := range suspects {
		if n > 0 && c.Pool.Clock().Now().After(t.until) {
			t.rest = true
			break
		}
		if t.troubles >= mostTroubles+len(findings) {
			break
		}
		found, err := c.examineOne(ctx, t, s)
		if err == nil {
			findings[s.place] = found
			continue
		}
		if ctx.Err() != nil || reconcile.EnvironmentTrouble(err) || errors.As(reconcile.FromNovu(err), new(*reconcile.Waiting)) {
			return nil, err
		}
		t.troubles++
		log.FromContext(ctx).Info("cannot tell whether it was changed by hand", "item", t.placed[s.place].Key(), "error", err.Error())
	}
	// What was found is written down, so that each look has less to do; without any progress the next look is soon enough.
	t.rest = t.rest || t.troubles > 0 && len(findings) > 0
	return findings, nil
}

func (c *targetChecker) examineOne(ctx context.Context, t *targetScope, s suspect) (finding, error) {
	d := &t.placed[s.place]
	found, cause := finding{live: *d.Live}, ""
	if s.sighting != promotion.Unmoved {
		held, err := t.read(ctx, d, s.sighting)
		if err != nil {
			return found, err
		}
		found.live = promotion.Judged(*d.Live, held)
		if held != nil {
			cause = held.Hash
		}
	}
	if !found.live.Drifted || t.policy() != v1alpha1.DriftPolicyCorrect || t.stopped != "" ||
		!c.due(t, d, cause, s.sighting != promotion.Unmoved) {
		return found, nil
	}
	return c.correct(ctx, t, d, found, cause)
}

func (t *targetScope) read(ctx context.Context, d *promotion.Described, sighting promotion.Sighting) (*promotion.Held, error) {
	if sighting == promotion.Vanished {
		return nil, nil
	}
	return t.side.Read(ctx, history.Item{Kind: d.Kind, ID: d.ID()})
}

// note writes down what was found. An object that has changed since the cache has seen it is left to the next reconcile: a
// Promotion may just have written there.
func (c *targetChecker) note(ctx context.Context, t *targetScope, findings map[int]finding) error {
	var drifted, corrected []string
	for i := range t.placed {
		found, ok := findings[i]
		d := &t.placed[i]
		if !ok {
			continue
		}
		if found.live != *d.Live || found.corrected {
			err := promotion.Note(ctx, c.Client, d, t.environment, found.live)
			if reconcile.Outdated(err) {
				t.rest = true
				continue
			}
			if err != nil {
				return err
			}
		}
		switch {
		case found.corrected:
			corrected = append(corrected, t.name(d, found.live))
		case found.live.Drifted && !d.Live.Drifted:
			drifted = append(drifted, t.name(d, found.live))
		}
		t.now[i] = found
	}
	c.reporter.announce(ctx, t, drifted, corrected)
	return nil
}

// announce tells of what is new, in one event for all.
func (r *targetReporter) announce(ctx context.Context, t *targetScope, drifted, corrected []string) {
	if len(drifted) > 0 {
		log.FromContext(ctx).Info("changed by hand", "items", drifted)
		r.Recorder.Eventf(t.environment, nil, corev1.EventTypeWarning, v1alpha1.ReasonDriftDetected, "Look", "%s",
			reconcile.Bounded("changed in Novu since the promotion: "+reconcile.FirstFew(drifted)))
	}
	if len(corrected) > 0 {
		log.FromContext(ctx).Info("changed by hand, written again", "items", corrected)
		r.Recorder.Eventf(t.environment, nil, corev1.EventTypeNormal, v1alpha1.ReasonDriftCorrected, "Correct", "%s",
			reconcile.Bounded("changed in Novu since the promotion, and written again: "+reconcile.FirstFew(corrected)))
	}
}

// state is what is known of one item now.
func (t *targetScope) state(place int) v1alpha1.LiveRevision {
	if found, ok := t.now[place]; ok {
		return found.live
	}
	return *t.placed[place].Live
}

// name of an item for people, with who has changed it if Novu says so.
func (t *targetScope) name(d *promotion.Described, live v1alpha1.LiveRevision) string {
	entry, listed := t.conn.Lookup(d.Resource(), d.ID())
	name := fmt.Sprintf("%s %s", d.Kind, d.ID())
	switch {
	case !listed && live.Drifted:
		return name + " (deleted)"
	case entry.UpdatedBy != "" && live.Drifted:
		return name + " (by " + entry.UpdatedBy + ")"
	}
	return name
}

func (t *targetScope) key(d *promotion.Described) string {
	return string(t.environment.UID) + " " + d.Key()
}
