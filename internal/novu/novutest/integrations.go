// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"novu-operator.dev/internal/novu/lint"
)

// integration is one stored provider account, never changed after it is stored.
type integration struct {
	id, identifier, name, providerID, channel string

	environment     *environment
	credentials     object // nil: none were ever given
	configurations  object
	conditions      []object
	active, primary bool
	priority        int
	connected       bool

	created, updated time.Time
}

func integrationKey(i *integration) (id, identifier string) { return i.id, i.identifier }

// putIntegration stores an integration, in another environment than before if need be.
func (o *organization) putIntegration(i *integration) {
	old := o.integrations.get(i.id)
	moves := old != nil && old.environment.id != i.environment.id
	if moves {
		o.perEnv[old.environment.id].remove(i.id)
	}
	o.integrations.put(i)
	here := o.perEnv[i.environment.id]
	if here == nil {
		here = newShelf(integrationKey)
		o.perEnv[i.environment.id] = here
	}
	here.put(i)
	if moves {
		slices.Sort(here.order) // ids sort by age, and lists go by age
	}
}

func (o *organization) removeIntegration(i *integration) {
	o.integrations.remove(i.id)
	o.perEnv[i.environment.id].remove(i.id)
}

func (o *organization) integrationsOf(e *environment) []*integration {
	if here := o.perEnv[e.id]; here != nil {
		return here.all()
	}
	return nil
}

func (o *organization) activeOn(e *environment, channel string) []*integration {
	return slices.DeleteFunc(o.integrationsOf(e), func(i *integration) bool { return !i.active || i.channel != channel })
}

// integrationView says how an answer shows an integration.
type integrationView struct {
	hideCredentials bool // a list has {} instead, an answer to a write nothing
	asStored        bool // encrypted where they are at rest, and absent where there are none; this hides nothing
	document        bool // with the id a second time, as answers to writes have it
	kinds           bool // with the kind and the parent
}

func (i *integration) view(how integrationView) object {
	v := object{
		"_id": i.id, "_environmentId": i.environment.id, "_organizationId": i.environment.org.id,
		"providerId": i.providerID, "channel": i.channel, "active": i.active, "name": i.name, "identifier": i.identifier,
		"priority": i.priority, "primary": i.primary, "conditions": i.conditionViews(how.document), "deleted": false,
		"createdAt": timestamp(i.created), "updatedAt": timestamp(i.updated), "__v": 0,
	}
	switch {
	case how.asStored && len(i.credentials) > 0:
		v["credentials"] = encryptedCredentials(i.id, i.credentials)
	case how.asStored, how.hideCredentials && how.document:
	case how.hideCredentials, i.credentials == nil:
		v["credentials"] = object{}
	default:
		v["credentials"] = i.credentials
	}
	if how.kinds {
		v["kind"], v["_parentId"] = "delivery", nil
	}
	if len(i.configurations) > 0 {
		v["configurations"] = i.configurations
	}
	if i.connected {
		v["connected"] = true
	}
	if how.document {
		v["id"] = i.id
	}
	return v
}

func (i *integration) conditionViews(document bool) []object {
	out := []object{}
	for _, c := range i.conditions {
		out = append(out, conditionView(c, document))
	}
	return out
}

func conditionView(c object, document bool) object {
	v := object{}
	maps.Copy(v, c)
	if children, ok := c["children"].([]object); ok {
		views := []object{}
		for _, child := range children {
			views = append(views, conditionView(child, document))
		}
		v["children"] = views
	}
	if document {
		v["id"] = c["_id"]
	}
	return v
}

// integrationCall is a request about integrations.
type integrationCall struct{ *call }

func (c integrationCall) listed() integrationView {
	t := c.traits()
	return integrationView{hideCredentials: t.hideCredentials && c.apiKey, kinds: t.kinds}
}

func (c integrationCall) written() integrationView {
	how := c.listed()
	how.document = true
	return how
}

