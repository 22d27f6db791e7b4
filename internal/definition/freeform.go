// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"iter"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"novu-operator.dev/api/v1alpha1"
)

// freeForm returns the fields of an object's spec that hold JSON of any form, which the CRD cannot bound, with their paths.
func freeForm(o Object) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		switch o := o.(type) {
		case *v1alpha1.Workflow:
			if !yieldJSON(yield, "spec.payloadSchema", o.Spec.PayloadSchema) {
				return
			}
			for i := range o.Spec.Steps {
				if !yieldStep(yield, &o.Spec.Steps[i]) {
					return
				}
			}
		case *v1alpha1.Integration:
			_ = yieldJSON(yield, "spec.configurations", o.Spec.Configurations) && yieldJSON(yield, "spec.credentials", o.Spec.Credentials)
		}
	}
}

func yieldStep(yield func(string, []byte) bool, s *v1alpha1.WorkflowStep) bool {
	path := "spec.steps[" + s.StepID + "]"
	if s.InApp != nil && !yieldJSON(yield, path+".inApp.data", s.InApp.Data) {
		return false
	}
	if s.HTTPRequest != nil && !yieldJSON(yield, path+".httpRequest.responseBodySchema", s.HTTPRequest.ResponseBodySchema) {
		return false
	}
	return yieldJSON(yield, path+".skip", s.Skip) && yieldJSON(yield, path+".controls", s.Controls)
}

func yieldJSON(yield func(string, []byte) bool, path string, j *apiextensionsv1.JSON) bool {
	return j == nil || yield(path, j.Raw)
}
