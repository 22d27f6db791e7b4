// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// edited applies the manifest with replacements, as pairs of old and new text, and waits until it is ready again.
func edited(s *harness.Stage, manifest, name string, pairs ...string) *v1alpha1.Workflow {
	s.Helper()
	changed := strings.NewReplacer(pairs...).Replace(manifest)
	if len(pairs) > 0 && changed == manifest {
		s.Fatalf("nothing to replace: %q", pairs)
	}
	s.YAML(changed)
	var w v1alpha1.Workflow
	s.Ready(&w, name)
	return &w
}

func TestCallsOfACreation(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Novu.ClearRequests()
	w := edited(s, orderShipped, "order-shipped")
	expect(t, "creation is update first", objects(s), "PUT /v2/workflows/order-shipped", "POST /v2/workflows")
	got := stored(s, "order-shipped")
	if w.Status.ID != got.ID || w.Status.Revision == "" || w.Status.EnvironmentID != s.Novu.Environment("Development").ID {
		t.Errorf("status %+v does not describe %+v", w.Status.SyncStatus, got)
	}
	for _, step := range w.Status.Steps {
		if step.ID == "" || steps(s, "order-shipped")[step.StepID] != step.ID {
			t.Errorf("status of step %s has the id %q", step.StepID, step.ID)
		}
	}
}

func TestCallsOfAnEdit(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, orderShipped, "order-shipped")
	s.Novu.ClearRequests()
	after := edited(s, orderShipped, "order-shipped", "name: Order shipped", "name: Order is on its way")
	expect(t, "an edit is one write", objects(s), "PUT /v2/workflows/order-shipped")
	if before.Status.Revision == after.Status.Revision {
		t.Error("another definition has the same revision")
	}
	if got := stored(s, "order-shipped").Name; got != "Order is on its way" {
		t.Errorf("Novu holds the name %q", got)
	}
}

func TestNothingToWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(s *harness.Stage)
		calls  []string
	}{
		"an annotation of somebody else": {func(s *harness.Stage) {
			annotate(s, &v1alpha1.Workflow{}, "order-shipped", "example.com/touched", "yes")
		}, nil},
		"a policy": {func(s *harness.Stage) {
			edited(s, orderShipped, "order-shipped", "  tags:", "  driftPolicy: Detect\n  tags:")
		}, []string{"GET /v2/workflows/order-shipped"}},
		"the order of tags": {func(s *harness.Stage) {
			edited(s, orderShipped, "order-shipped", "tags: [orders, mail]", "tags: [mail, orders]")
		}, []string{"GET /v2/workflows/order-shipped"}},
		"a default that is written out": {func(s *harness.Stage) {
			edited(s, orderShipped, "order-shipped", "  tags:", "  active: true\n  severity: None\n  tags:")
		}, []string{"GET /v2/workflows/order-shipped"}},
		"the user asks for a comparison": {func(s *harness.Stage) {
			ask(s, &v1alpha1.Workflow{}, "order-shipped")
		}, []string{"GET /v2/workflows/order-shipped"}},
		"the Environment looks": {func(s *harness.Stage) { look(s, "dev") }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			w := edited(s, orderShipped, "order-shipped")
			settle(s)
			s.Novu.ClearRequests()
			test.change(s)
			settle(s)
			expect(t, "calls", objects(s), test.calls...)
			var now v1alpha1.Workflow
			s.Ready(&now, "order-shipped")
			if now.Status.Revision != w.Status.Revision || now.Status.RemoteUpdatedAt != w.Status.RemoteUpdatedAt {
				t.Errorf("status went from %+v to %+v", w.Status.SyncStatus, now.Status.SyncStatus)
			}
		})
	}
}

func TestMinifiedControlsAreNoChange(t *testing.T) {
	s := stage(t, novutest.Options{})
	manifest := strings.Replace(orderShipped, "inApp: {subject: Shipped,", `inApp: {subject: Shipped, data: {total: 1.0, count: 2},`, 1)
	edited(s, manifest, "order-shipped")
	settle(s)
	s.Novu.ClearRequests()
	edited(s, manifest, "order-shipped", "total: 1.0, count: 2", "count: 2.0, total: 1")
	settle(s)
	expect(t, "writes", writes(s))
}

// Novu may carry out a write whose answer gets lost. The workflow must be looked at before it is written again.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	broken := map[string]novutest.Fault{
		"cut off":   {Reset: novutest.AfterCommit},
		"truncated": {Truncate: 20},
	}
	for name, fault := range broken {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			fault.Method, fault.Path, fault.Times = http.MethodPost, "/v2/workflows", 1
			s.Novu.Inject(fault)
			edited(s, orderShipped, "order-shipped")
			if got := s.Novu.Workflows("Development"); len(got) != 1 {
				t.Errorf("Novu holds %d workflows: %+v", len(got), got)
			}
			if n := s.Novu.Count(http.MethodPost, "/v2/workflows"); n != 1 {
				t.Errorf("%d creations", n)
			}
			before := steps(s, "order-shipped")
			fault.Method, fault.Path = http.MethodPut, "/v2/workflows/order-shipped"
			s.Novu.Inject(fault)
			edited(s, orderShipped, "order-shipped", "name: Order shipped", "name: Again")
			if after := steps(s, "order-shipped"); after["inbox"] != before["inbox"] || after["mail"] != before["mail"] {
				t.Errorf("the ids of steps went from %v to %v", before, after)
			}
		})
	}
}
