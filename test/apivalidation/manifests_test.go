// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
)

// The smallest manifests of each kind that the API server accepts. Tests change them with edit.
const (
	environmentManifest = `{kind: Environment, metadata: {name: example}, spec: {secretKeyRef: {name: novu}}}`
	workflowManifest    = `{kind: Workflow, metadata: {name: example}, spec: {environmentRef: {name: development}, name: Example}}`
	layoutManifest      = `{kind: Layout, metadata: {name: example}, spec: {environmentRef: {name: development}, name: Example,
		body: "<html><body>{{content}}</body></html>"}}`
	integrationManifest = `{kind: Integration, metadata: {name: example}, spec: {environmentRef: {name: development},
		providerID: sendgrid, channel: Email}}`
	promotionManifest = `{kind: Promotion, metadata: {name: example}, spec: {targetRef: {name: production}}}`
)

// blocks has the smallest block of each step type.
var blocks = map[v1alpha1.StepType]string{
	v1alpha1.StepTypeInApp:       `{body: Hello}`,
	v1alpha1.StepTypeEmail:       `{subject: Hello}`,
	v1alpha1.StepTypeSMS:         `{body: Hello}`,
	v1alpha1.StepTypeChat:        `{body: Hello}`,
	v1alpha1.StepTypePush:        `{subject: Hello, body: Hello}`,
	v1alpha1.StepTypeDelay:       `{amount: 1, unit: Hours}`,
	v1alpha1.StepTypeDigest:      `{amount: 1, unit: Hours}`,
	v1alpha1.StepTypeThrottle:    `{amount: 1, unit: Hours}`,
	v1alpha1.StepTypeHTTPRequest: `{method: GET, url: "https://example.test"}`,
}

// blockName is the name of the block of a step type.
func blockName(stepType v1alpha1.StepType) string {
	switch stepType {
	case v1alpha1.StepTypeInApp:
		return "inApp"
	case v1alpha1.StepTypeHTTPRequest:
		return "httpRequest"
	}
	return strings.ToLower(string(stepType))
}

// stepManifest is a Workflow with one step, which still lacks its block.
func stepManifest(stepType v1alpha1.StepType) string {
	return fmt.Sprintf(`{kind: Workflow, metadata: {name: example}, spec: {environmentRef: {name: development},
		name: Example, steps: [{stepID: one, type: %s}]}}`, stepType)
}

// parse reads a manifest of this API group.
func parse(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(manifest), &object.Object); err != nil {
		t.Fatalf("%s: %v", manifest, err)
	}
	object.SetAPIVersion(v1alpha1.GroupVersion.String())
	return object
}

// edit parses the manifest and merges value, which is YAML, into what is at path: maps are merged, null removes,
// anything else replaces. A path looks like `spec.steps[0].email`.
func edit(t *testing.T, manifest, path, value string) *unstructured.Unstructured {
	t.Helper()
	object := parse(t, manifest)
	var change any
	if err := yaml.Unmarshal([]byte(value), &change); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	object.Object = merge(object.Object, strings.Split(path, "."), change).(map[string]any)
	return object
}

func merge(old any, path []string, change any) any {
	if len(path) == 0 {
		return mergeValue(old, change)
	}
	object, ok := old.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	name, index, isItem := cutIndex(path[0])
	if isItem {
		items := object[name].([]any)
		items[index] = merge(items[index], path[1:], change)
		return object
	}
	if value := merge(object[name], path[1:], change); value == nil {
		delete(object, name)
	} else {
		object[name] = value
	}
	return object
}

func mergeValue(old, change any) any {
	fields, ok := change.(map[string]any)
	object, was := old.(map[string]any)
	if !ok || !was {
		return change
	}
	merged := maps.Clone(object)
	for name, value := range fields {
		if value = mergeValue(merged[name], value); value == nil {
			delete(merged, name)
		} else {
			merged[name] = value
		}
	}
	return merged
}

// cutIndex takes `steps[2]` apart.
func cutIndex(segment string) (name string, index int, ok bool) {
	name, rest, ok := strings.Cut(segment, "[")
	if !ok {
		return segment, 0, false
	}
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	return name, index, err == nil
}

// long is a string of n characters.
func long(n int) string { return strings.Repeat("x", n) }

// list is a YAML list of n items; each is format with the item's number.
func list(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(format, i)
	}
	return "[" + strings.Join(items, ", ") + "]"
}
