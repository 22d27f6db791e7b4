// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// at is a moment of these tests, in seconds.
func at(second int) time.Time { return time.Unix(int64(1000+second), 0) }

func listed(entries ...string) map[string]Entry {
	out := map[string]Entry{}
	for _, e := range entries {
		id, updated, _ := strings.Cut(e, "@")
		out[id] = Entry{ID: "_" + id, UpdatedAt: updated}
	}
	return out
}

func show(t *table) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(t.entries)) {
		parts = append(parts, id+"@"+t.entries[id].UpdatedAt)
	}
	return strings.Join(parts, " ")
}

func TestTableMergesListsWithOwnWrites(t *testing.T) {
	tests := map[string]struct {
		do   func(*table)
		want string
	}{
		"a list replaces what an older list said": {func(x *table) {
			x.replace(at(1), listed("a@1", "b@1"))
			x.replace(at(2), listed("b@2", "c@2"))
		}, "b@2 c@2"},
		"a write during the list is newer than the list": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(5))
			x.replace(at(4), listed("a@old", "b@4"))
		}, "a@mine b@4"},
		"a write in the moment the list begins is newer": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(4))
			x.replace(at(4), listed("a@old"))
		}, "a@mine"},
		"a creation during the list stays although the list lacks it": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(5))
			x.replace(at(4), listed())
		}, "a@mine"},
		"a write before the list is overtaken by it": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(3))
			x.replace(at(4), listed("a@theirs"))
		}, "a@theirs"},
		"a write before the list may be deleted by somebody else": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(3))
			x.replace(at(4), listed())
		}, ""},
		"a deletion during the list is newer than the list": {func(x *table) {
			x.remove("a", at(5))
			x.replace(at(4), listed("a@old", "b@4"))
		}, "b@4"},
		"a deletion before the list may be undone by somebody else": {func(x *table) {
			x.remove("a", at(3))
			x.replace(at(4), listed("a@new"))
		}, "a@new"},
		"a deletion holds for every list that began before it": {func(x *table) {
			x.remove("a", at(9))
			x.replace(at(4), listed("a@old"))
			x.replace(at(5), listed("a@old"))
		}, ""},
		"a creation after a deletion holds": {func(x *table) {
			x.remove("a", at(5))
			x.put("a", Entry{UpdatedAt: "again"}, at(6))
			x.replace(at(4), listed("a@old"))
		}, "a@again"},
		"a deletion after a write holds": {func(x *table) {
			x.put("a", Entry{UpdatedAt: "mine"}, at(5))
			x.remove("a", at(6))
			x.replace(at(4), listed("a@old"))
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var x table
			test.do(&x)
			if got := show(&x); got != test.want {
				t.Errorf("the table holds %q, want %q", got, test.want)
			}
		})
	}
}

func TestTableForgetsDeletionsThatNoListCanContradict(t *testing.T) {
	var x table
	x.remove("a", at(3))
	x.replace(at(4), listed())
	if len(x.deleted) != 0 {
		t.Errorf("deletions are kept: %v", x.deleted)
	}
	x.remove("b", at(5))
	x.remove("c", at(6).Add(longestList))
	if _, kept := x.deleted["c"]; len(x.deleted) != 1 || !kept {
		t.Errorf("old deletions are kept: %v", x.deleted)
	}
}
