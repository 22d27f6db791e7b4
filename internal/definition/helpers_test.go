// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// decode reads JSON into a new T and fails on fields that T does not have.
func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	out := new(T)
	if err := decoder.Decode(out); err != nil {
		t.Fatalf("decode %T: %v\n%s", out, err, text)
	}
	return out
}

// answer reads what Novu answers; it has members that we do not know.
func answer[T any](t *testing.T, text string) *T {
	t.Helper()
	out := new(T)
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatalf("decode %T: %v", out, err)
	}
	return out
}

func workflowOf(t *testing.T, spec string) *v1alpha1.Workflow {
	t.Helper()
	w := &v1alpha1.Workflow{Spec: *decode[v1alpha1.WorkflowSpec](t, spec)}
	w.Name = "from-metadata"
	return w
}

func mustWorkflow(t *testing.T, w *v1alpha1.Workflow, in WorkflowInputs) *novu.WorkflowRequest {
	t.Helper()
	r, err := Workflow(w, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stored is what Novu answers when it holds exactly what was requested.
func stored(r *novu.WorkflowRequest) *novu.Workflow {
	w := &novu.Workflow{
		ID: "650000000000000000000001", WorkflowID: r.WorkflowID, Name: r.Name, Description: r.Description,
		Tags: append([]string{}, r.Tags...), Active: r.Active, Status: "ACTIVE", Origin: novu.OriginNovuCloud,
		Severity: r.Severity, ValidatePayload: r.ValidatePayload, PayloadSchema: r.PayloadSchema,
		IsTranslationEnabled: r.IsTranslationEnabled,
		Preferences:          novu.Preferences{User: r.Preferences.User, Default: r.Preferences.Workflow},
	}
	for _, s := range r.Steps {
		w.Steps = append(w.Steps, novu.Step{
			ID: "id-of-" + s.StepID, StepID: s.StepID, Name: s.Name, Type: s.Type, ControlValues: s.ControlValues,
		})
	}
	return w
}

func sameDifferences(t *testing.T, got, want []v1alpha1.Difference) {
	t.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", lines(got), lines(want))
	}
}

func lines(list []v1alpha1.Difference) string {
	var out bytes.Buffer
	for _, d := range list {
		out.WriteString("  " + d.Path + ": " + d.From + " -> " + d.To + "\n")
	}
	return out.String()
}

// wantInvalid checks path and message of an *InvalidError.
func wantInvalid(t *testing.T, err error, path, message string) {
	t.Helper()
	var bad *InvalidError
	if !errors.As(err, &bad) {
		t.Fatalf("error is %v, want an InvalidError of %s", err, path)
	}
	if bad.Path != path || bad.Message != message {
		t.Errorf("got  %s: %s\nwant %s: %s", bad.Path, bad.Message, path, message)
	}
	if bad.Error() != path+": "+message {
		t.Errorf("text is %q", bad.Error())
	}
}
