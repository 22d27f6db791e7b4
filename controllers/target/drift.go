// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
)

const (
	// targetSlice is how long one reconcile of an Environment reads and corrects out-of-band changes. The rest follows
	// in the next one.
	targetSlice = 2 * time.Second
	// mostTroubles is how many more items Novu may fail to answer for than it answers for before the others are left to the
	// next poll.
	mostTroubles = 3
)

// scope is what a check of a promotion target works with.
type scope struct {
	Target

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
	judged    string // what has come of having Novu judge it again; empty: it was not asked to
}

// Check finds what was changed out of band in a promotion target, corrects it if it is to be corrected, and counts. Of an Environment that is
// no target it only takes the condition and the counts away.
func (c *Checker) Check(ctx context.Context, target Target) error {
	if !target.Environment.IsPromotionTarget() {
		apimeta.RemoveStatusCondition(&target.Environment.Status.Conditions, v1alpha1.ConditionDrifted)
		target.Environment.Status.Target = nil
		return nil
	}
	placed, err := promotion.Placed(ctx, source.Cached(c.Client), target.Environment)
	if err != nil {
		return err
	}
	if err := c.duplicates(ctx, target, placed); err != nil {
		return err
	}
	t := &scope{
		Target: target, placed: placed, now: map[int]finding{}, until: c.Pool.Clock().Now().Add(targetSlice),
		side: &promotion.Side{Conn: target.Conn, Name: reconcile.Key(target.Environment)},
	}
	if err := c.drift(ctx, t); err != nil {
		return err
	}
	if t.rest {
		c.Waker.NudgeAfter(watch.Soon, client.ObjectKeyFromObject(target.Environment))
	}
	c.reporter().tellDrift(t)
	return c.count(ctx, t)
}

