// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "encoding/json"

// Issue is one complaint of Novu about a definition that it accepted all the same.
type Issue struct {
	Type         string `json:"issueType"` // MISSING_VALUE, MISSING_INTEGRATION, …
	VariableName string `json:"variableName,omitempty"`
	Message      string `json:"message"`
	Severity     string `json:"severity,omitempty"` // error, warning; newer versions only
}

// Issues are complaints by what they are about: a control's path, a step type, a
// field.
type Issues map[string][]Issue

// UnmarshalJSON takes what it understands. Issues are diagnostics: a form of them
// that a later Novu invents must not make the workflow itself unreadable.
func (i *Issues) UnmarshalJSON(data []byte) error {
	*i = nil
	firstMembers(data, maxAbout, func(about string, raw json.RawMessage) {
		list := decodeIssues(raw)
		if len(list) == 0 {
			return
		}
		if *i == nil {
			*i = Issues{}
		}
		(*i)[about] = list
	})
	return nil
}

func decodeIssues(raw json.RawMessage) []Issue {
	if many := firstItems[Issue](raw, maxIssues); many != nil {
		return many
	}
	var one Issue
	if json.Unmarshal(raw, &one) == nil && one.Message != "" {
		return []Issue{one}
	}
	return nil
}

// StepIssues are a step's complaints. Those about controls make the workflow's
// status ERROR, those about integrations do not.
type StepIssues struct {
	Controls    Issues `json:"controls"`
	Integration Issues `json:"integration"`
}

// UnmarshalJSON tolerates what is not an object, like [Issues.UnmarshalJSON].
func (s *StepIssues) UnmarshalJSON(data []byte) error {
	type plain StepIssues
	*s = StepIssues{}
	_ = json.Unmarshal(data, (*plain)(s))
	return nil
}
