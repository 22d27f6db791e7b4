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

// recording is what a real Novu answered; see its member about.
type recording struct {
	Request json.RawMessage  `json:"request"`
	Answers []*novu.Workflow `json:"answers"`
	Syncs   []struct {
		Source *novu.Workflow `json:"source"`
		Target *novu.Workflow `json:"target"`
	} `json:"syncs"`
	DriftedTarget *novu.Workflow `json:"driftedTarget"`
}

func recorded(t *testing.T) *recording {
	t.Helper()
	raw, err := os.ReadFile("testdata/recorded-workflow.json")
	if err != nil {
		t.Fatal(err)
	}
	return answer[recording](t, string(raw))
}

func TestRecordedWritesConverge(t *testing.T) {
	r := recorded(t)
	w, in := object(t, tree(r.Request).(body))
	want := mustWorkflow(t, w, in)
	if len(want.Steps) != 10 || len(r.Answers) != 3 {
		t.Fatalf("%d steps, %d answers", len(want.Steps), len(r.Answers))
	}
	for i, have := range r.Answers {
		sameDifferences(t, CompareWorkflow(want, have), nil)
		if got := WorkflowFingerprint(have); got != Revision(want) {
			t.Errorf("answer %d has fingerprint %s, the request has revision %s", i, got, Revision(want))
		}
		bound := BindSteps(want, have.Steps)
		for j, s := range bound.Steps {
			if s.ID == "" || s.ID != have.Steps[j].ID {
				t.Errorf("answer %d: step %s is bound to %q", i, s.StepID, s.ID)
			}
		}
	}
}

func TestRecordedSyncsMakeEqualWorkflows(t *testing.T) {
	r := recorded(t)
	for i, sync := range r.Syncs {
		sameDifferences(t, CompareWorkflow(WorkflowFrom(sync.Source), sync.Target), nil)
		if a, b := WorkflowFingerprint(sync.Source), WorkflowFingerprint(sync.Target); a != b {
			t.Errorf("sync %d: source has %s, target %s", i, a, b)
		}
	}
	if WorkflowFingerprint(r.Syncs[0].Source) == WorkflowFingerprint(r.Syncs[1].Source) {
		t.Error("the edit between the syncs keeps the fingerprint")
	}
	sameDifferences(t, CompareWorkflow(WorkflowFrom(r.Syncs[1].Source), r.DriftedTarget), []v1alpha1.Difference{
		{Path: "name", From: `"Drifted"`, To: `"Sync lab v2"`},
		{Path: "description", From: `"drift"`, To: `"Recorded by the lab"`},
	})
}

func TestRecordedIssues(t *testing.T) {
	have := recorded(t).Answers[0]
	if HasErrors(have) {
		t.Error("channels without a provider count as errors")
	}
	steps := StepStatuses(have)
	if got, want := IssueSummary(steps, true), "step inbox: spec.steps[0].type: InApp: no application has connected the Inbox "+
		"to this Novu environment yet: it becomes connected when a subscriber first opens it (and 4 more)"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := IssueSummary(steps, false); got != "" {
		t.Errorf("errors: %q", got)
	}
}
