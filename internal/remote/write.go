// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
)

const (
	// settleTime is how long a creation may still be under way in Novu after its answer was lost.
	settleTime = 3 * time.Second
	// writeTime is how long a write may take. The manager waits a little longer when it shuts down.
	writeTime = 25 * time.Second
)

// Write is one definition on its way to Novu.
type Write[W any] struct {
	Ref
	// Want is what a creation sends.
	Want *W
	// Bound is what an update sends: Want with the internal ids of what is to stay. Nil if that is Want.
	Bound *W
	// New tells that Novu is known not to hold the object: no update is tried before the creation.
	New bool
	// Primary makes an integration the primary one of its channel, which takes the mark from another.
	Primary bool
	// Overwrite lets what another writer creates in the same moment be updated.
	Overwrite bool
	// Resumed tells that an operator before this one may have sent the same creation.
	Resumed bool
	// BeforeCreation is called before a creation is sent, which its error prevents; nil: nothing.
	BeforeCreation func(ctx context.Context) error
	// Intend is told of a creation that something may come of late before it is sent, which its error prevents; nil: nothing.
	Intend func(ctx context.Context, creation v1alpha1.UncertainCreation) error
	// Uncertain is told of a creation that something may come of late; nil: nothing is remembered.
	Uncertain func(v1alpha1.UncertainCreation)
}

// Uninterrupted lets a write that has begun come to its end even if the operator shuts down: cut off, it would not be
// known whether Novu carries it out, and the next operator may be at work at once.
func Uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), writeTime)
}

// Absent reports whether the error means that the object itself does not exist, which is not the same as a missing layout.
func (k *Kind[H, W]) Absent(err error) bool {
	return errors.Is(err, ErrAbsent) || novu.IsNotFound(err, k.missing)
}

// Put updates an object, and creates it when Novu answers that it does not exist. created tells which of the two was done
// last, also when that failed. Errors are those of the Novu client, of BeforeCreation, [UncertainError], [TakenError] and
// [SuffixedError].
func (k *Kind[H, W]) Put(ctx context.Context, conn *connection.Connection, w *Write[W]) (have *H, created bool, err error) {
	if !w.New {
		if have, err = k.Update(ctx, conn, w); !k.Absent(err) {
			return have, false, err
		}
	}
	have, err = k.Create(ctx, conn, w)
	if _, taken := errors.AsType[*TakenError](err); taken && w.Overwrite {
		have, err = k.Update(ctx, conn, w)
	}
	return have, true, err
}

// Update writes the whole definition over what exists. An error of which [Kind.Absent] is true means that nothing does.
func (k *Kind[H, W]) Update(ctx context.Context, conn *connection.Connection, w *Write[W]) (*H, error) {
	bound := w.Bound
	if bound == nil {
		bound = w.Want
	}
	have, err := k.Requests.Update(ctx, conn.Client, w.Ref, bound)
	if k.Absent(err) {
		conn.Deleted(k.Resource, w.ID)
		return nil, err
	}
	return k.answered(ctx, conn, w, have, err)
}

// Create makes an object. It must not be called again before the environment was listed, or the object read.
func (k *Kind[H, W]) Create(ctx context.Context, conn *connection.Connection, w *Write[W]) (*H, error) {
	if w.BeforeCreation != nil {
		if err := w.BeforeCreation(ctx); err != nil {
			return nil, err
		}
	}
	if err := k.intend(ctx, conn, w); err != nil {
		return nil, err
	}
	ctx, cancel := Uninterrupted(ctx)
	defer cancel()
	began := conn.Now()
	have, err := k.Requests.Create(ctx, conn, w.Want)
	k.remember(conn, w, began, err)
	switch {
	case novu.IsMaybeCommitted(err):
		conn.Doubt(k.Resource, w.ID)
		return nil, &UncertainError{Until: conn.Now().Add(settleTime), Err: err}
	case novu.IsConflict(err):
		conn.Doubt(k.Resource, w.ID)
		return nil, &TakenError{ID: w.ID, Err: err}
	}
	return k.answered(ctx, conn, w, have, err)
}

func (k *Kind[H, W]) intend(ctx context.Context, conn *connection.Connection, w *Write[W]) error {
	if w.Intend == nil || k.uncertain == nil {
		return nil
	}
	creation := k.uncertain(conn, w.Want, conn.Now())
	if creation == nil {
		return nil
	}
	return w.Intend(ctx, *creation)
}

// remember tells of a creation that something may come of late.
func (k *Kind[H, W]) remember(conn *connection.Connection, w *Write[W], began time.Time, err error) {
	if w.Uncertain == nil || k.uncertain == nil {
		return
	}
	lost := novu.IsMaybeCommitted(err)
	if !lost && !w.Resumed {
		return
	}
	if !lost {
		began = began.Add(-undecidedFor) // long enough ago for a deletion not to wait for it
	}
	if creation := k.uncertain(conn, w.Want, began); creation != nil {
		w.Uncertain(*creation)
	}
}

// answered notes in the snapshot what came of a write.
func (k *Kind[H, W]) answered(ctx context.Context, conn *connection.Connection, w *Write[W], have *H, err error) (*H, error) {
	if err != nil {
		k.doubt(conn, w.ID, err)
		return nil, err
	}
	if k.storedAs != nil && k.storedAs(have) != w.ID {
		return nil, k.removeStray(ctx, conn, w.ID, Ref{ID: k.storedAs(have), Internal: k.Entry(have).ID})
	}
	k.note(conn, w.ID, have)
	if integration, ok := any(have).(*novu.Integration); ok && w.Primary && !integration.Primary {
		return k.makePrimary(ctx, conn, w, integration.ID)
	}
	return have, nil
}

func (k *Kind[H, W]) makePrimary(ctx context.Context, conn *connection.Connection, w *Write[W], internal string) (*H, error) {
	marked, err := conn.Client.SetPrimaryIntegration(ctx, internal)
	if err != nil {
		k.doubt(conn, w.ID, err)
		return nil, err
	}
	have := any(marked).(*H)
	k.note(conn, w.ID, have)
	return have, nil
}

func (k *Kind[H, W]) note(conn *connection.Connection, id string, have *H) {
	if k.key != nil {
		id = k.key(have)
	}
	conn.Written(k.Resource, id, k.Entry(have))
}

// doubt remembers a write whose fate is unknown, or that Novu carried out in part, so that the object is read before it is
// written again.
func (k *Kind[H, W]) doubt(conn *connection.Connection, id string, err error) {
	if novu.IsMaybeCommitted(err) || novu.IsNotFound(err, novu.ResourceLayout) {
		conn.Doubt(k.Resource, id)
	}
}

// Read asks Novu for an object; nil: there is none. Integrations cannot be read one by one.
func (k *Kind[H, W]) Read(ctx context.Context, conn *connection.Connection, ref Ref) (*H, error) {
	have, err := k.Requests.Get(ctx, conn.Client, ref)
	if k.Absent(err) {
		conn.Deleted(k.Resource, ref.ID)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k.note(conn, ref.ID, have)
	return have, nil
}

// Remove deletes an object. Absence is success.
func (k *Kind[H, W]) Remove(ctx context.Context, conn *connection.Connection, ref Ref) error {
	if err := k.Requests.Delete(ctx, conn.Client, ref); err != nil && !k.Absent(err) {
		k.doubt(conn, ref.ID, err)
		return err
	}
	conn.Deleted(k.Resource, ref.ID)
	return nil
}
