// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// Any definition that Novu accepts is what Novu holds after one write. Writing it again changes nothing. Turning it
// into any other definition takes one write, too, which keeps the ids of the steps that stay.
func TestAnyWorkflowConvergesInOneWrite(t *testing.T) {
	_, c := server(t, novutest.Options{WorkflowLimit: -1})
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`w[a-z]{3}-[0-9]{9}`).Draw(t, "workflowId")
		want := request(t, id)
		got, err := c.CreateWorkflow(t.Context(), want)
		if novu.IsTerminal(err) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.DeleteWorkflow(t.Context(), got.ID) }()
		converged(t, want, got)

		again, err := c.UpdateWorkflow(t.Context(), got.ID, BindSteps(want, got.Steps))
		if err != nil {
			t.Fatal(err)
		}
		converged(t, want, again)
		if a, b := WorkflowFingerprint(got), WorkflowFingerprint(again); a != b {
			t.Fatalf("the same definition had the fingerprint %s, has %s", a, b)
		}

		other := request(t, id)
		changed, err := c.UpdateWorkflow(t.Context(), got.ID, BindStepIDs(other, StepStatuses(again)))
		if novu.IsTerminal(err) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		converged(t, other, changed)
		keptIDs(t, again.Steps, changed.Steps)
		accepted++
	})
	if accepted == 0 {
		t.Error("Novu accepted nothing that was tried")
	}
}

// request draws an object, passes it through JSON as the API server does, and maps it.
func request(t *rapid.T, id string) *novu.WorkflowRequest {
	drawn, in := genWorkflow(t, id)
	raw, err := json.Marshal(drawn)
	if err != nil {
		t.Fatal(err)
	}
	w := &v1alpha1.Workflow{}
	if err := json.Unmarshal(raw, w); err != nil {
		t.Fatal(err)
	}
	r, err := Workflow(w, in)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return r
}

func converged(t *rapid.T, want *novu.WorkflowRequest, have *novu.Workflow) {
	if d := CompareWorkflow(want, have); len(d) > 0 {
		t.Fatalf("after the write there are differences:\n%s", lines(d))
	}
}

func keptIDs(t *rapid.T, before, after []novu.Step) {
	ids := map[string]novu.Step{}
	for _, s := range before {
		ids[s.StepID] = s
	}
	for _, s := range after {
		if old, ok := ids[s.StepID]; ok && (old.ID == s.ID) != (old.Type == s.Type) {
			t.Fatalf("step %s had id %s and type %s, has %s and %s", s.StepID, old.ID, old.Type, s.ID, s.Type)
		}
	}
}

// Comparing and hashing agree: no difference means one revision, a difference means two.
func TestCompareAgreesWithRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := request(t, "w")
		have := stored(want)
		if rapid.Bool().Draw(t, "other") {
			have = stored(request(t, "w"))
		}
		have.IsTranslationEnabled = want.IsTranslationEnabled
		differences := CompareWorkflow(want, have)
		if (len(differences) == 0) != (Revision(want) == WorkflowFingerprint(have)) {
			t.Fatalf("revision %s, fingerprint %s, differences:\n%s", Revision(want), WorkflowFingerprint(have), lines(differences))
		}
		if again := CompareWorkflow(want, have); !reflect.DeepEqual(differences, again) {
			t.Fatalf("compared again:\n%s\n%s", lines(differences), lines(again))
		}
		for _, d := range differences {
			if d.Path == "" || d.From == d.To {
				t.Fatalf("a difference that says nothing: %+v", d)
			}
		}
	})
}

// What a user writes in open JSON arrives at Novu byte for byte, apart from white space.
func TestOpenJSONArrivesAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := objectText(t, 3)
		w := &v1alpha1.Workflow{}
		text := `{"spec":{"name":"n","steps":[{"stepID":"s","type":"custom","controls":{"k":` + raw + `}}],"payloadSchema":` + raw + `}}`
		if err := json.Unmarshal([]byte(text), w); err != nil {
			t.Fatal(err)
		}
		r, err := Workflow(w, WorkflowInputs{})
		if err != nil {
			t.Fatal(err)
		}
		compact, err := encode(json.RawMessage(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Steps[0].ControlValues); got != `{"k":`+string(compact)+`}` {
			t.Fatalf("%s became %s", raw, got)
		}
		if got := string(r.PayloadSchema); got != raw {
			t.Fatalf("%s became %s", raw, got)
		}
	})
}
