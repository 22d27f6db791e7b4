// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"novu-operator.dev/internal/novu/javascript"
	"novu-operator.dev/internal/novu/lint"
)

// upsert is a creation or an update on its way through Novu's layers. Sync and duplication use it as well.
type upsert struct {
	server *Server
	org    *organization
	env    *environment // where it is written
	dto    object       // the request, with control values normalized to an object or null

	id       string    // which workflow to update; "" creates one
	existing *workflow // as it was found
	// variables are the names of the environment's variables.
	variables []string
	// derive makes the identifier of a new workflow from its name instead of taking dto's workflowId.
	derive bool
}

func createWorkflow(c *call) (any, error) {
	dto, err := readRequest(c.body, c.traits().forms.createWorkflow)
	if err != nil {
		return nil, err
	}
	dto["origin"] = originCloud
	return c.upsert(upsert{env: c.env, dto: dto})
}

func updateWorkflow(c *call) (any, error) {
	dto, err := readRequest(c.body, c.traits().forms.updateWorkflow)
	if err != nil {
		return nil, err
	}
	return c.upsert(upsert{env: c.env, dto: dto, id: c.id("id")})
}

// readRequest checks a request's members and fills them in. A step that is null breaks Novu.
func readRequest(body object, fields []field) (object, error) {
	if list, _ := body["steps"].([]any); slices.Contains(list, nil) {
		return nil, internalError()
	}
	if err := dtoError(check(nil, body, fields)); err != nil {
		return nil, err
	}
	return normalizeRequest(body)
}

// normalizeRequest fills in what the request classes do: control values that are absent become null, preference
// flags get their defaults.
func normalizeRequest(body object) (object, error) {
	dto := maps.Clone(body)
	list, _ := body["steps"].([]any)
	steps := make([]any, len(list))
	for i, x := range list {
		o := object{} // of a list, none of whose members anybody reads
		if given, ok := x.(object); ok {
			o = maps.Clone(given)
		}
		if _, given := o["controlValues"]; !given {
			o["controlValues"] = nil
		}
		steps[i] = o
	}
	dto["steps"] = steps
	if p, ok := body["preferences"].(object); ok {
		dto["preferences"] = withPreferenceDefaults(p)
	}
	return dto, nil
}

func withPreferenceDefaults(p object) object {
	out := maps.Clone(p)
	for _, name := range []string{"user", "workflow"} {
		set, ok := out[name].(object)
		if !ok {
			continue
		}
		if all, ok := set["all"].(object); ok {
			set = maps.Clone(set)
			full := object{"enabled": true, "readOnly": false}
			maps.Copy(full, all)
			set["all"] = full
		}
		out[name] = set
	}
	return out
}

// upsert writes and answers with what is stored then.
func (c *call) upsert(u upsert) (any, error) {
	u.server, u.org = c.server, c.org
	id, err := u.run()
	if err != nil {
		return nil, err
	}
	return c.workflowView(u.env, id)
}

// run returns the id of the workflow. It is not atomic, like Novu: the workflow is stored first, control values
// follow, and when one of them fails (a layout that does not exist) the workflow stays without them.
func (u *upsert) run() (string, error) {
	t := u.server.traits()
	if err := commandError("UpsertWorkflowCommand", check([]string{"workflowDto"}, u.dto, t.forms.upsertWorkflow)); err != nil {
		return "", err
	}
	if err := u.find(); err != nil {
		return "", err
	}
	steps, err := u.buildSteps()
	if err != nil {
		return "", err
	}
	command := "CreateWorkflowCommandV0"
	if u.existing != nil {
		command = "UpdateWorkflowCommandV0"
	}
	if err := commandError(command, check(nil, u.storeRequest(), storeFields(t.channels))); err != nil {
		return "", err
	}
	if len(steps) > lint.MaxSteps {
		return "", contextError(400, fmt.Sprintf("Workflow steps limit exceeded. Maximum allowed steps is %d, but got %d steps.",
			lint.MaxSteps, len(steps)), object{"providedStepsCount": len(steps), "maxSteps": lint.MaxSteps})
	}
	if err := u.checkAgent(); err != nil {
		return "", err
	}
	id, err := u.store(steps)
	if err != nil {
		return "", err
	}
	return id, u.storeValues(id)
}

// checkAgent looks for the agent that the request names.
func (u *upsert) checkAgent() error {
	agent, ok := u.dto["agent"].(object)
	if !ok || !u.server.traits().agents {
		return nil
	}
	u.server.mu.RLock()
	defer u.server.mu.RUnlock()
	if id := text(agent["identifier"]); !u.env.agents[id] {
		return notFound(fmt.Sprintf("Agent with identifier %q was not found.", id))
	}
	return nil
}

func (u *upsert) find() (err error) {
	u.server.mu.RLock()
	defer u.server.mu.RUnlock()
	u.variables = u.env.variableNames()
	if u.id == "" {
		return nil
	}
	if u.existing, err = workflowIn(u.env, u.id); err == nil && u.server.traits().storedOrigin {
		u.dto = maps.Clone(u.dto)
		u.dto["origin"] = u.existing.origin
	}
	return err
}

