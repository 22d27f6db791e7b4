// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const (
	// plain takes the place of Novu's default layout, which cannot be deleted.
	plain = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: plain}
spec:
  environmentRef: {name: dev}
  name: Plain
  body: "<html><body>{{content}}</body></html>"
`
	brand = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec:
  environmentRef: {name: dev}
  name: Brand
  body: "<html><body><h1>Brand</h1>{{content}}</body></html>"
`
	branded = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: branded}
spec:
  environmentRef: {name: dev}
  name: Branded
  steps:
  - stepID: mail
    type: Email
    email: {subject: Hello, body: "<p>Hello</p>", layout: {type: Ref, ref: {name: brand}}}
`
)

// layoutOf is the layoutID of a workflow's first step in Novu.
func layoutOf(s *harness.Stage, workflowID string) any {
	s.Helper()
	return stored(s, workflowID).Steps[0].ControlValues["layoutId"]
}

func TestLayoutsComeBeforeTheirWorkflows(t *testing.T) {
	t.Parallel()
	orders := map[string][]string{
		"the workflow first": {branded, brand},
		"the layout first":   {brand, branded},
	}
	for name, manifests := range orders {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Ready(&v1alpha1.Environment{}, "dev")
			for _, manifest := range manifests {
				s.YAML(manifest)
			}
			s.Ready(&v1alpha1.Workflow{}, "branded")
			s.Ready(&v1alpha1.Layout{}, "brand")
			all := writes(s)
			if slices.Index(all, "PUT /v2/workflows/branded") < slices.Index(all, "POST /v2/layouts") {
				t.Errorf("the workflow came before its layout: %q", all)
			}
			expect(t, "writes", all, "PUT /v2/layouts/brand", "POST /v2/layouts", "PUT /v2/layouts/brand",
				"PUT /v2/workflows/branded", "POST /v2/workflows")
			if got := layoutOf(s, "branded"); got != "brand" {
				t.Errorf("the step uses layout %v", got)
			}
		})
	}
}

func TestMissingLayout(t *testing.T) {
	t.Parallel()
	byID := strings.Replace(branded, "layout: {type: Ref, ref: {name: brand}}", "layout: {type: ID, id: brand}", 1)
	tests := map[string]struct{ manifest, reason, says, cure string }{
		"by ref, made later by its object":  {branded, v1alpha1.ReasonLayoutNotFound, "create it", brand},
		"by id, made later by an object":    {byID, v1alpha1.ReasonLayoutNotFound, "create it", brand},
		"by id, made later by hand in Novu": {byID, v1alpha1.ReasonLayoutNotFound, `"brand"`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Environment("dev", "Development", "interval: 0s")
			s.YAML(test.manifest)
			var w v1alpha1.Workflow
			if message := s.NotReady(&w, "branded", test.reason); !strings.Contains(message, test.says) {
				t.Errorf("the message lacks %q: %s", test.says, message)
			}
			s.Condition(&w, "branded", v1alpha1.ConditionReferencesResolved, "False", test.reason)
			expect(t, "writes", writes(s))
			if test.cure == "" {
				_, err := theirs(s, "Development").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "brand", Name: "Brand"})
				s.Must(err)
			}
			s.YAML(test.cure)
			s.Ready(&w, "branded")
			if got := layoutOf(s, "branded"); got != "brand" {
				t.Errorf("the step uses layout %v", got)
			}
		})
	}
}

// Novu takes a layout that is deleted out of every step and says so nowhere. Both come back.
func TestLayoutsComeBack(t *testing.T) {
	t.Parallel()
	deletions := map[string]func(s *harness.Stage){
		"after a deletion in Novu": func(s *harness.Stage) {
			s.Must(theirs(s, "Development").DeleteLayout(s.Context(), "brand"))
			look(s, "dev")
		},
		"after its object was deleted and made again": func(s *harness.Stage) {
			remove(s, &v1alpha1.Layout{}, "brand")
			s.NotReady(&v1alpha1.Workflow{}, "branded", v1alpha1.ReasonLayoutNotFound)
			s.YAML(brand)
		},
	}
	for name, deletion := range deletions {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.YAML(plain)
			s.Ready(&v1alpha1.Layout{}, "plain")
			s.YAML(strings.NewReplacer("  name: Brand", "  deletionPolicy: Delete\n  name: Brand",
				"name: brand}", "name: brand, annotations: {"+v1alpha1.ForceDeleteAnnotation+`: "true"}}`).Replace(brand) + "\n---" + branded)
			s.Ready(&v1alpha1.Workflow{}, "branded")
			before := steps(s, "branded")
			deletion(s)
			s.Eventually("the step uses the layout again", func() error {
				if got := layoutOf(s, "branded"); got != "brand" {
					return fmt.Errorf("layout %v", got)
				}
				return nil
			})
			s.Ready(&v1alpha1.Workflow{}, "branded")
			s.Ready(&v1alpha1.Layout{}, "brand")
			if after := steps(s, "branded"); after["mail"] != before["mail"] {
				t.Error("the step got another id")
			}
		})
	}
}

// Novu answers a creation that names a missing layout with 404 and keeps half of the workflow.
func TestHalfMadeWorkflowIsCompleted(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(plain)
	s.Ready(&v1alpha1.Layout{}, "plain")
	s.YAML(brand)
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Novu.Inject(novutest.Fault{
		Method: http.MethodPost, Path: "/v2/workflows", Times: 1,
		Hook: func(*http.Request) {
			if err := theirs(s, "Development").DeleteLayout(s.Context(), "brand"); err != nil {
				s.Error(err)
			}
		},
	})
	s.YAML(branded)
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "branded", v1alpha1.ReasonLayoutNotFound)
	if !strings.Contains(message, "create the layout") {
		t.Errorf("the message names no next step: %s", message)
	}
	half := stored(s, "branded")
	look(s, "dev")
	s.Ready(&w, "branded")
	if got := s.Novu.Workflows("Development"); len(got) != 1 || got[0].ID != half.ID {
		t.Errorf("Novu holds %+v, want the half-made workflow %s completed", got, half.ID)
	}
	if got := layoutOf(s, "branded"); got != "brand" {
		t.Errorf("the step uses layout %v", got)
	}
}

func TestLayoutCalls(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(brand)
	s.Ready(&v1alpha1.Layout{}, "brand")
	settle(s)
	s.Novu.ClearRequests()
	s.YAML(strings.Replace(brand, "<h1>Brand</h1>", "<h1>New</h1>", 1))
	s.Ready(&v1alpha1.Layout{}, "brand")
	expect(t, "an edit", objects(s), "PUT /v2/layouts/brand")
	annotate(s, &v1alpha1.Layout{}, "brand", "example.com/touched", "yes")
	look(s, "dev")
	expect(t, "nothing new", writes(s), "PUT /v2/layouts/brand")
	if got := fmt.Sprint(s.Novu.Layouts("Development")[0].Values); !strings.Contains(got, "<h1>New</h1>") {
		t.Errorf("Novu holds %s", got)
	}
}

func TestLayoutIsAdopted(t *testing.T) {
	s := bare(t, novutest.Options{})
	_, err := theirs(s, "Development").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "brand", Name: "By hand"})
	s.Must(err)
	id := s.Novu.Layouts("Development")[0].ID
	s.Environment("dev", "Development", "")
	s.YAML(brand)
	var l v1alpha1.Layout
	s.Ready(&l, "brand")
	if got := s.Novu.Layouts("Development"); len(got) != 1 || got[0].ID != id || got[0].Name != "Brand" || !l.IsDefault() {
		t.Errorf("Novu holds %+v, status is %+v", got, l.Status)
	}
}

func TestLayoutIsRefused(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(strings.Replace(brand, "{{content}}", "{{content}} {{oops", 1))
	var l v1alpha1.Layout
	message := s.NotReady(&l, "brand", v1alpha1.ReasonRejected)
	if !strings.Contains(message, "spec.body: \"{{oops") {
		t.Errorf("the message does not say what is wrong: %s", message)
	}
	s.YAML(brand)
	s.Ready(&l, "brand")
	if len(s.Novu.Layouts("Development")) != 1 {
		t.Errorf("Novu holds %+v", s.Novu.Layouts("Development"))
	}
}
