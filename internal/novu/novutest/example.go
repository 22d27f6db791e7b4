// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"strconv"
	"time"
)

const maxExampleDepth = 8

// example makes a payload that fits a schema. Like Novu's it is another one on every read, so it is never worth comparing.
func example(schema any, now time.Time) any {
	o, ok := schema.(object)
	if !ok {
		return object{}
	}
	v := exampleOf(o, now, 0)
	if v, ok := v.(object); ok {
		return v
	}
	return object{}
}

func exampleOf(schema object, now time.Time, depth int) any {
	if v, ok := schema["default"]; ok {
		return v
	}
	if list, ok := schema["enum"].([]any); ok && len(list) > 0 {
		return list[0]
	}
	if v, ok := schema["const"]; ok {
		return v
	}
	switch kind := schema["type"]; kind {
	case "array":
		return exampleList(schema, now, depth)
	case "number":
		return 42.5
	case "integer":
		return 42
	case "boolean":
		return true
	case "string":
		return exampleText(schema, now)
	}
	return exampleObject(schema, now, depth)
}

func exampleList(schema object, now time.Time, depth int) any {
	item, ok := schema["items"].(object)
	if !ok || depth >= maxExampleDepth {
		return []any{}
	}
	return []any{exampleOf(item, now, depth+1), exampleOf(item, now, depth+1), exampleOf(item, now, depth+1)}
}

func exampleObject(schema object, now time.Time, depth int) any {
	out := object{}
	properties, _ := schema["properties"].(object)
	if depth >= maxExampleDepth {
		return out
	}
	for name, p := range properties {
		if below, ok := p.(object); ok {
			out[name] = exampleOf(below, now, depth+1)
		}
	}
	return out
}

func exampleText(schema object, now time.Time) string {
	switch schema["format"] {
	case "date-time":
		return now.UTC().Format("2006-01-02T15:04:05.0Z")
	case "date":
		return now.UTC().Format(time.DateOnly)
	case "email":
		return "john.doe@example.com"
	case "uri", "url":
		return "https://example.com"
	}
	return "example-" + strconv.FormatInt(now.UnixMilli()%1000000, 10)
}
