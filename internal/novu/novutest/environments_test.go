// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestEnvironments(t *testing.T) {
	api := dev(t, Options{Environments: []string{"Development", "Staging", "Production"}})
	list := api.do("GET", "/v1/environments", nil).want(http.StatusOK)
	if got := list.values("data", "name"); !slices.Equal(got, []string{"Development", "Staging", "Production"}) {
		t.Fatalf("environments %v", got)
	}
	for i, want := range []struct{ kind, slug, key string }{
		{"dev", "dev_env_", api.key}, {"prod", "staging_env_", api.server.Environment("Staging").SecretKey},
		{"prod", "prod_env_", api.server.Environment("Production").SecretKey},
	} {
		at := fmt.Sprintf("data.%d.", i)
		list.is(at+"type", want.kind).is(at+"apiKeys.0.key", want.key)
		if slug := list.text(at + "slug"); !strings.HasPrefix(slug, want.slug) {
			t.Errorf("slug %q", slug)
		}
	}
	list.is("data.2._parentId", list.get("data.0._id")).is("data.1._parentId", nil).is("data.0.color", "#ff8547")

	me := api.in("Staging").do("GET", "/v1/environments/me", nil).want(http.StatusOK)
	me.is("data.name", "Staging").is("data._id", list.get("data.1._id")).is("data.apiKeys", nil).is("data.slug", nil)
	api.in("Staging").do("GET", "/v1/environments/api-keys", nil).is("data.0.key", api.server.Environment("Staging").SecretKey)
}

func TestCreateEnvironment(t *testing.T) {
	api := dev(t, Options{})
	body := object{"name": "Staging", "color": "#112233"}
	api.do("POST", "/v1/environments", body).want(http.StatusPaymentRequired).is("message", "Payment Required")

	api = dev(t, Options{PaidTier: true})
	made := api.do("POST", "/v1/environments", body).want(http.StatusCreated).is("data.type", "prod").is("data.color", nil)
	if key := made.text("data.apiKeys.0.key"); !strings.HasPrefix(key, "nvsk.") {
		t.Errorf("the answer has the key as %q", key)
	}
	api.in("Staging").do("GET", "/v2/workflows", nil).want(http.StatusOK)
	for _, tt := range []struct {
		name    string
		status  int
		message string
	}{
		{"Staging", 400, "Environment name must be unique"}, {"development", 422, "Environment name cannot be Development or Production"},
		{" PRODUCTION ", 422, "Environment name cannot be Development or Production"},
	} {
		api.do("POST", "/v1/environments", object{"name": tt.name, "color": "#112233"}).want(tt.status).is("message", tt.message)
	}
	for i := range maxEnvironments - 3 {
		api.do("POST", "/v1/environments", object{"name": fmt.Sprint("e", i), "color": "#112233"}).want(http.StatusCreated)
	}
	api.do("POST", "/v1/environments", object{"name": "more", "color": "#112233"}).want(http.StatusBadRequest)
}

func TestUpdateEnvironment(t *testing.T) {
	api := dev(t, Options{Environments: []string{"Development", "Staging"}})
	staging := "/v1/environments/" + api.server.Environment("Staging").ID
	tests := []struct {
		name, path string
		give       object
		status     int
		message    string
	}{
		{"rename", staging, object{"name": "QA"}, 200, ""},
		{"colour", staging, object{"color": "#010203"}, 200, ""},
		{"bridge", staging, object{"bridge": object{"url": "https://b.example"}}, 200, ""},
		{"mail domain", staging, object{"dns": object{"inboundParseDomain": "d.example"}}, 200, ""},
		{"reserved name", staging, object{"name": "Production"}, 422, "Environment name cannot be Development or Production"},
		{"fixed name", "/v1/environments/" + api.server.Environment("Development").ID, object{"name": "x"}, 422,
			"Cannot update the name of Development or Production environments"},
		{"unknown", "/v1/environments/65f0aaaaaaaaaaaaaaaaaaaa", object{"name": "x"}, 401, "Environment not found"},
		{"no id", "/v1/environments/nope", object{"name": "x"}, 422,
			"Validation failed for UpdateEnvironmentCommand: environmentId: environmentId must be a mongodb id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(*testing.T) {
			res := api.do("PUT", tt.path, tt.give).want(tt.status)
			if tt.message != "" {
				res.is("message", tt.message)
				return
			}
			res.is("data", object{"matched": 1, "modified": 1})
		})
	}
	api.do("GET", "/v1/environments", nil).is("data.1.name", "QA").is("data.1.color", "#010203").
		is("data.1.bridge.url", "https://b.example").is("data.1.echo.url", "https://b.example").is("data.1.dns.inboundParseDomain", "d.example")
}

