// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
)

// markUnmanaged says in a plan which of the values that a rollback restores come from no manifest: they had been set
// in the target by hand when they were recorded. note is for people; empty: there are none.
func markUnmanaged[H, W any](k *kind[H, W], planned *v1alpha1.PlannedItem, item Item, want *W) (note string) {
	switch {
	case want == nil || !item.Found:
		return ""
	case item.Promoted == nil:
		for i := range planned.Changes {
			planned.Changes[i].Unmanaged = true
		}
		return "restores what the target held before any recorded promotion of it: no manifest may describe that"
	}
	edits := k.edits(k.unpack(item.Promoted), want)
	if len(edits) == 0 {
		return ""
	}
	for i := range planned.Changes {
		change := &planned.Changes[i]
		change.Unmanaged = slices.ContainsFunc(edits, func(edit v1alpha1.Difference) bool { return overlap(edit.Path, change.Path) })
	}
	return "restores values that come from no manifest, because they were set in the target by hand: " + paths(edits)
}

// overlap reports whether one path leads to, or into, what the other one names.
func overlap(a, b string) bool {
	within := func(outer, inner string) bool {
		rest, ok := strings.CutPrefix(inner, outer)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	return within(a, b) || within(b, a)
}
