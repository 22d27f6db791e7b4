// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "net/http"

// Category is one of Novu's rate limit classes; each has its own token bucket per
// environment.
type Category string

// Categories of the routes this client calls. Which route is in which comes from
// the controllers' ThrottlerCategory decorators in Novu.
const (
	CategoryConfiguration Category = "configuration" // /v2/workflows, /v2/layouts
	CategoryGlobal        Category = "global"        // /v1/integrations, /v1/environments
)

// family groups routes of one kind of object, so that one kind cannot crowd out
// the others while they wait for the budget.
type family uint8

const (
	familyEnvironments family = iota
	familyWorkflows
	familyLayouts
	familyIntegrations
	familyCount
)

// Bounds of answers. Novu repeats a step's values in several members, so a workflow
// takes more than twice its own size, of which a manifest holds a MiB; a list page
// holds a hundred small items, and the list of integrations has one page.
const (
	objectBodyLimit = 8 << 20
	listBodyLimit   = 8 << 20
	wholeListLimit  = 16 << 20
	errorBodyLimit  = 64 << 10
)

// endpoint is one operation of the API, with what the transport must know of it.
type endpoint struct {
	op        string // as an error text says it: "update workflow"
	method    string
	route     string // path with {id} for the identifier; also a metric label
	category  Category
	family    family
	bodyLimit int64
	// wholeKey: a 403 here means that the key itself is refused, not one capability.
	wholeKey bool
	// private: the answer may hold keys or credentials and is never quoted.
	private bool
	// anonymous: called without the key, so success says nothing about the key.
	anonymous bool
}

func (e endpoint) writes() bool { return e.method != http.MethodGet }

var (
	healthCheck = endpoint{
		op: "check health", method: http.MethodGet, route: "/v1/health-check",
		category: CategoryGlobal, bodyLimit: objectBodyLimit, anonymous: true,
	}
	currentEnvironment = environment("get environment of the key", "/v1/environments/me", true)
	listEnvironments   = environment("list environments", "/v1/environments", false)

	listWorkflows  = workflow("list workflows", http.MethodGet, "")
	getWorkflow    = workflow("get workflow", http.MethodGet, "/{id}")
	createWorkflow = workflow("create workflow", http.MethodPost, "")
	updateWorkflow = workflow("update workflow", http.MethodPut, "/{id}")
	deleteWorkflow = workflow("delete workflow", http.MethodDelete, "/{id}")
	syncWorkflow   = workflow("sync workflow", http.MethodPut, "/{id}/sync")

	listLayouts  = layout("list layouts", http.MethodGet, "")
	getLayout    = layout("get layout", http.MethodGet, "/{id}")
	createLayout = layout("create layout", http.MethodPost, "")
	updateLayout = layout("update layout", http.MethodPut, "/{id}")
	deleteLayout = layout("delete layout", http.MethodDelete, "/{id}")
	layoutUsage  = layout("list the workflows that use layout", http.MethodGet, "/{id}/usage")

	listIntegrations   = integration("list integrations", http.MethodGet, "")
	createIntegration  = integration("create integration", http.MethodPost, "")
	updateIntegration  = integration("update integration", http.MethodPut, "/{id}")
	deleteIntegration  = integration("delete integration", http.MethodDelete, "/{id}")
	primaryIntegration = integration("make integration primary", http.MethodPost, "/{id}/set-primary")
)

func environment(op, route string, wholeKey bool) endpoint {
	return endpoint{
		op: op, method: http.MethodGet, route: route, category: CategoryGlobal, family: familyEnvironments,
		bodyLimit: listBodyLimit, wholeKey: wholeKey, private: true,
	}
}

func workflow(op, method, route string) endpoint {
	return resource(op, method, "/v2/workflows", route, CategoryConfiguration, familyWorkflows)
}

func layout(op, method, route string) endpoint {
	return resource(op, method, "/v2/layouts", route, CategoryConfiguration, familyLayouts)
}

func integration(op, method, route string) endpoint {
	e := resource(op, method, "/v1/integrations", route, CategoryGlobal, familyIntegrations)
	e.private = true
	return e
}

func resource(op, method, collection, route string, c Category, f family) endpoint {
	e := endpoint{op: op, method: method, route: collection + route, category: c, family: f, bodyLimit: objectBodyLimit}
	if route == "" && method == http.MethodGet {
		e.bodyLimit = listBodyLimit
	}
	if f == familyIntegrations { // deleting one answers with the list of those that are left
		e.bodyLimit = wholeListLimit
	}
	e.wholeKey = route == "" && method == http.MethodGet && c == CategoryConfiguration
	return e
}
