// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync/adapter"
)

const greeting = `
metadata: {name: greeting}
spec:
  name: Greeting
  steps:
  - {stepID: mail, type: Email, email: {subject: Hello, body: "<p>Hello</p>"}}
  - {stepID: text, type: SMS, sms: {body: Hello}}
`

// TestCreateLosesARace: Novu stores a second workflow of one workflowID under another one. It must not stay.
func TestCreateLosesARace(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Workflow{}, scoped(r, &v1alpha1.Workflow{}, greeting)
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	theirs, err := r.conn.Client.CreateWorkflow(t.Context(), want)
	r.must(err)
	_, err = create(r, kind, s, want)
	if lost, ok := errors.AsType[*remote.SuffixedError](err); !ok || lost.Err != nil {
		t.Errorf("got %v", err)
	}
	if left := r.novu.Workflows("Development"); len(left) != 1 || left[0].ID != theirs.ID {
		t.Errorf("Novu holds %+v", left)
	}
}

// TestUpdateKeepsStepIDs, whether it is told what Novu holds or remembers it, and whatever becomes of the other steps.
func TestUpdateKeepsStepIDs(t *testing.T) {
	for _, test := range []struct {
		what string
		edit func(*v1alpha1.WorkflowSpec)
		kept []string
	}{
		{"nothing", func(*v1alpha1.WorkflowSpec) {}, []string{"mail", "text"}},
		{"reordered", func(s *v1alpha1.WorkflowSpec) { slices.Reverse(s.Steps) }, []string{"mail", "text"}},
		{"removed", func(s *v1alpha1.WorkflowSpec) { s.Steps = s.Steps[1:] }, []string{"text"}},
		{"renamed", func(s *v1alpha1.WorkflowSpec) { s.Steps[0].Name = "Letter" }, []string{"mail", "text"}},
		{"replaced", func(s *v1alpha1.WorkflowSpec) { s.Steps[0].StepID = "letter" }, []string{"text"}},
		{"one before", func(s *v1alpha1.WorkflowSpec) {
			s.Steps = append([]v1alpha1.WorkflowStep{{StepID: "first", Type: v1alpha1.StepTypeSMS, SMS: &v1alpha1.BodyStep{Body: "b"}}}, s.Steps...)
		}, []string{"mail", "text"}},
	} {
		for _, remembered := range []bool{true, false} {
			t.Run(test.what, func(t *testing.T) {
				r := newRoom(t)
				kind, s := adapter.Workflow{}, scoped(r, &v1alpha1.Workflow{}, greeting)
				want, err := kind.Want(t.Context(), s)
				r.must(err)
				made, err := create(r, kind, s, want)
				r.must(err)
				kind.Record(s, made)
				test.edit(&s.Object.Spec)
				want, err = kind.Want(t.Context(), s)
				r.must(err)
				have := made
				if remembered {
					have = nil
				}
				got, err := update(r, kind, s, want, have)
				r.must(err)
				if d := kind.Compare(s, want, got); len(d) > 0 {
					t.Errorf("%+v is left", d)
				}
				before, after := ids(made), ids(got)
				for _, step := range test.kept {
					if after[step] != before[step] {
						t.Errorf("step %s had the _id %q and has %q", step, before[step], after[step])
					}
				}
			})
		}
	}
}

func ids(w *novu.Workflow) map[string]string {
	all := map[string]string{}
	for i := range w.Steps {
		all[w.Steps[i].StepID] = w.Steps[i].ID
	}
	return all
}

// TestMissingLayoutIsNotAMissingWorkflow: both are a 404.
func TestMissingLayoutIsNotAMissingWorkflow(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Workflow{}, scoped(r, &v1alpha1.Workflow{}, greeting)
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	made, err := create(r, kind, s, want)
	r.must(err)
	s.Object.Spec.Steps[0].Email.Layout = &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutID, ID: "brand"}
	if _, err := kind.Want(t.Context(), s); !isWaiting(err, v1alpha1.ReasonLayoutNotFound) {
		t.Errorf("a layout that does not exist: got %v", err)
	}
	for _, name := range []string{"first", "brand"} {
		_, err = r.conn.Client.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: name, Name: name})
		r.must(err)
	}
	r.must(r.conn.Refresh(t.Context(), connection.Layouts, r.conn.Now()))
	want, err = kind.Want(t.Context(), s)
	r.must(err)
	r.must(r.conn.Client.DeleteLayout(t.Context(), "brand"))
	if _, err = update(r, kind, s, want, made); err == nil || kind.Kind().Absent(err) || !novu.IsNotFound(err, novu.ResourceLayout) {
		t.Errorf("a layout that has just been deleted: got %v", err)
	}
}

// TestLayoutByItsInternalID: spec may name a layout by either.
func TestLayoutByItsInternalID(t *testing.T) {
	r := newRoom(t)
	layout, err := r.conn.Client.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: "brand", Name: "brand"})
	r.must(err)
	r.must(r.conn.Refresh(t.Context(), connection.Layouts, r.conn.Now()))
	kind, s := adapter.Workflow{}, scoped(r, &v1alpha1.Workflow{}, greeting)
	s.Object.Spec.Steps[0].Email.Layout = &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutID, ID: layout.ID}
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	made, err := create(r, kind, s, want)
	r.must(err)
	if d := kind.Compare(s, want, made); len(d) > 0 {
		t.Errorf("%+v is left", d)
	}
}

func isWaiting(err error, reason string) bool {
	o := reconcile.OutcomeOf(err)
	return o.Kind == reconcile.Waiting && o.Reason == reason && o.Poll
}

// TestHalfMadeLayout: Novu makes a layout without its content. If the content cannot be written then, the layout is known
// but must be read before anybody relies on it.
func TestHalfMadeLayout(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Layout{}, scoped(r, &v1alpha1.Layout{}, "metadata: {name: brand}\nspec: {name: Brand, default: true, body: '<html><body>{{content}}</body></html>'}")
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	r.novu.Inject(novutest.Fault{Method: http.MethodPut, Status: http.StatusInternalServerError})
	if _, err := create(r, kind, s, want); err == nil {
		t.Fatal("half a layout is a success")
	}
	if entry, ok := kind.Find(s); !ok || entry.ID == "" || entry.UpdatedAt != "" {
		t.Errorf("it is known as %+v, %v", entry, ok)
	}
	have, err := kind.Observe(t.Context(), s)
	r.must(err)
	if d := kind.Compare(s, want, have); len(d) == 0 {
		t.Errorf("what is missing is not seen: %+v", have)
	}
	if _, err := create(r, kind, s, want); !novu.IsConflict(err) || kind.Kind().Absent(err) {
		t.Errorf("a second creation: got %v", err)
	}
}
