// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// seen records what Novu holds, whoever wrote it.
func (r *recorder[O, W, H]) seen(s *Scope[O], have *H) {
	s.stage = stageCompared
	entry := r.Adapter.Kind().Entry(have)
	sync := s.Sync()
	sync.ID = entry.ID
	sync.EnvironmentID = s.Conn.Environment().ID
	sync.RemoteUpdatedAt = entry.UpdatedAt
	sync.DriftPolicy = s.driftPolicy()
	sync.LastHandledRequest = s.Object.GetAnnotations()[v1alpha1.RequestedAtAnnotation]
	r.Adapter.Record(s, have)
}

// settled records that Novu holds what is wanted, in the form that Novu gives it.
func (r *recorder[O, W, H]) settled(s *Scope[O], facts remote.Facts, differences []v1alpha1.Difference) {
	sync := s.Sync()
	if sync.Revision != s.revision || sync.RevisionTime == nil {
		now := metav1.NewTime(r.Pool.Clock().Now())
		sync.RevisionTime = &now
	}
	sync.Revision, sync.ShortRevision = s.revision, definition.Short(s.revision)
	sync.RemoteHash = facts.Hash
	sync.Creating = false
	sync.Correction, sync.UnconvergedWrites = "", 0
	sync.Differences, _ = definition.Truncate(differences)
	s.keepSecrets()
}

// written records the answer to a write. What Novu made of the definition is from now on the form to compare with.
func (r *recorder[O, W, H]) written(s *Scope[O], want *W, got *H) {
	correction, count := s.before.Correction, s.before.UnconvergedWrites
	r.seen(s, got)
	differences := r.Adapter.Compare(s, want, got)
	facts := r.Adapter.Kind().Facts(got)
	r.settled(s, facts, differences)
	if s.drift != "" {
		r.corrected(s)
	}
	r.Reassessments.Written(client.ObjectKeyFromObject(s.Object), s.Conn.FullCheck(), facts.Errors)
	r.rounds.done(client.ObjectKeyFromObject(s.Object), s.Conn.FullCheck()) // the answer was compared in full
	if !s.changed() {
		s.Sync().Correction, s.Sync().UnconvergedWrites = correction, count
	}
}

// announce writes down that the object is about to be written for the first time, so that after a crash what Novu holds is
// known to be this object's. It matters where adoption is refused, and where the object is one day deleted in Novu.
func (c *converger[O, W, H]) announce(ctx context.Context, s *Scope[O]) error {
	sync := s.Sync()
	matters := EffectiveDeletionPolicy(s.Object, c.DeletionPolicy) == v1alpha1.DeletionPolicyDelete ||
		v1alpha1.EffectiveAdoptionPolicy(view.Of(s.Object).AdoptionPolicy) == v1alpha1.AdoptionPolicyRefuse
	if !matters || s.ours() || sync.Creating {
		return nil
	}
	sync.Creating, sync.EnvironmentID = true, s.Conn.Environment().ID
	return c.note(ctx, s)
}

// recheck is a round that is over: the next reconcile compares in full.
const recheck = -1

// rounds remembers in which round of full comparisons each object was last compared.
type rounds struct {
	mu   sync.Mutex
	seen map[types.NamespacedName]int
}

// due reports whether the object was last compared in an earlier round. An object of unknown history belongs to the current
// one: after a restart its status is as good as a comparison. Rounds begin again when a connection was lost.
func (r *rounds) due(key types.NamespacedName, round int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.seen[key]
	if !ok || last > round {
		r.set(key, round)
		return false
	}
	return last < round
}

func (r *rounds) done(key types.NamespacedName, round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(key, round)
}

func (r *rounds) set(key types.NamespacedName, round int) {
	if r.seen == nil {
		r.seen = map[types.NamespacedName]int{}
	}
	r.seen[key] = round
}

func (r *rounds) forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, key)
}
