// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	maxEnvironments = 10
	hexDigits       = "0123456789abcdef"
	colorDev        = "#ff8547"
	colorProd       = "#7e52f4"
)

// addOrganization makes an organization with one user and the named environments. The first environment is the
// parent of the one called Production.
func (s *State) addOrganization(name string, environments []string) *organization {
	o := &organization{id: s.ids.object(), name: name, userID: s.ids.object(), session: "fake.session." + random(32, hexDigits),
		integrations: newShelf(integrationKey), perEnv: map[string]*shelf[integration]{},
		variables: newShelf(func(v *variable) (string, string) { return v.id, v.key })}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.organizations = append(s.store.organizations, o)
	s.store.sessions[o.session] = o
	for i, env := range environments {
		e := s.addEnvironment(o, env, "")
		if i == 0 {
			e.kind = "dev"
		}
		if env == productionName && i > 0 {
			e.parentID = o.environments[0].id
		}
	}
	return o
}

// addEnvironment makes an environment with the in-app integration that every one is born with. It wants the lock.
func (s *State) addEnvironment(o *organization, name, color string) *environment {
	now := s.opts.Now().Truncate(time.Millisecond)
	e := &environment{
		id: s.ids.object(), name: name, identifier: random(12, urlSafe), color: color, kind: "prod", org: o,
		key: random(32, hexDigits), keyID: s.ids.object(), created: now, updated: now,
		workflows: newShelf(func(w *workflow) (string, string) { return w.id, w.identifier }),
		layouts:   newShelf(func(l *layout) (string, string) { return l.id, l.identifier }),
		agents:    map[string]bool{},
	}
	switch name {
	case developmentName:
		e.color, e.kind = colorDev, "dev"
	case productionName:
		e.color = colorProd
	}
	o.environments = append(o.environments, e)
	s.store.environments[e.id] = e
	s.store.keys[e.key] = e
	o.putIntegration(&integration{
		id: s.ids.object(), identifier: "novu-inbox-" + shortKey(), environment: e, name: "Novu Inbox",
		providerID: "novu", channel: "in_app", active: true, created: now, updated: now,
	})
	return e
}

// shortKey is the random end of a generated integration identifier.
func shortKey() string { return random(9, urlSafe) }

func (e *environment) slug() string {
	name := e.name
	switch name {
	case developmentName:
		name = "dev"
	case productionName:
		name = "prod"
	}
	return buildSlug(name, "env_", e.id)
}

func (e *environment) view() object {
	v := object{
		"_id": e.id, "name": e.name, "identifier": e.identifier, "_organizationId": e.org.id, "color": e.color,
		"type": e.kind, "widget": object{"notificationCenterEncryption": false}, "__v": 0,
		"createdAt": timestamp(e.created), "updatedAt": timestamp(e.updated),
	}
	if e.parentID != "" {
		v["_parentId"] = e.parentID
	}
	if e.dns != nil {
		v["dns"] = e.dns
	}
	if e.bridge != nil {
		v["bridge"], v["echo"] = e.bridge, e.bridge
	}
	return v
}

func (e *environment) keyHash() string {
	sum := sha256.Sum256([]byte(e.key))
	return hex.EncodeToString(sum[:])
}

// listEnvironments shows every environment of the organization, with every one's key. A key that is bound to its own environment
// is shown no other.
func listEnvironments(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	out := []object{}
	for _, e := range c.org.environments {
		v := e.view()
		v["slug"], v["apiKeys"] = e.slug(), []object{}
		if c.scoped(e) == nil {
			v["apiKeys"] = []object{{"key": e.key, "hash": e.keyHash(), "_userId": c.org.userID, "_id": e.keyID}}
		}
		out = append(out, v)
	}
	return out, nil
}

func currentEnvironment(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	if c.server.store.environments[c.env.id] == nil {
		return nil, notFound("Environment " + c.env.id + " not found")
	}
	v := c.env.view()
	v["id"] = c.env.id
	return v, nil
}

func listKeys(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	v := object{"key": c.env.key, "_userId": c.org.userID}
	if c.traits().listedHashes {
		v["hash"] = c.env.keyHash()
	}
	return []object{v}, nil
}

// addKey refuses: more than one key is a feature of the cloud.
func addKey(*call) (any, error) { return nil, forbidden("Forbidden resource") }

func regenerateKey(c *call) (any, error) {
	key := c.server.rotate(c.env)
	return []object{{"key": key, "_userId": c.org.userID}}, nil
}

// rotate gives an environment a new key; the old one is refused from now on.
func (s *State) rotate(e *environment) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.store.keys, e.key)
	e.key, e.keyID = random(32, hexDigits), s.ids.object()
	s.store.keys[e.key] = e
	return e.key
}

