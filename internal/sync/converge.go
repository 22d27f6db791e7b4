// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// patience is how often one and the same correction is written before the operator gives up against another writer.
const patience = 3

// converge brings Novu to the wanted definition with as few calls as what is known allows: none when nothing has changed
// on either side, one write when only the definition has.
func (c *converger[O, W, H]) converge(ctx context.Context, s *Scope[O], want *W) error {
	if err := c.find(ctx, s); err != nil {
		return err
	}
	switch {
	case !s.known:
		return c.introduce(ctx, s, want)
	case len(s.entry.Duplicates) > 0:
		return duplicated(s)
	case s.untouched() && s.changed():
		return c.write(ctx, s, want, nil)
	case s.untouched() && !c.due(s):
		return c.unchanged(s)
	}
	return c.compare(ctx, s, want)
}

// unchanged says once more what the last comparison found: neither side has moved since.
func (c *converger[O, W, H]) unchanged(s *Scope[O]) error {
	s.stage = stageCompared
	s.keepSecrets() // under the key that the environment has now
	s.drift = s.standing()
	if s.drift == "" {
		c.passed(s)
		return nil
	}
	if s.driftPolicy() == v1alpha1.DriftPolicyCorrect {
		return notConverging(s)
	}
	return nil
}

// find looks the object up in the last list. One that is missing there is looked for again if it may have been made
// since, by hand or by a write that was lost sight of.
func (c *converger[O, W, H]) find(ctx context.Context, s *Scope[O]) error {
	if s.entry, s.known = c.Adapter.Find(s); s.known {
		return nil
	}
	notBefore := s.Object.GetCreationTimestamp().Add(time.Second)
	if recent := s.Conn.Now().Add(-Unsettled); recent.Before(notBefore) {
		notBefore = recent
	}
	if err := s.Conn.Refresh(ctx, c.Adapter.Kind().Resource, notBefore); err != nil {
		return err
	}
	s.entry, s.known = c.Adapter.Find(s)
	return nil
}

// due reports whether the object is to be compared in full although nothing points to a change in Novu: a field beside the
// definition has changed, the user or another controller asks for it, the last comparison was made under another drift policy, which may have
// left things alone that this one does not, or its turn has come.
func (c *converger[O, W, H]) due(s *Scope[O]) bool {
	return s.Object.GetGeneration() != s.before.ObservedGeneration ||
		s.Asked() || c.Reassessments.Marked(client.ObjectKeyFromObject(s.Object)) || s.driftPolicy() != s.before.DriftPolicy ||
		c.rounds.due(client.ObjectKeyFromObject(s.Object), s.Conn.FullCheck())
}

// compare reads what Novu holds and writes only if that is not what is wanted.
func (c *converger[O, W, H]) compare(ctx context.Context, s *Scope[O], want *W) error {
	key := client.ObjectKeyFromObject(s.Object)
	c.rounds.done(key, s.Conn.FullCheck()) // before: what asks for a comparison from now on is not served by this one
	have, err := c.Adapter.Observe(ctx, s)
	if err != nil {
		c.rounds.done(key, recheck)
		return err
	}
	if have == nil {
		return c.introduce(ctx, s, want)
	}
	marked := c.Reassessments.Take(key)
	facts := c.Adapter.Kind().Facts(have)
	differences := c.Adapter.Compare(s, want, have)
	if err := c.mayWrite(s, facts, len(differences) == 0); err != nil {
		return err
	}
	asWritten := len(differences) == 0 ||
		!s.changed() && facts.Hash == s.before.RemoteHash && !definition.DiffersInCredentials(differences)
	switch {
	case len(differences) == 0 && s.Rewrite && s.driftPolicy() == v1alpha1.DriftPolicyCorrect:
		return c.write(ctx, s, want, have)
	case asWritten && c.stale(s, facts, marked):
		return c.reassess(ctx, s, want, have)
	case asWritten:
		c.seen(s, have)
		c.settled(s, facts, differences)
		c.passed(s)
		return nil
	case s.changed() || !s.ours():
		return c.write(ctx, s, want, have)
	}
	return c.drifted(ctx, s, want, have, facts, differences)
}

