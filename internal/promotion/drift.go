// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/view"
)

// Described is a Workflow or Layout object, with what is recorded of it in one promotion target.
type Described struct {
	Kind v1alpha1.PromotionItemKind
	// Object is that of the Source, or a copy of it as [Note] has left it: it must not be changed.
	Object view.Object
	// Live is what is recorded in the object's status; nil: nothing was brought to the target, or it was deleted there.
	Live *v1alpha1.LiveRevision
}

// ID is the workflowID or layoutID.
func (d *Described) ID() string { return d.Object.EffectiveID() }

// Key tells what is in the target apart.
func (d *Described) Key() string { return entryKey(d.Kind, d.ID()) }

// Resource is the list that it appears in.
func (d *Described) Resource() connection.Resource { return PromotableOf(d.Kind).Resource }

// Drifted reports whether it is recorded to be changed by hand.
func (d *Described) Drifted() bool { return d.Live != nil && d.Live.Drifted }

// Placed finds every object of which a revision was brought to the target, layouts first.
func Placed(ctx context.Context, objects source.Source, target *v1alpha1.Environment) ([]Described, error) {
	return described(ctx, objects, target, index.Live, target)
}

// Pending counts the objects of the origin whose current revision is not live in the target, among those that may be
// promoted.
func Pending(ctx context.Context, objects source.Source, origin, target *v1alpha1.Environment) (count int, err error) {
	all, err := described(ctx, objects, target, index.Environment, origin)
	if err != nil {
		return 0, err
	}
	admission := admission{objects: objects, environment: origin, known: map[string]bool{}}
	for _, o := range all {
		if o.pending() && admission.admits(ctx, o.Object.GetNamespace()) {
			count++
		}
	}
	return count, admission.err
}

func (d *Described) pending() bool {
	revision := view.Status(d.Object).Revision
	return d.Object.GetDeletionTimestamp().IsZero() && (d.Live == nil || revision == "" || d.Live.Revision != revision)
}

// described finds objects by an index of Environments, with what is recorded of them in the target, in a fixed order.
func described(
	ctx context.Context, objects source.Source, target *v1alpha1.Environment, field string, of *v1alpha1.Environment,
) (all []Described, err error) {
	found, err := lookup(ctx, objects, field, reconcile.Key(of))
	if err != nil {
		return nil, fmt.Errorf("list the objects of Environment %s: %w", reconcile.Key(of), err)
	}
	for _, o := range found {
		all = append(all, Described{Kind: itemKindOf(o), Object: o, Live: definition.LiveIn(LiveRevisions(o), target)})
	}
	slices.SortFunc(all, func(a, b Described) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID(), b.ID()), cmp.Compare(reconcile.Key(a.Object), reconcile.Key(b.Object)))
	})
	return all, nil
}

// Sighting is what the list of a target tells of something that was promoted to it.
type Sighting int

// Sightings.
const (
	// Unmoved: nothing has happened to it since the operator last looked.
	Unmoved Sighting = iota
	// Moved: it must be read to know what has happened.
	Moved
	// Vanished: it was deleted in Novu.
	Vanished
)

// Sight compares what is recorded with the list. What was recorded without a hash cannot be compared; what is in doubt is
// seen in the next list.
func Sight(live *v1alpha1.LiveRevision, entry connection.Entry, listed bool) Sighting {
	known := live.RemoteUpdatedAt
	switch {
	case live.RemoteHash == "":
		return Unmoved
	case !listed && live.Drifted && known == "":
		return Unmoved // it is known to be gone
	case !listed:
		return Vanished
	case entry.UpdatedAt == "" || entry.UpdatedAt == known:
		return Unmoved
	}
	return Moved
}

// Held is what a target holds under one identifier.
type Held struct {
	// Hash of everything that a definition can say.
	Hash string
	// UpdatedAt is Novu's time of the last change, as Novu sent it.
	UpdatedAt string
	// Errors that Novu reports in it, as of the last write; empty: none.
	Errors string
	// Outcome is what has come of writing it, for people.
	Outcome string
	// Settled reports whether it is what the record wants, whatever the hash.
	Settled bool
}

// Judged is what is to be recorded now that it is known what the target holds; nil: nothing.
func Judged(live v1alpha1.LiveRevision, held *Held) v1alpha1.LiveRevision {
	if held == nil {
		live.Drifted, live.RemoteUpdatedAt = true, ""
		return live
	}
	if held.Settled {
		live.RemoteHash = held.Hash
	}
	live.Drifted, live.RemoteUpdatedAt = held.Hash != live.RemoteHash, held.UpdatedAt
	return live
}

// Note writes into the status of an object what the target holds of it, unless the object was changed since it was
// read; the error then is one of which [reconcile.Outdated] is true.
func Note(ctx context.Context, c client.Client, d *Described, target *v1alpha1.Environment, live v1alpha1.LiveRevision) error {
	version, err := reconcile.ApplyStatusAt(ctx, c, d.Object, recordOf(d.Object, live), recordOwner(target))
	if err != nil {
		return err
	}
	written := d.Object.DeepCopyObject().(view.Object)
	written.SetResourceVersion(version)
	d.Object = written
	return nil
}
