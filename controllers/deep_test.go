// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// What is nested too deep is refused before anybody is asked, and nothing of it is sent; fixed, it goes on.
func TestDeepDefinitions(t *testing.T) {
	const levels = 200
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Novu.ClearRequests()
	deep := strings.Repeat("{a: ", levels) + "1" + strings.Repeat("}", levels)
	for field, manifest := range map[string]string{
		"spec.payloadSchema":       "payloadSchema: " + deep + "\n  steps: [{stepID: a, type: InApp, inApp: {body: x}}]",
		"spec.steps[a].skip":       "steps: [{stepID: a, type: InApp, inApp: {body: x}, skip: " + deep + "}]",
		"spec.steps[a].controls":   "steps: [{stepID: a, type: InApp, inApp: {body: x}, controls: " + deep + "}]",
		"spec.steps[a].inApp.data": "steps: [{stepID: a, type: InApp, inApp: {body: x, data: " + deep + "}}]",
	} {
		name := strings.ToLower(strings.NewReplacer("spec.", "", "[", "-", "]", "", ".", "-").Replace(field))
		s.YAML(fmt.Sprintf("apiVersion: novu-operator.dev/v1alpha1\nkind: Workflow\nmetadata: {name: %s}\nspec:\n  environmentRef: {name: dev}\n  name: Deep\n  %s\n", name, manifest))
		message := s.NotReady(&v1alpha1.Workflow{}, name, v1alpha1.ReasonInvalidSpec)
		if !strings.HasPrefix(message, field+": ") || !strings.Contains(message, "200 levels") || !strings.Contains(message, "64 levels are the most") {
			t.Errorf("%s: the message does not name field, depth and limit: %s", field, message)
		}
	}
	expect(t, "calls for what is too deep", objects(s))
	s.YAML(strings.Replace(orderShipped, "name: order-shipped", "name: payloadschema", 1))
	s.Ready(&v1alpha1.Workflow{}, "payloadschema")
}

// Bytes that are no text are neither sent nor shown.
func TestBytesAreNoText(t *testing.T) {
	s := stage(t, novutest.Options{})
	gzip := base64.StdEncoding.EncodeToString([]byte("\x1f\x8b\x08\x00binary\xff\xfe"))
	object := func(kind, field string) {
		s.Apply(map[string]any{
			"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": "bytes"}, field: map[string]any{"apiKey": gzip},
		})
	}
	object("ConfigMap", "binaryData")
	object("Secret", "data")
	s.YAML(strings.Replace(orderShipped, `body: "<p>On its way</p>"`, "bodyFrom: {configMapKeyRef: {name: bytes, key: apiKey}}", 1))
	s.YAML(strings.Replace(sendgrid, "secretRef: {name: sendgrid}", "secretRef: {name: bytes}", 1))
	check := func(message, kind string) {
		if !strings.HasPrefix(message, kind+" "+s.Namespace+"/bytes holds") || strings.ContainsAny(message, "\x1f\ufffd") {
			t.Errorf("the message: %s", message)
		}
	}
	check(s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonNotText), "ConfigMap")
	check(s.NotReady(&v1alpha1.Integration{}, "sendgrid", v1alpha1.ReasonNotText), "Secret")
	s.ConfigMap("bytes", map[string]string{"apiKey": "<p>text</p>"})
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
}
