// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"errors"
	"fmt"
	"time"
)

// ErrAbsent stands for the 404 that Novu would answer if an object could be asked for by its identifier.
var ErrAbsent = errors.New("no such object in Novu")

// UncertainError is a creation of which it is not known whether Novu carries it out. Nothing may be written before Until:
// two creations at once make duplicates.
type UncertainError struct {
	Until time.Time
	Err   error
}

func (e *UncertainError) Error() string { return e.Err.Error() }

func (e *UncertainError) Unwrap() error { return e.Err }

// TakenError is a creation that Novu refused because the identifier is taken: another writer was faster.
type TakenError struct {
	ID  string
	Err error
}

func (e *TakenError) Error() string { return e.Err.Error() }

func (e *TakenError) Unwrap() error { return e.Err }

// SuffixedError is a workflow that Novu stored under another id, because another writer created one of the same id in the
// same moment.
type SuffixedError struct {
	// ID that was asked for.
	ID string
	// Stray is what Novu stored instead, by both of its ids.
	Stray Ref
	// Until is when the other writer's workflow can be relied on.
	Until time.Time
	// Err is why the stray could not be deleted; nil if it was.
	Err error
}

func (e *SuffixedError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("Novu stored the new workflow %q as %q, because another one was created at the same time; the duplicate was deleted",
			e.ID, e.Stray.ID)
	}
	return fmt.Sprintf("Novu stored a duplicate of the workflow %q as %q, and it could not be deleted yet; it is tried again: %s",
		e.ID, e.Stray.ID, e.Err)
}

func (e *SuffixedError) Unwrap() error { return e.Err }

// DefaultLayoutError is Novu's refusal to delete the default layout of an environment.
type DefaultLayoutError struct{ Err error }

func (e *DefaultLayoutError) Error() string { return e.Err.Error() }

func (e *DefaultLayoutError) Unwrap() error { return e.Err }
