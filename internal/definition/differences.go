// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"novu-operator.dev/api/v1alpha1"
)

// differences collects where what Novu holds (from) is not what is wanted (to).
// Objects and lists are entered, so that a difference names the smallest part that
// differs; a part that only one side has is one difference.
type differences []v1alpha1.Difference

// compare enters what both sides have and adds what is left. Both are trees: any two
// leaves can be told apart by ==, but for numbers, which have several spellings.
func (d *differences) compare(path string, from, to any) {
	switch from := from.(type) {
	case map[string]any:
		if to, ok := to.(map[string]any); ok {
			d.objects(path, from, to)
			return
		}
	case []any:
		if to, ok := to.([]any); ok {
			d.lists(path, from, to)
			return
		}
	case json.Number:
		if to, ok := to.(json.Number); ok && sameNumber(from, to) {
			return
		}
	default:
		if !isContainer(to) && from == to {
			return
		}
	}
	d.add(path, from, to)
}

// whole is compare for values that are shown as one.
func (d *differences) whole(path string, from, to any) {
	if !same(from, to) {
		d.add(path, from, to)
	}
}

// same compares two trees by value.
func same(a, b any) bool {
	var d differences
	d.compare("", a, b)
	return len(d) == 0
}

func (d *differences) add(path string, from, to any) {
	*d = append(*d, v1alpha1.Difference{Path: path, From: render(from), To: render(to)})
}

// objects goes through the keys of both sides in order, so that the same two objects
// always give the same list.
func (d *differences) objects(path string, from, to map[string]any) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(from)), maps.Keys(to))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		d.compare(member(path, key), lookup(from, key), lookup(to, key))
	}
}

// lists compares by position. An item put in front shows as a change of every item:
// lists in control values are short and their order matters.
func (d *differences) lists(path string, from, to []any) {
	for i := range max(len(from), len(to)) {
		d.compare(path+"["+strconv.Itoa(i)+"]", at(from, i), at(to, i))
	}
}

// lookup tells a key that is missing from one that is null: for layoutId, the first
// means the default layout and the second none.
func lookup(object map[string]any, key string) any {
	if value, ok := object[key]; ok {
		return value
	}
	return absent{}
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return absent{}
}

func isContainer(t any) bool {
	switch t.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// plainKey is a key that needs no quotes in a path.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

// member appends a key to a path; keys that would blur the path are quoted.
func member(path, key string) string {
	if !plainKey.MatchString(key) {
		return path + "[" + string(quote(key)) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
