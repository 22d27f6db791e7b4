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
)

// patience is how often one and the same correction is written before the operator gives up against another writer.
const patience = 3

const (
	// settling is how long a creation may still be under way in Novu after its answer was lost.
	settling = 3 * time.Second
	// writeTime is how long a creation may take. The manager waits a little longer when it shuts down.
	writeTime = 25 * time.Second
)

// converge brings Novu to the wanted definition with as few calls as what is known allows: none when nothing has changed
// on either side, one write when only the definition has.
func (r *Reconciler[O, W, H]) converge(ctx context.Context, s *Scope[O], want W) error {
	if err := r.find(ctx, s); err != nil {
		return err
	}
	switch {
	case !s.known:
		return r.introduce(ctx, s, want)
	case len(s.entry.Duplicates) > 0:
		return duplicated(s)
	case s.untouched() && s.changed():
		return r.update(ctx, s, want, nil)
	case s.untouched() && !r.due(s):
		return r.unchanged(s)
	}
	return r.compare(ctx, s, want)
}

// unchanged says once more what the last comparison found: neither side has moved since.
func (r *Reconciler[O, W, H]) unchanged(s *Scope[O]) error {
	s.stage = stageCompared
	s.keepSecrets() // under the key that the environment has now
	s.drift = s.standing()
	if s.drift == "" {
		r.passed(s)
		return nil
	}
	if r.driftPolicy(s) == v1alpha1.DriftPolicyCorrect {
		return notConverging(s)
	}
	return nil
}

// find looks the object up in the last list. One that is missing there is looked for again if it may have been made
// since, by hand or by a write that was lost sight of.
func (r *Reconciler[O, W, H]) find(ctx context.Context, s *Scope[O]) error {
	if s.entry, s.known = r.Adapter.Find(s); s.known {
		return nil
	}
	notBefore := s.Object.GetCreationTimestamp().Add(time.Second)
	if recent := s.Conn.Now().Add(-Unsettled); recent.Before(notBefore) {
		notBefore = recent
	}
	if err := s.Conn.Refresh(ctx, r.Adapter.Resource(), notBefore); err != nil {
		return err
	}
	s.entry, s.known = r.Adapter.Find(s)
	return nil
}

// due says that the object is to be compared in full although nothing points to a change in Novu: a field beside the
// definition has changed, the user or another controller asks for it, the last comparison was made under another drift policy, which may have
// left things alone that this one does not, or its turn has come.
func (r *Reconciler[O, W, H]) due(s *Scope[O]) bool {
	return s.Object.GetGeneration() != s.before.ObservedGeneration ||
		s.Asked() || r.Reassessments.isMarked(client.ObjectKeyFromObject(s.Object)) || r.driftPolicy(s) != s.before.DriftPolicy ||
		r.rounds.due(client.ObjectKeyFromObject(s.Object), s.Conn.FullCheck())
}

// compare reads what Novu holds and writes only if that is not what is wanted.
func (r *Reconciler[O, W, H]) compare(ctx context.Context, s *Scope[O], want W) error {
	key := client.ObjectKeyFromObject(s.Object)
	r.rounds.done(key, s.Conn.FullCheck()) // before: what asks for a comparison from now on is not served by this one
	have, err := r.Adapter.Observe(ctx, s)
	if err != nil {
		r.Recheck(key)
		return err
	}
	if have == nil {
		s.Conn.Deleted(r.Adapter.Resource(), s.ID())
		return r.introduce(ctx, s, want)
	}
	marked := r.Reassessments.take(key)
	facts := r.Adapter.Facts(have)
	differences := r.Adapter.Compare(s, want, have)
	if err := r.mayWrite(s, facts, len(differences) == 0); err != nil {
		return err
	}
	asWritten := len(differences) == 0 ||
		!s.changed() && facts.Hash == s.before.RemoteHash && !definition.DiffersInCredentials(differences)
	switch {
	case len(differences) == 0 && s.Rewrite && r.driftPolicy(s) == v1alpha1.DriftPolicyCorrect:
		return r.update(ctx, s, want, have)
	case asWritten && r.stale(s, have, marked):
		return r.reassess(ctx, s, want, have)
	case asWritten:
		r.seen(s, have)
		r.settled(s, facts, differences)
		r.passed(s)
		return nil
	case s.changed() || !s.ours():
		return r.update(ctx, s, want, have)
	}
	return r.drifted(ctx, s, want, have, differences)
}

