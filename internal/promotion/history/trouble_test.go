// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// TestKilledAtEveryRequest kills the operator before and after each of its requests to the API server. The next one, which
// finds that the target holds something else, completes what the first has begun, and never mixes the two.
func TestKilledAtEveryRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	work := func(p *v1alpha1.Promotion, before string) error {
		entries := history.Entries("w order: "+before+" -> v2", "w survey: - -> v1")
		if err := w.store.Keep(w.Context(), w.target, p, entries); err != nil {
			return err
		}
		edited := history.Entries("w survey: hand -> v1")[0]
		if err := w.store.Supplement(w.Context(), w.target, p, &edited); err != nil {
			return err
		}
		return w.store.Finish(w.Context(), w.target, p, []history.Item{edited.Item()})
	}
	w.Must(work(w.promotion("first"), "v1")) // it also learns where the API server has ControllerRevisions
	w.killer.count.Store(0)
	w.Must(work(w.promotion("whole"), "v1"))
	total := w.killer.count.Load()
	if total < 6 {
		t.Fatalf("%d requests", total)
	}
	kept := map[bool]int{}
	for request := range total {
		for _, after := range []bool{false, true} {
			p := w.promotion("p" + strings.Repeat("x", int(2*request)) + map[bool]string{true: "a", false: "b"}[after])
			w.killer.kill(request+1, after)
			if err := work(p, "v1"); err == nil {
				t.Fatalf("request %d: the operator was not killed", request)
			}
			w.killer.restart()
			r := w.of(p)
			want := "(w order: v9 -> v2)\nw survey: hand -> v1"
			if r != nil {
				want = "(w order: v1 -> v2)\nw survey: hand -> v1"
			}
			kept[r != nil]++
			w.Must(work(p, "v9"))
			w.same("entries", history.Lines(w.of(p).Entries), want)
		}
	}
	if kept[true] == 0 || kept[false] == 0 {
		t.Errorf("kept %v", kept)
	}
	if r := w.list(); len(r) != int(2*total)+2 || r[0].Number != 2*total+2 {
		t.Errorf("%d records, the newest is %d", len(r), r[0].Number)
	}
}

// TestKilledInALargeRecord: one of several objects is there as a whole or not at all, even if what must be recorded has
// become more, or less, when the operator comes back.
func TestKilledInALargeRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("first", "w order: - -> v1")
	attempts := [][]history.Entry{incompressible(2), incompressible(1), incompressible(3)}
	const requests = 5 // to list, and to create four objects
	for request := int64(1); request <= requests; request++ {
		p, want := w.promotion(strings.Repeat("p", int(request))), ""
		for i, entries := range attempts {
			if i < len(attempts)-1 {
				w.killer.kill(request, (request+int64(i))%2 == 0)
			}
			err := w.store.Keep(w.Context(), w.target, p, entries)
			w.killer.restart()
			if want == "" && (err == nil || w.of(p) != nil) {
				want = history.Lines(entries)
			}
			if r := w.of(p); r != nil && history.Lines(r.Entries) != want || r == nil && want != "" {
				t.Fatalf("request %d, attempt %d: it is not what was recorded first", request, i)
			}
		}
	}
	for _, r := range w.list() {
		if r.Damaged != "" {
			t.Error(r.Damaged)
		}
	}
}

// TestLeftovers: pieces of a record that was never completed are replaced, or removed.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := w.promotion("release")
	w.Must(w.store.Keep(w.Context(), w.target, release, history.Entries("w order: v1 -> v2")))
	whole := w.objects("-record-0")[0]
	leave := func(number, uid, document string) {
		o := whole.DeepCopy()
		o.ResourceVersion, o.UID = "", ""
		prefix, _, _ := strings.Cut(whole.Name, "-1-")
		o.Name = strings.Join([]string{prefix, number, uid, document}, "-")
		w.Must(w.Create(w.Context(), o))
	}
	next := w.promotion("next")
	leave("1", "11111111-2222-4333-8444-555555555555", "record-1") // of a Promotion that gave up
	leave("2", string(next.UID), "record-2")                       // of one that was killed, and is smaller now
	leave("2", string(next.UID), "s1-1")
	w.same("records", w.numbers(), "1 release")
	w.Must(w.store.Trim(w.Context(), w.target, 10))
	if got := len(w.objects("")); got != 3 {
		t.Errorf("%d objects, want the record and what the next one has begun", got)
	}
	w.Must(w.store.Keep(w.Context(), w.target, next, history.Entries("w order: v2 -> v3")))
	w.same("entries", history.Lines(w.of(next).Entries), "w order: v2 -> v3")
	w.same("records", w.numbers(), "2 next, 1 release")
}

