// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// manifests has the smallest manifest of every kind.
var manifests = []string{environmentManifest, workflowManifest, layoutManifest, integrationManifest, promotionManifest}

// Two writers can each own a condition.
func TestConditionsAreAMap(t *testing.T) {
	t.Parallel()
	for _, manifest := range manifests {
		object := parse(t, manifest)
		t.Run(object.GetKind(), func(t *testing.T) {
			t.Parallel()
			object.SetNamespace(newNamespace(t))
			if err := strict.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			applyCondition(t, object, "Ready", "operator")
			applyCondition(t, object, "Scanned", "another-controller")
			applyCondition(t, object, "Ready", "operator")
			if err := strict.Get(t.Context(), keyOf(object), object); err != nil {
				t.Fatal(err)
			}
			conditions, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			for _, condition := range conditions {
				types = append(types, condition.(map[string]any)["type"].(string))
			}
			if !slices.Equal(types, []string{"Ready", "Scanned"}) {
				t.Errorf("the conditions are %v", types)
			}
		})
	}
}

func applyCondition(t *testing.T, object *unstructured.Unstructured, conditionType string, owner client.FieldOwner) {
	t.Helper()
	status := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"conditions": []any{map[string]any{
		"type": conditionType, "status": "True", "reason": "Synced", "message": "", "lastTransitionTime": "2026-11-22T22:47:41Z",
	}}}}}
	status.SetGroupVersionKind(object.GroupVersionKind())
	status.SetNamespace(object.GetNamespace())
	status.SetName(object.GetName())
	if err := strict.Status().Apply(t.Context(), client.ApplyConfigurationFromUnstructured(status), owner); err != nil {
		t.Fatal(err)
	}
}

// Only a change of spec moves the generation, and a write to the object does not touch its status.
func TestStatusIsApart(t *testing.T) {
	t.Parallel()
	for _, manifest := range manifests {
		object := edit(t, manifest, "status", `{observedGeneration: 7}`)
		t.Run(object.GetKind(), func(t *testing.T) {
			t.Parallel()
			object.SetNamespace(newNamespace(t))
			if err := strict.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			if status, found := object.Object["status"]; found {
				t.Errorf("create wrote the status %v", status)
			}
			applyCondition(t, object, "Ready", "operator")
			if err := strict.Get(t.Context(), keyOf(object), object); err != nil {
				t.Fatal(err)
			}
			if object.GetGeneration() != 1 {
				t.Errorf("a write of status moved the generation to %d", object.GetGeneration())
			}
		})
	}
}
