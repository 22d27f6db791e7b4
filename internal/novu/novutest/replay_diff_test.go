// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"maps"
	"mime"
	"reflect"
	"slices"
	"strings"
)

// Levels of comparison: the status, the keys and types of the body and the presence of headers, all values.
const (
	levelStatus = iota + 1
	levelShape
	levelValues
	levelNone // nothing differs
)

// difference is one mismatch; level is the lowest level at which it counts.
type difference struct {
	level int
	path  string
	what  string
}

func lowestLevel(diffs []difference) int {
	lowest := levelNone
	for _, d := range diffs {
		lowest = min(lowest, d.level)
	}
	return lowest
}

func upTo(diffs []difference, level string) []difference {
	most := map[string]int{"status": levelStatus, "shape": levelShape}[level]
	return slices.DeleteFunc(diffs, func(d difference) bool { return d.level > most })
}

func describe(diffs []difference) []string {
	var out []string
	for _, d := range diffs[:min(len(diffs), 4)] {
		out = append(out, fmt.Sprintf("%s: %.200s", d.path, d.what))
	}
	return out
}

// differ walks a recorded body and an actual one side by side.
type differ struct {
	tokens   *tokenMap
	volatile []string
	diffs    []difference
}

func compareAnswers(tokens *tokenMap, e *exchange, got *replayed) []difference {
	d := &differ{tokens: tokens, volatile: e.Volatile}
	if e.Response.Status != got.status {
		d.add(levelStatus, "status", "%d instead of %d", got.status, e.Response.Status)
	}
	d.headers(e.Response.Headers, got)
	d.body("$", e.Response.Body, got.body, e.Response.Status/100 == got.status/100)
	return d.diffs
}

func (d *differ) add(level int, path, format string, args ...any) {
	d.diffs = append(d.diffs, difference{level, path, fmt.Sprintf(format, args...)})
}

// mustMatchAbsence: these headers may only come where they were recorded.
func mustMatchAbsence(name string) bool {
	return name == "retry-after" || strings.HasPrefix(name, "ratelimit-") || strings.HasPrefix(name, "idempotency-")
}

func (d *differ) headers(recorded map[string]string, got *replayed) {
	for name, want := range recorded {
		v := got.header.Get(name)
		switch {
		case v == "":
			d.add(levelShape, "header "+name, "missing")
		case name == "content-type":
			a, _, _ := mime.ParseMediaType(want)
			if b, _, _ := mime.ParseMediaType(v); a != b {
				d.add(levelShape, "header "+name, "%s instead of %s", b, a)
			}
		case name == "ratelimit-remaining" || name == "ratelimit-reset" || name == "retry-after":
		case !d.tokens.same(want, v, true):
			d.add(levelValues, "header "+name, "%s instead of %s", v, want)
		}
	}
	for name := range got.header {
		name = strings.ToLower(name)
		if _, was := recorded[name]; !was && mustMatchAbsence(name) {
			d.add(levelShape, "header "+name, "not recorded")
		}
	}
}

func (d *differ) body(path string, recorded, actual any, learn bool) {
	if slices.Contains(d.volatile, path) {
		return
	}
	if reflect.TypeOf(recorded) != reflect.TypeOf(actual) {
		d.add(levelShape, path, "%T instead of %T", actual, recorded)
		return
	}
	switch r := recorded.(type) {
	case map[string]any:
		d.object(path, r, actual.(map[string]any), learn)
	case []any:
		d.list(path, r, actual.([]any), learn)
	case string:
		if !d.tokens.same(r, actual.(string), learn) {
			d.add(levelValues, path, "%q instead of %q", actual, d.tokens.toActual(r))
		}
	default:
		if recorded != actual {
			d.add(levelValues, path, "%v instead of %v", actual, recorded)
		}
	}
}

func (d *differ) list(path string, recorded, actual []any, learn bool) {
	if len(recorded) != len(actual) {
		d.add(levelShape, path, "%d elements instead of %d", len(actual), len(recorded))
	}
	for i := range min(len(recorded), len(actual)) {
		d.body(fmt.Sprintf("%s[%d]", path, i), recorded[i], actual[i], learn)
	}
}

// unrecorded are bulky members that were cut out of the recordings.
var unrecorded = []string{"dataSchema", "uiSchema", "variables"}

func (d *differ) object(path string, recorded, actual map[string]any, learn bool) {
	learn = learn && d.sameThing(recorded, actual)
	expected := map[string]bool{}
	for _, k := range slices.Sorted(maps.Keys(recorded)) {
		key := d.tokens.toActual(k)
		expected[key] = true
		v, ok := actual[key]
		switch {
		case !ok:
			d.add(levelShape, path+"."+k, "missing")
		case k == "payloadExample": // random
		case k == "errorId" || k == "stack":
			if _, isText := v.(string); !isText {
				d.add(levelShape, path+"."+k, "%T instead of a text", v)
			}
		default:
			d.body(path+"."+k, recorded[k], v, learn)
		}
	}
	for k := range actual {
		if !expected[k] && !slices.Contains(unrecorded, k) {
			d.add(levelShape, path+"."+k, "not recorded")
		}
	}
}

// sameThing keeps ids from being learned from two objects whose names tell that they are different things.
func (d *differ) sameThing(recorded, actual map[string]any) bool {
	for _, k := range []string{"workflowId", "stepId", "layoutId", "identifier", "providerId", "key", "name", "resourceId"} {
		r, ok1 := recorded[k].(string)
		a, ok2 := actual[k].(string)
		if ok1 && ok2 && !d.tokens.same(r, a, false) && d.tokens.toActual(r) == r {
			return false
		}
	}
	return true
}
