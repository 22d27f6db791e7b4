// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion_test

import (
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
)

func TestSight(t *testing.T) {
	recorded := v1alpha1.LiveRevision{Revision: "r1", RemoteHash: "h1", RemoteUpdatedAt: "monday"}
	gone := v1alpha1.LiveRevision{Revision: "r1", RemoteHash: "h1", Drifted: true}
	for name, tc := range map[string]struct {
		live   v1alpha1.LiveRevision
		entry  connection.Entry
		listed bool
		want   promotion.Sighting
	}{
		"as recorded":                 {recorded, connection.Entry{UpdatedAt: "monday"}, true, promotion.Unmoved},
		"changed since":               {recorded, connection.Entry{UpdatedAt: "tuesday"}, true, promotion.Moved},
		"set back to an earlier time": {recorded, connection.Entry{UpdatedAt: "sunday"}, true, promotion.Moved},
		"in doubt":                    {recorded, connection.Entry{}, true, promotion.Unmoved},
		"deleted":                     {recorded, connection.Entry{}, false, promotion.Vanished},
		"known to be deleted":         {gone, connection.Entry{}, false, promotion.Unmoved},
		"deleted and made again":      {gone, connection.Entry{UpdatedAt: "tuesday"}, true, promotion.Moved},
		"recorded before there was a hash": {
			v1alpha1.LiveRevision{Revision: "r1"}, connection.Entry{UpdatedAt: "tuesday"}, true, promotion.Unmoved,
		},
		"recorded without a time": {
			v1alpha1.LiveRevision{RemoteHash: "h1"}, connection.Entry{UpdatedAt: "monday"}, true, promotion.Moved,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := promotion.Sight(&tc.live, tc.entry, tc.listed); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestJudged(t *testing.T) {
	for name, tc := range map[string]struct {
		drifted bool
		held    *promotion.Held
		want    v1alpha1.LiveRevision
	}{
		"nothing is there":      {false, nil, v1alpha1.LiveRevision{RemoteHash: "h1", Drifted: true}},
		"only its time moved":   {false, &promotion.Held{Hash: "h1", UpdatedAt: "tuesday"}, v1alpha1.LiveRevision{RemoteHash: "h1", RemoteUpdatedAt: "tuesday"}},
		"changed":               {false, &promotion.Held{Hash: "h2", UpdatedAt: "tuesday"}, v1alpha1.LiveRevision{RemoteHash: "h1", RemoteUpdatedAt: "tuesday", Drifted: true}},
		"put back":              {true, &promotion.Held{Hash: "h1", UpdatedAt: "tuesday"}, v1alpha1.LiveRevision{RemoteHash: "h1", RemoteUpdatedAt: "tuesday"}},
		"right in another form": {true, &promotion.Held{Hash: "h2", UpdatedAt: "tuesday", Settled: true}, v1alpha1.LiveRevision{RemoteHash: "h2", RemoteUpdatedAt: "tuesday"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := v1alpha1.LiveRevision{RemoteHash: "h1", RemoteUpdatedAt: "monday", Drifted: tc.drifted}
			if got := promotion.Judged(before, tc.held); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

// at is the time of a list.
func at(hour int) time.Time { return time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC) }

func TestAttempts(t *testing.T) {
	cause := promotion.Cause{Wish: "r1", Found: "h2"}
	three := func(a *promotion.Attempts) {
		for hour := range 3 {
			a.Made("item", cause, at(hour), "")
		}
	}
	for name, tc := range map[string]struct {
		before func(*promotion.Attempts)
		cause  promotion.Cause
		moved  bool
		hour   int
		want   bool
	}{
		"nothing was done":             {func(*promotion.Attempts) {}, cause, true, 0, true},
		"once for each list":           {func(a *promotion.Attempts) { a.Made("item", cause, at(1), "") }, cause, true, 1, false},
		"again with the next list":     {func(a *promotion.Attempts) { a.Made("item", cause, at(1), "") }, cause, true, 2, true},
		"three times the same":         {three, cause, true, 9, false},
		"three times, and not moved":   {three, promotion.Cause{Wish: "r1"}, false, 9, false},
		"another difference":           {three, promotion.Cause{Wish: "r1", Found: "h3"}, true, 9, true},
		"another revision is promoted": {three, promotion.Cause{Wish: "r2", Found: "h2"}, true, 9, true},
		"another difference, counted anew": {func(a *promotion.Attempts) {
			three(a)
			a.Made("item", promotion.Cause{Wish: "r1", Found: "h3"}, at(4), "")
		}, cause, true, 9, true},
		"well in between":       {func(a *promotion.Attempts) { three(a); a.Well("item", at(5)) }, cause, true, 9, true},
		"well in the same list": {func(a *promotion.Attempts) { three(a); a.Well("item", at(2)) }, cause, true, 9, false},
		"another item":          {func(a *promotion.Attempts) { three(a); a.Well("other", at(5)) }, cause, true, 9, false},
	} {
		t.Run(name, func(t *testing.T) {
			var a promotion.Attempts
			tc.before(&a)
			if got := a.Due("item", tc.cause, tc.moved, at(tc.hour)); got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAttemptsThatWereGivenUp(t *testing.T) {
	var a promotion.Attempts
	for n := range 4 {
		exhausted, problem := a.Standing("item", "r1")
		if exhausted != (n == 3) || (problem == "refused") != (n > 0) {
			t.Errorf("after %d attempts: %v %q", n, exhausted, problem)
		}
		a.Made("item", promotion.Cause{Wish: "r1", Found: "h2"}, at(n), "refused")
	}
	if exhausted, problem := a.Standing("item", "r2"); exhausted || problem != "" {
		t.Errorf("for another revision: %v %q", exhausted, problem)
	}
}

func TestCorrections(t *testing.T) {
	var c promotion.Corrections
	end, ok := c.Begin("production")
	if _, twice := c.Begin("production"); !ok || twice || !c.Underway("production") || c.Underway("staging") {
		t.Errorf("begun %v, twice %v", ok, twice)
	}
	end()
	if _, again := c.Begin("production"); !again {
		t.Error("it never ends")
	}
	if (*promotion.Corrections)(nil).Underway("production") {
		t.Error("none are under way where there are none")
	}
}
