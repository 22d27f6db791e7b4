// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"context"
	"testing"

	"novu-operator.dev/internal/promotion/history"
)

// A record that was there before the operator's own, and tells that the target held something else, is never taken over: a rollback
// would write what it says.
func TestRecordIsForged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("before", "w order: - -> v1")
	p := w.promotion("release")
	forged, honest := history.Entries("w order: forged -> v2"), history.Entries("w order: v1 -> v2")
	w.Must(w.store.Keep(w.Context(), w.target, p, forged)) // with the right name, number, labels and plan
	w.store.Vouch = func(_ context.Context, digest string) error {
		p.Status.RecordDigest = digest
		return nil
	}
	if record := w.of(p); record != nil {
		t.Errorf("somebody else's record counts: %s", history.Lines(record.Entries))
	}
	w.Must(w.store.Keep(w.Context(), w.target, p, honest))
	w.same("entries", history.Lines(w.of(p).Entries), "w order: v1 -> v2")
	w.same("records", w.numbers(), "2 release, 1 before")

	w.Must(w.store.Keep(w.Context(), w.target, p, honest)) // after a restart
	w.same("entries", history.Lines(w.of(p).Entries), "w order: v1 -> v2")
	o := w.objects(string(p.UID))[0]
	w.Must(w.Delete(w.Context(), &o))
	w.store.Vouch = nil
	w.Must(w.store.Keep(w.Context(), w.target, p, forged))
	w.store.Vouch = func(context.Context, string) error { return nil }
	if record := w.of(p); record != nil {
		t.Errorf("a record that was exchanged counts: %s", history.Lines(record.Entries))
	}
}
