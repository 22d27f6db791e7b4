// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"errors"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"novu-operator.dev/api/v1alpha1"
)

func nested(levels int) *apiextensionsv1.JSON {
	return &apiextensionsv1.JSON{Raw: []byte(strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1))}
}

// Every field of any form is bounded, and the error names it and the limit.
func TestFreeFormIsBounded(t *testing.T) {
	deep, large := nested(maxDepth+1), &apiextensionsv1.JSON{Raw: []byte(`{"a":"` + strings.Repeat("x", maxFreeForm) + `"}`)}
	workflow := func(step v1alpha1.WorkflowStep) *v1alpha1.Workflow {
		step.StepID = "mail"
		return &v1alpha1.Workflow{Spec: v1alpha1.WorkflowSpec{Steps: []v1alpha1.WorkflowStep{{StepID: "first"}, step}}}
	}
	fields := map[string]func(*apiextensionsv1.JSON) error{
		"spec.payloadSchema": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(&v1alpha1.Workflow{Spec: v1alpha1.WorkflowSpec{PayloadSchema: j}})
		},
		"spec.steps[mail].skip": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(workflow(v1alpha1.WorkflowStep{Skip: j}))
		},
		"spec.steps[mail].controls": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(workflow(v1alpha1.WorkflowStep{Controls: j}))
		},
		"spec.steps[mail].inApp.data": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(workflow(v1alpha1.WorkflowStep{InApp: &v1alpha1.InAppStep{Data: j}}))
		},
		"spec.steps[mail].httpRequest.responseBodySchema": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(workflow(v1alpha1.WorkflowStep{HTTPRequest: &v1alpha1.HTTPRequestStep{ResponseBodySchema: j}}))
		},
		"spec.configurations": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(&v1alpha1.Integration{Spec: v1alpha1.IntegrationSpec{Configurations: j}})
		},
		"spec.credentials": func(j *apiextensionsv1.JSON) error {
			return CheckFreeForm(&v1alpha1.Integration{Spec: v1alpha1.IntegrationSpec{Credentials: j}})
		},
	}
	for path, check := range fields {
		t.Run(path, func(t *testing.T) {
			if err := check(nested(maxDepth)); err != nil {
				t.Errorf("%d levels: %v", maxDepth, err)
			}
			for what, j := range map[string]*apiextensionsv1.JSON{"65 levels": deep, "512 KiB": large} {
				var invalid *InvalidError
				if err := check(j); !errors.As(err, &invalid) || invalid.Path != path || !strings.Contains(err.Error(), strings.Fields(what)[1]) {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

// What Novu holds, and what Secrets hold as text, is not walked through either if it is too deep.
func TestDeepTextIsNoTree(t *testing.T) {
	deep := nested(maxReadDepth + 1).Raw
	if _, err := parse(deep); err == nil {
		t.Error("it was parsed")
	}
	if _, isText := tree(deep).(string); !isText {
		t.Error("it does not stand for itself")
	}
	_, err := Integration(&v1alpha1.Integration{Spec: v1alpha1.IntegrationSpec{
		CredentialsFrom: []v1alpha1.CredentialsSource{{Credential: tlsOptions}},
	}}, map[string]string{tlsOptions: string(deep)})
	if err == nil || strings.Contains(err.Error(), `"a"`) {
		t.Errorf("a deep credential: %v", err)
	}
}
