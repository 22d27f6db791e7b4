// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
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
	w.Must(w.store.Pin(w.Context(), w.target, p, incompressible(2), vouchIn(p)))
	w.Must(w.store.Pin(w.Context(), w.target, p, history.Entries("l base: - -> v2", "w order: v1 -> v3"), vouchIn(p)))
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

// vouchIn writes down in status what is kept, as the operator does.
func vouchIn(p *v1alpha1.Promotion) history.Vouch {
	return func(_ context.Context, digest string) error {
		p.Status.PinsDigest = digest
		return nil
	}
}

// What was left half done counts as nothing, and what somebody else has put there is not used and makes way.
func TestPinsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	forged := newWorld(t)
	other := forged.promotion("later")
	forged.Must(forged.store.Pin(forged.Context(), forged.target, other, history.Entries("w order: v1 -> forged"), vouchIn(other)))
	for name, spoil := range map[string]func(*appsv1.ControllerRevision){
		"something else, whole": func(o *appsv1.ControllerRevision) { o.Data = pin(forged, other.UID).Data },
		"something else, nobody's": func(o *appsv1.ControllerRevision) {
			o.Data, o.OwnerReferences, o.Labels = pin(forged, other.UID).Data, nil, nil
		},
		"something else under the digest": func(o *appsv1.ControllerRevision) {
			digest := field(o.Data.Raw, "sha256")
			o.Data.Raw = []byte(strings.Replace(string(pin(forged, other.UID).Data.Raw), other.Status.PinsDigest, digest, 1))
		},
		"no piece": func(o *appsv1.ControllerRevision) { o.Data.Raw = []byte(`{"promotion":"","pieces":1}`) },
		"nothing to unpack": func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(`{"promotion":"later","pieces":1,"gzip":"AAAA"}`)
		},
		"a part is not there": func(o *appsv1.ControllerRevision) {
			o.Data.Raw = []byte(strings.Replace(string(o.Data.Raw), `"pieces":1`, `"pieces":2`, 1))
		},
	} {
		w := newWorld(t)
		p := w.promotion("later")
		w.Must(w.store.Pin(w.Context(), w.target, p, history.Entries("w order: v1 -> v3"), vouchIn(p)))
		o := pin(w, p.UID)
		w.Must(w.Delete(w.Context(), o))
		o.ResourceVersion, o.UID = "", ""
		spoil(o)
		w.Must(w.Create(w.Context(), o))
		if record, err := w.store.Pinned(w.Context(), w.target, p); record != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, record, err)
		}
		w.Must(w.store.Pin(w.Context(), w.target, p, history.Entries("w order: v1 -> v3"), vouchIn(p)))
		record, err := w.store.Pinned(w.Context(), w.target, p)
		w.Must(err)
		if got := history.Find([]*history.Record{record}, "Workflow", "order", "rev-v3"); got == nil || history.Says(got) != "v3" {
			t.Errorf("%s: pinned again: %+v", name, record)
		}
	}
}

// What somebody has put there before the operator comes to it is never taken for its own, however well it is made.
func TestPinsBeforeTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forger, p := w.promotion("later"), w.promotion("later")
	w.Must(w.store.Pin(w.Context(), w.target, forger, history.Entries("w order: v1 -> forged"), vouchIn(forger)))
	if record, err := w.store.Pinned(w.Context(), w.target, p); record != nil || err != nil {
		t.Errorf("%+v, %v", record, err)
	}
	failing := errors.New("status cannot be written")
	err := w.store.Pin(w.Context(), w.target, p, history.Entries("w order: v1 -> v3"), func(context.Context, string) error { return failing })
	if !errors.Is(err, failing) {
		t.Errorf("pinned without a voucher: %v", err)
	}
}

// field is a field of some JSON.
func field(raw []byte, name string) string {
	var fields map[string]any
	_ = json.Unmarshal(raw, &fields)
	return fmt.Sprint(fields[name])
}

// pin is the object that keeps the first piece of what is pinned.
func pin[UID ~string](w *world, uid UID) *appsv1.ControllerRevision {
	w.Helper()
	o := &appsv1.ControllerRevision{}
	w.Must(w.Get(w.Context(), client.ObjectKey{Namespace: w.target.Namespace, Name: "novu-pins-" + string(uid) + "-0"}, o))
	return o
}
