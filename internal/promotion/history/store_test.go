// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r := w.of(w.promotion("release")); r != nil {
		t.Fatalf("there is a record already: %+v", r)
	}
	p := w.promotion("release")
	p.Spec.Rollback, p.Status.RestoresRef = history.BackTo(history.Previous), &v1alpha1.PromotionReference{Namespace: "shop", Name: "earlier"}
	lines := []string{"l base: v1 -> v1", "w order: v1 -> v2", "w survey: - -> v1", "w farewell: v1 -> -"}
	w.Must(w.store.Keep(w.Context(), w.target, p, history.Entries(lines...)))
	r := w.of(p)
	w.same("entries", history.Lines(r.Entries), strings.Join(lines, "\n"))
	if r.Number != 1 || r.Name != "release" || r.PromotionUID != p.UID || r.RollbackOf.Name != "earlier" || r.Finished || r.Time.IsZero() {
		t.Errorf("%+v", r)
	}
	if e := r.Entries[1]; e.Namespace != "dev" || e.Name != "object-order" || e.Revision != "rev-v2" || e.BeforeRevision != "rev-v1" || e.Action != "Update" {
		t.Errorf("%+v", e)
	}
	w.promoted("team/next", "w order: v2 -> v3")
	w.same("records", w.numbers(), "2 team/next, 1 release")
}

// What is kept has no owner, with whom it would go, and nobody can change it.
func TestKeptObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := strings.Repeat("long-", 20) + "name"
	w.Must(w.store.Keep(w.Context(), w.target, w.promotion(name), history.Entries("w order: v1 -> v2")))
	objects := w.objects("")
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	o := &objects[0]
	if len(o.OwnerReferences) > 0 || o.Revision != 1 {
		t.Errorf("%+v revision %d", o.OwnerReferences, o.Revision)
	}
	if label := o.Labels[history.LabelPromotion]; !strings.HasPrefix(name, label[:50]) || o.Labels[history.LabelTarget] != "production" {
		t.Errorf("labels %v", o.Labels)
	}
	o.Data.Raw = []byte(`{"promotion":"other"}`)
	if err := w.Update(w.Context(), o); !apierrors.IsInvalid(err) {
		t.Errorf("the data could be changed: %v", err)
	}
	w.same("records", w.numbers(), "1 "+name)
}

// incompressible is the creation of a layout that needs as many objects, and the change of a workflow.
func incompressible(pieces int) []history.Entry {
	noise := make([]byte, pieces*history.PieceSize)
	for i := range noise {
		noise[i] = byte(' ' + rand.IntN(94))
	}
	entries := history.Entries("l base: - -> v1", "w order: v1 -> v2")
	entries[0].After = history.OfLayout(&novu.LayoutRequest{
		LayoutID: "base", Name: "Base", Email: &novu.LayoutEmail{Body: string(noise), EditorType: "html"},
	})
	return entries
}

// TestLargeRecord is about more than one object can hold.
func TestLargeRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := incompressible(3)
	p := large[0].After
	release := w.promotion("release")
	w.Must(w.store.Keep(w.Context(), w.target, release, large))
	objects := w.objects("-record-")
	if len(objects) < 3 {
		t.Fatalf("%d objects", len(objects))
	}
	for i := range objects {
		if size := len(objects[i].Data.Raw); size > 700<<10 {
			t.Errorf("%s has %d bytes", objects[i].Name, size)
		}
	}
	r := w.of(release)
	if r.Entries[0].After.Revision() != p.Revision() || history.Says(r.Entries[0].After) != history.Says(p) {
		t.Error("the layout has changed")
	}
	large[0].Before = p
	w.Must(w.store.Supplement(w.Context(), w.target, release, &large[0]))
	if r := w.of(release); r.Entries[0].Before.Revision() != p.Revision() || len(w.objects("-s1-")) < 2 {
		t.Error("the supplement is not read")
	}
	w.Must(w.Delete(w.Context(), &objects[1]))
	w.same("records", w.numbers(), "(1)")
}

// A thousand items fit, and reading them does not depend on how many are alike.
func TestThousandItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lines := make([]string, 0, 1000)
	for i := range cap(lines) {
		lines = append(lines, fmt.Sprintf("w order-%d: v%d -> v%d", i, i, i+1))
	}
	p := w.promoted("release", lines...)
	w.same("entries", history.Lines(w.of(p).Entries), strings.Join(lines, "\n"))
	if objects := w.objects(""); len(objects) != 2 {
		t.Errorf("%d objects", len(objects))
	}
}

func TestKeepAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := w.promotion("release")
	first := history.Entries("w order: v1 -> v2", "w survey: - -> v1")
	w.Must(w.store.Keep(w.Context(), w.target, release, first))
	before := w.objects("")
	w.Must(w.store.Keep(w.Context(), w.target, release, first))
	// The operator was killed after it wrote order: what the target holds now is not what it held before.
	w.Must(w.store.Keep(w.Context(), w.target, release, history.Entries("w order: v2 -> v2", "w survey: - -> v1")))
	w.same("entries", history.Lines(w.of(release).Entries), history.Lines(first))
	if after := w.objects(""); len(after) != 1 || after[0].UID != before[0].UID {
		t.Error("the record was written again")
	}
	for name, other := range map[string][]history.Entry{
		"another definition": history.Entries("w order: v1 -> v3", "w survey: - -> v1"),
		"another item":       history.Entries("w order: v1 -> v2", "w inquiry: - -> v1"),
		"one less":           history.Entries("w order: v1 -> v2"),
		"a deletion":         history.Entries("w order: v1 -> -", "w survey: - -> v1"),
	} {
		err := w.store.Keep(w.Context(), w.target, release, other)
		if err == nil || !strings.Contains(err.Error(), "Promotion release: something else than its plan is recorded") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSupplement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := w.promotion("release")
	edited := history.Entries("w order: hand -> v2")[0]
	if err := w.store.Supplement(w.Context(), w.target, release, &edited); err == nil || !strings.Contains(err.Error(), "create a new Promotion") {
		t.Errorf("there is no record: %v", err)
	}
	w.Must(w.store.Keep(w.Context(), w.target, release, history.Entries("l base: v1 -> v2", "w order: v1 -> v2")))
	for _, step := range []struct {
		entry, want string
		objects     int
	}{
		{"w order: v1 -> v2", "l base: v1 -> v2\nw order: v1 -> v2", 1}, // nothing new
		{"w order: hand -> v2", "l base: v1 -> v2\nw order: hand -> v2", 2},
		{"w order: hand -> v2", "l base: v1 -> v2\nw order: hand -> v2", 2},
		{"l base: - -> v2", "l base: - -> v2\nw order: hand -> v2", 3},
		{"w order: v1 -> v2", "l base: - -> v2\nw order: v1 -> v2", 4}, // taken back
		{"w extra: v1 -> v2", "l base: - -> v2\nw order: v1 -> v2\nw extra: v1 -> v2", 5},
	} {
		w.Must(w.store.Supplement(w.Context(), w.target, release, &history.Entries(step.entry)[0]))
		w.same(step.entry, history.Lines(w.of(release).Entries), step.want)
		if got := len(w.objects("")); got != step.objects {
			t.Errorf("%s: %d objects, want %d", step.entry, got, step.objects)
		}
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release, entries := w.promotion("release"), history.Entries("l base: v1 -> v2", "w order: v1 -> v2", "w survey: - -> v1")
	w.finish(release, entries) // it has no record
	if objects := w.objects(""); len(objects) != 0 {
		t.Fatalf("%d objects", len(objects))
	}
	w.Must(w.store.Keep(w.Context(), w.target, release, entries))
	for _, step := range []struct {
		done  []history.Entry
		want  string
		wrote bool
	}{
		{entries[:2], "l base: v1 -> v2\nw order: v1 -> v2\n(w survey: - -> v1)", true},
		{entries[:2], "l base: v1 -> v2\nw order: v1 -> v2\n(w survey: - -> v1)", true},
		{entries, "l base: v1 -> v2\nw order: v1 -> v2\nw survey: - -> v1", true},
		{nil, "(l base: v1 -> v2)\n(w order: v1 -> v2)\n(w survey: - -> v1)", false},
	} {
		w.finish(release, step.done)
		r := w.of(release)
		w.same("entries", history.Lines(r.Entries), step.want)
		if !r.Finished || r.Wrote() != step.wrote {
			t.Errorf("%d done: finished %t, wrote %t", len(step.done), r.Finished, r.Wrote())
		}
	}
}

// A record tells the way back when everything else is gone: that of the Promotion, and that of the operator's memory.
func TestGoingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("first", "w order: - -> v1")
	w.promoted("second", "w order: v1 -> v2", "w survey: - -> v1")
	restores, restorations, err := history.GoBack(w.list(), history.Previous)
	w.Must(err)
	if restores != "second" || len(restorations) != 2 || restorations[1].Want != nil {
		t.Fatalf("%s %+v", restores, restorations)
	}
	w.same("order", history.Says(restorations[0].Want), "v1")
	w.same("order v1", history.Says(history.Find(w.list(), "Workflow", "order", "rev-v1")), "v1")
	w.same("order last", history.Says(history.Last(w.list(), "Workflow", "order").After), "v2")
}
