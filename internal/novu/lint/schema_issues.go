// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// schemaIssues turns schema violations into issues. Of a URL's violations one is kept. Novu does not show
// violations without a path (unknown keys on the top level); beside others they are mostly those of schemas that were not meant.
func (b *rulebook) schemaIssues(errs []schemaError, kind string) []Issue {
	var out, hidden []Issue
	urls := map[string]schemaError{}
	for _, e := range errs {
		path := e.controlPath(b.strange)
		switch {
		case path == "":
			hidden = append(hidden, Issue{Check: Schema, Severity: Warning, Message: e.hiddenWording()})
		case !isURL(path, e.path):
			out = append(out, b.issue(&e, path, kind))
		default:
			if kept, known := urls[path]; !known || (kept.keyword != "anyOf" && e.keyword == "anyOf") {
				urls[path] = e
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(urls)) {
		e := urls[path]
		out = append(out, b.issue(&e, path, kind))
	}
	if len(out) == 0 {
		return hidden
	}
	return out
}

func (e *schemaError) hiddenWording() string {
	if e.extra != "" {
		return "Unknown control value \"" + e.extra + "\"; Novu accepts it, but does not use it"
	}
	return "Control values " + e.message
}

// controlPath is the dotted path of the value, or of the property that is missing or, where that counts, too many.
func (e *schemaError) controlPath(strange bool) string {
	path, property := strings.TrimPrefix(e.path, "/"), e.missing
	if strange && property == "" {
		property = e.extra
	}
	switch {
	case strings.TrimSpace(path) == "":
		return property
	case property != "":
		path += "/" + property
	}
	return strings.ReplaceAll(path, "/", ".")
}

func isURL(path, pointer string) bool {
	return path == "url" || strings.HasSuffix(path, ".url") || path == "avatar" || path == "redirect" ||
		strings.Contains(pointer, "/url") || pointer == "/avatar" || pointer == "/redirect"
}

func (b *rulebook) issue(e *schemaError, path, kind string) Issue {
	issueType := MissingValue
	if b.strange && e.extra != "" {
		return unsupported(path, e.extra)
	}
	if isURL(path, e.path) && (e.keyword == "anyOf" || e.keyword == "pattern") {
		issueType = InvalidURL
	}
	return Issue{Field: path, Check: Schema, Severity: Error, Type: issueType, Message: e.wording(path, kind), Variable: path}
}

// unsupported is the issue of a property that Novu does not know.
func unsupported(path, property string) Issue {
	return Issue{Field: path, Check: Schema, Severity: Error, Type: UnsupportedProperty, Variable: path,
		Message: strconv.Quote(property) + " is not a supported property"}
}

func (e *schemaError) wording(path, kind string) string {
	switch {
	case e.keyword == "required" && kind == "in_app":
		return "Subject or body is required"
	case e.keyword == "required":
		return capitalized(e.missing) + " is required"
	case e.keyword == "minLength":
		return capitalized(strings.Replace(e.path, "/", "", 1)) + " is required"
	case isURL(path, e.path) && (e.keyword == "anyOf" || e.keyword == "pattern"):
		if kind == "http_request" {
			return "Invalid URL. Must be a valid absolute URL (https://...) or {{variable}}"
		}
		return "Invalid URL. Must be a valid full URL, path starting with /, or {{variable}}"
	}
	return e.message
}

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
