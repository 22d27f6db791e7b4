// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// readCRDs are the generated CRDs, by kind.
func readCRDs() (map[string]apiextensionsv1.CustomResourceDefinition, error) {
	files, err := filepath.Glob(filepath.Join(crdFolder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	crds := map[string]apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		var crd apiextensionsv1.CustomResourceDefinition
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalStrict(content, &crd); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		crds[crd.Spec.Names.Kind] = crd
	}
	return crds, nil
}

// crds are the generated CRDs, by kind, and all of them.
func crds(t *testing.T) map[string]apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	crds, err := readCRDs()
	if err != nil {
		t.Fatal(err)
	}
	if kinds := slices.Sorted(maps.Keys(crds)); !slices.Equal(kinds, []string{"Environment", "Integration", "Layout", "Promotion", "Workflow"}) {
		t.Fatalf("%s holds the CRDs of %v", crdFolder, kinds)
	}
	return crds
}

// rootSchema is the schema of the only version.
func rootSchema(t *testing.T, crd apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.JSONSchemaProps {
	t.Helper()
	if len(crd.Spec.Versions) != 1 {
		t.Fatalf("%s has %d versions", crd.Name, len(crd.Spec.Versions))
	}
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema
}

// visit calls see for a schema and everything below it. Items of lists are called `[]`, values of maps `{}`.
func visit(path string, schema *apiextensionsv1.JSONSchemaProps, see func(path string, schema *apiextensionsv1.JSONSchemaProps)) {
	see(path, schema)
	for name, property := range schema.Properties {
		visit(path+"."+name, &property, see)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		visit(path+"[]", schema.Items.Schema, see)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		visit(path+"{}", schema.AdditionalProperties.Schema, see)
	}
}

// visitAll visits spec and status of every kind.
func visitAll(t *testing.T, see func(kind, path string, schema *apiextensionsv1.JSONSchemaProps)) {
	t.Helper()
	for kind, crd := range crds(t) {
		root := rootSchema(t, crd)
		for _, part := range []string{"spec", "status"} {
			schema := root.Properties[part]
			visit(part, &schema, func(path string, schema *apiextensionsv1.JSONSchemaProps) { see(kind, path, schema) })
		}
	}
}

// `kubectl explain` has a sentence for every field.
func TestEveryFieldHasADescription(t *testing.T) {
	t.Parallel()
	visitAll(t, func(kind, path string, schema *apiextensionsv1.JSONSchemaProps) {
		if isElement := strings.HasSuffix(path, "[]") || strings.HasSuffix(path, "{}"); !isElement && schema.Description == "" {
			t.Errorf("%s %s has no description", kind, path)
		}
	})
}

// A default would appear in the live object but not in the manifest: GitOps tools would see a difference forever.
func TestNoDefaults(t *testing.T) {
	t.Parallel()
	visitAll(t, func(kind, path string, schema *apiextensionsv1.JSONSchemaProps) {
		if schema.Default != nil {
			t.Errorf("%s %s has the default %s: apply it in an Effective… method instead", kind, path, schema.Default.Raw)
		}
	})
}

// Free-form JSON is kept to leaves: everything else is checked and pruned field by field.
func TestFreeFormFields(t *testing.T) {
	t.Parallel()
	var got []string
	visitAll(t, func(kind, path string, schema *apiextensionsv1.JSONSchemaProps) {
		if schema.XPreserveUnknownFields == nil {
			return
		}
		got = append(got, kind+" "+path)
		if schema.Type != "object" || len(schema.Properties) > 0 {
			t.Errorf("%s %s is no free-form object: %+v", kind, path, schema)
		}
	})
	slices.Sort(got)
	want := []string{
		"Integration spec.configurations", "Integration spec.credentials",
		"Workflow spec.payloadSchema", "Workflow spec.steps[].controls", "Workflow spec.steps[].httpRequest.responseBodySchema",
		"Workflow spec.steps[].inApp.data", "Workflow spec.steps[].skip",
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields that keep what they do not know:\n got %q\nwant %q", got, want)
	}
	for kind, crd := range crds(t) {
		if crd.Spec.PreserveUnknownFields {
			t.Errorf("%s sets spec.preserveUnknownFields", kind)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	visitAll(t, func(kind, path string, schema *apiextensionsv1.JSONSchemaProps) {
		switch {
		case schema.Type != "array" || strings.Contains(path, "elector.match"): // metav1.LabelSelector
		case schema.XListType == nil:
			t.Errorf("%s %s says nothing about how two writers share it: add +listType", kind, path)
		case strings.HasPrefix(path, "spec.") && schema.MaxItems == nil:
			t.Errorf("%s %s has no +kubebuilder:validation:MaxItems", kind, path)
		case path == "status.conditions" && (*schema.XListType != "map" || !slices.Equal(schema.XListMapKeys, []string{"type"})):
			t.Errorf("%s %s is no map by type", kind, path)
		}
	})
}

func TestExternalDocs(t *testing.T) {
	t.Parallel()
	for kind, crd := range crds(t) {
		docs := rootSchema(t, crd).ExternalDocs
		if docs == nil || docs.Description == "" || !strings.HasPrefix(docs.URL, "https://docs.novu.co/") {
			t.Errorf("%s has the externalDocs %+v", kind, docs)
		}
	}
}

// A rule without a message shows its users CEL.
func TestEveryRuleHasAMessage(t *testing.T) {
	t.Parallel()
	for kind, crd := range crds(t) {
		visit("", rootSchema(t, crd), func(path string, schema *apiextensionsv1.JSONSchemaProps) {
			for _, rule := range schema.XValidations {
				if rule.Message == "" && rule.MessageExpression == "" {
					t.Errorf("%s %s: %s has no message", kind, path, rule.Rule)
				}
			}
			if schema.Pattern != "" && strings.HasPrefix(path, ".spec") {
				t.Errorf("%s %s: say what the pattern %s is for in a rule with a message", kind, path, schema.Pattern)
			}
		})
	}
}