// drift finds out what was changed out of band, corrects it if it is to be, and writes down what it has found.
func (c *Checker) drift(ctx context.Context, t *scope) error {
	if t.policy() == v1alpha1.DriftPolicyIgnore {
		return c.note(ctx, t, t.cleared())
	}
	suspects, proved := c.suspects(t)
	if len(suspects)+len(proved) == 0 {
		return nil
	}
	if busy, err := c.corrector().busy(ctx, t); busy != "" || err != nil {
		return err // a Promotion writes down itself what it leaves
	}
	if len(suspects) == 0 {
		return c.note(ctx, t, proved)
	}
	if t.policy() == v1alpha1.DriftPolicyCorrect {
		end, err := c.corrector().mayCorrect(ctx, t)
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
	if busy, err := c.corrector().busy(ctx, t); busy != "" && busy != targetChanged || err != nil {
		return err
	}
	maps.Copy(findings, proved)
	return c.note(ctx, t, findings)
}

func (t *scope) policy() v1alpha1.DriftPolicy {
	return t.Environment.Spec.PromotionPolicy.EffectiveDriftPolicy()
}

// cleared forgets drift where it is not looked for.
func (t *scope) cleared() map[int]finding {
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

// suspect is something that may have been changed out of band, and what the list says of it.
type suspect struct {
	place    int
	sighting promotion.Sighting
	stale    bool // whether it has not moved, and what Novu complains about may no longer be true
}

// suspects are those that have moved since the last poll, and, where drift is corrected, those that are known to
// have drifted, or that Novu complains about although the cause may be gone. What was corrected and has not moved since is
// proved. It costs no call.
func (c *Checker) suspects(t *scope) (found []suspect, proved map[int]finding) {
	proved = map[int]finding{}
	for i := range t.placed {
		d := &t.placed[i]
		entry, listed := t.Conn.Lookup(d.Resource(), d.ID())
		sighting := promotion.Sight(d.Live, entry, listed)
		if sighting == promotion.Unmoved && !d.Drifted() && c.Attempts.Well(t.key(d), t.Conn.ListedAt(d.Resource())) && d.Live.Corrections != nil {
			live := *d.Live
			live.Corrections = nil
			proved[i] = finding{live: live}
		}
		switch {
		case sighting != promotion.Unmoved || d.Drifted() && t.policy() == v1alpha1.DriftPolicyCorrect && c.corrector().due(t, d, "", false):
			found = append(found, suspect{place: i, sighting: sighting})
		case c.corrector().stale(t, d, entry):
			found = append(found, suspect{place: i, stale: true})
		}
	}
	return found, proved
}

// withUsers adds those that used something which was deleted out of band: Novu has taken it out of them, and their times of
// change say nothing of it.
func (c *Checker) withUsers(ctx context.Context, t *scope, suspects []suspect) ([]suspect, error) {
	known := map[int]bool{}
	var deleted []*promotion.Described
	for _, s := range suspects {
		known[s.place] = true
		if d := &t.placed[s.place]; s.sighting == promotion.Vanished && promotion.PromotableOf(d.Kind).UsedBy != "" {
			deleted = append(deleted, d)
		}
	}
	if len(deleted) == 0 {
		return suspects, nil
	}
	if err := c.corrector().recall(ctx, t); err != nil {
		return nil, err
	}
	for i := range t.placed {
		d := &t.placed[i]
		entry := history.Last(t.records, d.Kind, d.ID())
		uses := func(gone *promotion.Described) bool { return promotion.Uses(entry, gone.Kind, gone.ID()) }
		if _, there := t.Conn.Lookup(d.Resource(), d.ID()); there && !known[i] && slices.ContainsFunc(deleted, uses) {
			suspects = append(suspects, suspect{place: i, sighting: promotion.Moved})
		}
	}
	return suspects, nil
}

// recall reads what was promoted, once.
func (c *corrector) recall(ctx context.Context, t *scope) (err error) {
	if t.records == nil {
		t.records, err = (&history.Store{Client: c.Client, Live: c.Live}).List(ctx, t.Environment)
	}
	return err
}

// examine reads what has moved and corrects what is to be, for as long as there is time, and one at least.
func (c *Checker) examine(ctx context.Context, t *scope, suspects []suspect) (map[int]finding, error) {
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
		if ctx.Err() != nil || reconcile.EnvironmentTrouble(err) || reconcile.KindOf(err) == reconcile.Waiting {
			return nil, err
		}
		t.troubles++
		log.FromContext(ctx).Info("cannot tell whether it was changed out of band", "item", t.placed[s.place].Key(), "error", err.Error())
	}
	// What was found is written down, so that each poll has less to do; without any progress the next poll is soon enough.
	t.rest = t.rest || t.troubles > 0 && len(findings) > 0
	return findings, nil
}

func (c *Checker) examineOne(ctx context.Context, t *scope, s suspect) (finding, error) {
	d := &t.placed[s.place]
	found, cause := finding{live: *d.Live}, ""
	if s.stale {
		return c.corrector().reassess(ctx, t, d)
	}
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
		!c.corrector().due(t, d, cause, s.sighting != promotion.Unmoved) {
		return found, nil
	}
	return c.corrector().correct(ctx, t, d, found, cause)
}

func (t *scope) read(ctx context.Context, d *promotion.Described, sighting promotion.Sighting) (*promotion.Held, error) {
	if sighting == promotion.Vanished {
		return nil, nil
	}
	return t.side.Read(ctx, history.Item{Kind: d.Kind, ID: d.ID()})
}

// note writes down what was found. An object that has changed since the cache has seen it is left to the next reconcile: a
// Promotion may just have written there.
func (c *Checker) note(ctx context.Context, t *scope, findings map[int]finding) error {
	var news news
	for i := range t.placed {
		found, ok := findings[i]
		d := &t.placed[i]
		if !ok {
			continue
		}
		if found.live != *d.Live || found.corrected || found.judged != "" {
			err := promotion.Note(ctx, c.Client, d, t.Environment, found.live)
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
			news.corrected = append(news.corrected, t.name(d, found.live))
		case found.judged != "":
			news.judged = append(news.judged, t.name(d, found.live)+" ("+found.judged+")")
		case found.live.Drifted && !d.Live.Drifted:
			news.drifted = append(news.drifted, t.name(d, found.live))
		}
		t.now[i] = found
	}
	c.reporter().announce(ctx, t, news)
	return nil
}

// news are the names of what has drifted, was corrected, and was written once more to be judged again.
type news struct{ drifted, corrected, judged []string }

// announce tells of what is new, in one event for all of a kind.
func (r *reporter) announce(ctx context.Context, t *scope, n news) {
	if len(n.drifted) > 0 {
		log.FromContext(ctx).Info("changed out of band", "items", n.drifted)
		r.Recorder.Eventf(t.Environment, nil, corev1.EventTypeWarning, v1alpha1.ReasonDriftDetected, "Compare", "%s",
			reconcile.Bounded("changed in Novu since the promotion: "+reconcile.FirstFew(n.drifted)+". "+r.remedy(t)))
	}
	if len(n.corrected) > 0 {
		log.FromContext(ctx).Info("changed out of band, written again", "items", n.corrected)
		r.Recorder.Eventf(t.Environment, nil, corev1.EventTypeNormal, v1alpha1.ReasonDriftCorrected, "Correct", "%s",
			reconcile.Bounded("changed in Novu since the promotion, and written again: "+reconcile.FirstFew(n.corrected)))
	}
	if len(n.judged) > 0 {
		log.FromContext(ctx).Info("written once more, to have it judged again", "items", n.judged)
		r.Recorder.Eventf(t.Environment, nil, corev1.EventTypeNormal, v1alpha1.ReasonReassessed, "Correct", "%s",
			reconcile.Bounded("written once more as promoted, because Novu reported errors there that may have been out of date: "+reconcile.FirstFew(n.judged)))
	}
}

// state is what is known of one item now.
func (t *scope) state(place int) v1alpha1.LiveRevision {
	if found, ok := t.now[place]; ok {
		return found.live
	}
	return *t.placed[place].Live
}

// name of an item for people, with who has changed it if Novu says so.
func (t *scope) name(d *promotion.Described, live v1alpha1.LiveRevision) string {
	entry, listed := t.Conn.Lookup(d.Resource(), d.ID())
	name := fmt.Sprintf("%s %s", d.Kind, d.ID())
	switch {
	case !listed && live.Drifted:
		return name + " (deleted)"
	case entry.UpdatedBy != "" && live.Drifted:
		return name + " (by " + entry.UpdatedBy + ")"
	}
	return name
}

func (t *scope) key(d *promotion.Described) string {
	return string(t.Environment.UID) + " " + d.Key()
}