func TestDeleteEnvironment(t *testing.T) {
	free := dev(t, Options{Environments: []string{"Development", "Staging"}})
	free.do("DELETE", "/v1/environments/"+free.server.Environment("Staging").ID, nil).want(http.StatusPaymentRequired)

	api := dev(t, Options{PaidTier: true, Environments: []string{"Development", "Staging"}})
	stage := api.in("Staging")
	id := api.server.Environment("Staging").ID
	api.do("DELETE", "/v1/environments/"+api.server.Environment("Development").ID, nil).want(http.StatusBadRequest)
	api.do("DELETE", "/v1/environments/65f0aaaaaaaaaaaaaaaaaaaa", nil).want(http.StatusNotFound)
	if res := api.do("DELETE", "/v1/environments/"+id, nil).want(http.StatusOK); string(res.raw) != "{}" {
		t.Errorf("answer %s", res.raw)
	}
	stage.do("GET", "/v2/workflows", nil).want(http.StatusUnauthorized)
	if got := api.do("GET", "/v1/integrations", nil).values("data", "_environmentId"); slices.Contains(got, id) {
		t.Error("its integrations are still there")
	}
}

func TestRegenerateKey(t *testing.T) {
	api := dev(t, Options{})
	session := api.withHeader("Authorization", "Bearer "+api.server.store.organizations[0].session)
	session.key = ""
	res := session.withHeader("Novu-Environment-Id", api.server.Environment("Development").ID).
		do("POST", "/v1/environments/api-keys/regenerate", nil).want(http.StatusCreated)
	api.do("GET", "/v2/workflows", nil).want(http.StatusUnauthorized)
	api.key = res.text("data.0.key")
	api.do("GET", "/v2/workflows", nil).want(http.StatusOK)
}

func TestTags(t *testing.T) {
	api := dev(t, Options{})
	for id, tags := range map[string][]any{"a": {"x", "y"}, "b": {"y"}, "c": nil} {
		body := newWorkflow(id)
		body["tags"] = tags
		api.create(body)
	}
	env := api.server.Environment("Development")
	for _, id := range []string{env.ID, env.Identifier} {
		got := api.do("GET", "/v2/environments/"+id+"/tags", nil).want(http.StatusOK).values("data", "name")
		slices.Sort(got)
		if !slices.Equal(got, []string{"x", "y"}) {
			t.Errorf("tags %v", got)
		}
	}
	api.do("GET", "/v2/environments/nope/tags", nil).want(http.StatusNotFound)
}

// TestClearedBridge: an environment that had a bridge keeps an empty one.
func TestClearedBridge(t *testing.T) {
	api := dev(t, Options{})
	api.do("GET", "/v1/environments/me", nil).is("data.bridge", nil)
	for _, bridge := range []object{{"url": "https://b.example"}, {}} {
		api.do("PUT", "/v1/environments/"+api.server.Environment("Development").ID, object{"bridge": bridge}).want(http.StatusOK)
		want := object{"url": text(bridge["url"])}
		api.do("GET", "/v1/environments/me", nil).is("data.bridge", want).is("data.echo", want)
	}
}

func TestHealth(t *testing.T) {
	for release, version := range map[Release]string{"": "3.15.0", Release315: "3.15.0", Release319: "3.19.0"} {
		dev(t, Options{Release: release}).do("GET", "/v1/health-check", nil).want(http.StatusOK).is("data.status", "ok").
			is("data.details.apiVersion.version", version)
	}
}