// mayWrite reports whether an object that exists in Novu may be written at all. One that is exactly as wanted is taken for the
// operator's own whatever the policy, because nothing is written then: an object that was restored from a backup has no status.
func (r *Reconciler[O, W, H]) mayWrite(s *Scope[O], facts Facts, same bool) error {
	if facts.CodeFirst {
		return &reconcile.Stalled{
			Reason: v1alpha1.ReasonCodeFirst, Retry: true,
			Message: fmt.Sprintf("%q is defined by application code in Novu (code-first): use another id, or remove it from the code", s.ID()),
		}
	}
	refuse := v1alpha1.EffectiveAdoptionPolicy(s.Object.Policies().Adoption) == v1alpha1.AdoptionPolicyRefuse
	if refuse && !s.ours() && !same {
		return &reconcile.Stalled{
			Reason: v1alpha1.ReasonAdoptionRefused, Retry: true,
			Message: fmt.Sprintf("Novu already holds %q and adoptionPolicy is Refuse: set it to Adopt, or use another id", s.ID()),
		}
	}
	return nil
}

// drifted deals with a change that somebody else made.
func (r *Reconciler[O, W, H]) drifted(
	ctx context.Context, s *Scope[O], want W, have *H, differences []v1alpha1.Difference,
) error {
	facts := r.Adapter.Facts(have)
	s.drift, s.author = changedBy(facts, differences), facts.UpdatedBy
	policy, correction := r.driftPolicy(s), definition.Revision(differences)
	exhausted := s.before.Correction == correction && s.before.UnconvergedWrites >= patience && !s.Asked()
	if policy == v1alpha1.DriftPolicyCorrect && !exhausted {
		return r.correct(ctx, s, want, have, correction)
	}
	r.seen(s, have)
	s.Object.Sync().Differences, _ = definition.Truncate(differences)
	switch policy {
	case v1alpha1.DriftPolicyDetect:
		return nil
	case v1alpha1.DriftPolicyCorrect:
		return notConverging(s)
	}
	s.drift, s.Object.Sync().Differences = "", nil
	return nil
}

// correct writes over somebody else's change and counts how often this one was.
func (r *Reconciler[O, W, H]) correct(ctx context.Context, s *Scope[O], want W, have *H, correction string) error {
	if err := r.update(ctx, s, want, have); err != nil {
		return err
	}
	sync := s.Object.Sync()
	if s.before.Correction != correction || s.Asked() {
		sync.UnconvergedWrites = 0
	}
	sync.Correction = correction
	sync.UnconvergedWrites++
	return nil
}

// duplicated refuses to touch one of several that Novu holds under one identifier: it may be another than the one that
// Novu shows, or runs.
func duplicated[O Object](s *Scope[O]) error {
	return reconcile.Stalledf(v1alpha1.ReasonDuplicated,
		"Novu holds several under the id %q, with the internal ids %s: delete all but one of them in Novu; until then nothing is written",
		s.ID(), strings.Join(s.entry.Duplicates, ", "))
}

// notConverging gives up against another writer.
func notConverging[O Object](s *Scope[O]) error {
	return reconcile.Stalledf(v1alpha1.ReasonNotConverging,
		"%s; it was corrected %d times and came back: stop the other writer and change the annotation %s, or set driftPolicy to Detect or Ignore",
		s.drift, patience, v1alpha1.RequestedAtAnnotation)
}

func changedBy(facts Facts, differences []v1alpha1.Difference) string {
	who := "somebody"
	if facts.UpdatedBy != "" {
		who = facts.UpdatedBy
	}
	if unread(differences) {
		return fmt.Sprintf("%s may have changed %s in Novu, which does not show them: driftPolicy Correct writes them again", who, paths(differences))
	}
	return fmt.Sprintf("%s changed %s in Novu", who, paths(differences))
}

// unread reports whether nothing is known to differ, but something that Novu does not show.
func unread(differences []v1alpha1.Difference) bool {
	return !slices.ContainsFunc(differences, func(d v1alpha1.Difference) bool { return d.From != definition.NotShown })
}

func (r *Reconciler[O, W, H]) driftPolicy(s *Scope[O]) v1alpha1.DriftPolicy {
	if own := s.Object.Policies().Drift; own != "" {
		return own
	}
	return s.Environment.EffectiveDriftPolicy()
}

// update writes the definition over what exists.
func (r *Reconciler[O, W, H]) update(ctx context.Context, s *Scope[O], want W, have *H) error {
	if r.Pool.ReadOnly() {
		return r.dryRun(ctx, s, want, have)
	}
	if err := r.announce(ctx, s); err != nil {
		return err
	}
	got, err := r.Adapter.Update(ctx, s, want, have)
	if r.Adapter.Absent(err) {
		s.Conn.Deleted(r.Adapter.Resource(), s.ID())
		s.known = false
		return r.create(ctx, s, want)
	}
	if err != nil {
		return r.doubt(s, err)
	}
	s.described = "updated"
	r.written(s, want, got)
	return nil
}

