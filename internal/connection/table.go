// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"maps"
	"time"

	"novu-operator.dev/internal/novu"
)

// Entry is what the last poll at Novu said about one object.
type Entry struct {
	// ID is Novu's internal id.
	ID string
	// UpdatedAt is Novu's time of the last change, as Novu sent it.
	UpdatedAt string
	// CreatedAt is Novu's time of the creation of a workflow, as Novu sent it.
	CreatedAt string
	// UpdatedBy names who made the last change. Novu does not say it of integrations.
	UpdatedBy string
	// Duplicates are the internal ids of all objects of this identifier if there are several: Novu makes sure of no identifier
	// when two creations come at the same time. ID is then the oldest one's.
	Duplicates []string
	// Faulty reports whether Novu, when it was last written, found errors in a workflow. Of one that is not active it does not
	// say so.
	Faulty bool
	// Default reports whether Novu uses this layout for e-mails that name none.
	Default bool
	// Integration is the whole object: Novu has no way to read a single one.
	Integration *novu.Integration

	written time.Time // when this process wrote it; zero if it came from a list
}

// longestList is longer than any list is under way. What was deleted before may be forgotten, even if nothing is ever listed
// again.
const longestList = time.Hour

// table is what is known about all objects of one resource. Its methods need the caller's lock.
type table struct {
	entries map[string]Entry
	deleted map[string]time.Time
	// complete is when the list began that entries come from; zero before the first.
	complete time.Time
	// doubted is when a write of an unlisted object was lost sight of; zero if never.
	doubted time.Time
}

// replace takes over a list that began at the given time. What this process has written or deleted since then is newer
// than the list and stays.
func (t *table) replace(began time.Time, listed map[string]Entry) {
	for id, entry := range t.entries {
		if !entry.written.Before(began) && !entry.written.IsZero() {
			listed[id] = entry
		}
	}
	for id, at := range t.deleted {
		if at.Before(began) {
			delete(t.deleted, id)
			continue
		}
		delete(listed, id)
	}
	t.entries, t.complete = listed, began
}

func (t *table) put(id string, entry Entry, now time.Time) {
	if t.entries == nil {
		t.entries = map[string]Entry{}
	}
	entry.written = now
	t.entries[id] = entry
	delete(t.deleted, id)
}

func (t *table) remove(id string, now time.Time) {
	if t.deleted == nil {
		t.deleted = map[string]time.Time{}
	}
	delete(t.entries, id)
	maps.DeleteFunc(t.deleted, func(_ string, at time.Time) bool { return now.Sub(at) > longestList })
	t.deleted[id] = now
}
