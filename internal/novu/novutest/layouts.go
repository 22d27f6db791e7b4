// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"novu-operator.dev/internal/novu/lint"
)

const maxLayouts = 100

// layout is one stored e-mail layout, never changed after it is stored.
type layout struct {
	id, identifier, name string

	isDefault bool
	edited    bool // an update names its author, a creation does not
	values    any  // object {"email":{…}}; nil: cleared

	created, updated time.Time
}

// emptyLayout is the content of a new layout: nothing but the slot.
const emptyLayout = `{"type":"doc","content":[` +
	`{"type":"paragraph","attrs":{"textAlign":null,"showIfKey":null},"content":[{"type":"text","text":" "}]},` +
	`{"type":"paragraph","attrs":{"textAlign":"left","showIfKey":null},"content":[{"type":"variable","attrs":` +
	`{"id":"content","label":null,"fallback":null,"required":false,"aliasFor":null}}]},` +
	`{"type":"paragraph","attrs":{"textAlign":null,"showIfKey":null},"content":[{"type":"text","text":" "}]}]}`

var (
	createLayoutFields = []field{
		{name: "layoutId", rules: []rule{isString}},
		{name: "name", rules: []rule{isString}},
		{name: "isTranslationEnabled", optional: true, rules: []rule{isBool}},
		{name: "__source", optional: true, rules: []rule{oneOf("dashboard")}},
	}
	updateLayoutFields = []field{
		{name: "name", rules: []rule{isString}},
		{name: "isTranslationEnabled", optional: true, rules: []rule{isBool}},
		{name: "controlValues", optional: true, nested: members(field{name: "email", optional: true, nested: anyMember})},
	}
	duplicateLayoutFields = []field{
		{name: "name", rules: []rule{isString}},
		{name: "layoutId", optional: true, rules: []rule{isString}},
	}
	upsertLayoutFields = []field{
		{name: "layoutId", optional: true, rules: []rule{isString}},
		{name: "name", rules: slices.Concat(length(1, maxName), []rule{isNotEmpty})},
	}
)

func layoutIn(env *environment, id string) (*layout, error) {
	l := env.layouts.lookup(id)
	if l == nil {
		return nil, notFound(fmt.Sprintf("Layout not found for id %s in the environment %s", id, env.id))
	}
	return l, nil
}

func createLayout(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, createLayoutFields)); err != nil {
		return nil, err
	}
	// Content in the request is ignored.
	dto := maps.Clone(c.body)
	dto["controlValues"] = object{"email": object{"body": emptyLayout, "editorType": "block"}}
	return c.upsertLayout(c.env, "", dto)
}

func updateLayout(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, updateLayoutFields)); err != nil {
		return nil, err
	}
	return c.upsertLayout(c.env, c.id("id"), c.body)
}

func duplicateLayout(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, duplicateLayoutFields)); err != nil {
		return nil, err
	}
	l, err := c.layout(c.id("id"))
	if err != nil {
		return nil, err
	}
	return c.upsertLayout(c.env, "", object{"name": c.body["name"], "layoutId": c.body["layoutId"], "controlValues": l.values})
}

func (c *call) layout(id string) (*layout, error) { return c.layoutOf(c.env, id) }

func (c *call) layoutOf(env *environment, id string) (*layout, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	return layoutIn(env, id)
}

