// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"maps"

	"novu-operator.dev/internal/novu/lint"
)

// buildSteps makes the steps of a request, with their issues. A request step continues a stored one only if it
// carries that one's _id; then it keeps the stored stepId whatever the request says.
func (u *upsert) buildSteps() ([]*step, error) {
	list, _ := u.dto["steps"].([]any)
	steps := make([]*step, len(list))
	var ids []string
	for i, x := range list {
		o, _ := x.(object)
		st, err := u.newStep(o, ids)
		if err != nil {
			return nil, err
		}
		ids = append(ids, st.stepID)
		steps[i] = st
	}
	for i, x := range list {
		o, _ := x.(object)
		issues, err := u.issuesOf(steps, i, o)
		if err != nil {
			return nil, err
		}
		steps[i].issues = issues
	}
	return steps, nil
}

func (u *upsert) newStep(o object, earlier []string) (*step, error) {
	kind := text(o["type"])
	st := &step{name: text(o["name"]), kind: kind, schemaKind: kind, stepID: text(o["stepId"])}
	if old := u.continued(o); old != nil {
		st.id, st.stepID, st.schemaKind, st.values = old.id, old.stepID, old.schemaKind, old.values
		_, st.overrides = u.overridesOf(o, old.overrides)
		return st, nil
	}
	if !u.server.rules().KnownType(kind) {
		return nil, internalError() // a trigger has no controls, and Novu trips over that
	}
	st.id = u.server.ids.object()
	_, st.overrides = u.overridesOf(o, nil)
	if st.stepID == "" {
		st.stepID = u.freeStepID(st.name, earlier)
	}
	return st, nil
}

// overridesOf are a step's provider overrides, as they were given or, where they are left out, as they were. Null and {} remove
// them, and so does a step without control values that does not name them. Novu judges overrides for providers that it does not
// know, but does not keep them.
func (u *upsert) overridesOf(o, before object) (given, kept object) {
	v, there := o["providerOverrides"]
	switch given, _ = v.(object); {
	case !u.server.traits().overrides:
		return nil, nil
	case !there && o["controlValues"] == nil:
		return nil, nil
	case !there:
		return before, before
	}
	for provider, override := range given {
		if lint.CanOverride(provider) {
			if kept == nil {
				kept = object{}
			}
			kept[provider] = override
		}
	}
	return given, kept
}

// continued is the stored step that a request step continues, or nil.
func (u *upsert) continued(o object) *step {
	id := text(o["_id"])
	if u.existing == nil || id == "" {
		return nil
	}
	for _, st := range u.existing.steps {
		if st.id == id {
			return st
		}
	}
	return nil
}

// freeStepID derives a stepId from the name. It avoids the stored steps of an update, but on creation only the
// steps before it.
func (u *upsert) freeStepID(name string, earlier []string) string {
	taken := map[string]bool{}
	if u.existing == nil {
		for _, id := range earlier {
			taken[id] = true
		}
	} else {
		for _, st := range u.existing.steps {
			taken[st.stepID] = true
		}
	}
	slug := slugify(name)
	id := slug
	for taken[id] {
		id = slug + "-" + shortID()
	}
	return id
}

// valuesFor finds the control values that the request has for a stored step. The search is Novu's: by _id if the
// request step has one at all, else by stepId if it has one, else by name; the first match wins.
func (u *upsert) valuesFor(st *step) (object, error) {
	list, _ := u.dto["steps"].([]any)
	for _, x := range list {
		o, _ := x.(object)
		if !requestMatches(o, st) {
			continue
		}
		values, ok := o["controlValues"].(object)
		if !ok {
			return nil, nil
		}
		return u.storable(st, values)
	}
	return nil, nil
}

func requestMatches(o object, st *step) bool {
	if id, given := o["_id"]; given {
		return id == st.id
	}
	if id, given := o["stepId"]; given {
		return id == st.stepID
	}
	return o["name"] == st.name
}

// storable rewrites the values of an email step: a layout is looked up and named by its layoutId, and text that is
// no block document is lost in the block editor. With origin "external" values are stored as they are.
func (u *upsert) storable(st *step, values object) (object, error) {
	if st.kind != "email" || u.dto["origin"] == originExternal {
		return values, nil
	}
	out := maps.Clone(values)
	if id, ok := values["layoutId"].(string); ok {
		l, err := layoutIn(u.env, id)
		if err != nil {
			return nil, err
		}
		out["layoutId"] = l.identifier
	}
	if lint.LosesBody(values) {
		out["body"] = ""
	}
	return out, nil
}

func (u *upsert) payloadSchema() any {
	if schema, given := u.dto["payloadSchema"]; given && schema != nil {
		return schema
	}
	if u.existing != nil {
		return u.existing.payloadSchema
	}
	return nil
}
