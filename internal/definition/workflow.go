// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"encoding/json"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// WorkflowInputs is what a Workflow refers to, already read.
type WorkflowInputs struct {
	Bodies    map[string]string // by stepID: what bodyFrom names
	LayoutIDs map[string]string // by name of the Layout object: its layoutID
}

// Workflow makes the request that describes the object, without internal ids; see
// [BindSteps]. Every field is set, because Novu keeps, resets or deletes what a
// request leaves out. The error is an *InvalidError.
func Workflow(w *v1alpha1.Workflow, in WorkflowInputs) (*novu.WorkflowRequest, error) {
	schema, err := objectJSON("spec.payloadSchema", w.Spec.PayloadSchema)
	if err != nil {
		return nil, err
	}
	steps, err := steps(w.Spec.Steps, in)
	if err != nil {
		return nil, err
	}
	return &novu.WorkflowRequest{
		WorkflowID:           w.EffectiveID(),
		Name:                 w.Spec.Name,
		Description:          w.Spec.Description,
		Tags:                 append([]string{}, w.Spec.Tags...),
		Active:               w.EffectiveActive(),
		Severity:             severities.novu(w.EffectiveSeverity()),
		ValidatePayload:      w.EffectiveValidatePayload(),
		PayloadSchema:        schema,
		IsTranslationEnabled: isTrue(w.Spec.TranslationEnabled),
		Preferences:          preferences(w.Spec.Preferences),
		Steps:                steps,
	}, nil
}

// WorkflowFrom makes the request that another environment must be sent to hold the
// same workflow. It carries no internal ids.
func WorkflowFrom(have *novu.Workflow) *novu.WorkflowRequest {
	r := &novu.WorkflowRequest{
		WorkflowID:           have.WorkflowID,
		Name:                 have.Name,
		Description:          have.Description,
		Tags:                 append([]string{}, have.Tags...),
		Active:               have.Active,
		Severity:             orDefault(have.Severity, severities.novu(v1alpha1.SeverityNone)),
		ValidatePayload:      have.ValidatePayload,
		PayloadSchema:        have.PayloadSchema,
		IsTranslationEnabled: have.IsTranslationEnabled,
		Preferences: novu.PreferencesRequest{
			User: userRecord(have.Preferences.User), Workflow: knownChannels(have.Preferences.Default),
		},
		Steps: []novu.StepRequest{},
	}
	if r.Preferences.Workflow == nil {
		r.Preferences.Workflow = novu.DefaultPreference()
	}
	for _, s := range have.Steps {
		r.Steps = append(r.Steps, novu.StepRequest{
			StepID: s.StepID, Name: s.Name, Type: s.Type, ControlValues: orEmptyObject(s.ControlValues),
		})
	}
	return r
}

// objectJSON checks that open JSON of a spec is an object. What is not set, or null,
// is nil.
func objectJSON(path string, j *apiextensionsv1.JSON) (json.RawMessage, error) {
	if j == nil {
		return nil, nil
	}
	t, err := parse(j.Raw)
	if err != nil {
		return nil, invalid(path, "it is not JSON: %v", err)
	}
	switch t.(type) {
	case map[string]any:
		return json.RawMessage(j.Raw), nil
	case nil, absent:
		return nil, nil
	}
	return nil, invalid(path, "it must be an object: write keys and values")
}

// orEmptyObject gives a step without values the empty ones that Novu stores for it.
func orEmptyObject(raw json.RawMessage) json.RawMessage {
	if text := bytes.TrimSpace(raw); len(text) == 0 || string(text) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

func isTrue(b *bool) bool { return b != nil && *b }

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
