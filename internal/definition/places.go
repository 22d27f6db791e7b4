// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/api/v1alpha1"
)

// blockFields are the fields of each block of a step, under Novu's spelling of the step type.
var blockFields = fieldsOfBlocks()

func fieldsOfBlocks() map[string][]string {
	all := map[string][]string{}
	step := reflect.TypeFor[v1alpha1.WorkflowStep]()
	for field := range step.Fields() {
		if field.Type.Kind() == reflect.Pointer && field.Type.Elem().Kind() == reflect.Struct && isBlock(jsonName(&field)) {
			all[stepTypes.novu(v1alpha1.StepType(field.Name))] = jsonNames(field.Type.Elem())
		}
	}
	return all
}

// isBlock leaves out fields such as skip, which belong to every step.
func isBlock(name string) bool { return name != "skip" && name != "controls" }

func jsonNames(t reflect.Type) (names []string) {
	for field := range t.Fields() {
		names = append(names, jsonName(&field))
	}
	return names
}

func jsonName(field *reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// blockName is the name of the block of Novu's step type.
func blockName(novu string) string { return blockNames.Replace(novu) }

// blockNames are the blocks and channels that Novu spells otherwise.
var blockNames = strings.NewReplacer("in_app", "inApp", "http_request", "httpRequest")

// placeInStep is where a manifest has a control value of Novu, below the step: in the block that is named like the type,
// by the step's skip, or in controls. key is a path such as primaryAction.redirect.url.
func placeInStep(novuType, key string) string {
	first := key
	if end := strings.IndexAny(key, ".["); end >= 0 {
		first = key[:end]
	}
	if first == "layoutId" {
		first, key = "layout", "layout"
	}
	fields, typed := blockFields[novuType]
	switch {
	case key == "":
		return "controls"
	case first == "skip":
		return "skip"
	case typed && slices.Contains(fields, first):
		return blockName(novuType) + "." + key
	case typed && first == "type":
		return blockName(novuType) // which form it is follows from the fields that are set
	}
	return "controls." + key
}

// indexed are list positions as Novu writes them, headers.0.key.
var indexed = regexp.MustCompile(`\.(\d+)(\.|$)`)

// brackets writes positions as manifests' paths do, headers[0].key.
func brackets(path string) string { return indexed.ReplaceAllString(path, "[$1]$2") }

// stepAt names a step in a path by its position, as kubectl explains and JSONPath read it.
func stepAt(i int) string { return "spec.steps[" + strconv.Itoa(i) + "]" }

// novuPrefixes are how Novu's own names of what it was sent begin.
var novuPrefixes = strings.NewReplacer("workflowDto.", "", "defaultPreferences.", "preferences.workflow.")

// fieldNames are the fields that Novu names otherwise.
var fieldNames = map[string]string{
	"workflowId": "workflowID", "stepId": "stepID", "layoutId": "layoutID", "providerId": "providerID",
	"isTranslationEnabled": "translationEnabled", "conditions": "rules", "in_app": "inApp",
}

// word is a name in a path.
var word = regexp.MustCompile(`\w+`)

// FieldPath turns Novu's name of a field that it refuses into the path of the manifest.
func FieldPath(name string) string {
	path := brackets(novuPrefixes.Replace(name))
	path = word.ReplaceAllStringFunc(path, func(name string) string { return orDefault(fieldNames[name], name) })
	switch {
	case path == "" || path == "general":
		return ""
	case strings.HasPrefix(path, "email."): // of a layout
		path = strings.TrimPrefix(path, "email.")
	case path == "_environmentId":
		return "spec.environmentRef"
	}
	path = strings.ReplaceAll(path, ".controlValues", ".controls")
	return "spec." + path
}
