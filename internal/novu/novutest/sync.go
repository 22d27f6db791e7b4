// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"

	"novu-operator.dev/internal/novu/javascript"
)

var syncFields = []field{{name: "targetEnvironmentId", rules: []rule{isString}}}

var duplicateFields = []field{
	{name: "name", optional: true, rules: []rule{isString}},
	{name: "workflowId", optional: true, rules: []rule{isIdentifier, isString}},
	{name: "tags", optional: true, rules: []rule{isArray}},
	{name: "description", optional: true, rules: []rule{isString}},
	{name: "isTranslationEnabled", optional: true, rules: []rule{isBool}},
}

// syncWorkflow copies a workflow from the caller's environment to another one. The copy is found by workflowId and
// its steps by stepId, so their _ids stay; the layouts of e-mail steps go along first.
func syncWorkflow(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, syncFields)); err != nil {
		return nil, err
	}
	id := text(c.body["targetEnvironmentId"])
	if id == c.env.id {
		return nil, badRequest("Cannot sync workflow to the same environment")
	}
	c.server.mu.RLock()
	target := c.org.findEnvironment(id)
	c.server.mu.RUnlock()
	if target == nil {
		return nil, notFound("Environment " + id + " not found")
	}
	w, err := c.workflow(c.id("id"))
	if err != nil {
		return nil, err
	}
	return syncCall{c}.syncTo(c.env, target, w)
}

func (c syncCall) syncTo(source, target *environment, w *workflow) (any, error) {
	if w.origin != originCloud {
		return nil, contextError(400, "Cannot sync workflow: origin '"+w.origin+"' is not allowed (must be one of: "+originCloud+")",
			object{"workflowId": w.identifier, "status": w.status, "origin": w.origin, "allowedOrigins": []string{originCloud}})
	}
	c.server.mu.RLock()
	existing := target.workflows.find(w.identifier)
	c.server.mu.RUnlock()
	for _, st := range w.steps {
		if id := text(st.values["layoutId"]); st.kind == "email" && id != "" {
			if err := c.syncLayout(source, target, id); err != nil {
				return nil, err
			}
		}
	}
	u := upsert{env: target, dto: w.request(existing)}
	if existing != nil {
		u.id = existing.id
	}
	result, err := c.upsert(u)
	if err != nil {
		return nil, err
	}
	c.markPublished(source, w.id)
	return result, nil
}

// request is the workflow as a request to write it, with the _ids of the steps of another copy of it.
func (w *workflow) request(as *workflow) object {
	steps := make([]any, len(w.steps))
	for i, st := range w.steps {
		values := st.values
		if values == nil {
			values = object{}
		}
		o := object{"stepId": st.stepID, "name": st.name, "type": st.kind, "controlValues": values}
		if st.overrides != nil {
			o["providerOverrides"] = st.overrides
		}
		if as != nil {
			for _, other := range as.steps {
				if other.stepID == st.stepID {
					o["_id"] = other.id
					break
				}
			}
		}
		steps[i] = o
	}
	schema := w.payloadSchema
	if javascript.Falsy(schema) {
		schema = nil
	}
	dto := object{
		"workflowId": w.identifier, "name": w.name, "description": w.description, "tags": javascript.List(w.tags),
		"active": w.active, "severity": cmp.Or(w.severity, "none"), "origin": originCloud,
		"payloadSchema": schema, "validatePayload": w.validatePayload, "isTranslationEnabled": false,
		"preferences": object{"user": w.user, "workflow": w.defaults}, "steps": steps, "agent": nil,
	}
	if w.agent != nil {
		dto["agent"] = w.agent
	}
	return dto
}

// syncLayout copies name and content of a layout; which one is the default stays the target's affair.
func (c syncCall) syncLayout(source, target *environment, id string) error {
	l, err := c.layoutOf(source, id)
	if err != nil {
		return err
	}
	c.server.mu.RLock()
	there := target.layouts.find(l.identifier)
	c.server.mu.RUnlock()
	dto := object{"layoutId": l.identifier, "name": l.name, "controlValues": layoutValues(l)}
	existing := ""
	if there != nil {
		existing = l.identifier
	}
	_, err = c.upsertLayout(target, existing, dto)
	return err
}

func layoutValues(l *layout) object {
	if values, ok := l.values.(object); ok {
		return values
	}
	return object{}
}

// markPublished notes on the source that it was copied; that moves its updatedAt as well.
func (c syncCall) markPublished(source *environment, id string) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	w := source.workflows.get(id)
	if w == nil {
		return
	}
	next := *w
	next.updated = after(c.server.opts.Now(), w.updated)
	next.published = next.updated
	source.workflows.put(&next)
}

// duplicateWorkflow makes an inactive copy in the same environment.
func duplicateWorkflow(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, duplicateFields)); err != nil {
		return nil, err
	}
	w, err := c.workflow(c.id("id"))
	if err != nil {
		return nil, err
	}
	dto := w.request(nil)
	dto["active"], dto["name"] = false, w.name+" (Copy)"
	for _, name := range []string{"name", "tags", "description"} {
		if v := c.body[name]; v != nil {
			dto[name] = v
		}
	}
	dto["workflowId"] = c.body["workflowId"]
	return c.upsert(upsert{env: c.env, dto: dto, derive: javascript.Falsy(c.body["workflowId"])})
}
