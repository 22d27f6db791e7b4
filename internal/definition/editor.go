// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"maps"
	"slices"
)

// Novu's spellings.
const (
	emailType   = "email"
	editorHTML  = "html"
	editorBlock = "block"
)

// editorType is what a body must be meant for when the user does not say: the block
// editor stores JSON, everything else is HTML.
func editorType(body string) string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &object) == nil && object != nil {
		return editorBlock
	}
	return editorHTML
}

// isEditorDocument reports whether Novu takes the body for a document of its block
// editor: a JSON object of type doc with a list of contents.
func isEditorDocument(body string) bool {
	var document struct {
		Type    string            `json:"type"`
		Content []json.RawMessage `json:"content"`
	}
	return json.Unmarshal([]byte(body), &document) == nil && document.Type == "doc" && document.Content != nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
