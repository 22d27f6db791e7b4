// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"novu-operator.dev/internal/novu/lint"
)

var parcel = object{"type": "object", "properties": object{
	"city": object{"type": "string"}, "weight": object{"type": "number"},
	"lines": object{"type": "array", "items": object{"type": "object", "properties": object{"sku": object{"type": "string"}}}},
}, "additionalProperties": false}

// TestVariables: a step may name the results of the steps before it, by their stepId.
func TestVariables(t *testing.T) {
	api := dev(t, Options{})
	body := newWorkflow("welcome",
		newStep("digest", "digest", object{"amount": 1, "unit": "hours"}), newStep("wait", "delay", object{"amount": 1, "unit": "hours"}),
		newStep("own", "custom", nil), newStep("bell", "in_app", object{"body": "b"}),
		newStep("call", "http_request", object{"method": "GET", "url": "https://example.com", "responseBodySchema": parcel}), mail("mail"))
	body["payloadSchema"] = parcel
	api.create(body)
	got := api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
	for i, want := range [][]string{
		nil, {"digest"}, {"digest", "wait"}, {"digest", "wait"}, {"bell", "digest", "wait"}, {"bell", "call", "digest", "wait"},
	} {
		results, _ := got.get(fmt.Sprintf("data.steps.%d.variables.properties.steps.properties", i)).(map[string]any)
		if names := slices.Sorted(maps.Keys(results)); !slices.Equal(names, want) {
			t.Errorf("step %d may name the results of %v, want %v", i, names, want)
		}
		got.is(fmt.Sprintf("data.steps.%d.variables.properties.payload", i), parcel)
	}
	got.is("data.steps.5.variables.properties.steps.properties.call", parcel)
	alone := api.do("GET", "/v2/workflows/welcome/steps/mail", nil).want(http.StatusOK)
	alone.is("data.variables", got.get("data.steps.5.variables"))
}

// TestVariablesAreWhatTemplatesMayName: Novu complains about a name if and only if it did not answer it.
func TestVariablesAreWhatTemplatesMayName(t *testing.T) {
	api := dev(t, Options{})
	body := newWorkflow("welcome", newStep("digest", "digest", object{"amount": 1, "unit": "hours"}), newStep("text", "sms", object{"body": "b"}))
	body["payloadSchema"] = parcel
	made := api.create(body)
	schema, _ := made.get("data.steps.1.variables").(map[string]any)
	names := lint.VariableNames(schema)
	if len(names) < 10 {
		t.Fatalf("only %v may be named", names)
	}
	for _, name := range append(slices.Clone(names), "payload.nope", "steps.text.eventCount", "steps.nope.eventCount", "subscriber.nope") {
		steps := made.update(nil)["steps"].([]any)
		steps[1].(object)["controlValues"] = object{"body": "{{" + name + "}}"}
		after := api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": steps})).want(http.StatusOK)
		if complains := after.get("data.steps.1.issues.controls") != nil; complains == slices.Contains(names, name) {
			t.Errorf("%s: complaints %v", name, after.get("data.steps.1.issues"))
		}
	}
}

func TestLayoutVariables(t *testing.T) {
	api := dev(t, Options{})
	api.do("POST", "/v2/layouts", object{"layoutId": "brand", "name": "Brand"}).want(http.StatusCreated)
	got := api.do("GET", "/v2/layouts/brand", nil).want(http.StatusOK)
	got.is("data.variables.properties.content", object{"type": "string"})
	got.is("data.variables.properties.payload", nil)
}
