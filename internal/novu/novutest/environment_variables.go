// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

// secretMask is what answers have instead of the value of a secret variable.
const secretMask = "••••••••"

// variable is one stored environment variable: a name of the whole organization, with a value in some environments. It is never
// changed after it is stored.
type variable struct {
	id, key string
	secret  bool
	values  []variableValue

	created, updated time.Time
}

type variableValue struct{ environment, value string }

// shown is what answers have of a value.
func (x variableValue) shown(secret bool) string {
	if secret {
		return secretMask
	}
	return x.value
}

var variableKey = rule{
	"Key must start with a letter and contain only letters, digits, and underscores",
	func(v any, _ bool) bool { return variableForm.MatchString(text(v)) },
}

var (
	variableForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	variableText   = slices.Concat(length(0, 256), []rule{isString})
	variableFields = []field{
		{name: "type", optional: true, rules: []rule{oneOf("string")}},
		{name: "isSecret", optional: true, rules: []rule{isBool}},
		{name: "values", optional: true, rules: []rule{isArray}, each: true, nested: members(
			field{name: "_environmentId", rules: []rule{isString}},
			field{name: "value", rules: variableText},
		)},
	}
	createVariableFields = slices.Concat([]field{{name: "key", rules: slices.Concat([]rule{variableKey}, variableText)}}, variableFields)
	updateVariableFields = slices.Concat([]field{{name: "key", optional: true, rules: slices.Concat([]rule{variableKey}, variableText)}},
		variableFields)
)

// variableCall is a request about environment variables.
type variableCall struct{ *call }

// own tells whether the caller manages the values of its own environment only.
func (c variableCall) own() bool { return c.traits().scopedKeys && c.apiKey }

func (c variableCall) view(v *variable) object {
	values := []object{}
	for _, x := range v.values {
		if c.own() && x.environment != c.env.id {
			continue
		}
		values = append(values, object{"_environmentId": x.environment, "value": x.shown(v.secret)})
	}
	return object{
		"_id": v.id, "_organizationId": c.org.id, "key": v.key, "type": "string", "isSecret": v.secret, "values": values,
		"createdAt": timestamp(v.created), "updatedAt": timestamp(v.updated),
	}
}

// find looks a variable up by its key. It wants the lock.
func (c variableCall) find() (*variable, error) {
	key := c.params["key"]
	v := c.org.variables.find(key)
	if v == nil {
		return nil, notFound(fmt.Sprintf("Environment variable with key %q not found", key))
	}
	return v, nil
}

func listVariables(c *call) (any, error) {
	vc, search := variableCall{c}, strings.ToLower(c.request.URL.Query().Get("search"))
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	out := []object{}
	for _, v := range slices.Backward(c.org.variables.all()) {
		if strings.Contains(strings.ToLower(v.key), search) {
			out = append(out, vc.view(v))
		}
	}
	return out, nil
}

func getVariable(c *call) (any, error) {
	vc := variableCall{c}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	v, err := vc.find()
	if err != nil {
		return nil, err
	}
	return vc.view(v), nil
}

