// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"reflect"

	"novu-operator.dev/internal/novu/javascript"
)

// patchWorkflow changes what the request names. It has no length limits, ignores null, and sets the status without
// looking at the issues.
func patchWorkflow(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, patchFields)); err != nil {
		return nil, err
	}
	objects := []field{{name: "payloadSchema", optional: true, rules: []rule{isObject}}}
	if err := commandError("PatchWorkflowCommand", check(nil, c.body, objects)); err != nil {
		return nil, err
	}
	id := c.id("id")
	s := c.server
	s.mu.Lock()
	err := c.patchStored(id)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return c.workflowView(c.env, id)
}

// patchStored wants the lock.
func (c *call) patchStored(id string) error {
	w, err := workflowIn(c.env, id)
	if err != nil {
		return err
	}
	next := *w
	if err := c.patch(&next); err != nil {
		return err
	}
	next.updated = after(c.server.opts.Now(), w.updated)
	c.env.workflows.put(&next)
	return nil
}

func (c *call) patch(w *workflow) error {
	if name, ok := c.body["name"].(string); ok {
		w.name = name
	}
	if d, ok := c.body["description"].(string); ok {
		w.description = d
	}
	if tags, ok := c.body["tags"].([]any); ok {
		w.tags = javascript.Texts(tags)
	}
	if v, ok := c.body["validatePayload"].(bool); ok {
		w.validatePayload = v
	}
	if schema, ok := c.body["payloadSchema"].(object); ok {
		changed := !reflect.DeepEqual(any(schema), w.payloadSchema)
		w.payloadSchema = schema
		if changed {
			steps, err := recomputeIssues(c.server, c.env, w)
			if err != nil {
				return err
			}
			w.steps = steps
		}
	}
	if active, ok := c.body["active"].(bool); ok {
		w.active, w.status = active, statusInactive
		if active {
			w.status = statusActive
		}
	}
	return nil
}
