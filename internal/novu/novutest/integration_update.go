// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"strings"

	"novu-operator.dev/internal/novu/lint"
)

// updateIntegration replaces whole members: credentials, configurations and conditions are not merged.
func updateIntegration(c *call) (any, error) {
	ic := integrationCall{c}
	if err := dtoError(check(nil, c.body, updateIntegrationFields)); err != nil {
		return nil, err
	}
	if err := ic.scopedBody(); err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	i, err := ic.integration(update)
	if err != nil {
		return nil, err
	}
	edits, err := ic.integrationEdits(i, normalizeCredentials(c.body["credentials"]))
	if err != nil {
		return nil, err
	}
	if active, given := c.body["active"].(bool); given && active != i.active && lint.HasPrimary(i.channel) {
		edits = append(edits, ic.activation(i, active))
	}
	i = ic.change(c.org.integrations.get(i.id), func(i *integration) {
		for _, edit := range edits {
			edit(i)
		}
	})
	return i.view(ic.written()), nil
}

// integrationEdits are the changes that the request asks for.
func (c integrationCall) integrationEdits(i *integration, credentials object) ([]func(*integration), error) {
	var edits []func(*integration)
	if id := text(c.body["identifier"]); id != "" && id != i.identifier {
		if c.identifierTaken(id) {
			return nil, conflict("Integration with identifier already exists")
		}
		edits = append(edits, func(i *integration) { i.identifier = id })
	}
	if err := c.checkHost(i.providerID, credentials); err != nil {
		return nil, err
	}
	if c.body["check"] == true && i.channel == "email" {
		return nil, checkFailed()
	}
	if name := text(c.body["name"]); name != "" {
		edits = append(edits, func(i *integration) { i.name = name })
	}
	if c.body["_environmentId"] != nil {
		env := c.targetEnvironment()
		edits = append(edits, func(i *integration) { i.environment = env })
	}
	if active, given := c.body["active"]; given {
		edits = append(edits, func(i *integration) { i.active = active == true })
	}
	if credentials != nil {
		edits = append(edits, func(i *integration) { i.credentials = storedCredentials(credentials) })
	}
	if v, ok := c.body["configurations"].(object); ok {
		edits = append(edits, func(i *integration) { i.configurations = storedConfigurations(v) })
	}
	if list, ok := c.body["conditions"].([]any); ok {
		edits = append(edits, func(i *integration) {
			i.conditions = c.storedConditions(list)
			i.primary = i.primary && len(list) == 0 // conditions and primary exclude each other
		})
	}
	if len(edits) == 0 {
		return nil, badRequest("No properties found for update")
	}
	return edits, nil
}

// identifierTaken looks through the whole organization, unlike a creation.
func (c integrationCall) identifierTaken(identifier string) bool {
	return c.org.integrations.find(identifier) != nil
}

// activation ranks an integration that is switched on, and takes rank and primary from one that is switched off. An
// integration that is switched on never becomes primary by that.
func (c integrationCall) activation(i *integration, active bool) func(*integration) {
	if active {
		priority, _ := c.rank(i.environment, i.channel)
		return func(i *integration) { i.priority = priority }
	}
	c.renumber(i.environment, i.channel, i)
	return func(i *integration) { i.priority, i.primary = 0, false }
}

// providerName is the display name of a provider; one that Novu does not know gets its id with a capital.
func providerName(id string) string {
	if name, ok := providerNames[id]; ok {
		return name
	}
	if id == "" {
		return ""
	}
	return strings.ToUpper(id[:1]) + id[1:]
}