func createVariable(c *call) (any, error) {
	vc := variableCall{c}
	if err := dtoError(check(nil, c.body, createVariableFields)); err != nil {
		return nil, err
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	values, err := vc.givenValues()
	if err != nil {
		return nil, err
	}
	key := text(c.body["key"])
	if c.org.variables.find(key) != nil {
		return nil, conflict(fmt.Sprintf("Environment variable with key %q already exists", key))
	}
	if err := vc.checkMask(values, ""); err != nil {
		return nil, err
	}
	now := c.server.opts.Now().Truncate(time.Millisecond)
	v := &variable{id: c.server.ids.object(), key: key, secret: c.body["isSecret"] == true, values: values, created: now, updated: now}
	c.org.variables.put(v)
	c.status = c.traits().variableMade
	return vc.view(v), nil
}

// givenValues are the values of the request, all of environments that the caller may write to. It wants the lock.
func (c variableCall) givenValues() ([]variableValue, error) {
	list, _ := c.body["values"].([]any)
	var out []variableValue
	for _, x := range list {
		o, _ := x.(object)
		v := variableValue{environment: text(o["_environmentId"]), value: text(o["value"])}
		if err := c.scopedTo(v.environment); err != nil {
			return nil, err
		}
		if c.traits().mergedVariables && c.org.findEnvironment(v.environment) == nil {
			return nil, notFound("Environment with id " + v.environment + " not found")
		}
		out = append(out, v)
	}
	return out, nil
}

// checkMask refuses the mask as a value, which would replace a secret by it.
func (c variableCall) checkMask(values []variableValue, instead string) error {
	masked := func(v variableValue) bool { return v.value == secretMask }
	if c.traits().mergedVariables && slices.ContainsFunc(values, masked) {
		return badRequest("Submitted value matches the secret mask placeholder; provide the real value or omit the entry" + instead + ".")
	}
	return nil
}

func updateVariable(c *call) (any, error) {
	vc := variableCall{c}
	if err := dtoError(check(nil, c.body, updateVariableFields)); err != nil {
		return nil, err
	}
	if vc.own() && (c.body["key"] != nil || c.body["type"] != nil || c.body["isSecret"] != nil) {
		return nil, forbidden("This authentication scheme is scoped to a single environment and cannot update shared environment variable " +
			"metadata. Only per-environment values can be updated, or authenticate with a session token.")
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	values, err := vc.givenValues()
	if err != nil {
		return nil, err
	}
	v, err := vc.find()
	if err != nil {
		return nil, err
	}
	if err := vc.checkMask(values, " to keep the existing one"); err != nil {
		return nil, err
	}
	next := *v
	if !vc.edit(&next, values) {
		return nil, badRequest("At least one field must be provided to update")
	}
	next.updated = after(c.server.opts.Now(), v.updated)
	c.org.variables.put(&next)
	return vc.view(&next), nil
}

// edit tells whether the request names anything.
func (c variableCall) edit(v *variable, values []variableValue) bool {
	if key := text(c.body["key"]); key != "" {
		v.key = key
	}
	if secret, given := c.body["isSecret"].(bool); given {
		v.secret = secret
	}
	switch {
	case c.body["values"] == nil:
	case c.traits().mergedVariables:
		v.values = v.merged(values)
	default:
		v.values = values
	}
	return slices.ContainsFunc([]string{"key", "type", "isSecret", "values"}, func(name string) bool { return c.body[name] != nil })
}

// merged are the values with some of them replaced, and new ones at the end.
func (v *variable) merged(values []variableValue) []variableValue {
	out := slices.Clone(v.values)
	for _, x := range values {
		at := slices.IndexFunc(out, func(old variableValue) bool { return old.environment == x.environment })
		if at < 0 {
			out = append(out, x)
			continue
		}
		out[at] = x
	}
	return out
}

// deleteVariable deletes the variable or, for a caller that manages the values of its own environment only, that value; without
// a value, there is no variable.
func deleteVariable(c *call) (any, error) {
	vc := variableCall{c}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	v, err := vc.find()
	if err != nil {
		return nil, err
	}
	if !vc.own() {
		c.org.variables.remove(v.id)
		return nil, nil
	}
	next := *v
	next.values = slices.DeleteFunc(slices.Clone(v.values), func(x variableValue) bool { return x.environment == c.env.id })
	switch len(next.values) {
	case len(v.values):
		return nil, notFound(fmt.Sprintf("Environment variable with key %q has no value for the authenticated environment", v.key))
	case 0:
		c.org.variables.remove(v.id)
		return nil, nil
	}
	next.updated = after(c.server.opts.Now(), v.updated)
	c.org.variables.put(&next)
	return nil, nil
}

// variableUsage lists the workflows whose steps name a variable.
func variableUsage(c *call) (any, error) {
	vc := variableCall{c}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	v, err := vc.find()
	if err != nil {
		return nil, err
	}
	uses, users := regexp.MustCompile(`(^|[^\w$])env\.`+v.key+`([^\w$]|$)`), []object{}
	for _, e := range c.org.environments {
		if vc.own() && e != c.env {
			continue
		}
		for _, w := range e.workflows.all() {
			if slices.ContainsFunc(w.steps, func(st *step) bool { return uses.Match(javascript.JSON(st.values)) }) {
				users = append(users, object{"name": w.name, "workflowId": w.identifier})
			}
		}
	}
	return object{"workflows": users}, nil
}

// variableNames are the names of the variables that have a value in the environment. It wants the lock.
func (e *environment) variableNames() []string {
	var names []string
	for _, v := range e.org.variables.all() {
		if slices.ContainsFunc(v.values, func(x variableValue) bool { return x.environment == e.id }) {
			names = append(names, v.key)
		}
	}
	return names
}
