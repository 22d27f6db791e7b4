// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// freeForm are the values of a free-form field, and how they read back.
var freeForm = []struct{ name, sent, stored string }{
	{"integer", `{"n":7}`, `{"n":7}`},
	{"a float that is whole", `{"n":1.0}`, `{"n":1}`},
	{"exponent", `{"n":1e3}`, `{"n":1000}`},
	{"float", `{"n":0.1}`, `{"n":0.1}`},
	{"small float", `{"n":1e-7}`, `{"n":1e-7}`},
	{"negative zero", `{"n":-0.0}`, `{"n":0}`},
	{"largest integer", `{"n":9223372036854775807}`, `{"n":9223372036854775807}`},
	{"smallest integer", `{"n":-9223372036854775808}`, `{"n":-9223372036854775808}`},
	{"2^53+1, which no JavaScript number is", `{"n":9007199254740993}`, `{"n":9007199254740993}`},
	{"larger than 64 bits", `{"n":18446744073709551616}`, `{"n":18446744073709552000}`},
	{"null", `{"n":null}`, `{"n":null}`},
	{"empty values", `{"a":[],"o":{},"s":""}`, `{"a":[],"o":{},"s":""}`},
	{"markup", `{"s":"<p>\u00e9 & \u2028</p>"}`, `{"s":"\u003cp\u003eé \u0026 \u2028\u003c/p\u003e"}`},
	{"odd keys", `{"":1,"a.b":2,"$ref":"#","ä":3}`, `{"":1,"$ref":"#","a.b":2,"ä":3}`},
	{"nesting", `{"a":[{"b":[[1,2.5],{"c":true}]}]}`, `{"a":[{"b":[[1,2.5],{"c":true}]}]}`},
}

// Kubernetes keeps free-form JSON by value: 64-bit integers are exact, other numbers are what a float64 holds, and it
// writes them in its own way. Whoever compares them must compare by value.
func TestFreeFormJSON(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for i, value := range freeForm {
		t.Run(value.name, func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("w-%d", i)
			manifest := fmt.Sprintf(`{"apiVersion":%q,"kind":"Workflow","metadata":{"name":%q},"spec":{"environmentRef":{"name":"development"},
				"name":"a","payloadSchema":%[3]s,"steps":[{"stepID":"a","type":"Tool","controls":%[3]s,"skip":%[3]s}]}}`,
				v1alpha1.GroupVersion.String(), name, value.sent)
			version := applyRaw(t, namespace, name, manifest)
			if again := applyRaw(t, namespace, name, manifest); again != version {
				t.Errorf("the second apply changed resourceVersion %s to %s", version, again)
			}
			var workflow v1alpha1.Workflow
			if err := strict.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &workflow); err != nil {
				t.Fatal(err)
			}
			step := workflow.Spec.Steps[0]
			for field, raw := range map[string][]byte{
				"payloadSchema": workflow.Spec.PayloadSchema.Raw, "controls": step.Controls.Raw, "skip": step.Skip.Raw,
			} {
				if string(raw) != value.stored {
					t.Errorf("%s: %s is stored as %s, want %s", field, value.sent, raw, value.stored)
				}
			}
		})
	}
}

// applyRaw applies a Workflow and returns its resourceVersion.
func applyRaw(t *testing.T, namespace, name, manifest string) string {
	t.Helper()
	content, err := raw.Patch("application/apply-patch+yaml").Namespace(namespace).Resource("workflows").Name(name).
		Param("fieldManager", "gitops").Param("fieldValidation", "Strict").Body([]byte(manifest)).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var applied v1alpha1.Workflow
	if err := json.Unmarshal(content, &applied); err != nil {
		t.Fatal(err)
	}
	return applied.ResourceVersion
}

func TestUnknownFields(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for _, unknown := range []struct{ manifest, at, value, want string }{
		{environmentManifest, "spec", "{apiUrl: https://api.novu.co}", `unknown field "spec.apiUrl"`},
		{environmentManifest, "spec.secretKeyRef", "{namespace: other}", `unknown field "spec.secretKeyRef.namespace"`},
		{workflowManifest, "spec", "{workflowId: a}", `unknown field "spec.workflowId"`},
		{stepManifest("Email"), "spec.steps[0]", "{email: {subject: a, content: b}}", `unknown field "spec.steps[0].email.content"`},
		{stepManifest("SMS"), "spec.steps[0]", "{sms: {body: a}, controlValues: {a: 1}}", `unknown field "spec.steps[0].controlValues"`},
		{layoutManifest, "spec", "{content: a}", `unknown field "spec.content"`},
		{integrationManifest, "spec", "{credential: {apiKey: a}}", `unknown field "spec.credential"`},
		{promotionManifest, "spec", "{dryrun: true}", `unknown field "spec.dryrun"`},
	} {
		object := edit(t, unknown.manifest, unknown.at, unknown.value)
		object.SetNamespace(namespace)
		err := strict.Create(t.Context(), object, client.DryRunAll)
		if err == nil || !strings.Contains(err.Error(), unknown.want) {
			t.Errorf("%s %s: got %v, want %q", object.GetKind(), unknown.value, err, unknown.want)
		}
	}
}

// What is free-form for Novu is free-form here: no key of it is unknown.
func TestFreeFormFieldsTakeAnyKey(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	const anything = "{status: 1, nested: {metadata: {x-y: [1, {kind: a, apiVersion: b}]}}}"
	for _, field := range []struct{ manifest, at string }{
		{workflowManifest, "spec.payloadSchema"},
		{integrationManifest, "spec.credentials"},
		{integrationManifest, "spec.configurations"},
	} {
		object := edit(t, field.manifest, field.at, anything)
		object.SetNamespace(namespace)
		want := jsonOf(t, object.Object["spec"])
		if err := strict.Create(t.Context(), object, client.DryRunAll); err != nil {
			t.Errorf("%s: %v", field.at, err)
		}
		if got := jsonOf(t, object.Object["spec"]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", field.at, got, want)
		}
	}
}