func listIntegrations(c *call) (any, error)       { return integrationCall{c}.integrations(false) }
func listActiveIntegrations(c *call) (any, error) { return integrationCall{c}.integrations(true) }

// integrations lists the whole organization's, whichever environment the key belongs to.
func (c integrationCall) integrations(onlyActive bool) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	out := []object{}
	for _, i := range c.org.integrations.all() {
		if (i.active || !onlyActive) && c.scoped(i.environment) == nil {
			out = append(out, i.view(c.listed()))
		}
	}
	return out, nil
}

func createIntegration(c *call) (any, error) {
	ic := integrationCall{c}
	if err := dtoError(check(nil, c.body, c.traits().forms.createIntegration)); err != nil {
		return nil, err
	}
	if err := ic.scopedBody(); err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	i, err := ic.newIntegration(normalizeCredentials(c.body["credentials"]))
	if err != nil {
		return nil, err
	}
	if i.active && lint.HasPrimary(i.channel) {
		i.priority, i.primary = ic.rank(i.environment, i.channel)
	}
	c.org.putIntegration(i)
	return i.view(ic.written()), nil
}

func (c integrationCall) newIntegration(credentials object) (*integration, error) {
	env := c.targetEnvironment()
	provider, channel := text(c.body["providerId"]), text(c.body["channel"])
	identifier, named := c.body["identifier"].(string)
	if err := c.checkProvider(env, provider, channel, identifier); err != nil {
		return nil, err
	}
	if err := c.checkHost(provider, credentials); err != nil {
		return nil, err
	}
	if c.body["check"] == true && channel == "email" {
		return nil, checkFailed()
	}
	name, ok := c.body["name"].(string)
	if !ok {
		name = providerName(provider)
	}
	if !named {
		identifier = slugify(name) + "-" + shortKey()
	}
	now := c.server.opts.Now().Truncate(time.Millisecond)
	i := &integration{id: c.server.ids.object(), identifier: identifier, name: name, providerID: provider, channel: channel,
		environment: env, credentials: storedCredentials(credentials), active: c.body["active"] == true, created: now, updated: now}
	i.configurations = storedConfigurations(c.body["configurations"])
	i.conditions = c.storedConditions(c.body["conditions"])
	return i, nil
}

// scopedBody refuses an API key that names another environment than its own in the request.
func (c integrationCall) scopedBody() error {
	if id := text(c.body["_environmentId"]); id != "" {
		return c.scopedTo(id)
	}
	return nil
}

// targetEnvironment is where the request wants the integration; any of the organization's will do.
func (c integrationCall) targetEnvironment() *environment {
	id := text(c.body["_environmentId"])
	if id == "" {
		return c.env
	}
	if env := c.org.findEnvironment(strings.ToLower(id)); env != nil {
		return env
	}
	return &environment{id: strings.ToLower(id), org: c.org} // Novu does not check that it exists
}

func (c integrationCall) checkProvider(env *environment, provider, channel, identifier string) error {
	if provider == "novu" && channel == "in_app" {
		for _, i := range c.org.integrationsOf(env) {
			if i.providerID == provider && i.channel == channel {
				return badRequest("One environment can only have one In app provider")
			}
		}
	}
	if provider == "novu-sms" || provider == "novu-email" || provider == "novu-slack" {
		return badRequest("Creating Novu integration for " + provider + " provider is not allowed")
	}
	if here := c.org.perEnv[env.id]; identifier != "" && here != nil && here.find(identifier) != nil {
		return conflict("Integration with identifier already exists")
	}
	return nil
}

