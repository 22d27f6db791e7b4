// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

func TestBindSteps(t *testing.T) {
	for _, test := range []struct {
		name string
		have []novu.Step
		want []string // ids of mail, wait, text
	}{
		{"nothing stored", nil, []string{"", "", ""}},
		{
			"all stored, in another order",
			[]novu.Step{{ID: "3", StepID: "text", Type: "sms"}, {ID: "1", StepID: "mail", Type: "email"}, {ID: "2", StepID: "wait", Type: "delay"}},
			[]string{"1", "2", "3"},
		},
		{
			"one is new, one is gone",
			[]novu.Step{{ID: "1", StepID: "mail", Type: "email"}, {ID: "9", StepID: "old", Type: "sms"}, {ID: "3", StepID: "text", Type: "sms"}},
			[]string{"1", "", "3"},
		},
		{"the type changes", []novu.Step{{ID: "1", StepID: "mail", Type: "push"}, {ID: "3", StepID: "text", Type: "sms"}}, []string{"", "", "3"}},
		{"the type is not known", []novu.Step{{ID: "1", StepID: "mail"}}, []string{"", "", ""}},
		{
			"two of one stepID: the first counts",
			[]novu.Step{{ID: "1", StepID: "mail", Type: "email"}, {ID: "2", StepID: "mail", Type: "email"}}, []string{"1", "", ""},
		},
		{
			"two of one stepID, the first of another type",
			[]novu.Step{{ID: "1", StepID: "mail", Type: "sms"}, {ID: "2", StepID: "mail", Type: "email"}}, []string{"", "", ""},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := base()
			want.Steps[0].ID = "stale"
			got := BindSteps(want, test.have)
			ids := []string{got.Steps[0].ID, got.Steps[1].ID, got.Steps[2].ID}
			if !reflect.DeepEqual(ids, test.want) {
				t.Errorf("ids are %q, want %q", ids, test.want)
			}
			if want.Steps[0].ID != "stale" || want.Steps[2].ID != "" {
				t.Error("the request itself changed")
			}
			statuses := StepStatuses(&novu.Workflow{Steps: test.have})
			if !reflect.DeepEqual(BindStepIDs(want, statuses), got) {
				t.Error("from status the request is another")
			}
		})
	}
}

func TestBindStepsKeepsTheRest(t *testing.T) {
	got := BindSteps(base(), nil)
	if !reflect.DeepEqual(got, base()) {
		t.Errorf("got %+v", got)
	}
	empty := BindStepIDs(&novu.WorkflowRequest{Name: "N"}, []v1alpha1.StepStatus{{StepID: "a", ID: "1"}})
	if empty.Name != "N" || len(empty.Steps) != 0 {
		t.Errorf("got %+v", empty)
	}
}
