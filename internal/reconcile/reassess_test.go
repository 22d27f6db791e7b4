// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"slices"
	"testing"
)

// What stays faulty is written ever more rarely, and for as long as it does now and then.
func TestReassessmentsPause(t *testing.T) {
	t.Parallel()
	var r Reassessments[string]
	r.Complained("a", 0)
	var rounds []int
	for round := range 140 {
		r.Complained("a", round) // each poll sees it
		if r.Due("a", round) {
			rounds = append(rounds, round)
			r.Tried("a", round)
			r.Written("a", round, true)
		}
	}
	if want := []int{1, 3, 7, 15, 31, 63, 95, 127}; !slices.Equal(rounds, want) {
		t.Errorf("written in the rounds %v, want %v", rounds, want)
	}
	r.Written("a", 140, false)
	r.Complained("a", 141)
	if r.Due("a", 141) || !r.Due("a", 142) {
		t.Error("once it was well, the pauses begin again")
	}
}

func TestReassessmentsMarks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		do   func(r *Reassessments[string])
		want bool
	}{
		"none":                   {func(*Reassessments[string]) {}, false},
		"marked":                 {func(r *Reassessments[string]) { r.Mark("a") }, true},
		"another":                {func(r *Reassessments[string]) { r.Mark("b") }, false},
		"taken":                  {func(r *Reassessments[string]) { r.Mark("a"); r.Take("a") }, false},
		"tried":                  {func(r *Reassessments[string]) { r.Mark("a"); r.Tried("a", 1) }, false},
		"written":                {func(r *Reassessments[string]) { r.Mark("a"); r.Written("a", 1, true) }, false},
		"a wish":                 {func(r *Reassessments[string]) { r.MarkOnce("a", "") }, true},
		"a wish that was served": {func(r *Reassessments[string]) { r.MarkOnce("a", "x"); r.Tried("a", 1); r.MarkOnce("a", "x") }, false},
		"another wish":           {func(r *Reassessments[string]) { r.MarkOnce("a", "x"); r.Tried("a", 1); r.MarkOnce("a", "y") }, true},
		"gone":                   {func(r *Reassessments[string]) { r.Mark("a"); r.ForgetAll(func(k string) bool { return k == "a" }) }, false},
		"another is gone":        {func(r *Reassessments[string]) { r.Mark("a"); r.ForgetAll(func(k string) bool { return k == "b" }) }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r Reassessments[string]
			test.do(&r)
			if got := r.Marked("a"); got != test.want {
				t.Errorf("marked: %v, want %v", got, test.want)
			}
		})
	}
}
