// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// IsJSONSchema reports whether Ajv would compile a schema: it must satisfy the draft-07 meta-schema, reference only
// itself, and its patterns must be regular expressions.
func IsJSONSchema(v any) bool {
	root, ok := v.(object)
	if !ok {
		return false
	}
	switch root["$schema"] {
	case nil, "http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-07/schema#":
	default:
		return false
	}
	return isSchemaPart(root, root)
}

// schemaKeyword checks the value of one keyword.
type schemaKeyword func(v any, root object) bool

func isSchemaPart(v any, root object) bool {
	if _, ok := v.(bool); ok {
		return true
	}
	o, ok := v.(object)
	if !ok {
		return false
	}
	for k, x := range o {
		if f := schemaKeywords[k]; f != nil && !f(x, root) {
			return false
		}
	}
	return true
}

var simpleTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

var schemaKeywords map[string]schemaKeyword

func init() {
	one := isSchemaPart
	schemaKeywords = map[string]schemaKeyword{
		"type": func(v any, _ object) bool { return isTypeList(v) },
		"enum": func(v any, _ object) bool { list, ok := v.([]any); return ok && len(list) > 0 },
		"$ref": resolves,
		"items": func(v any, root object) bool {
			return one(v, root) || isSchemaList(v, root)
		},
		"required": func(v any, _ object) bool { return isTextList(v) },
		"pattern":  func(v any, _ object) bool { s, ok := v.(string); return ok && compiles(s) },
		"multipleOf": func(v any, _ object) bool {
			f, ok := v.(float64)
			return ok && f > 0
		},
		"uniqueItems":       func(v any, _ object) bool { _, ok := v.(bool); return ok },
		"patternProperties": isPatternMap,
		"dependencies":      isDependencyMap,
	}
	for _, k := range []string{"additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"} {
		schemaKeywords[k] = one
	}
	for _, k := range []string{"properties", "definitions", "$defs"} {
		schemaKeywords[k] = isSchemaMap
	}
	for _, k := range []string{"allOf", "anyOf", "oneOf"} {
		schemaKeywords[k] = isSchemaList
	}
	for _, k := range []string{"title", "description", "format", "$id", "$comment", "contentMediaType", "contentEncoding"} {
		schemaKeywords[k] = func(v any, _ object) bool { _, ok := v.(string); return ok }
	}
	for _, k := range []string{"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"} {
		schemaKeywords[k] = func(v any, _ object) bool { _, ok := v.(float64); return ok }
	}
	for _, k := range []string{"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"} {
		schemaKeywords[k] = func(v any, _ object) bool {
			f, ok := v.(float64)
			return ok && f >= 0 && f == math.Trunc(f) && !math.IsInf(f, 0)
		}
	}
}

func isTypeList(v any) bool {
	if s, ok := v.(string); ok {
		return slices.Contains(simpleTypes, s)
	}
	list, ok := v.([]any)
	for _, x := range list {
		if s, isText := x.(string); !isText || !slices.Contains(simpleTypes, s) {
			return false
		}
	}
	return ok && len(list) > 0 && isUnique(javascript.Texts(list))
}

func isTextList(v any) bool {
	list, ok := v.([]any)
	for _, x := range list {
		if _, isText := x.(string); !isText {
			return false
		}
	}
	return ok && isUnique(javascript.Texts(list))
}

func isSchemaList(v any, root object) bool {
	list, ok := v.([]any)
	for _, x := range list {
		if !isSchemaPart(x, root) {
			return false
		}
	}
	return ok && len(list) > 0
}

func isSchemaMap(v any, root object) bool {
	o, ok := v.(object)
	for _, x := range o {
		if !isSchemaPart(x, root) {
			return false
		}
	}
	return ok
}

func isPatternMap(v any, root object) bool {
	o, _ := v.(object)
	for k := range o {
		if !compiles(k) {
			return false
		}
	}
	return isSchemaMap(v, root)
}

func isDependencyMap(v any, root object) bool {
	o, ok := v.(object)
	for _, x := range o {
		if !isTextList(x) && !isSchemaPart(x, root) {
			return false
		}
	}
	return ok
}

// compiles tries a pattern. Look-around is taken for granted: Go's engine has none, JavaScript's has.
func compiles(pattern string) bool {
	for _, look := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		pattern = strings.ReplaceAll(pattern, look, "(?:")
	}
	_, err := regexp.Compile(pattern)
	return err == nil
}

// resolves tells whether a reference points into the same schema.
func resolves(v any, root object) bool {
	s, ok := v.(string)
	if !ok || !strings.HasPrefix(s, "#") {
		return false
	}
	var at any = root
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(s, "#"), "/"), "/") {
		if part == "" {
			continue
		}
		o, ok := at.(object)
		if !ok {
			return false
		}
		if at, ok = o[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]; !ok {
			return false
		}
	}
	return true
}

func isUnique(texts []string) bool {
	slices.Sort(texts)
	return len(slices.Compact(texts)) == len(texts)
}