// mayWrite reports whether an object that exists in Novu may be written at all. One that is exactly as wanted is taken for the
// operator's own whatever the policy, because nothing is written then: an object that was restored from a backup has no status.
func (c *converger[O, W, H]) mayWrite(s *Scope[O], facts remote.Facts, same bool) error {
	if facts.CodeFirst {
		return reconcile.Blockedf(v1alpha1.ReasonCodeFirst,
			"%q is defined by application code in Novu (code-first): use another id, or remove it from the code", s.ID())
	}
	refuse := v1alpha1.EffectiveAdoptionPolicy(view.Of(s.Object).AdoptionPolicy) == v1alpha1.AdoptionPolicyRefuse
	if refuse && !s.ours() && !same {
		return reconcile.Blockedf(v1alpha1.ReasonAdoptionRefused,
			"Novu already holds %q and adoptionPolicy is Refuse: set it to Adopt, or use another id", s.ID())
	}
	return nil
}

// drifted deals with a change of another writer.
func (c *converger[O, W, H]) drifted(
	ctx context.Context, s *Scope[O], want *W, have *H, facts remote.Facts, differences []v1alpha1.Difference,
) error {
	s.drift, s.author = changedBy(facts, differences), facts.UpdatedBy
	policy, correction := s.driftPolicy(), definition.Revision(differences)
	exhausted := s.before.Correction == correction && s.before.UnconvergedWrites >= patience && !s.Asked()
	if policy == v1alpha1.DriftPolicyCorrect && !exhausted {
		return c.correct(ctx, s, want, have, correction)
	}
	c.seen(s, have)
	s.Sync().Differences, _ = definition.Truncate(differences)
	switch policy {
	case v1alpha1.DriftPolicyDetect:
		return nil
	case v1alpha1.DriftPolicyCorrect:
		return notConverging(s)
	}
	s.drift, s.Sync().Differences = "", nil
	return nil
}

// correct writes over another writer's change and counts how often this one was.
func (c *converger[O, W, H]) correct(ctx context.Context, s *Scope[O], want *W, have *H, correction string) error {
	if err := c.write(ctx, s, want, have); err != nil {
		return err
	}
	sync := s.Sync()
	if s.before.Correction != correction || s.Asked() {
		sync.UnconvergedWrites = 0
	}
	sync.Correction = correction
	sync.UnconvergedWrites++
	return nil
}

// duplicated refuses to touch one of several that Novu holds under one identifier: it may be another than the one that
// Novu shows, or runs.
func duplicated[O view.Object](s *Scope[O]) error {
	return reconcile.Stalledf(v1alpha1.ReasonDuplicated,
		"Novu holds several under the id %q, with the internal ids %s: delete all but one of them in Novu; until then nothing is written",
		s.ID(), strings.Join(s.entry.Duplicates, ", "))
}

// notConverging gives up against another writer.
func notConverging[O view.Object](s *Scope[O]) error {
	return reconcile.Stalledf(v1alpha1.ReasonNotConverging,
		"%s; it was corrected %d times and came back: stop the other writer and change the annotation %s, or set driftPolicy to Detect or Ignore",
		s.drift, patience, v1alpha1.RequestedAtAnnotation)
}

func changedBy(facts remote.Facts, differences []v1alpha1.Difference) string {
	by := ""
	if facts.UpdatedBy != "" {
		by = " by " + facts.UpdatedBy
	}
	if unread(differences) {
		return fmt.Sprintf("%s may have been changed in Novu%s, which does not show them: driftPolicy Correct writes them again", paths(differences), by)
	}
	return fmt.Sprintf("%s changed in Novu%s", paths(differences), by)
}

// unread reports whether nothing is known to differ, but something that Novu does not show.
func unread(differences []v1alpha1.Difference) bool {
	return !slices.ContainsFunc(differences, func(d v1alpha1.Difference) bool { return d.From != definition.NotShown })
}

func (s *Scope[O]) driftPolicy() v1alpha1.DriftPolicy {
	return view.EffectiveDriftPolicy(s.Object, s.Environment.EffectiveDriftPolicy())
}

// write sends the definition: as an update, or as a creation if Novu answers that the object does not exist.
func (c *converger[O, W, H]) write(ctx context.Context, s *Scope[O], want *W, have *H) error {
	return c.send(ctx, s, want, have, false)
}

// create sends the definition of an object that Novu is known not to hold.
func (c *converger[O, W, H]) create(ctx context.Context, s *Scope[O], want *W) error {
	return c.send(ctx, s, want, nil, true)
}