// checkFailed is the answer to "check": this server reaches no provider.
func checkFailed() error {
	b, _ := json.Marshal(struct {
		Success bool   `json:"success"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}{false, "failed", "Something went wrong! Please double check your account details(Email/API key)"})
	return badRequest(string(b))
}

// rank gives the next active integration of a channel its priority. While a primary one leads, it is pushed up and
// the new one takes its place; without one the new one leads.
func (c integrationCall) rank(env *environment, channel string) (priority int, leads bool) {
	var top *integration
	for _, i := range c.org.activeOn(env, channel) {
		if top == nil || i.priority > top.priority {
			top = i
		}
	}
	switch {
	case top == nil:
		return 1, true
	case !top.primary:
		return top.priority + 1, true
	}
	c.change(top, func(i *integration) { i.priority++ })
	return top.priority, false
}

// change stores a changed copy of an integration.
func (c integrationCall) change(i *integration, edit func(*integration)) *integration {
	next := *i
	edit(&next)
	next.updated = after(c.server.opts.Now(), i.updated)
	c.org.putIntegration(&next)
	return &next
}

// renumber gives the active integrations of a channel descending priorities, with first (if any) on top.
func (c integrationCall) renumber(env *environment, channel string, first *integration) {
	list := c.org.activeOn(env, channel)
	slices.SortStableFunc(list, func(a, b *integration) int { return b.priority - a.priority })
	if first != nil {
		list = slices.DeleteFunc(list, func(i *integration) bool { return i.id == first.id })
		list = slices.Insert(list, 0, c.org.integrations.get(first.id))
	}
	for k, i := range list {
		c.change(i, func(i *integration) { i.priority = len(list) - k })
	}
}

// mutation is a request to change one integration, in the words of Novu's errors.
type mutation struct {
	noun    string // what a missing integration is called
	command string // of the layer that checks the id
	action  string
}

var (
	update      = mutation{"Entity", "UpdateIntegrationCommand", "update"}
	removal     = mutation{"Entity", "RemoveIntegrationCommand", "delete"}
	makePrimary = mutation{"Integration", "SetIntegrationAsPrimaryCommand", "set as primary"}
)

var integrationID = []field{{name: "integrationId", rules: []rule{isMongo}}}

// integration finds one by _id only.
func (c integrationCall) integration(m mutation) (*integration, error) {
	id := c.params["id"]
	if !isMongoID(id) {
		if c.traits().checkedIDs {
			return nil, commandError(m.command, check(nil, object{"integrationId": id}, integrationID))
		}
		return nil, internalError()
	}
	i := c.org.integrations.get(strings.ToLower(id))
	if i == nil {
		return nil, notFound(m.noun + " with id " + id + " not found")
	}
	if c.scoped(i.environment) != nil {
		return nil, forbidden("API key authentication is scoped to a single environment and cannot " + m.action +
			" an integration that belongs to a different environment. Use an API key from the integration's environment, " +
			"or authenticate with a session token.")
	}
	return i, nil
}

func deleteIntegration(c *call) (any, error) {
	ic := integrationCall{c}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	i, err := ic.integration(removal)
	if err != nil {
		return nil, err
	}
	c.org.removeIntegration(i)
	if lint.HasPrimary(i.channel) {
		ic.renumber(i.environment, i.channel, nil) // none is promoted to primary
	}
	out := []object{}
	for _, i := range c.org.integrationsOf(c.env) {
		out = append(out, i.view(integrationView{asStored: true, kinds: c.traits().kinds}))
	}
	return out, nil
}

func setPrimary(c *call) (any, error) {
	ic := integrationCall{c}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	i, err := ic.integration(makePrimary)
	if err != nil {
		return nil, err
	}
	if !lint.HasPrimary(i.channel) {
		return nil, badRequest("Channel " + i.channel + " does not support primary")
	}
	if i.primary {
		return i.view(ic.written()), nil
	}
	for _, other := range c.org.activeOn(i.environment, i.channel) {
		if other.primary {
			ic.change(other, func(i *integration) { i.primary = false })
		}
	}
	i = ic.change(i, func(i *integration) { i.active, i.primary, i.conditions = true, true, nil })
	ic.renumber(i.environment, i.channel, i)
	return c.org.integrations.get(i.id).view(ic.written()), nil
}