func TestForeignAndBrokenObjects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		damage func(o *appsv1.ControllerRevision)
		want   string // the records then
		reason string
	}{
		"data of something else": {func(o *appsv1.ControllerRevision) {
			o.Data = runtime.RawExtension{Raw: []byte(`{"spec":{"template":{}}}`)}
		}, "3 c, (2), 1 a", "it is not the record of a Promotion"},
		"no gzip": {func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(`{"namespace":"x","promotion":"b","pieces":1,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","gzip":""}`)
		}, "3 c, (2), 1 a", "EOF"},
		"another hash": {func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(strings.Replace(string(o.Data.Raw), `"sha256":"`, `"sha256":"00`, 1))
		}, "3 c, (2), 1 a", "its parts do not belong together"},
		"missing pieces": {func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(strings.Replace(string(o.Data.Raw), `"pieces":1`, `"pieces":2`, 1))
		}, "3 c, (2), 1 a", "it was deleted"},
		"of another target": {func(o *appsv1.ControllerRevision) {
			o.Name = strings.Replace(o.Name, "novu-record-", "novu-record-"+strings.Repeat("f", 32)+"-", 1)
		}, "3 c, 1 a", ""},
		"of another name": {func(o *appsv1.ControllerRevision) { o.Name = "web-5d8f9c" }, "3 c, 1 a", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.promoted("a", "w order: - -> v1")
			b := w.promotion("b")
			entries := history.Entries("w order: v1 -> v2")
			w.Must(w.store.Keep(w.Context(), w.target, b, entries))
			w.promoted("c", "w survey: - -> v1")
			o := &w.objects(string(b.UID) + "-record-0")[0]
			w.Must(w.Delete(w.Context(), o))
			o.ResourceVersion, o.UID = "", ""
			test.damage(o)
			w.Must(w.Create(w.Context(), o))
			w.same("records", w.numbers(), test.want)
			records := w.list()
			if _, _, err := history.GoBack(records, "a"); err == nil || !strings.Contains(err.Error(), "as far back as the records are whole") {
				t.Errorf("going back over it: %v", err)
			}
			if test.reason == "" {
				return
			}
			if got := records[1]; !strings.Contains(got.Damaged, test.reason) || len(got.Entries) > 0 || history.Last(records, "Workflow", "order") != nil {
				t.Errorf("%+v", got)
			}
			if _, err := w.store.Of(w.Context(), w.target, b); err == nil || !strings.Contains(err.Error(), "abort it and create a new one") {
				t.Errorf("its own Promotion: %v", err)
			}
			if err := w.store.Keep(w.Context(), w.target, b, entries); err == nil {
				t.Error("its own Promotion went on")
			}
		})
	}
}

// Somebody else's object in the very place of a record makes way, even one that says the same and would be taken away by its
// owner.
func TestPlaceIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := w.promotion("release")
	w.Must(w.store.Keep(w.Context(), w.target, release, history.Entries("w order: v1 -> v2")))
	o := &w.objects("")[0]
	w.Must(w.Delete(w.Context(), o))
	o.ResourceVersion, o.UID, o.Labels = "", "", nil
	o.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "none", UID: "gone"}}
	w.Must(w.Create(w.Context(), o))
	w.Must(w.store.Keep(w.Context(), w.target, release, history.Entries("w order: v1 -> v2")))
	w.same("records", w.numbers(), "1 release")
	if o := w.objects("")[0]; len(o.OwnerReferences) > 0 {
		t.Errorf("it is owned by %v", o.OwnerReferences)
	}
}

// An Environment that was deleted and created again finds its records.
func TestSameTargetAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("release", "w order: - -> v1")
	w.target.UID = "5ta91n90-0000-4000-8000-000000000000"
	w.promoted("next", "w order: v1 -> v2")
	w.same("records", w.numbers(), "2 next, 1 release")
}

// Nobody can say whose records are those of a target that was never connected.
func TestUnknownTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("release", "w order: - -> v1")
	w.target.Status.EnvironmentID = ""
	_, err := w.store.List(w.Context(), w.target)
	if o := reconcile.OutcomeOf(err); o.Kind != reconcile.Waiting || o.Reason != v1alpha1.ReasonEnvironmentNotReady {
		t.Errorf("got %v", err)
	}
}