var hexColor = regexp.MustCompile(`^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)

func isColor(v any, _ bool) bool { s, ok := v.(string); return ok && hexColor.MatchString(s) }

func withMessage(message string, r rule) rule { return rule{message, r.ok} }

var createEnvironmentFields = []field{
	{name: "name", rules: []rule{
		withMessage("Environment name is required", isDefined), withMessage("Environment name must be a string", isString)}},
	{name: "parentId", optional: true, rules: []rule{withMessage("Parent ID must be a valid MongoDB ObjectId", isMongo)}},
	{name: "color", rules: []rule{
		withMessage("Environment color is required", isDefined), {"Color must be a valid hex color code", isColor}}},
}

var updateEnvironmentFields = []field{
	{name: "name", optional: true, rules: []rule{isString}},
	{name: "identifier", optional: true, rules: []rule{isString}},
	{name: "parentId", optional: true, rules: []rule{isMongo}},
	{name: "color", optional: true, rules: []rule{{"$p must be a hexadecimal color", isColor}}},
}

func isProtected(name string) bool {
	return strings.EqualFold(name, developmentName) || strings.EqualFold(name, productionName)
}

func unprocessable(message string) *apiError { return httpError(422, message) }

func createEnvironment(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, createEnvironmentFields)); err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if len(c.org.environments) >= maxEnvironments {
		return nil, badRequest(fmt.Sprintf("Organization cannot have more than %d environments", maxEnvironments))
	}
	given := text(c.body["name"])
	name := strings.TrimSpace(given)
	if isProtected(name) {
		return nil, unprocessable("Environment name cannot be Development or Production")
	}
	if slices.ContainsFunc(c.org.environments, func(e *environment) bool { return e.name == given }) {
		return nil, badRequest("Environment name must be unique")
	}
	e := c.server.addEnvironment(c.org, name, text(c.body["color"]))
	return e.creationView(c.traits().scopedKeys), nil
}

// creationView is the answer to a creation: no color, no slug, and the key in its encrypted form.
func (e *environment) creationView(hideKeys bool) object {
	v := object{"_id": e.id, "name": e.name, "_organizationId": e.org.id, "identifier": e.identifier, "type": e.kind}
	if !hideKeys {
		v["apiKeys"] = []object{{"key": encrypted(e.keyID, e.key), "hash": e.keyHash(), "_userId": e.org.userID}}
	}
	return v
}

// encrypted has the form of a value at rest, always the same for one place and value. It cannot be decrypted.
func encrypted(place, value string) string {
	sum := sha256.Sum256([]byte(place + "\x00" + value))
	digest := hex.EncodeToString(sum[:])
	return "nvsk." + digest[:32] + ":" + digest
}

func updateEnvironment(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, updateEnvironmentFields)); err != nil {
		return nil, err
	}
	id := c.params["id"]
	idField := []field{{name: "environmentId", rules: []rule{isMongo}}}
	if err := commandError("UpdateEnvironmentCommand", check(nil, object{"environmentId": id}, idField)); err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	e := c.org.findEnvironment(strings.ToLower(id))
	if e == nil {
		return nil, httpError(401, "Environment not found")
	}
	if err := scopedSettings(c, e); err != nil {
		return nil, err
	}
	if name := text(c.body["name"]); name != "" {
		if e.name == developmentName || e.name == productionName {
			return nil, unprocessable("Cannot update the name of Development or Production environments")
		}
		if isProtected(strings.TrimSpace(name)) {
			return nil, unprocessable("Environment name cannot be Development or Production")
		}
	}
	c.applyEnvironment(e)
	return object{"matched": 1, "modified": 1}, nil
}

func (c *call) applyEnvironment(e *environment) {
	named := c.body["name"] != "" // an empty name shields the identifiers; the recordings do not tell why
	if name := strings.TrimSpace(text(c.body["name"])); name != "" {
		e.name = name
	}
	if v := text(c.body["parentId"]); v != "" && named {
		e.parentID = v
	}
	if v := text(c.body["identifier"]); v != "" && named {
		e.identifier = v
	}
	if v := text(c.body["color"]); v != "" {
		e.color = v
	}
	if dns, ok := c.body["dns"].(object); ok && text(dns["inboundParseDomain"]) != "" {
		e.dns = object{"inboundParseDomain": dns["inboundParseDomain"]}
	}
	if bridge, ok := c.body["bridge"].(object); ok {
		e.bridge = object{"url": text(bridge["url"])} // one without a URL stays behind when it is cleared
	}
	e.updated = after(c.server.opts.Now(), e.updated)
}

// deleteEnvironment removes the environment and its integrations. Its key dies with it.
func deleteEnvironment(c *call) (any, error) {
	id := c.params["id"]
	if !isMongoID(id) {
		return nil, internalError()
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	e := c.org.findEnvironment(strings.ToLower(id))
	if e == nil {
		return nil, notFound("Environment " + id + " not found")
	}
	if err := scopedSettings(c, e); err != nil {
		return nil, err
	}
	if e.name == developmentName || e.name == productionName {
		return nil, badRequest(fmt.Sprintf(
			"The %s environment is protected and cannot be deleted. Only custom environments can be deleted.", e.name))
	}
	for _, i := range c.org.integrationsOf(e) {
		c.org.removeIntegration(i)
	}
	c.org.environments = slices.DeleteFunc(slices.Clone(c.org.environments), func(x *environment) bool { return x == e })
	delete(c.server.store.environments, e.id)
	delete(c.server.store.keys, e.key)
	return nil, nil
}

// environmentTags lists the tags of an environment's workflows, by id or by public identifier.
func environmentTags(c *call) (any, error) {
	id := c.params["id"]
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	e := c.org.findEnvironment(id)
	for _, x := range c.org.environments {
		if x.identifier == id {
			e = x
		}
	}
	if e == nil {
		return nil, notFound("Environment " + id + " not found")
	}
	seen, out := map[string]bool{}, []object{}
	for _, w := range e.workflows.all() {
		for _, t := range w.tags {
			if t != "" && !seen[t] {
				seen[t] = true
				out = append(out, object{"name": t})
			}
		}
	}
	return out, nil
}
