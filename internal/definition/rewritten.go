// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"maps"
	"strings"
)

// rewritten is what Novu is expected to hold of the wanted values of an e-mail step,
// given what it does hold. Novu changes three things when it stores one
// (sanitize-control-values and build-step-data in its API):
//
//   - a body that is not a document of the block editor becomes "" when editorType
//     is block;
//   - a document of the block editor becomes the HTML that it renders to when
//     editorType is html;
//   - a layoutID that is an internal id becomes the layout's identifier.
//
// The last two results cannot be foretold here, so any value of the right shape is
// taken for Novu's. Whether it was changed later is told by the fingerprint.
func rewritten(want, have any) any {
	wanted, ok := want.(map[string]any)
	held, isObject := have.(map[string]any)
	if !ok || !isObject {
		return want
	}
	out := maps.Clone(wanted)
	if bodyRewritten(wanted, held) {
		out["body"] = held["body"]
	}
	if layoutRewritten(wanted, held) {
		out["layoutId"] = held["layoutId"]
	}
	return out
}

// bodyRewritten reports whether Novu made the body it holds of the wanted one.
func bodyRewritten(want, have map[string]any) bool {
	wanted, ok := want["body"].(string)
	held, isText := have["body"].(string)
	if !ok || !isText {
		return false
	}
	switch want["editorType"] {
	case editorHTML:
		return isEditorDocument(wanted) && !isEditorDocument(held) && strings.Contains(held, "<")
	case editorBlock:
		return held == "" && !isEditorDocument(wanted)
	}
	return false
}

// layoutRewritten reports whether Novu put an identifier in the place of an internal id.
func layoutRewritten(want, have map[string]any) bool {
	wanted, ok := want["layoutId"].(string)
	held, isText := have["layoutId"].(string)
	return ok && isText && isInternalID(wanted) && held != "" && !isInternalID(held)
}

// isInternalID tells an internal id, 24 hex digits, from an identifier.
func isInternalID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}
