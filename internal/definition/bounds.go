// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"

	"novu-operator.dev/internal/novu"
)

// Bounds of JSON of any form. What is deeper costs the API server more than memory
// allows: it keeps the path of every value, so that depth counts twice. Novu itself
// nests a step's values a few levels deeper than a manifest does.
const (
	maxDepth     = 64
	maxReadDepth = 2 * maxDepth
	maxFreeForm  = 512 << 10 // bytes of one field
)

// CheckFreeForm refuses an object with JSON that is nested too deep, or too large,
// before anything is made of it. The error is an *InvalidError.
func CheckFreeForm(o Object) error {
	for path, raw := range freeForm(o) {
		if len(raw) > maxFreeForm {
			return invalid(path, "it is %d KiB of JSON, and %d KiB are the most: shorten it, or split the object",
				len(raw)>>10, maxFreeForm>>10)
		}
		if levels := novu.Depth(raw); levels > maxDepth {
			return invalid(path, "its JSON is nested %d levels deep, and %d levels are the most: flatten it; a schema can name its parts in $defs and refer to them",
				levels, maxDepth)
		}
	}
	return nil
}

// tooDeep refuses JSON that is nested too deep to be walked through.
func tooDeep(raw []byte) error {
	if levels := novu.Depth(raw); levels > maxReadDepth {
		return fmt.Errorf("it is nested %d levels deep, and %d are the most", levels, maxReadDepth)
	}
	return nil
}

// TooDeep says which part of a definition is nested too deep to be compared, as Novu holds it or as it was recorded; empty: none.
func TooDeep(w *novu.WorkflowRequest) string {
	if err := tooDeep(w.PayloadSchema); err != nil {
		return "payloadSchema: " + err.Error()
	}
	for i := range w.Steps {
		if err := tooDeep(w.Steps[i].ControlValues); err != nil {
			return fmt.Sprintf("steps[%s]: %v", w.Steps[i].StepID, err)
		}
	}
	return ""
}
