// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"encoding/json"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// form is how records hold the definitions of one kind.
type form struct {
	// has reports whether a definition is of the kind.
	has func(*Definition) bool
	// request is what Novu is sent, of which the revision is made.
	request func(*Definition) any
	text    func(*Definition) any
	read    func(json.RawMessage) (*Definition, error)
}

// forms of all kinds that can be promoted.
var forms = map[v1alpha1.PromotionItemKind]*form{
	v1alpha1.PromotionItemLayout: {
		has:     func(d *Definition) bool { return d.Layout != nil },
		request: func(d *Definition) any { return d.Layout },
		text:    func(d *Definition) any { return layoutText(*d.Layout) },
		read: readAs(func(t *layoutText) *Definition {
			layout := novu.LayoutRequest(*t)
			return OfLayout(&layout)
		}),
	},
	v1alpha1.PromotionItemWorkflow: {
		has:     func(d *Definition) bool { return d.Workflow != nil },
		request: func(d *Definition) any { return d.Workflow },
		text:    func(d *Definition) any { return workflowTextOf(d.Workflow) },
		read:    readAs(func(t *workflowText) *Definition { return OfWorkflow(t.request()) }),
	},
}

// formOf is the form of a definition; nil if there is none, or not exactly one that fits.
func formOf(d *Definition) (found *form) {
	for _, form := range forms {
		if d == nil || !form.has(d) {
			continue
		}
		if found != nil {
			return nil
		}
		found = form
	}
	return found
}

func readAs[T any](definition func(*T) *Definition) func(json.RawMessage) (*Definition, error) {
	return func(raw json.RawMessage) (*Definition, error) {
		text := new(T)
		if err := json.Unmarshal(raw, text); err != nil {
			return nil, err
		}
		return definition(text), nil
	}
}

// The types below are the format. It must stay readable by later versions of the operator: members may be added.
type (
	workflowText struct {
		WorkflowID           string                  `json:"workflowId"`
		Name                 string                  `json:"name"`
		Description          string                  `json:"description"`
		Tags                 []string                `json:"tags"`
		Active               bool                    `json:"active"`
		Severity             string                  `json:"severity"`
		ValidatePayload      bool                    `json:"validatePayload"`
		PayloadSchema        json.RawMessage         `json:"payloadSchema,omitempty"`
		IsTranslationEnabled bool                    `json:"isTranslationEnabled"`
		Preferences          novu.PreferencesRequest `json:"preferences"`
		Steps                []stepText              `json:"steps"`
	}
	stepText struct {
		StepID        string          `json:"stepId"`
		Name          string          `json:"name"`
		Type          string          `json:"type"`
		ControlValues json.RawMessage `json:"controlValues,omitempty"`
	}
	layoutText struct {
		LayoutID             string            `json:"layoutId"`
		Name                 string            `json:"name"`
		IsTranslationEnabled bool              `json:"isTranslationEnabled"`
		Email                *novu.LayoutEmail `json:"email"`
	}
)

func workflowTextOf(w *novu.WorkflowRequest) *workflowText {
	text := &workflowText{
		WorkflowID: w.WorkflowID, Name: w.Name, Description: w.Description, Tags: w.Tags, Active: w.Active, Severity: w.Severity,
		ValidatePayload: w.ValidatePayload, PayloadSchema: w.PayloadSchema, IsTranslationEnabled: w.IsTranslationEnabled,
		Preferences: w.Preferences,
	}
	for _, s := range w.Steps {
		text.Steps = append(text.Steps, stepText{StepID: s.StepID, Name: s.Name, Type: s.Type, ControlValues: s.ControlValues})
	}
	return text
}

func (w *workflowText) request() *novu.WorkflowRequest {
	r := &novu.WorkflowRequest{
		WorkflowID: w.WorkflowID, Name: w.Name, Description: w.Description, Tags: w.Tags, Active: w.Active, Severity: w.Severity,
		ValidatePayload: w.ValidatePayload, PayloadSchema: w.PayloadSchema, IsTranslationEnabled: w.IsTranslationEnabled,
		Preferences: w.Preferences, Steps: []novu.StepRequest{},
	}
	for _, s := range w.Steps {
		r.Steps = append(r.Steps, novu.StepRequest{StepID: s.StepID, Name: s.Name, Type: s.Type, ControlValues: s.ControlValues})
	}
	return r
}