// upsertLayout writes a layout to env: content is checked before anything else, and refused instead of stored.
func (c *call) upsertLayout(env *environment, id string, dto object) (any, error) {
	if err := commandError("UpsertLayoutCommand", check([]string{"layoutDto"}, dto, upsertLayoutFields)); err != nil {
		return nil, err
	}
	if values, ok := dto["controlValues"].(object); ok {
		if err := checkLayoutContent(c.server.State, env, values, dto["__source"] != nil); err != nil {
			return nil, err
		}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	l, err := c.storedLayout(env, id, dto)
	if err != nil {
		return nil, err
	}
	if values, given := dto["controlValues"]; given {
		l.values = values
	}
	env.layouts.put(l)
	return l.view(env), nil
}

// storedLayout is the layout to store: a copy of the one with this id, or a new one when id is empty.
func (c *call) storedLayout(env *environment, id string, dto object) (*layout, error) {
	now := c.server.opts.Now().Truncate(time.Millisecond)
	name := text(dto["name"])
	if id != "" {
		old, err := layoutIn(env, id)
		if err != nil {
			return nil, err
		}
		l := *old
		l.name, l.edited, l.updated = name, true, after(now, old.updated)
		return &l, nil
	}
	if n := env.layouts.len(); n >= maxLayouts {
		return nil, contextError(400, "Layout limit exceeded. Please contact us to support more layouts.",
			object{"currentCount": n, "limit": maxLayouts})
	}
	identifier := cmp.Or(text(dto["layoutId"]), slugify(name))
	if env.layouts.find(identifier) != nil {
		return nil, conflict(fmt.Sprintf("Layout with identifier: %s already exists under environment %s", identifier, env.id))
	}
	isDefault := !slices.ContainsFunc(env.layouts.all(), func(l *layout) bool { return l.isDefault })
	return &layout{id: c.server.ids.object(), identifier: identifier, name: name, isDefault: isDefault,
		created: now, updated: now}, nil
}

// checkLayoutContent refuses content that has any issue.
func checkLayoutContent(s *State, env *environment, values object, fromDashboard bool) error {
	if email, ok := values["email"].(object); ok {
		if _, isText := email["body"].(string); !isText {
			return internalError() // Novu calls a method of undefined here
		}
	}
	s.mu.RLock()
	names := env.variableNames()
	s.mu.RUnlock()
	issues := s.rules().Layout(lint.Layout{Controls: values, Dashboard: fromDashboard, Env: names})
	if err := refusalOf(issues); err != nil {
		return err
	}
	stored := storedIssues(issues)
	if len(stored) == 0 {
		return nil
	}
	return contextError(400, "Layout has validation issues", stored)
}

func getLayout(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	l, err := layoutIn(c.env, c.id("id"))
	if err != nil {
		return nil, err
	}
	return l.view(c.env), nil
}

func deleteLayout(c *call) (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return nil, removeLayout(c.env, c.id("id"))
}

// removeLayout takes a layout away, and its name out of every step that used it. The default layout stays. It wants
// the lock.
func removeLayout(env *environment, id string) error {
	l, err := layoutIn(env, id)
	if err != nil {
		return err
	}
	if l.isDefault {
		return conflict(fmt.Sprintf("Layout with id %s is being used as a default layout, it can not be deleted", id))
	}
	for _, w := range env.workflowsUsing(l.identifier) {
		env.workflows.put(w.withoutLayout(l.identifier))
	}
	env.layouts.remove(l.id)
	return nil
}

// withoutLayout is a copy whose steps no longer name the layout; nothing else changes, not even updatedAt.
func (w *workflow) withoutLayout(identifier string) *workflow {
	next := *w
	next.steps = slices.Clone(w.steps)
	for i, st := range w.steps {
		if st.values["layoutId"] != identifier {
			continue
		}
		changed := *st
		changed.values = maps.Clone(st.values)
		delete(changed.values, "layoutId")
		next.steps[i] = &changed
	}
	return &next
}

func (e *environment) workflowsUsing(layoutID string) []*workflow {
	uses := func(st *step) bool { return st.values["layoutId"] == layoutID }
	return slices.DeleteFunc(e.workflows.all(), func(w *workflow) bool { return !slices.ContainsFunc(w.steps, uses) })
}

func layoutUsage(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	l, err := layoutIn(c.env, c.id("id"))
	if err != nil {
		return nil, err
	}
	users := []object{}
	for _, w := range c.env.workflowsUsing(l.identifier) {
		users = append(users, object{"name": w.name, "workflowId": w.identifier})
	}
	return object{"workflows": users}, nil
}

func listLayouts(c *call) (any, error) {
	q, err := parseQuery(c.request.URL.Query(), c.traits().forms.listLayouts)
	if err != nil {
		return nil, err
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	all := slices.DeleteFunc(c.env.layouts.all(), func(l *layout) bool { return !q.found(l.name, l.identifier) })
	total := len(all)
	items := []object{}
	for _, l := range paged(all, q, compareLayouts(c.env.layouts, q.orderBy)) {
		v := l.view(c.env)
		v["controls"] = object{"values": object{}} // lists carry neither content nor author
		delete(v, "updatedBy")
		delete(v, "variables")
		items = append(items, v)
	}
	return object{"layouts": items, "totalCount": total}, nil
}

func compareLayouts(shelf *shelf[layout], orderBy string) func(a, b *layout) int {
	return func(a, b *layout) int {
		switch orderBy {
		case "name":
			return cmp.Compare(a.name, b.name)
		case "updatedAt":
			return cmp.Or(a.updated.Compare(b.updated), shelf.compareWrites(a, b))
		}
		return a.created.Compare(b.created)
	}
}

// view wants the lock.
func (l *layout) view(env *environment) object {
	values := object{}
	if stored, ok := l.values.(object); ok && stored["email"] != nil {
		values["email"] = stored["email"]
	}
	v := object{
		"_id": l.id, "layoutId": l.identifier, "name": l.name, "slug": buildSlug(l.name, "lt_", l.id),
		"isDefault": l.isDefault, "isTranslationEnabled": false, "origin": originCloud, "type": "BRIDGE",
		"createdAt": timestamp(l.created), "updatedAt": timestamp(l.updated),
		"controls": object{"values": values}, "variables": lint.LayoutVariables(env.variableNames()...),
	}
	if l.edited {
		v["updatedBy"] = env.org.user()
	}
	return v
}
