// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// A plan for which there is no room gives back what it holds, so that another one can be finished, and is made when there
// is room again.
func TestPlansShareTheMemory(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	objects := []view.Object{w.workflow(w.source, "a", "new"), w.workflow(w.source, "b", "new")}
	var sessions Sessions
	planner := w.planner(bySync)
	promotion := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Name: "release", UID: "1"}}
	planner.Session = sessions.Open(promotion, planner.Source, planner.Target, planner.Began)
	sessions.held.Store(mostHeld)
	_, err := planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
	if !novu.IsCrowded(err) || planner.Remembers() || sessions.held.Load() != mostHeld {
		t.Errorf("without room: %v; %d bytes are held", err, sessions.held.Load()-mostHeld)
	}
	sessions.held.Store(0)
	draft, err := planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
	if err != nil || !draft.Complete() || sessions.held.Load() == 0 {
		t.Errorf("with room: %v; %d bytes are held", err, sessions.held.Load())
	}
	sessions.Close(types.NamespacedName{Name: "release"})
	if held := sessions.held.Load(); held != 0 {
		t.Errorf("%d bytes are held at the end", held)
	}
	_, err = planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
	if held := sessions.held.Load(); err != nil || held != 0 {
		t.Errorf("a session that was closed: %v, %d bytes", err, held)
	}
}

// What is read again, because Novu has changed it, is counted once.
func TestShelfCountsOnce(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.workflow(w.source, "a", "new")
	s := w.session()
	s.Source.room = &s.room
	w.must(s.Source.Refresh(t.Context(), s.Began, connection.Workflows))
	var counted []int64
	for range 3 {
		if _, err := readAgain(t.Context(), s.Source, workflows, "a"); err != nil {
			t.Fatal(err)
		}
		counted = append(counted, s.room.own.Load())
	}
	if counted[0] == 0 || counted[2] != counted[0] {
		t.Errorf("counted %v", counted)
	}
}

func TestRoom(t *testing.T) {
	big := &history.Definition{Layout: &novu.LayoutRequest{Email: &novu.LayoutEmail{Body: strings.Repeat("x", 1<<20)}}}
	session := &Session{}
	entry := history.Entry{Kind: v1alpha1.PromotionItemLayout, ID: "base", Before: big, After: big}
	for range 1000 { // the same item, each time it is planned again
		if err := session.foresee(entry); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		entry.ID = strings.Repeat("i", i)
		err = session.foresee(entry)
	}
	if o := reconcile.OutcomeOf(err); o.Kind != reconcile.Stalled || o.Reason != v1alpha1.ReasonPlanTooLarge {
		t.Errorf("a plan that is too large: %v", err)
	}
	if held := session.room.own.Load(); held > mostPlanned || held < mostPlanned-2<<20 {
		t.Errorf("%d MiB are held", held>>20)
	}
	if session.room.shelve(1) {
		t.Error("what only saves calls is kept all the same")
	}
	session.empty()
	if held := session.room.own.Load(); held != 0 || !session.room.shelve(1) {
		t.Errorf("%d bytes are held at the end", held)
	}
}