// send writes to Novu and records what came of it.
func (c *converger[O, W, H]) send(ctx context.Context, s *Scope[O], want *W, have *H, absent bool) error {
	if c.Pool.ReadOnly() {
		return c.dryRun(ctx, s, want, have)
	}
	if err := c.announce(ctx, s); err != nil {
		return err
	}
	w := c.Adapter.Write(s, want, have)
	w.New, w.Resumed = absent, c.interrupted(s)
	if guard, ok := any(c.Adapter).(CreationGuard[O]); ok {
		w.BeforeCreation = func(ctx context.Context) error { return guard.MayCreate(ctx, s) }
	}
	got, created, err := c.Adapter.Kind().Put(ctx, s.Conn, w)
	if err != nil {
		return c.failed(ctx, s, want, err)
	}
	s.described = "updated"
	if created {
		s.described = "created"
	}
	c.written(s, want, got)
	return nil
}

// failed records what is known after a write that did not succeed.
func (c *converger[O, W, H]) failed(ctx context.Context, s *Scope[O], want *W, err error) error {
	var (
		uncertain *remote.UncertainError
		taken     *remote.TakenError
		suffixed  *remote.SuffixedError
	)
	switch {
	case errors.As(err, &uncertain) && ctx.Err() != nil:
		return errors.Join(err, c.lastWords(ctx, s))
	case errors.As(err, &taken) && c.appeared(ctx, s):
		return c.compare(ctx, s, want)
	case errors.As(err, &suffixed) && suffixed.Err != nil:
		any(c.Adapter).(Sweeper[O]).Stray(s, suffixed.Stray)
	}
	if _, there := c.Adapter.Find(s); !novu.IsMaybeCommitted(err) && !novu.IsNotFound(err, novu.ResourceLayout) {
		s.Sync().Creating = s.before.Creating && there
	}
	return err
}

// introduce brings an object to Novu that the list does not know: update first, and create only when Novu answers that the
// object does not exist.
func (c *converger[O, W, H]) introduce(ctx context.Context, s *Scope[O], want *W) error {
	s.known = false
	if s.ours() && s.before.ID != "" && !s.changed() {
		s.drift = "it was deleted in Novu"
		if s.driftPolicy() != v1alpha1.DriftPolicyCorrect {
			return c.vanished(s)
		}
	}
	refuse := v1alpha1.EffectiveAdoptionPolicy(view.Of(s.Object).AdoptionPolicy) == v1alpha1.AdoptionPolicyRefuse
	if !refuse || s.ours() {
		return c.write(ctx, s, want, nil)
	}
	have, err := c.Adapter.Observe(ctx, s)
	if err != nil {
		return err
	}
	if have != nil {
		return c.compare(ctx, s, want)
	}
	return c.create(ctx, s, want)
}

// vanished reports an object that was deleted in Novu and is to stay so.
func (c *converger[O, W, H]) vanished(s *Scope[O]) error {
	s.stage, s.gone = stageCompared, true
	sync := s.Sync()
	sync.DriftPolicy, sync.Differences = s.driftPolicy(), nil
	sync.LastHandledRequest = s.Object.GetAnnotations()[v1alpha1.RequestedAtAnnotation]
	return reconcile.Stalledf(v1alpha1.ReasonDeletedInNovu,
		"%q was deleted in Novu and driftPolicy is %s: to have it made again, set driftPolicy to Correct or change spec; else delete this object",
		s.ID(), s.driftPolicy())
}

// appeared looks once whether an object that could not be created is there now.
func (c *converger[O, W, H]) appeared(ctx context.Context, s *Scope[O]) bool {
	if s.raced {
		return false
	}
	s.raced = true
	if err := s.Conn.Refresh(ctx, c.Adapter.Kind().Resource, s.Conn.Now()); err != nil {
		return false
	}
	s.entry, s.known = c.Adapter.Find(s)
	return s.known
}

// dryRun reports what would be written.
func (c *converger[O, W, H]) dryRun(ctx context.Context, s *Scope[O], want *W, have *H) error {
	if have == nil && s.known {
		var err error
		if have, err = c.Adapter.Observe(ctx, s); err != nil {
			return err
		}
	}
	if have == nil {
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: it would create %q in Novu", s.ID())
	}
	differences := c.Adapter.Compare(s, want, have)
	s.Sync().Differences, _ = definition.Truncate(differences)
	return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: it would change %s of %q in Novu", paths(differences), s.ID())
}
