// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"encoding/json"

	"novu-operator.dev/internal/novu/javascript"
)

// Scope is what surrounds a step.
type Scope struct {
	Origin    string         // of the workflow
	Variables map[string]any // schema of the variables that the step may name, as StepVariables returns it
}

// KnownType reports whether Novu has a control schema for steps of a type.
func (r Rules) KnownType(kind string) bool { return r.book().schemas[kind] != nil }

// Step checks a step. Issues come in the order of the checks; within a check, those of one field in the order in which Novu
// reports them. It does not look for what an environment lacks, such as integrations and layouts.
func (r Rules) Step(s Step, in Scope) []Issue {
	book := r.book()
	if s.Schema == "" || (book.own && in.Origin != originExternal) {
		s.Schema = s.Type
	}
	if !r.KnownType(s.Schema) {
		i := refusal("type", "Novu has no steps of type "+s.Type)
		i.Step = s.ID
		return []Issue{i}
	}
	clean := book.sanitized(s.Controls, s.Type, in.Origin)
	if clean == nil {
		clean = object{}
	}
	out := lostContent(s, in.Origin)
	out = append(out, book.schemaIssues(validateSchema(book.schemas[s.Schema], clean, ""), s.Type)...)
	out = append(out, liquidIssues(s.Controls, in.Variables)...)
	if len(s.Overrides) > 0 {
		out = append(out, liquidIssues(object{"providerOverrides": s.Overrides}, in.Variables)...)
	}
	out = append(out, r.tierIssues(s.Type, clean)...)
	if skip := clean["skip"]; !javascript.Falsy(skip) {
		out = append(out, skipIssues(skip, in.Variables)...)
	}
	out = append(out, overrideIssues(s)...)
	for i := range out {
		out[i].Step = s.ID
	}
	return out
}

// lostContent warns of an e-mail whose body Novu replaces by an empty one.
func lostContent(s Step, origin string) []Issue {
	if s.Type != "email" || !LosesBody(s.Controls) || origin == originExternal || javascript.Falsy(s.Controls["body"]) {
		return nil
	}
	return []Issue{{Field: "body", Check: Content, Severity: Warning,
		Message: "Body is no document of the block editor; Novu stores an empty one"}}
}

// LosesBody reports whether an e-mail is written for the block editor, but its body is no document of it: Novu stores an empty
// body then.
func LosesBody(controls map[string]any) bool {
	return controls["editorType"] == "block" && !IsBlockDocument(controls["body"])
}

// IsBlockDocument reports whether v is a string with a document of the block editor in JSON.
func IsBlockDocument(v any) bool {
	s, ok := v.(string)
	if !ok || s == "" || s[0] > '{' {
		return false
	}
	var doc struct {
		Type    any   `json:"type"`
		Content []any `json:"content"`
	}
	return json.Unmarshal([]byte(s), &doc) == nil && doc.Type == "doc" && doc.Content != nil
}
