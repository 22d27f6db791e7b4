// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The rules below are those of class-validator, which Novu checks its requests with; the messages are its words,
// and their order is its order (the decorators of a property from the last to the first).

const validationError = "Validation Error"

// violation is what is wrong with one value.
type violation struct {
	path     []string
	messages []string
	value    any
	given    bool // value was present
}

// rule checks a value; given is false when the request has no such member.
type rule struct {
	message string // "$p" is the name of the property
	ok      func(v any, given bool) bool
}

// field is one property of a request.
type field struct {
	name     string
	optional bool // null and absence are fine
	rules    []rule
	nested   func(path []string, o object) []violation // members of an object, or of each element of an array
	each     bool                                      // an array is expected, as the message says
}

// check applies fields to an object.
func check(path []string, o object, fields []field) []violation {
	var out []violation
	for _, f := range fields {
		out = append(out, f.check(path, o)...)
	}
	return out
}

func (f *field) check(path []string, o object) []violation {
	v, given := o[f.name]
	if f.optional && v == nil {
		return nil
	}
	full := slices.Concat(path, []string{f.name})
	messages := failures(f.name, v, given, f.rules)
	var below []violation
	if f.nested != nil && given {
		switch v.(type) {
		case object, []any:
			below = f.below(full, v)
		default:
			messages = append(messages, notNested(f.name, f.each))
		}
	}
	if len(messages) == 0 {
		return below
	}
	return append([]violation{{path: full, messages: messages, value: v, given: given}}, below...)
}

// below looks into a value. Elements of an array that have no members are violations themselves.
func (f *field) below(path []string, v any) []violation {
	list, ok := v.([]any)
	if !ok {
		o, _ := v.(object)
		return f.nested(path, o)
	}
	var out []violation
	for i, x := range list {
		at := slices.Concat(path, []string{strconv.Itoa(i)})
		switch x.(type) {
		case object, []any:
			out = append(out, f.below(at, x)...)
		default:
			out = append(out, violation{path: at, messages: []string{notNested(f.name, f.each)}, value: x, given: true})
		}
	}
	return out
}

func notNested(name string, each bool) string {
	m := "nested property " + name + " must be either object or array"
	if each {
		return "each value in " + m
	}
	return m
}

func failures(name string, v any, given bool, rules []rule) []string {
	var out []string
	for _, r := range rules {
		if !r.ok(v, given) {
			out = append(out, strings.ReplaceAll(r.message, "$p", name))
		}
	}
	return out
}

// dtoError is the 422 of the request pipe: a flat list of messages. Where members of a value are wrong, messages
// about the value itself are left out.
func dtoError(vs []violation) error {
	if len(vs) == 0 {
		return nil
	}
	var messages []string
	for i, v := range vs {
		if i+1 < len(vs) && len(v.path) == 1 && len(vs[i+1].path) > 1 && vs[i+1].path[0] == v.path[0] {
			continue
		}
		prefix := ""
		if len(v.path) > 1 {
			prefix = strings.Join(v.path[:len(v.path)-1], ".") + "."
		}
		for _, m := range v.messages {
			messages = append(messages, prefix+m)
		}
	}
	e := contextError(http.StatusUnprocessableEntity, validationError, object{})
	e.errors = object{"general": object{"messages": messages, "value": "No Value Recorded"}}
	return e
}

// commandError is the 422 of the layer below: it names the command and keeps the values.
func commandError(command string, vs []violation) error {
	if len(vs) == 0 {
		return nil
	}
	errs, parts := object{}, make([]string, 0, len(vs))
	for _, v := range vs {
		key := strings.Join(v.path, ".")
		one := object{"messages": v.messages}
		if v.given {
			one["value"] = v.value
		}
		errs[key] = one
		parts = append(parts, key+": "+strings.Join(v.messages, ", "))
	}
	e := contextError(http.StatusUnprocessableEntity,
		"Validation failed for "+command+": "+strings.Join(parts, "; "), object{})
	e.errors = errs
	return e
}

// --- rules

var (
	isString = rule{"$p must be a string", func(v any, _ bool) bool { _, ok := v.(string); return ok }}
	isBool   = rule{"$p must be a boolean value", func(v any, _ bool) bool { _, ok := v.(bool); return ok }}
	isArray  = rule{"$p must be an array", func(v any, _ bool) bool { _, ok := v.([]any); return ok }}
	isObject = rule{"$p must be an object", func(v any, _ bool) bool { _, ok := v.(object); return ok }}

	isDefined  = rule{"$p should not be null or undefined", func(v any, _ bool) bool { return v != nil }}
	isNotEmpty = rule{"$p should not be empty", func(v any, _ bool) bool { return v != nil && v != "" }}
	isMongo    = rule{"$p must be a mongodb id", func(v any, _ bool) bool { s, ok := v.(string); return ok && isMongoID(s) }}

	eachString = rule{"each value in $p must be a string", func(v any, _ bool) bool { return every(v, isString) }}
)

// every applies a rule to the elements of an array, or to the value itself when it is none.
func every(v any, r rule) bool {
	list, ok := v.([]any)
	if !ok {
		return r.ok(v, true)
	}
	for _, x := range list {
		if !r.ok(x, true) {
			return false
		}
	}
	return true
}

func oneOf(values ...string) rule {
	return rule{"$p must be one of the following values: " + strings.Join(values, ", "), func(v any, _ bool) bool {
		s, ok := v.(string)
		return ok && slices.Contains(values, s)
	}}
}

func eachOneOf(values ...string) rule {
	r := oneOf(values...)
	return rule{"each value in " + r.message, func(v any, _ bool) bool { return every(v, r) }}
}

// length bounds a string, counted in UTF-16 units as JavaScript does. Where a value is too short, that is said
// first; class-validator never says both.
func length(minimum, maximum int) []rule {
	tooShort := func(v any) bool { s, ok := v.(string); return !ok || utf16Len(s) < minimum }
	return []rule{
		{"$p must be longer than or equal to " + strconv.Itoa(minimum) + " characters",
			func(v any, _ bool) bool { return !tooShort(v) }},
		{"$p must be shorter than or equal to " + strconv.Itoa(maximum) + " characters",
			func(v any, _ bool) bool { s, _ := v.(string); return tooShort(v) || utf16Len(s) <= maximum }},
	}
}

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

// members checks an object's own properties.
func members(fields ...field) func([]string, object) []violation {
	return func(path []string, o object) []violation { return check(path, o, fields) }
}