// introduce brings an object to Novu that the list does not know: update first, and create only when Novu says that the
// object does not exist.
func (r *Reconciler[O, W, H]) introduce(ctx context.Context, s *Scope[O], want W) error {
	s.known = false
	if s.ours() && s.before.ID != "" && !s.changed() {
		s.drift = "it was deleted in Novu"
		if r.driftPolicy(s) != v1alpha1.DriftPolicyCorrect {
			return r.vanished(s)
		}
	}
	refuse := v1alpha1.EffectiveAdoptionPolicy(s.Object.Policies().Adoption) == v1alpha1.AdoptionPolicyRefuse
	if !refuse || s.ours() {
		return r.update(ctx, s, want, nil)
	}
	have, err := r.Adapter.Observe(ctx, s)
	if err != nil {
		return err
	}
	if have != nil {
		return r.compare(ctx, s, want)
	}
	return r.create(ctx, s, want)
}

// vanished reports an object that was deleted in Novu and is to stay so.
func (r *Reconciler[O, W, H]) vanished(s *Scope[O]) error {
	s.stage, s.gone = stageCompared, true
	sync := s.Object.Sync()
	sync.DriftPolicy, sync.Differences = r.driftPolicy(s), nil
	sync.RequestedAt = s.Object.GetAnnotations()[v1alpha1.RequestedAtAnnotation]
	return reconcile.Stalledf(v1alpha1.ReasonDeletedInNovu,
		"%q was deleted in Novu and driftPolicy is %s: to have it made again, set driftPolicy to Correct or change spec; else delete this object",
		s.ID(), r.driftPolicy(s))
}

// create makes the object in Novu. If somebody else was faster, what they made is looked at.
func (r *Reconciler[O, W, H]) create(ctx context.Context, s *Scope[O], want W) error {
	if r.Pool.ReadOnly() {
		return r.dryRun(ctx, s, want, nil)
	}
	if err := r.announce(ctx, s); err != nil {
		return err
	}
	// A creation that has begun comes to its end even if the operator shuts down: cut off, nobody would know whether Novu
	// carries it out, and the next operator would make a duplicate.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	s.interrupted = r.interrupted(s)
	got, err := r.Adapter.Create(whole, s, want)
	if ctx.Err() != nil && novu.IsMaybeCommitted(err) {
		return errors.Join(err, r.lastWords(ctx, s))
	}
	if novu.IsConflict(err) && r.appeared(ctx, s) {
		return r.compare(ctx, s, want)
	}
	if err != nil {
		return r.settle(s, r.doubt(s, err))
	}
	s.described = "created"
	r.written(s, want, got)
	return nil
}

// appeared looks once whether an object that could not be created is there now.
func (r *Reconciler[O, W, H]) appeared(ctx context.Context, s *Scope[O]) bool {
	if s.raced {
		return false
	}
	s.raced = true
	if err := s.Conn.Refresh(ctx, r.Adapter.Resource(), s.Conn.Now()); err != nil {
		return false
	}
	s.entry, s.known = r.Adapter.Find(s)
	return s.known
}

// doubt remembers a write whose fate is unknown, or that Novu carried out in part, so that the object is observed before
// the next one.
func (r *Reconciler[O, W, H]) doubt(s *Scope[O], err error) error {
	if novu.IsMaybeCommitted(err) || novu.IsNotFound(err, novu.ResourceLayout) {
		s.Conn.Doubt(r.Adapter.Resource(), s.ID())
		return err
	}
	_, there := r.Adapter.Find(s)
	s.Object.Sync().Creating = s.before.Creating && there
	return err
}

// settle gives a creation of which the answer was lost the time to come to its end in Novu: two at once make duplicates.
func (r *Reconciler[O, W, H]) settle(s *Scope[O], err error) error {
	outcome := reconcile.FromNovu(err)
	transient, ok := errors.AsType[*reconcile.Transient](outcome)
	if later := s.Conn.Now().Add(settling); ok && novu.IsMaybeCommitted(err) && transient.After.Before(later) {
		transient.After = later
	}
	return outcome
}

// dryRun reports what would be written.
func (r *Reconciler[O, W, H]) dryRun(ctx context.Context, s *Scope[O], want W, have *H) error {
	if have == nil && s.known {
		var err error
		if have, err = r.Adapter.Observe(ctx, s); err != nil {
			return err
		}
	}
	if have == nil {
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: it would create %q in Novu", s.ID())
	}
	differences := r.Adapter.Compare(s, want, have)
	s.Object.Sync().Differences, _ = definition.Truncate(differences)
	return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: it would change %s of %q in Novu", paths(differences), s.ID())
}
