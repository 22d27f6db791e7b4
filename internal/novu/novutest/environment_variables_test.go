// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"testing"
)

const variablesPath = "/v1/environment-variables"

func value(env Environment, v string) object { return object{"_environmentId": env.ID, "value": v} }

// TestVariableOfTheOrganization: in the older release any key sees and writes the values of every environment; an update replaces
// them all, and a deletion takes them all.
func TestVariableOfTheOrganization(t *testing.T) {
	api := dev(t, Options{Release: Release315})
	home, prod := api.server.Environment("Development"), api.server.Environment("Production")
	both := []any{value(home, "d"), value(prod, "p")}
	api.do("POST", variablesPath, object{"key": "URL", "values": both}).want(http.StatusCreated).is("data.values", both)
	api.in("Production").do("GET", variablesPath+"/URL", nil).want(http.StatusOK).is("data.values", both)
	mine := []any{value(home, "x")}
	api.do("PATCH", variablesPath+"/URL", object{"values": mine}).want(http.StatusOK).is("data.values", mine)
	api.do("DELETE", variablesPath+"/URL", nil).want(http.StatusNoContent)
	api.do("GET", variablesPath, nil).want(http.StatusOK).is("data", []any{})
}

// TestVariableOfAnEnvironment: in the newer one a key sees and writes the value of its own environment only. A user sees all.
func TestVariableOfAnEnvironment(t *testing.T) {
	api := newer(t)
	home, prod := api.server.Environment("Development"), api.server.Environment("Production")
	api.do("POST", variablesPath, object{"key": "URL", "isSecret": true, "values": []any{value(home, "d")}}).want(http.StatusOK)
	api.in("Production").do("PATCH", variablesPath+"/URL", object{"values": []any{value(prod, "p")}}).want(http.StatusOK).
		is("data.values", []any{value(prod, secretMask)})
	api.do("PATCH", variablesPath+"/URL", object{"isSecret": false}).want(http.StatusForbidden)
	api.do("PATCH", variablesPath+"/URL", object{}).want(http.StatusBadRequest).is("message", "At least one field must be provided to update")
	api.do("POST", variablesPath, object{"key": "OTHER", "values": []any{value(prod, "x")}}).want(http.StatusForbidden).is("message", scopeRefusal)
	api.do("POST", variablesPath, object{"key": "OTHER", "values": []any{value(home, secretMask)}}).want(http.StatusBadRequest).
		is("message", "Submitted value matches the secret mask placeholder; provide the real value or omit the entry.")
	user := *api
	user.key = ""
	session := user.withHeader("Authorization", "Bearer "+api.server.store.organizations[0].session).withHeader("Novu-Environment-Id", home.ID)
	session.do("PATCH", variablesPath+"/URL", object{"isSecret": false}).want(http.StatusOK).
		is("data.values", []any{value(home, "d"), value(prod, "p")})
	api.do("DELETE", variablesPath+"/URL", nil).want(http.StatusNoContent)
	api.do("DELETE", variablesPath+"/URL", nil).want(http.StatusNotFound).
		is("message", `Environment variable with key "URL" has no value for the authenticated environment`)
	api.in("Production").do("DELETE", variablesPath+"/URL", nil).want(http.StatusNoContent)
	api.do("GET", variablesPath+"/URL", nil).want(http.StatusNotFound)
}

func TestVariableRequests(t *testing.T) {
	tests := []struct {
		name    string
		give    object
		message string
	}{
		{"no key", object{}, "Key must start with a letter and contain only letters, digits, and underscores"},
		{"bad key", object{"key": "1x"}, "Key must start with a letter and contain only letters, digits, and underscores"},
		{"type", object{"key": "X", "type": "number"}, "type must be one of the following values: string"},
		{"values", object{"key": "X", "values": []any{object{"value": "x"}}}, "values.0._environmentId must be a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			newer(t).do("POST", variablesPath, tt.give).want(http.StatusUnprocessableEntity).is("errors.general.messages.0", tt.message)
		})
	}
}

// TestVariableInTemplates: a template may name the variables that have a value in its environment.
func TestVariableInTemplates(t *testing.T) {
	for _, release := range Releases() {
		t.Run(string(release), func(t *testing.T) {
			api := dev(t, Options{Release: release})
			body := newWorkflow("welcome", newStep("text", "sms", object{"body": "{{env.URL}}"}))
			api.create(body).is("data.status", "ERROR")
			made := api.do("POST", variablesPath, object{"key": "URL", "values": []any{value(api.server.Environment("Development"), "d")}})
			made.is("data.key", "URL")
			got := api.do("PUT", "/v2/workflows/welcome", api.do("GET", "/v2/workflows/welcome", nil).update(nil)).want(http.StatusOK)
			got.is("data.status", "ACTIVE").is("data.steps.0.variables.properties.env.properties.URL", object{"type": "string"})
			api.do("POST", "/v2/layouts", object{"layoutId": "l", "name": "L"}).want(http.StatusCreated).
				is("data.variables.properties.env.properties.URL", object{"type": "string"})
			api.in("Production").create(body).is("data.status", "ERROR")
			api.do("GET", variablesPath+"/URL/usage", nil).want(http.StatusOK).is("data.workflows.0.workflowId", "welcome")
		})
	}
}
