// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// Adapter is what the engine must know about one kind of object. W is the definition that is wanted, H what Novu holds.
// Errors are those of packages novu and remote, or outcomes. An adapter may also be a [CreationGuard], a
// [DeletionGuard], a [Sweeper], a [Requirer] and a [Successor].
type Adapter[O view.Object, W, H any] interface {
	// Kind is how the objects are read and written in Novu.
	Kind() *remote.Kind[H, W]

	// Want reads what spec refers to and makes the definition.
	Want(ctx context.Context, s *Scope[O]) (*W, error)

	// Revision is a hash of the definition, without secrets, and of the secrets apart from it, keyed.
	Revision(s *Scope[O], want *W) (revision, secrets string)

	// Find looks the object up in the snapshot of the environment.
	Find(s *Scope[O]) (connection.Entry, bool)

	// Observe returns what Novu holds; nil: the object does not exist.
	Observe(ctx context.Context, s *Scope[O]) (*H, error)

	// Write is what a write of the definition sends. Without have, the internal ids in status are known to be current.
	Write(s *Scope[O], want *W, have *H) *remote.Write[W]

	// Compare lists in what Novu differs from the definition.
	Compare(s *Scope[O], want *W, have *H) []v1alpha1.Difference

	// Record writes what Novu holds into the kind's own status.
	Record(s *Scope[O], have *H)

	// Complaints are Novu's: errors make the object not ready, warnings are only mentioned.
	Complaints(o O) (errors, warnings string)
}

// CreationGuard is a kind whose objects cannot be created in Novu at any time.
type CreationGuard[O view.Object] interface {
	// MayCreate is the outcome that keeps an object from being created now; nil: it may be.
	MayCreate(ctx context.Context, s *Scope[O]) error
}

// DeletionGuard is a kind whose objects cannot be deleted in Novu at any time.
type DeletionGuard[O view.Object] interface {
	// MayDelete is the outcome that keeps an object from being deleted now; nil: it may be.
	MayDelete(ctx context.Context, s *Scope[O]) error
}

// Sweeper is a kind of which Novu makes duplicates.
type Sweeper[O view.Object] interface {
	// Sweep deletes what a creation has left behind in Novu, and keeps in status what could not be deleted yet. The error is
	// an outcome.
	Sweep(ctx context.Context, s *Scope[O]) error

	// Stray keeps in status a duplicate that could not be deleted.
	Stray(s *Scope[O], stray remote.Ref)
}

// Requirer is a kind of whose spec Novu may hold the definition and yet not do all.
type Requirer[O view.Object] interface {
	// Unmet is what of spec Novu has no way to fulfil, as an outcome; nil: nothing.
	Unmet(s *Scope[O]) error
}
