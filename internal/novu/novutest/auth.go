// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"strings"
)

// call is one request on its way through the layers.
type call struct {
	server  *Server
	request *http.Request
	route   *route
	params  map[string]string
	body    object
	header  http.Header // of the answer
	status  int         // of the answer, if it is not the route's

	org    *organization
	env    *environment // the caller's; nil for a user session that names none
	apiKey bool
}

// authenticate finds out who calls. A user session chooses its environment with Novu-Environment-Id; with an API key
// that header is ignored.
func (c *call) authenticate() error {
	if c.route.access == byAnybody {
		return nil
	}
	header := c.request.Header.Get("Authorization")
	if header == "" {
		return httpError(http.StatusUnauthorized, "Missing authorization header")
	}
	scheme, credential, given := strings.Cut(header, " ")
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	switch {
	case scheme == "ApiKey" && c.route.access == byUser:
		return httpError(http.StatusUnauthorized, "API endpoint not accessible")
	case scheme == "ApiKey" && given:
		return c.authenticateKey(credential)
	case scheme == "ApiKey":
		return unauthorized()
	case scheme == "Bearer":
		return c.authenticateUser(credential)
	}
	return httpError(http.StatusUnauthorized, fmt.Sprintf("Invalid authentication scheme: %q", scheme))
}

func (c *call) authenticateKey(key string) error {
	env := c.server.store.keys[key]
	if env == nil {
		return httpError(http.StatusUnauthorized, "API Key not found")
	}
	c.env, c.org, c.apiKey = env, env.org, true
	return nil
}

func (c *call) authenticateUser(token string) error {
	org := c.server.store.sessions[token]
	if org == nil {
		return unauthorized()
	}
	c.org = org
	id := c.request.Header.Get("Novu-Environment-Id")
	if id == "" {
		return internalError()
	}
	if c.env = org.findEnvironment(parseSlugID(id)); c.env == nil {
		e := httpError(http.StatusUnauthorized, "Cannot find environment")
		e.ctx["error"] = fmt.Sprintf(`{"session":{"environmentId":%q}}`, id)
		return e
	}
	return nil
}

func unauthorized() *apiError {
	return contextError(http.StatusUnauthorized, "Unauthorized", object{"statusCode": http.StatusUnauthorized})
}

// id is a path parameter after Novu's slug parsing.
func (c *call) id(name string) string { return parseSlugID(c.params[name]) }

// traits are what the release does that the server plays.
func (c *call) traits() *traits { return c.server.traits() }

// scoped refuses an API key that reaches into another environment, where keys are bound to their own.
func (c *call) scoped(env *environment) error { return c.scopedTo(env.id) }

func (c *call) scopedTo(environmentID string) error {
	if c.traits().scopedKeys && c.apiKey && environmentID != c.env.id {
		return forbidden("This authentication scheme is scoped to a single environment and cannot target a different `_environmentId`. " +
			"Use credentials from the target environment, or authenticate with a session token.")
	}
	return nil
}

// scopedSettings refuses an API key that reaches for the settings of another environment.
func scopedSettings(c *call, env *environment) error {
	if !c.traits().scopedEnvironments {
		return nil
	}
	return c.scoped(env)
}
