// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/test/chart"
)

var (
	// codeField is a field of spec or status in inline code.
	codeField = regexp.MustCompile("`((?:spec|status)\\.[a-zA-Z.]+)`")
	// codeReason is a reason in inline code, in the table of conditions.
	codeReason = regexp.MustCompile("`([A-Z][a-zA-Z]+)`")
)

// kinds are the schemas of the CRDs by the name of the kind in small letters.
func kinds(t *testing.T, root string) map[string]apiextensionsv1.JSONSchemaProps {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	schemas := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(content, &crd); err != nil {
			t.Fatal(err)
		}
		schemas[crd.Spec.Names.Singular] = *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return schemas
}

// lookUp reports whether a schema has a field, by its path.
func lookUp(schema apiextensionsv1.JSONSchemaProps, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		if schema.Items != nil && schema.Items.Schema != nil {
			schema = *schema.Items.Schema
		}
		next, ok := schema.Properties[name]
		if !ok {
			return false
		}
		schema = next
	}
	return true
}

// Each kind has a page of its contract, which tells of every field of spec and status and of none that is gone.
func TestEachKindHasAContract(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	for kind, schema := range kinds(t, root) {
		page, err := os.ReadFile(filepath.Join(root, "docs/spec/v1alpha1", kind+".md"))
		if err != nil {
			t.Error(err)
			continue
		}
		told := map[string]bool{}
		for _, found := range codeField.FindAllStringSubmatch(string(page), -1) {
			told[found[1]] = true
			ofTarget := kind != "environment" && strings.HasPrefix(found[1], "spec.promotionPolicy")
			if !ofTarget && !lookUp(schema, found[1]) {
				t.Errorf("%s.md tells of %s, which the kind does not have", kind, found[1])
			}
		}
		for _, part := range []string{"spec", "status"} {
			for field := range schema.Properties[part].Properties {
				if !told[part+"."+field] {
					t.Errorf("%s.md does not tell of %s.%s", kind, part, field)
				}
			}
		}
	}
}

// Reasons in the contracts are those of the reference.
func TestContractsNameReasonsThatExist(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	reference, err := os.ReadFile(filepath.Join(root, "docs/reference/conditions.md"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for kind := range kinds(t, root) {
		page, err := os.ReadFile(filepath.Join(root, "docs/spec/v1alpha1", kind+".md"))
		if err != nil {
			t.Fatal(err)
		}
		_, table, _ := strings.Cut(string(page), "| condition | reasons |")
		table, _, _ = strings.Cut(table, "\n\n")
		for _, found := range codeReason.FindAllStringSubmatch(table, -1) {
			checked++
			if !strings.Contains(string(reference), "\n| `"+found[1]+"` |") {
				t.Errorf("%s.md names %s, which is neither a condition nor a reason", kind, found[1])
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d conditions and reasons were found", checked)
	}
}
