// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"time"

	"novu-operator.dev/internal/novu/lint"
)

// workflow is one stored workflow. It is never changed after it is stored.
type workflow struct {
	id, identifier, name, description string

	tags            []string
	active          bool
	status          string
	severity        string
	origin          string
	validatePayload bool
	payloadSchema   any    // object; nil when it was cleared
	user            any    // preferences of the user level; nil when there are none
	agent           object // nil: none
	defaults        object
	steps           []*step

	created, updated time.Time
	published        time.Time // zero: never
}

// step is one stored step, equally unchangeable.
type step struct {
	id, stepID, name, kind string

	schemaKind string // type whose control schema was stored when the step was made; it survives a change of type
	values     object // nil: no control values
	overrides  object // by provider; nil: none
	issues     object // as computed by the last write
}

const (
	statusActive   = "ACTIVE"
	statusInactive = "INACTIVE"
	statusError    = "ERROR"
)

// computeStatus ignores missing integrations: only wrong controls make a workflow an error.
func computeStatus(active bool, steps []*step) string {
	if !active {
		return statusInactive
	}
	for _, st := range steps {
		if controls, _ := st.issues["controls"].(object); len(controls) > 0 {
			return statusError
		}
	}
	return statusActive
}

// workflow looks one up by id or identifier in the caller's environment.
func (c *call) workflow(id string) (*workflow, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	return workflowIn(c.env, id)
}

func workflowIn(env *environment, id string) (*workflow, error) {
	w := env.workflows.lookup(id)
	if w == nil {
		return nil, contextError(404, "Workflow cannot be found", object{"workflowId": id})
	}
	return w, nil
}

func getWorkflow(c *call) (any, error) {
	env, err := c.readEnvironment()
	if err != nil {
		return nil, err
	}
	return c.workflowView(env, c.id("id"))
}

// readEnvironment is the environment that a GET asks for with environmentId; without it, the caller's own.
func (c *call) readEnvironment() (*environment, error) {
	id := c.request.URL.Query().Get("environmentId")
	if id == "" || id == c.env.id {
		return c.env, nil
	}
	if err := c.scopedTo(id); err != nil {
		return nil, err
	}
	if !isObjectID(id) {
		return nil, badRequest("Invalid environment ID format: " + id)
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	env := c.org.findEnvironment(id)
	if env == nil {
		return nil, notFound("Environment " + id + " not found")
	}
	return env, nil
}

func deleteWorkflow(c *call) (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	w, err := workflowIn(c.env, c.id("id"))
	if err != nil {
		return nil, err
	}
	c.env.workflows.remove(w.id)
	return nil, nil
}

func getStep(c *call) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	w, at, err := c.stepOf()
	if err != nil {
		return nil, err
	}
	return stepView(c.traits(), c.env, w, at), nil
}

// workflowView is the answer that describes a workflow as it is now.
func (c *call) workflowView(env *environment, id string) (any, error) {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	w, err := workflowIn(env, id)
	if err != nil {
		return nil, err
	}
	steps := make([]object, len(w.steps))
	for i, st := range w.steps {
		steps[i] = stepView(c.traits(), env, w, i)
		issues := withIntegrationIssues(env, st)
		if len(issues) == 0 {
			delete(steps[i], "issues")
			continue
		}
		steps[i]["issues"] = issues
	}
	v := w.view(c.traits(), c.org, steps)
	if w.payloadSchema != nil {
		v["payloadExample"] = example(w.payloadSchema, c.server.opts.Now())
	}
	return v, nil
}

func (w *workflow) view(t *traits, org *organization, steps []object) object {
	v := object{
		"_id": w.id, "slug": buildSlug(w.name, "wf_", w.id), "workflowId": w.identifier, "name": w.name,
		"description": w.description, "tags": w.tags, "active": w.active, "status": w.status,
		"severity": cmp.Or(w.severity, "none"), "origin": w.origin,
		"preferences":   object{"user": shownPreferences(w.user, t.channels), "default": shownPreferences(w.defaults, t.channels)},
		"payloadSchema": w.payloadSchema, "validatePayload": w.validatePayload, "isTranslationEnabled": false,
		"steps":     steps,
		"createdAt": timestamp(w.created), "updatedAt": timestamp(w.updated), "updatedBy": org.user(),
		"lastPublishedAt": timeOrNil(w.published), "lastTriggeredAt": nil,
	}
	if t.agents {
		v["agent"] = nil
		if w.agent != nil {
			v["agent"] = w.agent
		}
	}
	return v
}

// stepView is the answer that describes the i-th step, with what its templates may name. It wants the lock.
func stepView(t *traits, env *environment, w *workflow, i int) object {
	st := w.steps[i]
	values := st.values
	if values == nil {
		values = object{}
	}
	view := object{
		"_id": st.id, "stepId": st.stepID, "slug": buildSlug(st.name, "st_", st.id), "name": st.name,
		"type": st.kind, "origin": w.origin, "workflowId": w.identifier, "workflowDatabaseId": w.id,
		"controls": object{"values": values}, "controlValues": values, "issues": st.issues,
		"variables": lint.StepVariables(w.payloadSchema, known(w.steps[:i]), env.variableNames()...),
	}
	if st.overrides != nil && t.overrides {
		view["providerOverrides"] = st.overrides
	}
	return view
}

// user is the person who owns all keys of an organization.
func (o *organization) user() object {
	return object{"_id": o.userID, "firstName": "lab", "lastName": "operator"}
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timestamp(t)
}
