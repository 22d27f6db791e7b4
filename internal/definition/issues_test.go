// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

func TestStepStatuses(t *testing.T) {
	have := answer[novu.Workflow](t, `{"steps":[
		{"_id":"1","stepId":"mail","type":"email","issues":{"controls":{"subject":[{"issueType":"MISSING_VALUE","message":"Subject is required"}],
			"body":[{"issueType":"A","message":"first"},{"issueType":"B","message":"second","severity":"warning"}]},
			"integration":{"email":[{"issueType":"MISSING_INTEGRATION","message":"Missing active primary integration provider"}]}}},
		{"_id":"2","stepId":"in","type":"in_app","issues":{"controls":{}}},
		{"_id":"3","stepId":"x","type":"tool","issues":null}]}`)
	want := []v1alpha1.StepStatus{
		{StepID: "mail", ID: "1", Type: "Email", Issues: []v1alpha1.Issue{
			{Severity: "Error", Type: "A", Path: "spec.steps[0].email.body", Message: "first"},
			{Severity: "Warning", Type: "B", Path: "spec.steps[0].email.body", Message: "second"},
			{Severity: "Error", Type: "MISSING_VALUE", Path: "spec.steps[0].email.subject", Message: "it is missing: set it"},
			{
				Severity: "Warning", Type: "MISSING_INTEGRATION", Path: "spec.steps[0].type",
				Message: "Email: Novu has no active primary integration of this channel here: create an Integration with active: true and primary: true",
			},
		}},
		{StepID: "in", ID: "2", Type: "InApp"},
		{StepID: "x", ID: "3", Type: "Tool"},
	}
	if got := StepStatuses(have); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := StepStatuses(&novu.Workflow{}); got == nil || len(got) != 0 {
		t.Errorf("of no steps: %#v", got)
	}
}

func TestStepStatusesAreBounded(t *testing.T) {
	long := strings.Repeat("é", 5000)
	controls := novu.Issues{long: {{Type: long, Message: long, Severity: "warning"}}}
	for i := range 100 {
		controls["a"+strconv.Itoa(i)] = []novu.Issue{{Type: "X", Message: "m"}, {Type: "Y", Message: "n"}}
	}
	issues := novu.StepIssues{Controls: controls, Integration: novu.Issues{"email": {{Type: "Z"}}}}
	got := StepStatuses(&novu.Workflow{Steps: []novu.Step{{StepID: "s", Issues: issues}}})[0].Issues
	if len(got) != 20 || got[0].Path != "spec.steps[0].controls.a0" || got[1].Type != "Y" || got[2].Path != "spec.steps[0].controls.a1" {
		t.Errorf("%d issues: %+v", len(got), got)
	}
	issues.Controls = novu.Issues{long: controls[long]}
	one := StepStatuses(&novu.Workflow{Steps: []novu.Step{{StepID: "s", Issues: issues}}})[0].Issues[0]
	for _, text := range []string{one.Type, one.Path, one.Message} {
		if len(text) > 256 || !strings.HasSuffix(text, "…") {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
}

func TestHasErrorsAndSummary(t *testing.T) {
	integration := `"integration":{"email":[{"issueType":"MISSING_INTEGRATION","message":"Missing provider"}]}`
	for _, test := range []struct {
		name, have string
		errors     bool
		summary    string
		rest       string
	}{
		{"no steps", `{}`, false, "", ""},
		{"no issues", `{"status":"ACTIVE","steps":[{"stepId":"a","issues":{"controls":{"body":[]}}}]}`, false, "", ""},
		{"no provider", `{"status":"ACTIVE","steps":[{"stepId":"a","issues":{` + integration + `}}]}`, false, "",
			"step a: spec.steps[0].type: Email: Missing provider"},
		{"one error", `{"status":"ERROR","steps":[{"stepId":"a"},{"stepId":"b","issues":{"controls":{"subject":[{"issueType":"MISSING_VALUE","message":"Subject is required"}]}}}]}`,
			true, "step b: spec.steps[1].controls.subject: it is missing: set it", ""},
		{"errors in an inactive workflow", `{"status":"INACTIVE","steps":[{"stepId":"b","issues":{"controls":{"subject":[{"issueType":"MISSING_VALUE"}]}}}]}`,
			true, "step b: spec.steps[0].controls.subject: MISSING_VALUE", ""},
		{"several", `{"status":"ERROR","steps":[{"stepId":"a","issues":{"controls":{"y":[{"message":"1"},{"message":"2"}]},` + integration + `}},
			{"stepId":"b","issues":{"controls":{"x":[{"message":"3"},{"message":"4","severity":"warning"}]}}}]}`,
			true, "step a: spec.steps[0].controls.y: 1 (and 2 more)", "step a: spec.steps[0].type: Email: Missing provider (and 1 more)"},
		{"warnings only", `{"status":"ACTIVE","steps":[{"stepId":"a","issues":{"controls":{"y":[{"message":"old","severity":"warning"}]}}}]}`,
			false, "", "step a: spec.steps[0].controls.y: old"},
		{"an error that Novu does not place", `{"status":"ERROR","steps":[{"stepId":"a"}]}`, true, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			have := answer[novu.Workflow](t, test.have)
			if got := HasErrors(have); got != test.errors {
				t.Errorf("HasErrors = %t", got)
			}
			steps := StepStatuses(have)
			if got := IssueSummary(steps, false); got != test.summary {
				t.Errorf("errors: %q, want %q", got, test.summary)
			}
			if got := IssueSummary(steps, true); got != test.rest {
				t.Errorf("rest: %q, want %q", got, test.rest)
			}
		})
	}
}