// storeRequest is the part of the request that the last layer checks.
func (u *upsert) storeRequest() object {
	t := u.server.traits()
	p, _ := u.dto["preferences"].(object)
	o := object{
		"name": u.dto["name"], "description": u.dto["description"], "tags": u.dto["tags"],
		"userPreferences": p["user"], "defaultPreferences": p["workflow"],
	}
	if t.fillChannels {
		o["userPreferences"] = filledPreferences(p["user"], t.channels)
		o["defaultPreferences"] = filledPreferences(p["workflow"], t.channels)
	}
	if o["defaultPreferences"] == nil {
		o["defaultPreferences"] = filledPreferences(object{}, t.channels)
	}
	return o
}

// store commits the workflow without the control values of this request.
func (u *upsert) store(steps []*step) (string, error) {
	if u.existing == nil {
		return u.insert(steps)
	}
	s := u.server
	s.mu.Lock()
	defer s.mu.Unlock()
	current := u.env.workflows.get(u.existing.id)
	if current == nil {
		return "", notFound(fmt.Sprintf("Notification template with id %s not found", u.existing.id))
	}
	next := *current
	u.apply(&next, steps)
	next.updated = after(s.opts.Now(), current.updated)
	u.env.workflows.put(&next)
	return next.id, nil
}

// insert checks limit and identifier first and adds later: two requests at the same time can both find it free.
func (u *upsert) insert(steps []*step) (string, error) {
	s := u.server
	identifier, err := u.freeIdentifier()
	if err != nil {
		return "", err
	}
	s.gap()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now().Truncate(time.Millisecond)
	w := &workflow{identifier: identifier, origin: originCloud, created: now, updated: now, tags: []string{}}
	u.apply(w, steps)
	if javascript.Falsy(w.payloadSchema) {
		w.payloadSchema = object{"type": "object", "additionalProperties": true, "properties": object{}}
		w.validatePayload = u.dto["validatePayload"] != false
	}
	w.id = s.ids.object() // after the steps' ids
	u.env.workflows.put(w)
	return w.id, nil
}

// freeIdentifier suffixes an identifier that is taken; the limit comes first.
func (u *upsert) freeIdentifier() (string, error) {
	s := u.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n, limit := u.env.countedWorkflows(), s.opts.WorkflowLimit; limit > 0 && n >= limit {
		return "", contextError(400, "Workflow limit exceeded. Please contact us to support more workflows.",
			object{"currentCount": n, "limit": limit})
	}
	wanted, _ := u.dto["workflowId"].(string)
	if u.derive || wanted == "" {
		wanted = slugify(text(u.dto["name"]))
	}
	for i, candidate := 0, wanted; i < 3; i, candidate = i+1, wanted+"-"+shortID() {
		if u.env.workflows.find(candidate) == nil {
			return candidate, nil
		}
	}
	return "", badRequest("Unable to generate a unique identifier. Please provide a different workflow name." + text(u.dto["name"]))
}

// demoWorkflows are identifiers that do not count against the limit.
var demoWorkflows = []string{
	"demo-apartment-review", "a-new-member-joining-the-team", "demo-verify-otp", "demo-password-reset",
	"demo-recent-login", "demo-comment-on-task",
}

func (e *environment) countedWorkflows() int {
	n := e.workflows.len()
	for _, id := range demoWorkflows {
		n -= len(e.workflows.byIdentifier[id])
	}
	return n
}

// apply copies the request into a workflow: what is left out keeps its value, except active (true) and preferences
// (their defaults).
func (u *upsert) apply(w *workflow, steps []*step) {
	w.name = text(u.dto["name"])
	w.active = u.dto["active"] != false
	if d, ok := u.dto["description"].(string); ok {
		w.description = d
	}
	if tags, ok := u.dto["tags"].([]any); ok {
		w.tags = javascript.Texts(tags)
	}
	if sev, given := u.dto["severity"]; given {
		w.severity = text(sev)
	}
	if v, given := u.dto["validatePayload"]; given {
		w.validatePayload = v == true
	}
	if schema, given := u.dto["payloadSchema"]; given {
		w.payloadSchema = schema
	}
	stored := u.storeRequest()
	t := u.server.traits()
	w.user = storedPreferences(stored["userPreferences"], t.channels)
	w.defaults, _ = storedPreferences(stored["defaultPreferences"], t.channels).(object)
	if agent, given := u.dto["agent"]; given && t.agents {
		w.agent, _ = agent.(object)
	}
	w.steps = steps
	w.status = computeStatus(w.active, steps)
}

// storeValues commits the control values of the steps. One that fails does not hold up the others.
func (u *upsert) storeValues(id string) error {
	s := u.server
	s.mu.Lock()
	defer s.mu.Unlock()
	w := u.env.workflows.get(id)
	if w == nil {
		return contextError(404, "Workflow cannot be found", object{"workflowId": id})
	}
	next := *w
	next.steps = slices.Clone(w.steps)
	var failure error
	for i, st := range w.steps {
		values, err := u.valuesFor(st)
		if err != nil {
			failure = err
			continue
		}
		changed := *st
		changed.values = values
		next.steps[i] = &changed
	}
	u.env.workflows.put(&next)
	return failure
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
