// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one operation of the API. Segments that begin with a colon are parameters.
type route struct {
	method   string
	pattern  string
	status   int // of a success
	category string
	access   access
	paid     bool               // not in the free tier
	only     func(*traits) bool // nil: in every release
	handle   func(*call) (any, error)

	segments []string
}

type access int

const (
	byKey     access = iota // API key or user session
	byUser                  // user session only
	byAnybody               // no authentication
)

const (
	configuration = "configuration"
	global        = "global"
	trigger       = "trigger"
)

// routes is the table of everything this server answers.
var routes = buildRoutes([]route{
	{method: "GET", pattern: "/v1/health-check", status: 200, access: byAnybody, handle: health},

	{method: "POST", pattern: "/v2/workflows", status: 201, category: configuration, handle: createWorkflow},
	{method: "GET", pattern: "/v2/workflows", status: 200, category: configuration, handle: listWorkflows},
	{method: "PUT", pattern: "/v2/workflows/:id/sync", status: 200, category: configuration, handle: syncWorkflow},
	{method: "PUT", pattern: "/v2/workflows/:id", status: 200, category: configuration, handle: updateWorkflow},
	{method: "PATCH", pattern: "/v2/workflows/:id", status: 200, category: configuration, handle: patchWorkflow},
	{method: "GET", pattern: "/v2/workflows/:id", status: 200, category: configuration, handle: getWorkflow},
	{method: "DELETE", pattern: "/v2/workflows/:id", status: 204, category: configuration, handle: deleteWorkflow},
	{method: "GET", pattern: "/v2/workflows/:id/steps/:step", status: 200, category: configuration, handle: getStep},
	{method: "POST", pattern: "/v2/workflows/:id/step/:step/preview", status: 201, category: configuration, handle: previewStep},
	{method: "POST", pattern: "/v2/workflows/:id/duplicate", status: 201, category: configuration, access: byUser, handle: duplicateWorkflow},

	{method: "POST", pattern: "/v2/layouts", status: 201, category: configuration, handle: createLayout},
	{method: "GET", pattern: "/v2/layouts", status: 200, category: configuration, handle: listLayouts},
	{method: "PUT", pattern: "/v2/layouts/:id", status: 200, category: configuration, handle: updateLayout},
	{method: "GET", pattern: "/v2/layouts/:id", status: 200, category: configuration, handle: getLayout},
	{method: "DELETE", pattern: "/v2/layouts/:id", status: 204, category: configuration, handle: deleteLayout},
	{method: "GET", pattern: "/v2/layouts/:id/usage", status: 200, category: configuration, handle: layoutUsage},
	{method: "POST", pattern: "/v2/layouts/:id/preview", status: 201, category: configuration, handle: previewLayout},
	{method: "POST", pattern: "/v2/layouts/:id/duplicate", status: 201, category: configuration, handle: duplicateLayout},

	{method: "GET", pattern: "/v1/integrations", status: 200, category: global, handle: listIntegrations},
	{method: "GET", pattern: "/v1/integrations/active", status: 200, category: global, handle: listActiveIntegrations},
	{method: "POST", pattern: "/v1/integrations", status: 201, category: global, handle: createIntegration},
	{method: "PUT", pattern: "/v1/integrations/:id", status: 200, category: global, handle: updateIntegration},
	{method: "POST", pattern: "/v1/integrations/:id/set-primary", status: 201, category: global, handle: setPrimary},
	{method: "DELETE", pattern: "/v1/integrations/:id", status: 200, category: global, handle: deleteIntegration},

	{method: "GET", pattern: "/v1/environments", status: 200, category: global, handle: listEnvironments},
	{method: "GET", pattern: "/v1/environments/me", status: 200, category: global, handle: currentEnvironment},
	{method: "GET", pattern: "/v1/environments/api-keys", status: 200, category: global, handle: listKeys},
	{method: "POST", pattern: "/v1/environments/api-keys/regenerate", status: 201, category: global, access: byUser, handle: regenerateKey},
	{method: "POST", pattern: "/v1/environments/api-keys", status: 201, category: global, access: byUser,
		only: func(t *traits) bool { return t.secondKeys }, handle: addKey},
	{method: "POST", pattern: "/v1/environments", status: 201, category: global, paid: true, handle: createEnvironment},
	{method: "PUT", pattern: "/v1/environments/:id", status: 200, category: global, handle: updateEnvironment},
	{method: "DELETE", pattern: "/v1/environments/:id", status: 200, category: global, paid: true, handle: deleteEnvironment},
	{method: "GET", pattern: "/v2/environments/:id/tags", status: 200, category: global, handle: environmentTags},
	{method: "POST", pattern: "/v2/environments/:id/diff", status: 200, category: global, handle: diffEnvironments},
	{method: "POST", pattern: "/v2/environments/:id/publish", status: 200, category: global, handle: publishEnvironment},

	{method: "GET", pattern: "/v1/environment-variables", status: 200, category: configuration, handle: listVariables},
	{method: "POST", pattern: "/v1/environment-variables", status: 201, category: configuration, handle: createVariable},
	{method: "GET", pattern: "/v1/environment-variables/:key", status: 200, category: configuration, handle: getVariable},
	{method: "GET", pattern: "/v1/environment-variables/:key/usage", status: 200, category: configuration, handle: variableUsage},
	{method: "PATCH", pattern: "/v1/environment-variables/:key", status: 200, category: configuration, handle: updateVariable},
	{method: "DELETE", pattern: "/v1/environment-variables/:key", status: 204, category: configuration, handle: deleteVariable},

	{method: "POST", pattern: "/v1/events/trigger", status: 201, category: trigger, handle: triggerEvent},
})

func buildRoutes(table []route) []route {
	for i := range table {
		table[i].segments = strings.Split(table[i].pattern[1:], "/")
	}
	return table
}

// findRoute looks a request up. Static segments ignore case, one trailing slash is allowed, HEAD is a GET.
func findRoute(t *traits, r *http.Request, path string) (*route, map[string]string, error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
	for i := range routes {
		if rt := &routes[i]; rt.method != method || !rt.matches(segments) || (rt.only != nil && !rt.only(t)) {
			continue
		}
		params, err := routes[i].params(segments)
		return &routes[i], params, err
	}
	return nil, nil, cannot(r)
}

func (rt *route) matches(segments []string) bool {
	if len(segments) != len(rt.segments) {
		return false
	}
	for i, want := range rt.segments {
		if want[0] == ':' {
			if segments[i] == "" {
				return false
			}
		} else if !strings.EqualFold(want, segments[i]) {
			return false
		}
	}
	return true
}

func (rt *route) params(segments []string) (map[string]string, error) {
	var out map[string]string
	for i, want := range rt.segments {
		if want[0] != ':' {
			continue
		}
		v, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, badRequest("Failed to decode param '" + segments[i] + "'")
		}
		if out == nil {
			out = map[string]string{}
		}
		out[want[1:]] = v
	}
	return out, nil
}

func health(c *call) (any, error) {
	up := object{
		"db":            object{"status": "up"},
		"workflowQueue": object{"status": "up"},
		"apiVersion":    object{"version": c.traits().version, "status": "up"},
	}
	return object{"status": "ok", "info": up, "error": object{}, "details": up}, nil
}

// triggerEvent refuses: this server has no worker. It is here because triggers have a rate limit of their own.
func triggerEvent(*call) (any, error) {
	return nil, httpError(http.StatusUnprocessableEntity, "workflow_not_found")
}
