// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

func stepsFrom(before, after string) *v1alpha1.PlannedSteps {
	target, want := &novu.Workflow{}, &novu.WorkflowRequest{}
	for id := range strings.SplitSeq(before, "") {
		target.Steps = append(target.Steps, novu.Step{StepID: id})
	}
	for id := range strings.SplitSeq(after, "") {
		want.Steps = append(want.Steps, novu.StepRequest{StepID: id})
	}
	return plannedSteps(want, target)
}

func TestPlannedSteps(t *testing.T) {
	for name, test := range map[string]struct {
		before, after string
		want          *v1alpha1.PlannedSteps
	}{
		"nothing":              {before: "abc", after: "abc"},
		"none at all":          {},
		"one comes":            {before: "ac", after: "abc", want: &v1alpha1.PlannedSteps{Added: []string{"b"}}},
		"one goes":             {before: "abc", after: "ac", want: &v1alpha1.PlannedSteps{Removed: []string{"b"}}},
		"the last moves first": {before: "abcd", after: "dabc", want: &v1alpha1.PlannedSteps{Moved: []string{"d"}}},
		"the first moves last": {before: "abcd", after: "bcda", want: &v1alpha1.PlannedSteps{Moved: []string{"a"}}},
		"all at once": {
			before: "abcd", after: "xdab",
			want: &v1alpha1.PlannedSteps{Added: []string{"x"}, Removed: []string{"c"}, Moved: []string{"d"}},
		},
	} {
		if got := stepsFrom(test.before, test.after); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

// Novu bounds neither the number nor the length of stepIDs; status does.
func TestPlannedStepsAreBounded(t *testing.T) {
	target := &novu.Workflow{}
	for i := range 300 {
		target.Steps = append(target.Steps, novu.Step{StepID: strings.Repeat("ä", 300) + strconv.Itoa(i)})
	}
	got := plannedSteps(&novu.WorkflowRequest{}, target)
	if len(got.Removed) != mostSteps || len(got.Removed[0]) > mostStepID || got.Added != nil || got.Moved != nil {
		t.Errorf("%d removed of %d bytes, %v added, %v moved", len(got.Removed), len(got.Removed[0]), got.Added, got.Moved)
	}
}

// Every step is accounted for, and without those that come, go or move, both have the same order.
func TestPlannedStepsAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.Map(rapid.SliceOfDistinct(rapid.RuneFrom([]rune("abcdefgh")), func(r rune) rune { return r }), func(r []rune) string { return string(r) })
		before, after := ids.Draw(t, "before"), ids.Draw(t, "after")
		steps := stepsFrom(before, after)
		if steps == nil {
			steps = &v1alpha1.PlannedSteps{}
		}
		left := func(text string, unwanted ...[]string) string {
			for _, list := range unwanted {
				for _, id := range list {
					text = strings.Replace(text, id, "", 1)
				}
			}
			return text
		}
		stay, stayed := left(after, steps.Added, steps.Moved), left(before, steps.Removed, steps.Moved)
		if stay != stayed {
			t.Fatalf("%q became %q: %+v leaves %q of the one and %q of the other", before, after, steps, stayed, stay)
		}
	})
}
