package history_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/internal/promotion/history"
)

// What is pinned is found again, and is no record.
func TestPins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.promotion("later")
	pinned := func() *history.Record {
		t.Helper()
		record, err := w.store.Pinned(w.Context(), w.target, p)
		w.Must(err)
		return record
	}
	if pinned() != nil {
		t.Error("something is pinned already")
	}
	w.Must(w.store.Pin(w.Context(), w.target, p, incompressible(2)))
	w.Must(w.store.Pin(w.Context(), w.target, p, history.Entries("l base: - -> v2", "w order: v1 -> v3")))
	record := pinned()
	if got := history.Find([]*history.Record{record}, "Workflow", "order", "rev-v3"); got == nil || history.Says(got) != "v3" {
		t.Errorf("found %+v", got)
	}
	w.Must(w.store.Trim(w.Context(), w.target, 1))
	if w.numbers() != "" || pinned() == nil {
		t.Errorf("records: %s", w.numbers())
	}
	o := pin(w, p.UID)
	if owner := metav1.GetControllerOf(o); owner == nil || owner.Kind != "Promotion" || owner.UID != p.UID {
		t.Errorf("owner %+v", owner)
	}
}

// What was left half done counts as nothing, and what somebody else has put there is not used.
func TestPinsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*appsv1.ControllerRevision){
		"somebody else's": func(o *appsv1.ControllerRevision) { o.OwnerReferences = nil },
		"no piece":        func(o *appsv1.ControllerRevision) { o.Data.Raw = []byte(`{"promotion":"","pieces":1}`) },
		"nothing to unpack": func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(`{"promotion":"later","pieces":1,"gzip":"AAAA"}`)
		},
		"a part is not there": func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(`{"promotion":"later","pieces":2,"gzip":"AAAA"}`)
		},
	} {
		w := newWorld(t)
		p := w.promotion("later")
		w.Must(w.store.Pin(w.Context(), w.target, p, history.Entries("w order: v1 -> v3")))
		o := pin(w, p.UID)
		w.Must(w.Delete(w.Context(), o))
		o.ResourceVersion, o.UID = "", ""
		spoil(o)
		w.Must(w.Create(w.Context(), o))
		if record, err := w.store.Pinned(w.Context(), w.target, p); record != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, record, err)
		}
		err := w.store.Pin(w.Context(), w.target, p, history.Entries("w order: v1 -> v3"))
		if (err != nil) != (len(o.OwnerReferences) == 0) {
			t.Errorf("%s: pinned again: %v", name, err)
		}
	}
}

// pin is the object that keeps the first piece of what is pinned.
func pin[UID ~string](w *world, uid UID) *appsv1.ControllerRevision {
	w.Helper()
	o := &appsv1.ControllerRevision{}
	w.Must(w.Get(w.Context(), client.ObjectKey{Namespace: w.target.Namespace, Name: "novu-pins-" + string(uid) + "-0"}, o))
	return o
}
