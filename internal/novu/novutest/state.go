// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Environment is what a client needs to know of one environment.
type Environment struct {
	ID, Name, Identifier, OrganizationID string
	SecretKey                            string // its API key, a made-up one
}

func (e *environment) public() Environment {
	return Environment{ID: e.id, Name: e.name, Identifier: e.identifier, OrganizationID: e.org.id, SecretKey: e.key}
}

// Environment returns the oldest environment of this name, in any organization. It panics when there is none.
func (s *State) Environment(name string) Environment {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mustFind(name).public()
}

// Environments returns all environments of all organizations, oldest first.
func (s *State) Environments() []Environment {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Environment
	for _, o := range s.store.organizations {
		for _, e := range o.environments {
			out = append(out, e.public())
		}
	}
	return out
}

func (s *State) mustFind(name string) *environment {
	for _, o := range s.store.organizations {
		for _, e := range o.environments {
			if e.name == name {
				return e
			}
		}
	}
	panic(fmt.Sprintf("novutest: no environment %q", name))
}

// AddEnvironment adds an environment to the first organization, whatever the tier allows.
func (s *State) AddEnvironment(name string) Environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addEnvironment(s.store.organizations[0], name, "#808080").public()
}

// AddOrganization adds an organization with these environments.
func (s *State) AddOrganization(name string, environments ...string) []Environment {
	o := s.addOrganization(name, environments)
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Environment
	for _, e := range o.environments {
		out = append(out, e.public())
	}
	return out
}

// RotateKey gives an environment a new API key and returns it; the old one is refused from now on.
func (s *State) RotateKey(name string) string {
	s.mu.RLock()
	e := s.mustFind(name)
	s.mu.RUnlock()
	return s.rotate(e)
}

// Upgrade lifts the limits of the free tier from now on. What is stored keeps its issues until it is written again.
func (s *State) Upgrade() { s.paidTier.Store(true) }

// Downgrade brings the limits of the free tier back. What is stored is not judged by them until it is written again.
func (s *State) Downgrade() { s.paidTier.Store(false) }

func (s *State) paid() bool { return s.paidTier.Load() }

// ConnectInbox marks the environment's in-app integration as connected, as the first session of an Inbox does.
func (s *State) ConnectInbox(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.mustFind(name)
	for _, i := range e.org.activeOn(e, "in_app") {
		next := *i
		next.connected = true
		e.org.putIntegration(&next)
	}
}

// WorkflowState is a stored workflow.
type WorkflowState struct {
	ID, WorkflowID, Name, Description string

	Tags                    []string
	Active, ValidatePayload bool
	Status, Severity        string
	Origin                  string
	PayloadSchema           any
	UserPreferences         any
	DefaultPreferences      map[string]any
	Agent                   map[string]any // nil: none
	Steps                   []StepState

	CreatedAt, UpdatedAt, LastPublishedAt time.Time
}

// StepState is a stored step. Its values are the server's own: do not change them.
type StepState struct {
	ID, StepID, Name, Type string

	ControlValues     map[string]any // nil: none are stored
	ProviderOverrides map[string]any // by provider; nil: none
	Issues            map[string]any // as stored, without missing integrations
}

// Workflows returns an environment's workflows, oldest first.
func (s *State) Workflows(env string) []WorkflowState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []WorkflowState
	for _, w := range s.mustFind(env).workflows.all() {
		out = append(out, w.state())
	}
	return out
}

func (w *workflow) state() WorkflowState {
	st := WorkflowState{
		ID: w.id, WorkflowID: w.identifier, Name: w.name, Description: w.description, Tags: w.tags, Active: w.active,
		ValidatePayload: w.validatePayload, Status: w.status, Severity: cmp.Or(w.severity, "none"), Origin: w.origin,
		PayloadSchema: w.payloadSchema, UserPreferences: w.user, DefaultPreferences: w.defaults, Agent: w.agent,
		CreatedAt: w.created, UpdatedAt: w.updated, LastPublishedAt: w.published,
	}
	for _, x := range w.steps {
		st.Steps = append(st.Steps, StepState{ID: x.id, StepID: x.stepID, Name: x.name, Type: x.kind, ControlValues: x.values,
			ProviderOverrides: x.overrides, Issues: x.issues})
	}
	return st
}

// LayoutState is a stored layout.
type LayoutState struct {
	ID, LayoutID, Name string

	IsDefault            bool
	Values               any // object {"email":{…}} or nil
	CreatedAt, UpdatedAt time.Time
}

