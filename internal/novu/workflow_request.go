// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "encoding/json"

// WorkflowRequest is the whole desired workflow. Every field is sent: what is
// omitted in an update is kept, reset or deleted depending on the field.
type WorkflowRequest struct {
	WorkflowID           string // create only; an update cannot change it
	Name                 string
	Description          string
	Tags                 []string
	Active               bool
	Severity             string // high, medium, low, none; "" is sent as none
	ValidatePayload      bool
	PayloadSchema        json.RawMessage // nil is sent as null
	IsTranslationEnabled bool
	Preferences          PreferencesRequest
	Steps                []StepRequest // order is execution order
}

// PreferencesRequest sets both records. A nil User removes that record, a nil
// Workflow resets the default to [DefaultPreference].
type PreferencesRequest struct {
	User     *Preference `json:"user"`
	Workflow *Preference `json:"workflow"`
}

// StepRequest is one desired step. An update matches it to a stored step by ID
// alone; without ID the step is made again under StepID.
type StepRequest struct {
	ID            string          // the stored step's _id; never sent on create
	StepID        string          // unique within the workflow
	Name          string          // at least one character
	Type          string          // in_app, email, sms, …
	ControlValues json.RawMessage // an object; nil is sent as {}
}

// workflowBody is the request on the wire. Pointers are absent when nil.
type workflowBody struct {
	WorkflowID           *string            `json:"workflowId,omitempty"`
	Origin               string             `json:"origin,omitempty"`
	Name                 string             `json:"name"`
	Description          string             `json:"description"`
	Tags                 []string           `json:"tags"`
	Active               bool               `json:"active"`
	Severity             string             `json:"severity"`
	ValidatePayload      bool               `json:"validatePayload"`
	PayloadSchema        json.RawMessage    `json:"payloadSchema"`
	IsTranslationEnabled bool               `json:"isTranslationEnabled"`
	Preferences          PreferencesRequest `json:"preferences"`
	Steps                []stepBody         `json:"steps"`
}

type stepBody struct {
	ID            string          `json:"_id,omitempty"`
	StepID        string          `json:"stepId"`
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	ControlValues json.RawMessage `json:"controlValues"`
}

// createBody leaves the steps' ids out: with an _id that Novu does not know it
// stores the step but drops its control values.
func (r *WorkflowRequest) createBody() *workflowBody {
	body := r.body()
	body.WorkflowID = &r.WorkflowID
	for i := range body.Steps {
		body.Steps[i].ID = ""
	}
	return body
}

// updateBody names the origin: some versions demand it, and any other value
// skips what Novu does to e-mail bodies.
func (r *WorkflowRequest) updateBody() *workflowBody {
	body := r.body()
	body.Origin = OriginNovuCloud
	return body
}

func (r *WorkflowRequest) body() *workflowBody {
	body := &workflowBody{
		Name: r.Name, Description: r.Description, Tags: r.Tags, Active: r.Active,
		Severity: orDefault(r.Severity, "none"), ValidatePayload: r.ValidatePayload, PayloadSchema: r.PayloadSchema,
		IsTranslationEnabled: r.IsTranslationEnabled, Preferences: r.Preferences, Steps: []stepBody{},
	}
	if body.Tags == nil {
		body.Tags = []string{}
	}
	for _, s := range r.Steps {
		step := stepBody(s)
		if step.ControlValues == nil {
			// Omitted or null, the values go but the old status and issues stay.
			step.ControlValues = json.RawMessage("{}")
		}
		body.Steps = append(body.Steps, step)
	}
	return body
}
