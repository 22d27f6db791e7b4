// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"testing"
)

func TestAuthorization(t *testing.T) {
	api := dev(t, Options{})
	session := api.server.store.organizations[0].session
	key, env := api.key, api.server.Environment("Development").ID
	api.key = ""
	tests := []struct {
		name, header, method, path string

		status  int
		message string
	}{
		{"key", "ApiKey " + key, "GET", "/v2/workflows", 200, ""},
		{"nothing", "", "GET", "/v2/workflows", 401, "Missing authorization header"},
		{"unknown key", "ApiKey 0123456789abcdef0123456789abcdef", "GET", "/v2/workflows", 401, "API Key not found"},
		{"empty key", "ApiKey ", "GET", "/v2/workflows", 401, "API Key not found"},
		{"scheme alone", "ApiKey", "GET", "/v2/workflows", 401, "Unauthorized"},
		{"scheme in lower case", "apikey " + key, "GET", "/v2/workflows", 401, `Invalid authentication scheme: "apikey"`},
		{"other scheme", "Basic " + key, "GET", "/v2/workflows", 401, `Invalid authentication scheme: "Basic"`},
		{"key alone", key, "GET", "/v2/workflows", 401, fmt.Sprintf("Invalid authentication scheme: %q", key)},
		{"unknown session", "Bearer nope", "GET", "/v2/workflows", 401, "Unauthorized"},
		{"session", "Bearer " + session, "GET", "/v2/workflows", 200, ""},
		{"key where a session is wanted", "ApiKey " + key, "POST", "/v1/environments/api-keys/regenerate", 401, "API endpoint not accessible"},
		{"wrong key where a session is wanted", "ApiKey x", "POST", "/v2/workflows/x/duplicate", 401, "API endpoint not accessible"},
		{"nothing, no such route", "", "GET", "/v2/nope", 404, "Cannot GET /v2/nope"},
		{"nothing, health", "", "GET", "/v1/health-check", 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(*testing.T) {
			c := api.withHeader("Novu-Environment-Id", env)
			if tt.header != "" {
				c = c.withHeader("Authorization", tt.header)
			}
			res := c.do(tt.method, tt.path, nil).want(tt.status)
			if tt.message != "" {
				res.is("message", tt.message)
			}
		})
	}
}

// TestSession: a user session names its environment, with _id or slug.
func TestSession(t *testing.T) {
	api := dev(t, Options{})
	session := api.withHeader("Authorization", "Bearer "+api.server.store.organizations[0].session)
	session.key = ""
	api.in("Production").create(newWorkflow("welcome"))
	slug := api.server.store.environments[api.server.Environment("Production").ID].slug()
	for _, id := range []string{api.server.Environment("Production").ID, slug} {
		session.withHeader("Novu-Environment-Id", id).do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
	}
	other := api.server.AddOrganization("Other", "Development")[0]
	res := session.withHeader("Novu-Environment-Id", other.ID).do("GET", "/v2/workflows", nil)
	res.want(http.StatusUnauthorized).is("message", "Cannot find environment")
	session.do("GET", "/v2/workflows", nil).want(http.StatusInternalServerError)
}

// TestKeyIgnoresHeader: an API key is for its environment, whatever a header says.
func TestKeyIgnoresHeader(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	c := api.withHeader("Novu-Environment-Id", api.server.Environment("Production").ID)
	c.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
}

// TestForeignOrganization: nothing of another organization can be reached.
func TestForeignOrganization(t *testing.T) {
	api := dev(t, Options{})
	other := api.server.AddOrganization("Other", "Theirs")[0]
	theirs := *api
	theirs.key = other.SecretKey
	made := theirs.create(newWorkflow("welcome"))
	list := theirs.do("GET", "/v1/integrations", nil)
	tests := []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/v2/workflows/" + made.text("data._id"), nil, 404},
		{"GET", "/v2/workflows/welcome?environmentId=" + other.ID, nil, 404},
		{"DELETE", "/v2/workflows/" + made.text("data._id"), nil, 404},
		{"PUT", "/v1/integrations/" + list.text("data.0._id"), object{"name": "x"}, 404},
		{"GET", "/v2/environments/" + other.ID + "/tags", nil, 404},
		{"PUT", "/v1/environments/" + other.ID, object{"color": "#ffffff"}, 401},
		{"POST", "/v2/environments/" + other.ID + "/diff", object{}, 400},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(*testing.T) {
			api.do(tt.method, tt.path, tt.body).want(tt.status)
		})
	}
	if got := api.do("GET", "/v1/environments", nil).values("data", "name"); len(got) != 2 {
		t.Errorf("environments %v", got)
	}
}

// TestStrictKeyScope is what versions since the middle of 2026 do: a key reaches its own environment only.
func TestStrictKeyScope(t *testing.T) {
	for _, strict := range []bool{false, true} {
		t.Run(fmt.Sprint(strict), func(t *testing.T) {
			api := dev(t, Options{StrictKeyScope: strict, PaidTier: true})
			prod := api.server.Environment("Production")
			api.in("Production").create(newWorkflow("welcome"))
			theirs := api.server.Integrations("Production")[0].ID
			refused := func(status int) int {
				if strict {
					return http.StatusForbidden
				}
				return status
			}
			api.do("GET", "/v2/workflows/welcome?environmentId="+prod.ID, nil).want(refused(200))
			api.do("PUT", "/v1/integrations/"+theirs, object{"name": "x"}).want(refused(200))
			api.do("POST", "/v1/integrations", object{"providerId": "sendgrid", "channel": "email", "_environmentId": prod.ID}).want(refused(201))
			api.do("PUT", "/v1/environments/"+prod.ID, object{"color": "#ffffff"}).want(refused(200))
			api.do("POST", "/v2/environments/"+prod.ID+"/diff", object{}).want(refused(200))
			api.do("POST", "/v2/environments/"+prod.ID+"/publish", object{}).want(refused(200))
			stage := api.server.AddEnvironment("Staging")
			api.do("DELETE", "/v1/environments/"+stage.ID, nil).want(refused(200))
			api.create(newWorkflow("mine"))
			api.do("PUT", "/v2/workflows/mine/sync", object{"targetEnvironmentId": prod.ID}).want(200) // named in no change

			list := api.do("GET", "/v1/environments", nil)
			keys, _ := list.get("data.1.apiKeys").([]any)
			foreign := 0
			for _, id := range api.do("GET", "/v1/integrations", nil).values("data", "_environmentId") {
				if id == prod.ID {
					foreign++
				}
			}
			if (len(keys) == 0) != strict || (foreign == 0) != strict || list.get("data.0.apiKeys.0.key") != api.key {
				t.Errorf("%d foreign keys and %d foreign integrations", len(keys), foreign)
			}
		})
	}
}
