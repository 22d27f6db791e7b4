// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

func unchanged(i Item) Item {
	i.Unchanged = true
	return i
}

func TestOrder(t *testing.T) {
	held := Live{Revision: "r2"}
	old, drifted := Live{Revision: "r1"}, Live{Revision: "r2", Drifted: true}
	absent := Place{Name: "novu/gone", Reason: v1alpha1.ReasonEnvironmentNotFound, Message: "Environment novu/gone does not exist: create it"}
	tests := []struct {
		name            string
		items           []Item
		after           []Place
		open            bool
		reason, message string
	}{
		{"held", []Item{anItem("a", "r2")}, []Place{aPlace("staging", held)}, true, ReasonOpen, "live in novu/staging"},
		{"nothing to write", nil, []Place{aPlace("staging")}, true, ReasonOpen, "nothing is to be written"},
		{
			"another revision", []Item{anItem("a", "r2")}, []Place{aPlace("staging", old)},
			false, v1alpha1.ReasonOrder, "not yet in Environment novu/staging: Workflow novu/a (holds r1 instead of r2)",
		},
		{
			"never promoted", []Item{anItem("a", "r2")}, []Place{aPlace("staging", Live{})},
			false, v1alpha1.ReasonOrder, "not yet in Environment novu/staging: Workflow novu/a (not promoted)",
		},
		{
			"changed by hand", []Item{anItem("a", "r2")}, []Place{aPlace("staging", drifted)},
			false, v1alpha1.ReasonOrder, "not yet in Environment novu/staging: Workflow novu/a (was changed there by hand)",
		},
		{
			"the second Environment lacks one of two", []Item{anItem("a", "r2"), anItem("b", "r2")},
			[]Place{aPlace("staging", held, held), aPlace("canary", held, old)},
			false, v1alpha1.ReasonOrder, "not yet in Environment novu/canary: Workflow novu/b (holds r1 instead of r2)",
		},
		{
			"many", []Item{anItem("a", "r2"), anItem("b", "r2"), anItem("c", "r2"), anItem("d", "r2"), anItem("e", "r2")},
			[]Place{aPlace("staging", old, Live{}, held, old, old)},
			false, v1alpha1.ReasonOrder, "Workflow novu/b (not promoted), Workflow novu/d (holds r1 instead of r2), and 1 more",
		},
		{
			"what the target holds already does not matter", []Item{unchanged(anItem("a", "r2")), anItem("b", "r2")},
			[]Place{aPlace("staging", old, held)}, true, ReasonOpen, "live in novu/staging",
		},
		{
			"the Environment does not exist", []Item{anItem("a", "r2")}, []Place{absent},
			false, v1alpha1.ReasonEnvironmentNotFound, "Environment novu/gone does not exist: create it",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Items, in.After = test.items, test.after
			got := order(in)
			if got.Open != test.open || got.Reason != test.reason || !strings.Contains(got.Message, test.message) || got.NextOpenTime != nil {
				t.Errorf("got %+v, want open: %t, %s: %s", got, test.open, test.reason, test.message)
			}
		})
	}
}

func TestSoak(t *testing.T) {
	const day = 24 * time.Hour
	live := func(d time.Duration) Live { return Live{Revision: "r2", Since: ago(d)} }
	two := []Item{anItem("a", "r2"), anItem("b", "r2")}
	tests := []struct {
		name            string
		items           []Item
		after           []Place
		source          []Live
		open            bool
		next            time.Duration // from noon; 0 is none
		reason, message string
	}{
		{name: "long ago", items: two, after: []Place{aPlace("staging", live(25*time.Hour), live(48*time.Hour))}, open: true, message: "live in novu/staging for 24h0m0s or longer"},
		{name: "to the second", items: two[:1], after: []Place{aPlace("staging", live(day))}, open: true},
		{
			name: "a second short", items: two[:1], after: []Place{aPlace("staging", live(day-time.Second))}, next: time.Second,
			message: "has to be live in Environment novu/staging for 24h0m0s: Workflow novu/a (since Wed 2026-11-18 12:00:01 UTC). All have soaked at Thu 2026-11-19 12:00:01 UTC",
		},
		{
			name: "the youngest counts", items: two, after: []Place{aPlace("staging", live(23*time.Hour), live(time.Hour))}, next: 23 * time.Hour,
			message: "Workflow novu/a (since Wed 2026-11-18 13:00:00 UTC), Workflow novu/b (since Thu 2026-11-19 11:00:00 UTC)",
		},
		{
			name: "in the last of two Environments", items: two[:1],
			after: []Place{aPlace("staging", live(48*time.Hour)), aPlace("canary", live(2*time.Hour))}, next: 22 * time.Hour, message: "novu/canary",
		},
		{
			name: "longest in the first of two", items: two[:1],
			after: []Place{aPlace("staging", live(time.Hour)), aPlace("canary", live(2*time.Hour))}, next: 23 * time.Hour, message: "novu/staging",
		},
		{name: "in the source", items: two[:1], source: []Live{live(25 * time.Hour)}, open: true, message: "live in novu/development"},
		{name: "not in the source", items: two[:1], source: []Live{live(20 * time.Hour)}, next: 4 * time.Hour, message: "novu/development"},
		{name: "the source has moved on", items: two[:1], source: []Live{{Revision: "r3", Since: ago(time.Hour)}}, message: "holds r3 instead of r2"},
		{name: "it is unknown since when", items: two[:1], source: []Live{{Revision: "r2"}}, message: "it is unknown since when"},
		{name: "what the target holds already", items: []Item{unchanged(two[0])}, source: []Live{{}}, open: true},
		{
			name: "no such Environment", items: two, after: []Place{{Name: "novu/gone", Reason: v1alpha1.ReasonNamespaceNotAllowed, Message: "extend it"}},
			reason: v1alpha1.ReasonNamespaceNotAllowed, message: "extend it",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Target.Spec.PromotionPolicy.Soak = &metav1.Duration{Duration: day}
			in.Items, in.After, in.Source.Live = test.items, test.after, test.source
			got := soak(in)
			if test.reason == "" {
				test.reason = map[bool]string{true: ReasonOpen, false: v1alpha1.ReasonSoaking}[test.open]
			}
			if got.Open != test.open || got.Reason != test.reason || !strings.Contains(got.Message, test.message) {
				t.Errorf("got %+v, want open: %t, %s: %s", got, test.open, test.reason, test.message)
			}
			if want := noon.Add(test.next); (got.NextOpenTime != nil) != (test.next != 0) || got.NextOpenTime != nil && !got.NextOpenTime.Time.Equal(want) {
				t.Errorf("next time is %s, want %s", got.NextOpenTime, want)
			}
		})
	}
}

// The time that is announced is the one at which the gate opens.
func TestSoakOpensWhenItSays(t *testing.T) {
	in := anInput(noon)
	in.Target.Spec.PromotionPolicy.Soak = &metav1.Duration{Duration: 90*time.Minute + 500*time.Millisecond}
	in.Items, in.Source.Live = []Item{anItem("a", "r2")}, []Live{{Revision: "r2", Since: ago(0)}}
	next := soak(in).NextOpenTime
	if next == nil || next.Nanosecond() != 0 {
		t.Fatalf("next time is %v, want full seconds, as status keeps no others", next)
	}
	in.Now = next.Add(-time.Second)
	if soak(in).Open {
		t.Error("it is open a second before")
	}
	if in.Now = next.Time; !soak(in).Open {
		t.Error("it is closed at the time it said")
	}
}
