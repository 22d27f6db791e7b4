// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// samples are the manifests in testdata. Together they set every field of every spec.
func samples(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var samples []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
		for {
			object := &unstructured.Unstructured{}
			err := decoder.Decode(&object.Object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			samples = append(samples, object)
		}
	}
	return samples
}

// eachSample runs check with every sample in a namespace of its own.
func eachSample(t *testing.T, check func(t *testing.T, sample *unstructured.Unstructured)) {
	t.Helper()
	for _, sample := range samples(t) {
		t.Run(sample.GetKind()+" "+sample.GetName(), func(t *testing.T) {
			t.Parallel()
			sample.SetNamespace(newNamespace(t))
			check(t, sample)
		})
	}
}

func TestSamplesSetEveryField(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	for _, sample := range samples(t) {
		leaves(sample.Object["spec"], sample.GetKind()+" spec", func(path string, _ any) { set[path] = true })
	}
	visitAll(t, func(kind, path string, schema *apiextensionsv1.JSONSchemaProps) {
		// Free-form values have further fields below them.
		isSet := set[kind+" "+path]
		for below := range set {
			isSet = isSet || strings.HasPrefix(below, kind+" "+path)
		}
		if strings.HasPrefix(path, "spec") && len(schema.Properties) == 0 && schema.Items == nil && !strings.HasSuffix(path, "{}") && !isSet {
			t.Errorf("no sample sets %s %s", kind, path)
		}
	})
}

// leaves calls see for every value that is neither map nor list. Items of lists are called `[]`.
func leaves(value any, path string, see func(path string, value any)) {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			leaves(field, path+"."+name, see)
		}
	case []any:
		for _, item := range value {
			leaves(item, path+"[]", see)
		}
	default:
		see(path, value)
	}
}

// What GitOps tools do every few minutes changes nothing.
func TestServerSideApplyTwice(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, sample *unstructured.Unstructured) {
		var versions [2]string
		for i := range versions {
			applied := sample.DeepCopy()
			if err := strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(applied), client.FieldOwner("gitops")); err != nil {
				t.Fatal(err)
			}
			versions[i] = applied.GetResourceVersion()
			if applied.GetGeneration() != 1 {
				t.Errorf("generation is %d after apply %d", applied.GetGeneration(), i+1)
			}
			if got, want := jsonOf(t, applied.Object["spec"]), jsonOf(t, sample.Object["spec"]); got != want {
				t.Errorf("the live spec is not the one of the manifest:\n got %s\nwant %s", got, want)
			}
		}
		if versions[0] == "" || versions[0] != versions[1] {
			t.Errorf("resourceVersion went from %q to %q", versions[0], versions[1])
		}
	})
}

// The Go types hold everything that a manifest can say.
func TestGoTypesKeepEverything(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, sample *unstructured.Unstructured) {
		spec := sample.Object["spec"]
		if err := strict.Create(t.Context(), sample); err != nil {
			t.Fatal(err)
		}
		typed, err := strict.Scheme().New(v1alpha1.GroupVersion.WithKind(sample.GetKind()))
		if err != nil {
			t.Fatal(err)
		}
		if err := strict.Get(t.Context(), client.ObjectKeyFromObject(sample), typed.(client.Object)); err != nil {
			t.Fatal(err)
		}
		content, err := json.Marshal(typed)
		if err != nil {
			t.Fatal(err)
		}
		var got unstructured.Unstructured
		if err := json.Unmarshal(content, &got.Object); err != nil {
			t.Fatal(err)
		}
		if want := jsonOf(t, spec); jsonOf(t, got.Object["spec"]) != want {
			t.Errorf("the spec in Go:\n got %s\nwant %s", jsonOf(t, got.Object["spec"]), want)
		}
	})
}

// jsonOf is JSON with sorted keys.
func jsonOf(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
