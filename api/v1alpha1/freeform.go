// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"iter"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// FreeForm are the fields of spec that hold JSON of any form, which the CRD cannot bound, with their paths.
func (w *Workflow) FreeForm() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if !yieldJSON(yield, "spec.payloadSchema", w.Spec.PayloadSchema) {
			return
		}
		for i := range w.Spec.Steps {
			if !w.Spec.Steps[i].freeForm(yield) {
				return
			}
		}
	}
}

func (s *WorkflowStep) freeForm(yield func(string, []byte) bool) bool {
	path := "spec.steps[" + s.StepID + "]"
	if s.InApp != nil && !yieldJSON(yield, path+".inApp.data", s.InApp.Data) {
		return false
	}
	if s.HTTPRequest != nil && !yieldJSON(yield, path+".httpRequest.responseBodySchema", s.HTTPRequest.ResponseBodySchema) {
		return false
	}
	return yieldJSON(yield, path+".skip", s.Skip) && yieldJSON(yield, path+".controls", s.Controls)
}

// FreeForm are the fields of spec that hold JSON of any form: none.
func (l *Layout) FreeForm() iter.Seq2[string, []byte] {
	return func(func(string, []byte) bool) {}
}

// FreeForm are the fields of spec that hold JSON of any form, which the CRD cannot bound, with their paths.
func (i *Integration) FreeForm() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		_ = yieldJSON(yield, "spec.configurations", i.Spec.Configurations) && yieldJSON(yield, "spec.credentials", i.Spec.Credentials)
	}
}

func yieldJSON(yield func(string, []byte) bool, path string, j *apiextensionsv1.JSON) bool {
	return j == nil || yield(path, j.Raw)
}
