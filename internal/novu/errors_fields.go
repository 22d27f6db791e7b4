// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// validationIssue covers the three forms in which Novu reports one violation.
type validationIssue struct {
	Messages []string `json:"messages"` // class-validator
	Message  string   `json:"message"`  // Zod, layout issues
	Path     any      `json:"path"`     // Zod: string or list
	Field    string   `json:"field"`    // Ajv
}

func (v validationIssue) texts() []string {
	if v.Message != "" {
		return append(v.Messages, v.Message)
	}
	return v.Messages
}

func (v validationIssue) name() string {
	switch p := v.Path.(type) {
	case string:
		return p
	case []any:
		var parts []string
		for _, part := range p {
			encoded, _ := json.Marshal(part)
			parts = append(parts, strings.Trim(string(encoded), `"`))
		}
		return strings.Join(parts, ".")
	}
	return orDefault(v.Field, "general")
}

// collectFields adds what raw says to found. Values that Novu echoes are left out:
// they are the user's data. Unknown forms are ignored; the message says enough.
func collectFields(found map[string][]string, raw json.RawMessage) {
	var list []validationIssue
	if json.Unmarshal(raw, &list) == nil {
		for _, issue := range list {
			addTexts(found, issue.name(), issue.texts())
		}
		return
	}
	var byField map[string]json.RawMessage
	if json.Unmarshal(raw, &byField) != nil {
		return
	}
	for field, value := range byField {
		var one validationIssue
		var many []validationIssue
		switch {
		case json.Unmarshal(value, &one) == nil:
			addTexts(found, field, one.texts())
		case json.Unmarshal(value, &many) == nil:
			for _, issue := range many {
				addTexts(found, field, issue.texts())
			}
		}
	}
}

// addTexts skips what is there already: Novu repeats members of ctx.
func addTexts(found map[string][]string, field string, texts []string) {
	for _, text := range texts {
		if !slices.Contains(found[field], text) {
			found[field] = append(found[field], text)
		}
	}
}

func (k *call) boundFields(found map[string][]string) map[string][]string {
	if len(found) == 0 {
		return nil
	}
	out := map[string][]string{}
	for _, field := range slices.Sorted(maps.Keys(found)) {
		if len(out) == maxFields {
			break
		}
		name := k.text(field, maxText)
		for _, text := range found[field][:min(len(found[field]), maxPerField)] {
			out[name] = append(out[name], k.text(text, maxText))
		}
	}
	return out
}

// formatFields leaves "general" out of the text: its messages have no field.
func formatFields(fields map[string][]string) string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		text := strings.Join(fields[field], ", ")
		if field != "general" {
			text = field + ": " + text
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	return " [" + strings.Join(parts, "; ") + "]"
}
