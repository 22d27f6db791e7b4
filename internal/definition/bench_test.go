// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"os"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// A full round over thousands of workflows maps, compares and hashes each of them once; the recorded workflow of ten
// steps stands for them.
func BenchmarkRound(b *testing.B) {
	raw, err := os.ReadFile("testdata/recorded-workflow.json")
	if err != nil {
		b.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(raw, &r); err != nil {
		b.Fatal(err)
	}
	want := WorkflowFrom(r.Answers[0])
	w := &v1alpha1.Workflow{Spec: v1alpha1.WorkflowSpec{Name: "n", Steps: []v1alpha1.WorkflowStep{
		{StepID: "a", Type: v1alpha1.StepTypeEmail, Email: &v1alpha1.EmailStep{Subject: "s", Body: "<p>b</p>"}},
		{StepID: "b", Type: v1alpha1.StepTypeSMS, SMS: &v1alpha1.BodyStep{Body: "b"}},
	}}}
	for name, step := range map[string]func(have *novu.Workflow){
		"Map":         func(*novu.Workflow) { _, _ = Workflow(w, WorkflowInputs{}) },
		"Compare":     func(have *novu.Workflow) { CompareWorkflow(want, have) },
		"Fingerprint": func(have *novu.Workflow) { WorkflowFingerprint(have) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				step(r.Answers[1])
			}
		})
	}
}
