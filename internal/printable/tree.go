// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package printable

import (
	"bytes"
	"io"
	"maps"
	"slices"
)

// messages are the members that hold sentences; a line break in one is no more than a blank.
var messages = map[string]bool{"message": true, "note": true}

// Tree makes every string below v printable, in place: sentences with [Text], everything else with [Value]. v is made of
// maps, lists and scalars, as JSON is decoded.
func Tree(v any) any { return tree("", v) }

func tree(name string, v any) any {
	switch v := v.(type) {
	case string:
		if messages[name] {
			return Text(v)
		}
		return Value(v)
	case []any:
		for i := range v {
			v[i] = tree(name, v[i])
		}
	case map[string]any:
		return members(v)
	}
	return v
}

// members also renames what has an unprintable name: a map in status may have names that Novu made up.
func members(m map[string]any) map[string]any {
	for _, name := range slices.Collect(maps.Keys(m)) {
		value := tree(name, m[name])
		if clean := Value(name); clean != name {
			delete(m, name)
			name = clean
		}
		m[name] = value
	}
	return m
}

// Writer returns a writer of whole lines, such as a logger's, that lets nothing unprintable through but the line breaks
// and tabs.
func Writer(to io.Writer) io.Writer { return &writer{to: to} }

type writer struct{ to io.Writer }

// Write reports the length of p, not of what became of it: a shorter one would be an error to the caller.
func (w *writer) Write(p []byte) (int, error) {
	lines := bytes.Split(p, []byte("\n"))
	for i, line := range lines {
		cells := bytes.Split(line, []byte("\t"))
		for j, cell := range cells {
			cells[j] = []byte(Value(string(cell)))
		}
		lines[i] = bytes.Join(cells, []byte("\t"))
	}
	if _, err := w.to.Write(bytes.Join(lines, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}
