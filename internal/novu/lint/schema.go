// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// schemaError is one violation of a JSON schema, worded and ordered as Ajv does with all errors on.
type schemaError struct {
	keyword string
	path    string // JSON pointer of the value
	missing string // name of a missing property
	extra   string // name of a property too many
	message string
}

// validateSchema knows the keywords that control schemas use.
func validateSchema(schema object, v any, path string) []schemaError {
	var out []schemaError
	types := schemaTypes(schema)
	wrong := len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return hasType(v, t) })
	typeError := schemaError{keyword: "type", path: path, message: "must be " + strings.Join(types, ",")}
	late := len(types) == 1 && hasRulesFor(schema, types[0]) // reported in the place of the rules for the type
	if wrong && !late {
		out = append(out, typeError)
	}
	if f, ok := v.(float64); ok {
		out = append(out, checkNumber(schema, f, path)...)
	}
	if s, ok := v.(string); ok {
		out = append(out, checkString(schema, s, path)...)
	}
	if wrong && late && types[0] != "array" && types[0] != "object" {
		out = append(out, typeError)
	}
	out = append(out, checkAny(schema, v, path)...)
	if list, ok := v.([]any); ok {
		out = append(out, checkArray(schema, list, path)...)
	}
	if wrong && late && types[0] == "array" {
		out = append(out, typeError)
	}
	if o, ok := v.(object); ok {
		out = append(out, checkObject(schema, o, path)...)
	}
	if wrong && late && types[0] == "object" {
		out = append(out, typeError)
	}
	return out
}

func schemaTypes(schema object) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		return javascript.Texts(t)
	}
	return nil
}

func hasType(v any, kind string) bool {
	switch kind {
	case "string":
		_, ok := v.(string)
		return ok
	case "number", "integer":
		f, ok := v.(float64)
		return ok && (kind == "number" || f == math.Trunc(f))
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	case "object":
		_, ok := v.(object)
		return ok
	case "null":
		return v == nil
	}
	return false
}

var rulesByType = map[string][]string{
	"number":  {"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"},
	"string":  {"maxLength", "minLength", "pattern", "format"},
	"array":   {"maxItems", "minItems", "uniqueItems", "items", "contains"},
	"object":  {"maxProperties", "minProperties", "required", "propertyNames", "additionalProperties", "properties", "patternProperties"},
	"integer": {"maximum", "minimum"},
}

func hasRulesFor(schema object, kind string) bool {
	return slices.ContainsFunc(rulesByType[kind], func(k string) bool { return schema[k] != nil })
}

func checkNumber(schema object, f float64, path string) []schemaError {
	var out []schemaError
	if limit, ok := schema["maximum"].(float64); ok && f > limit {
		out = append(out, schemaError{keyword: "maximum", path: path, message: "must be <= " + javascript.FormatNumber(limit)})
	}
	if limit, ok := schema["minimum"].(float64); ok && f < limit {
		out = append(out, schemaError{keyword: "minimum", path: path, message: "must be >= " + javascript.FormatNumber(limit)})
	}
	return out
}

func checkString(schema object, s, path string) []schemaError {
	var out []schemaError
	if n, ok := schema["maxLength"].(float64); ok && len([]rune(s)) > int(n) {
		out = append(out, schemaError{keyword: "maxLength", path: path, message: fmt.Sprintf("must NOT have more than %d characters", int(n))})
	}
	if n, ok := schema["minLength"].(float64); ok && len([]rune(s)) < int(n) {
		out = append(out, schemaError{keyword: "minLength", path: path, message: fmt.Sprintf("must NOT have fewer than %d characters", int(n))})
	}
	if p, ok := schema["pattern"].(string); ok && !matchesPattern(p, s) {
		out = append(out, schemaError{keyword: "pattern", path: path, message: fmt.Sprintf("must match pattern %q", p)})
	}
	return out
}

var (
	templated = `(?:\{\{[^}]*\}\}[^\s{}]*)*`
	linkForm  = regexp.MustCompile(`^(?:\{\{[^}]*\}\}.*|https?://[^\s/$.?#][^\s{}]*` + templated + `|/[^\s{}]*` + templated + `)$`)
	hookForm  = regexp.MustCompile(`^(?:\{\{[^}]*\}\}.*|https?://[^\s/$.?#][^\s{}]*` + templated + `)$`)
)

// matchesPattern stands in for the two patterns of the control schemas, one of which Go's engine does not take. (Its
// look-ahead against mailto excludes nothing that the rest would let through.)
func matchesPattern(pattern, s string) bool {
	if pattern == hookPattern {
		return hookForm.MatchString(s)
	}
	return linkForm.MatchString(s)
}

func checkAny(schema object, v any, path string) []schemaError {
	var out []schemaError
	if c, ok := schema["const"]; ok && !reflect.DeepEqual(c, v) {
		out = append(out, schemaError{keyword: "const", path: path, message: "must be equal to constant"})
	}
	if list, ok := schema["enum"].([]any); ok && !slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(x, v) }) {
		out = append(out, schemaError{keyword: "enum", path: path, message: "must be equal to one of the allowed values"})
	}
	if list, ok := schema["anyOf"].([]any); ok {
		out = append(out, checkAnyOf(list, v, path)...)
	}
	return out
}

func checkAnyOf(list []any, v any, path string) []schemaError {
	var all []schemaError
	for _, x := range list {
		below, _ := x.(object)
		errs := validateSchema(below, v, path)
		if len(errs) == 0 {
			return nil
		}
		all = append(all, errs...)
	}
	return append(all, schemaError{keyword: "anyOf", path: path, message: "must match a schema in anyOf"})
}

func checkArray(schema object, list []any, path string) []schemaError {
	var out []schemaError
	if n, ok := schema["maxItems"].(float64); ok && len(list) > int(n) {
		out = append(out, schemaError{keyword: "maxItems", path: path, message: fmt.Sprintf("must NOT have more than %d items", int(n))})
	}
	if item, ok := schema["items"].(object); ok {
		for i, x := range list {
			out = append(out, validateSchema(item, x, path+"/"+strconv.Itoa(i))...)
		}
	}
	return out
}

func checkObject(schema object, o object, path string) []schemaError {
	var out []schemaError
	required, _ := schema["required"].([]any)
	for _, name := range javascript.Texts(required) {
		if _, ok := o[name]; !ok {
			out = append(out, schemaError{keyword: "required", path: path, missing: name, message: "must have required property '" + name + "'"})
		}
	}
	properties, _ := schema["properties"].(object)
	if schema["additionalProperties"] == false {
		for _, name := range sortedKeys(o) {
			if _, known := properties[name]; !known {
				out = append(out, schemaError{keyword: "additionalProperties", path: path, extra: name, message: "must NOT have additional properties"})
			}
		}
	}
	for _, name := range sortedKeys(properties) {
		below, _ := properties[name].(object)
		if v, ok := o[name]; ok {
			out = append(out, validateSchema(below, v, path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))...)
		}
	}
	return out
}

func sortedKeys(o object) []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