// Layouts returns an environment's layouts, oldest first.
func (s *State) Layouts(env string) []LayoutState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []LayoutState
	for _, l := range s.mustFind(env).layouts.all() {
		out = append(out, LayoutState{ID: l.id, LayoutID: l.identifier, Name: l.name, IsDefault: l.isDefault, Values: l.values,
			CreatedAt: l.created, UpdatedAt: l.updated})
	}
	return out
}

// IntegrationState is a stored integration with its credentials in clear text.
type IntegrationState struct {
	ID, Identifier, Name, ProviderID, Channel string

	Credentials, Configurations map[string]any
	Conditions                  []map[string]any
	Active, Primary, Connected  bool
	Priority                    int
	CreatedAt, UpdatedAt        time.Time
}

// Integrations returns an environment's integrations, oldest first; the first is the in-app one it was born with.
func (s *State) Integrations(env string) []IntegrationState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.mustFind(env)
	var out []IntegrationState
	for _, i := range e.org.integrationsOf(e) {
		out = append(out, IntegrationState{ID: i.id, Identifier: i.identifier, Name: i.name, ProviderID: i.providerID,
			Channel: i.channel, Credentials: i.credentials, Configurations: i.configurations, Conditions: i.conditions,
			Active: i.active, Primary: i.primary, Connected: i.connected, Priority: i.priority,
			CreatedAt: i.created, UpdatedAt: i.updated})
	}
	return out
}

// Snapshot is the state of an environment without generated ids and times, fit to compare two end states with
// reflect.DeepEqual. Workflows and integrations are sorted by identifier; ids that a suffix made unique stay visible.
func (s *State) Snapshot(env string) any {
	return s.snapshot(env, false)
}

// SnapshotWithStepIDs is Snapshot with the _id of every workflow and step, to show that they survived.
func (s *State) SnapshotWithStepIDs(env string) any {
	return s.snapshot(env, true)
}

func (s *State) snapshot(env string, withIDs bool) any {
	workflows, layouts, integrations := []any{}, []any{}, []any{}
	for _, w := range s.Workflows(env) {
		workflows = append(workflows, w.snapshot(withIDs))
	}
	for _, l := range s.Layouts(env) {
		layouts = append(layouts, object{"layoutId": l.LayoutID, "name": l.Name, "isDefault": l.IsDefault, "values": l.Values})
	}
	for _, i := range s.Integrations(env) {
		integrations = append(integrations, object{"identifier": i.snapshotName(), "name": i.Name, "providerId": i.ProviderID,
			"channel": i.Channel, "credentials": i.Credentials, "configurations": i.Configurations, "active": i.Active,
			"primary": i.Primary, "conditions": len(i.Conditions)})
	}
	byKey := func(key string) func(a, b any) int {
		return func(a, b any) int {
			return compareText(a.(object)[key], b.(object)[key])
		}
	}
	slices.SortStableFunc(workflows, byKey("workflowId"))
	slices.SortStableFunc(layouts, byKey("layoutId"))
	slices.SortStableFunc(integrations, byKey("identifier"))
	return object{"workflows": workflows, "layouts": layouts, "integrations": integrations}
}

func compareText(a, b any) int {
	x, y := text(a), text(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (i *IntegrationState) snapshotName() string {
	if i.Channel == "in_app" {
		return "" // its identifier is random
	}
	return i.Identifier
}

func (w *WorkflowState) snapshot(withIDs bool) object {
	steps := []any{}
	for _, st := range w.Steps {
		o := object{"stepId": st.StepID, "name": st.Name, "type": st.Type, "controlValues": maps.Clone(st.ControlValues),
			"providerOverrides": maps.Clone(st.ProviderOverrides)}
		if withIDs {
			o["_id"] = st.ID
		}
		steps = append(steps, o)
	}
	o := object{
		"workflowId": w.WorkflowID, "name": w.Name, "description": w.Description, "tags": slices.Clone(w.Tags),
		"active": w.Active, "status": w.Status, "severity": w.Severity, "validatePayload": w.ValidatePayload,
		"payloadSchema": w.PayloadSchema, "preferences": object{"user": w.UserPreferences, "default": w.DefaultPreferences},
		"agent": maps.Clone(w.Agent), "steps": steps,
	}
	if withIDs {
		o["_id"] = w.ID
	}
	return o
}
