// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/test/chart"
)

const overlaid = `apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: development}
spec: {secretKeyRef: {name: novu-development}, caBundleRef: {name: mails, key: ca}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec: {secretKeyRef: {name: novu-development}, promotionPolicy: {sourceRef: {name: development}, afterRefs: [{name: development}]}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: release}
spec: {targetRef: {name: production}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: house}
spec: {layoutID: house, environmentRef: {name: development}, name: House, bodyFrom: {configMapKeyRef: {name: mails, key: house.html}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: sendgrid}
spec:
  identifier: sendgrid
  environmentRef: {name: development}
  credentialsFrom: [{secretRef: {name: sendgrid}}, {secretKeyRef: {name: sendgrid, key: apiKey}}]
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: welcome}
spec:
  workflowID: welcome
  environmentRef: {name: development}
  name: Welcome
  steps:
    - {stepID: a, type: Email, email: {layout: {type: Ref, ref: {name: house}}, bodyFrom: {configMapKeyRef: {name: mails, key: a}}}}
    - {stepID: b, type: InApp, inApp: {bodyFrom: {configMapKeyRef: {name: mails, key: a}}}}
    - {stepID: c, type: SMS, sms: {bodyFrom: {configMapKeyRef: {name: mails, key: a}}}}
    - {stepID: d, type: Chat, chat: {bodyFrom: {configMapKeyRef: {name: mails, key: a}}}}
    - {stepID: e, type: Push, push: {bodyFrom: {configMapKeyRef: {name: mails, key: a}}}}
`

const overlayBase = `resources: [objects.yaml]
configMapGenerator: [{name: mails, literals: [a=b, ca=d, house.html=c]}]
secretGenerator:
  - {name: novu-development, literals: [secretKey=a]}
  - {name: sendgrid, literals: [apiKey=a]}
`

// overlay builds the objects under a prefix, with or without the file that ships.
func overlay(t *testing.T, configurations string) chart.Objects {
	t.Helper()
	shipped, err := os.ReadFile(filepath.Join(chart.Root(t), "config/kustomize/namereference.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for name, content := range map[string]string{
		"base/objects.yaml": overlaid, "base/kustomization.yaml": overlayBase, "overlay/namereference.yaml": string(shipped),
		"overlay/kustomization.yaml": "namePrefix: dev-\nresources: [../base]\n" + configurations,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return chart.KustomizeAt(t, filepath.Join(root, "overlay"))
}

// TestNameReferences builds an overlay with a prefix and generated, hashed names: every reference names an object that is
// there, and the identity in Novu is what was written.
func TestNameReferences(t *testing.T) {
	t.Parallel()
	if left := dangling(overlay(t, "")); len(left) == 0 {
		t.Error("references follow without the file: this test sees nothing")
	}
	built := overlay(t, "configurations: [namereference.yaml]\n")
	if left := dangling(built); len(left) > 0 {
		t.Errorf("these references lead nowhere: %s", strings.Join(left, ", "))
	}
	for kind, field := range map[string]string{"Workflow": "workflowID", "Layout": "layoutID", "Integration": "identifier"} {
		for i := range built {
			if id, _, _ := unstructured.NestedString(built[i].Object, "spec", field); built[i].GetKind() == kind && strings.HasPrefix(id, "dev-") {
				t.Errorf("%s: the prefix reached %s", built[i].GetName(), field)
			}
		}
	}
}

// dangling lists references that name no object of the build.
func dangling(objects chart.Objects) (left []string) {
	names := map[string]bool{}
	for i := range objects {
		names[objects[i].GetName()] = true
	}
	for i := range objects {
		references(objects[i].Object["spec"], objects[i].GetKind()+".spec", func(path, name string) {
			if !names[name] {
				left = append(left, path+": "+name)
			}
		})
	}
	return left
}

// references calls found for the name in every member whose own name tells that it is a reference.
func references(v any, path string, found func(path, name string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			references(item, path, found)
		}
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			if name, _ := v[member].(string); member == "name" && isReference(path) {
				found(path, name)
			}
			references(v[member], path+"."+member, found)
		}
	}
}

func isReference(path string) bool {
	return strings.HasSuffix(path, "Ref") || strings.HasSuffix(path, ".after")
}

// TestEveryReferenceIsListed finds the references in the definitions: a new one must be in the file, too.
func TestEveryReferenceIsListed(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	listed := listedReferences(t, root)
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d definitions, %v", len(files), err)
	}
	found := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(content, &crd); err != nil {
			t.Fatal(err)
		}
		spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
		schemaReferences(&spec, "spec", func(path string) {
			found++
			if field := crd.Spec.Names.Kind + " " + path + "/name"; !listed[field] {
				t.Errorf("config/kustomize/namereference.yaml does not list %s", field)
			}
		})
	}
	if found < 15 {
		t.Errorf("only %d references were found", found)
	}
}

func listedReferences(t *testing.T, root string) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "config/kustomize/namereference.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NameReference []struct{ FieldSpecs []struct{ Kind, Path string } }
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, reference := range file.NameReference {
		for _, field := range reference.FieldSpecs {
			listed[field.Kind+" "+field.Path] = true
		}
	}
	return listed
}

func schemaReferences(s *apiextensionsv1.JSONSchemaProps, path string, found func(path string)) {
	if _, named := s.Properties["name"]; named && (strings.HasSuffix(path, "Ref") || strings.HasSuffix(path, "Refs")) {
		found(path)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name]
		schemaReferences(&property, path+"/"+name, found)
	}
	if s.Items != nil && s.Items.Schema != nil {
		schemaReferences(s.Items.Schema, path, found)
	}
}
