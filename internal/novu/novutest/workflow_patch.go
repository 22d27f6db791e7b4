package novutest

import (
	"reflect"
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
	w, err := workflowIn(c.env, id)
	if err == nil {
		next := *w
		c.patch(&next)
		next.updated = after(s.opts.Now(), w.updated)
		c.env.workflows.put(&next)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return c.workflowView(c.env, id)
}

func (c *call) patch(w *workflow) {
	if name, ok := c.body["name"].(string); ok {
		w.name = name
	}
	if d, ok := c.body["description"].(string); ok {
		w.description = d
	}
	if tags, ok := c.body["tags"].([]any); ok {
		w.tags = texts(tags)
	}
	if v, ok := c.body["validatePayload"].(bool); ok {
		w.validatePayload = v
	}
	if schema, ok := c.body["payloadSchema"].(object); ok {
		changed := !reflect.DeepEqual(any(schema), w.payloadSchema)
		w.payloadSchema = schema
		if changed {
			w.steps = recomputeIssues(c.env, w)
		}
	}
	if active, ok := c.body["active"].(bool); ok {
		w.active, w.status = active, statusInactive
		if active {
			w.status = statusActive
		}
	}
}
