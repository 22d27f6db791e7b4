// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"novu-operator.dev/api/v1alpha1"
)

// Odd values for each type of JSON: such as one side takes and the other does not, or takes for something else.
var (
	oddStrings = []string{
		`""`, `" "`, `"0"`, `"-1s"`, `".5m"`, `"1e3s"`, `"9999999999h"`, `"5µs"`, `"é\u0000\ufffd"`, strconv.Quote(long(3000)),
	}
	oddNumbers = []string{`-0`, `-1`, `1.5`, `2.0e2`, `1e400`, `9007199254740993.0`, `9223372036854775807`, `9223372036854775808`}
	oddOthers  = []string{`null`, `true`, `1.0`, `"a"`, `[]`, `[null]`, `{}`, `{"a":null}`}
)

// An object that the API server accepts must never make the operator's decoder fail: one such object would stop the
// informer of its kind, and with it every object of that kind.
func TestAcceptedObjectsDecode(t *testing.T) {
	t.Parallel()
	var accepted, refused atomic.Int64
	t.Cleanup(func() { // after the parallel subtests
		t.Logf("%d objects with odd values were accepted, %d refused", accepted.Load(), refused.Load())
		if accepted.Load() < 500 || refused.Load() < 500 {
			t.Error("hardly anything was tried")
		}
	})
	seen := map[string]bool{}
	for _, sample := range samples(t) {
		values(sample.Object["spec"], []any{"spec"}, func(place []any, value any) {
			name := sample.GetKind() + " " + placeName(place)
			if seen[name] {
				return
			}
			seen[name] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				object, place := withOneStep(sample, place)
				for _, odd := range oddValues(value) {
					if tryOddValue(t, object, place, odd) {
						accepted.Add(1)
					} else {
						refused.Add(1)
					}
				}
			})
		})
	}
}

// oddValues are those for the type of value, and those of every other type.
func oddValues(value any) []string {
	switch value.(type) {
	case string:
		return slices.Concat(oddStrings, oddOthers)
	case float64, int64:
		return slices.Concat(oddNumbers, oddOthers)
	}
	return oddOthers
}

// values calls see for every value with its place below spec: map keys and list indexes.
func values(value any, place []any, see func(place []any, value any)) {
	see(place, value)
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			values(field, append(slices.Clip(place), name), see)
		}
	case []any:
		for i, item := range value {
			values(item, append(slices.Clip(place), i), see)
		}
	}
}

func placeName(place []any) string {
	var name strings.Builder
	for _, step := range place {
		if field, ok := step.(string); ok {
			fmt.Fprintf(&name, ".%s", field)
		} else {
			name.WriteString("[]")
		}
	}
	return strings.TrimPrefix(name.String(), ".")
}

// withOneStep drops the steps that the place is not in: the API server then answers several times as fast.
func withOneStep(sample *unstructured.Unstructured, place []any) (*unstructured.Unstructured, []any) {
	if len(place) < 3 || place[1] != "steps" {
		return sample, place
	}
	sample, place = sample.DeepCopy(), slices.Clone(place)
	spec := sample.Object["spec"].(map[string]any)
	spec["steps"] = []any{spec["steps"].([]any)[place[2].(int)]}
	place[2] = 0
	return sample, place
}

// tryOddValue reports whether the API server accepts an object with a value in one place.
func tryOddValue(t *testing.T, object *unstructured.Unstructured, place []any, value string) bool {
	t.Helper()
	body := jsonOf(t, withRaw(object.DeepCopy().Object, place, json.RawMessage(value)))
	content, err := raw.Post().Namespace("default").Resource(strings.ToLower(object.GetKind())+"s").
		Param("dryRun", "All").Param("fieldValidation", "Strict").Body([]byte(body)).DoRaw(t.Context())
	switch {
	case err == nil:
	case apierrors.IsInternalError(err):
		t.Errorf("%s: %v", value, err)
		return false
	case strings.Contains(err.Error(), "evaluating rule"):
		t.Errorf("%s makes a rule fail instead of being false: %v", value, err)
		return false
	default:
		return false
	}
	if _, _, err := serializer.NewCodecFactory(strict.Scheme()).UniversalDeserializer().Decode(content, nil, nil); err != nil {
		t.Errorf("%s is accepted, but the Go types do not take it: %v", value, err)
	}
	return true
}

// withRaw puts a value at a place, changing the object.
func withRaw(object any, place []any, value json.RawMessage) any {
	if len(place) == 0 {
		return value
	}
	switch step := place[0].(type) {
	case string:
		fields := object.(map[string]any)
		fields[step] = withRaw(fields[step], place[1:], value)
	case int:
		items := object.([]any)
		items[step] = withRaw(items[step], place[1:], value)
	}
	return object
}

// Durations mean the same to CEL, which checks them, and to Go, which uses them.
func TestDurationsDecode(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for value, want := range map[string]string{
		"0s": "0s", "0h0m": "0s", "30s": "30s", "0.5m": "30s", "1.5h": "1h30m0s", "24h": "24h0m0s", "86400s": "24h0m0s", "30.5s": "30.5s",
		"90000ms": "1m30s", "00010m": "10m0s", "1m1m": "2m0s", "0.123456789h": "7m24.4444404s",
	} {
		object := edit(t, environmentManifest, "spec.interval", strconv.Quote(value))
		object.SetName("e" + strings.ReplaceAll(value, ".", "-"))
		object.SetNamespace(namespace)
		if err := strict.Create(t.Context(), object); err != nil {
			t.Error(err)
			continue
		}
		var environment v1alpha1.Environment
		if err := strict.Get(t.Context(), keyOf(object), &environment); err != nil {
			t.Error(err)
		} else if got := environment.EffectiveInterval().String(); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}
