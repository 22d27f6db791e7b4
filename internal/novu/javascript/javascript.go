// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package javascript reads and writes JSON values as Novu does, which is written in JavaScript: what counts as false, what a
// value is as a text or as a number, and how JSON is spelled. Values are those of encoding/json: nil, bool, float64, string,
// []any and Object.
package javascript

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Object is a JSON object.
type Object = map[string]any

// Falsy reports whether !v holds.
func Falsy(v any) bool { return v == nil || v == "" || v == false || v == float64(0) }

// String returns String(v).
func String(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case float64:
		return FormatNumber(v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			if x != nil {
				parts[i] = String(x)
			}
		}
		return strings.Join(parts, ",")
	}
	return "[object Object]"
}

// FormatNumber writes a number, which is as in JSON but for the sign of zero.
func FormatNumber(f float64) string {
	if f == 0 {
		return "0"
	}
	return string(JSON(f))
}

// Number returns Number(v). It reports false where that is not a number.
func Number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		return textToNumber(strings.TrimSpace(v))
	case []any:
		return textToNumber(strings.TrimSpace(String(v)))
	}
	return 0, false
}

var decimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func textToNumber(s string) (float64, bool) {
	switch {
	case s == "":
		return 0, true
	case decimal.MatchString(s):
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	case len(s) > 2 && s[0] == '0' && strings.ContainsRune("xXoObB", rune(s[1])):
		n, err := strconv.ParseUint(s, 0, 64)
		return float64(n), err == nil && !strings.Contains(s, "_") // which Go's literals may hold
	}
	return 0, false
}

// JSON encodes v without HTML escapes, as JSON.stringify does. It panics on what is not JSON.
func JSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("javascript: not JSON: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Text returns v if it is a string, and else an empty one.
func Text(v any) string {
	s, _ := v.(string)
	return s
}

// Texts returns the elements of a list as Text does.
func Texts(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = Text(v)
	}
	return out
}

// List returns strings as a JSON list.
func List(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}
