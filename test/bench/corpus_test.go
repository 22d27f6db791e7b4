// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/test/harness"
)

// environmentName is the Environment object that the samples refer to.
const environmentName = "development"

// readSamples reads the manifests of a folder of config/samples, as they are.
func readSamples(tb testing.TB, folder string) (objects []*unstructured.Unstructured) {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(harness.Root(tb), "config", "samples", folder, "*.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		object := map[string]any{}
		if err := yaml.Unmarshal(raw, &object); err != nil {
			tb.Fatal(err)
		}
		objects = append(objects, &unstructured.Unstructured{Object: object})
	}
	if len(objects) == 0 {
		tb.Fatalf("config/samples/%s holds no manifests", folder)
	}
	return objects
}

// workflows returns n manifests of realistic size: the samples again and again, each time under other names.
func workflows(samples []*unstructured.Unstructured, n int) []*unstructured.Unstructured {
	objects := make([]*unstructured.Unstructured, n)
	for i := range objects {
		o := samples[i%len(samples)].DeepCopy()
		o.SetName(numbered(o.GetName(), i/len(samples)))
		objects[i] = o
	}
	return objects
}

// numbered keeps a dash among the last characters: Novu takes sixteen without one for an internal id.
func numbered(name string, n int) string { return fmt.Sprintf("%s-%02d", name, n) }

// withoutLayouts takes the references to layouts out, so that the number of calls is known exactly.
func withoutLayouts(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	for _, o := range objects {
		steps, _, _ := unstructured.NestedSlice(o.Object, "spec", "steps")
		for _, step := range steps {
			unstructured.RemoveNestedField(step.(map[string]any), "email", "layout")
		}
		_ = unstructured.SetNestedSlice(o.Object, steps, "spec", "steps")
	}
	return objects
}

// withLastApplied adds the annotation that kubectl apply leaves.
func withLastApplied(tb testing.TB, o *unstructured.Unstructured) {
	tb.Helper()
	raw, err := json.Marshal(o.Object)
	if err != nil {
		tb.Fatal(err)
	}
	o.SetAnnotations(map[string]string{corev1.LastAppliedConfigAnnotation: string(raw)})
}

// definitions returns the same workflows as Novu's API takes them.
func definitions(tb testing.TB, n int) []map[string]any {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(harness.Root(tb), "internal", "definition", "testdata", "workflows.json"))
	if err != nil {
		tb.Fatal(err)
	}
	out := make([]map[string]any, 0, n)
	for round := 0; len(out) < n; round++ {
		var all []map[string]any
		if err := json.Unmarshal(raw, &all); err != nil {
			tb.Fatal(err)
		}
		for _, w := range all[:min(len(all), n-len(out))] {
			w["workflowId"] = numbered(w["workflowId"].(string), round)
			for _, step := range w["steps"].([]any) {
				unstructured.RemoveNestedField(step.(map[string]any), "controlValues", "layoutId")
			}
			out = append(out, w)
		}
	}
	return out
}

func TestWorkflowsHaveNamesOfTheirOwn(t *testing.T) {
	samples := readSamples(t, "workflows")
	var names []string
	for _, o := range workflows(samples, 3*len(samples)+1) {
		names = append(names, o.GetName())
	}
	slices.Sort(names)
	if n := len(slices.Compact(slices.Clone(names))); n != len(names) {
		t.Errorf("%d names for %d workflows", n, len(names))
	}
}

func TestDefinitionsAreTheSameWorkflows(t *testing.T) {
	samples := readSamples(t, "workflows")
	n := 2*len(samples) + 3
	want := map[string]int{}
	for _, o := range withoutLayouts(workflows(samples, 2*len(samples))) {
		steps, _, _ := unstructured.NestedSlice(o.Object, "spec", "steps")
		want[o.GetName()] = len(steps)
	}
	all := definitions(t, n)
	if len(all) != n {
		t.Fatalf("%d definitions, want %d", len(all), n)
	}
	for _, w := range all[:2*len(samples)] {
		id := w["workflowId"].(string)
		if steps := len(w["steps"].([]any)); steps != want[id] {
			t.Errorf("%s has %d steps, its manifest %d", id, steps, want[id])
		}
	}
}