// Two targets of one namespace, and one whose key has come to belong to another Novu environment, do not see each other's
// records.
func TestOtherTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("release", "w order: - -> v1")
	other := w.target.DeepCopy()
	other.Name = "staging"
	elsewhere := w.target.DeepCopy()
	elsewhere.Status.EnvironmentID = "6650a0000000000000000002"
	for _, target := range []*v1alpha1.Environment{other, elsewhere} {
		records, err := w.store.List(w.Context(), target)
		w.Must(err)
		if len(records) > 0 {
			t.Errorf("%s in %s sees %d", target.Name, target.Status.EnvironmentID, len(records))
		}
		w.Must(w.store.Keep(w.Context(), target, w.promotion("into-"+target.Name), history.Entries("w order: - -> v2")))
		w.Must(w.store.Trim(w.Context(), target, 1))
	}
	w.same("records", w.numbers(), "1 release")
}

func TestTrim(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		w.promoted(name, "w order: v1 -> v2")
	}
	w.promoted("single", "w survey: - -> v1")
	for _, name := range []string{"e", "f"} {
		w.promoted(name, "w order: v1 -> v2")
	}
	for _, step := range []struct {
		limit int
		at    string // the Promotion at work
		want  string
	}{
		{10, "", "7 f, 6 e, 5 single, 4 d, 3 c, 2 b, 1 a"},
		{5, "b", "7 f, 6 e, 5 single, 4 d, 3 c, 2 b"},
		{5, "", "7 f, 6 e, 5 single, 4 d, 3 c"},
		{2, "", "7 f, 6 e, 5 single"},
		{1, "", "7 f, 5 single"},
		{0, "", "7 f, 5 single"},
	} {
		w.target.Status.ActivePromotionRef = active(w.target, step.at)
		w.Must(w.store.Trim(w.Context(), w.target, step.limit))
		w.same("records", w.numbers(), step.want)
	}
	if got := len(w.objects("")); got != 4 {
		t.Errorf("%d objects", got)
	}
	w.promoted("g", "w order: v2 -> v3")
	w.same("records", w.numbers(), "8 g, 7 f, 5 single")
}

// TestTrimKilled: whatever is left when the operator is killed while it trims is whole, or goes the next time.
func TestTrimKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.promoted("a", "w order: - -> v1")
	w.promoted("b", "w order: v1 -> v2")
	for request := int64(1); ; request++ {
		w.killer.kill(request, request%2 == 0)
		err := w.store.Trim(w.Context(), w.target, 1)
		w.killer.restart()
		if got := w.numbers(); got != "2 b, 1 a" && got != "2 b" {
			t.Fatalf("request %d left %s", request, got)
		}
		if err == nil {
			break
		}
	}
	w.Must(w.store.Trim(w.Context(), w.target, 1))
	w.same("records", w.numbers(), "2 b")
	if got := len(w.objects("")); got != 2 {
		t.Errorf("%d objects", got)
	}
}

// TestErrorsNameTheEnvironment: when the API server cannot be reached, nothing is taken for missing.
func TestErrorsNameTheEnvironment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.promoted("release", "w order: - -> v1")
	calls := map[string]func() error{
		"Keep": func() error {
			return w.store.Keep(w.Context(), w.target, w.promotion("next"), history.Entries("w order: v1 -> v2"))
		},
		"Finish": func() error { return w.store.Finish(w.Context(), w.target, p, nil) },
		"Of":     func() error { _, err := w.store.Of(w.Context(), w.target, p); return err },
		"List":   func() error { _, err := w.store.List(w.Context(), w.target); return err },
		"Trim":   func() error { return w.store.Trim(w.Context(), w.target, 1) },
	}
	for name, call := range calls {
		for request := int64(1); request <= 2; request++ {
			w.killer.kill(request, false)
			err := call()
			w.killer.restart()
			if err != nil && !strings.Contains(err.Error(), w.Namespace+"/") || err == nil && request == 1 {
				t.Errorf("%s, request %d: %v", name, request, err)
			}
		}
	}
	w.same("records", w.numbers(), "1 release")
}

// active names the Promotion of this name beside the target; nil: none is at work.
func active(target *v1alpha1.Environment, name string) *v1alpha1.PromotionReference {
	if name == "" {
		return nil
	}
	return &v1alpha1.PromotionReference{Namespace: target.Namespace, Name: name}
}
