// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// letterhead is a Layout with that spec.default; empty: none.
func letterhead(name, isDefault string) string {
	if isDefault != "" {
		isDefault = "\n  default: " + isDefault
	}
	return fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: %s}
spec:
  environmentRef: {name: dev}
  name: Of %s
  body: "<html><body>{{content}}</body></html>"%s
`, name, name, isDefault)
}

// defaultIn is the layoutID of an environment's default layout in Novu.
func defaultIn(s *harness.Stage, environment string) string {
	for _, l := range s.Novu.Layouts(environment) {
		if l.IsDefault {
			return l.LayoutID
		}
	}
	return ""
}

// The layout that is to be the default one is created first, whenever it comes.
func TestDefaultLayoutComesFirst(t *testing.T) {
	t.Parallel()
	for name, isDefault := range map[string]string{"others say nothing": "", "others say that they are not": "false"} {
		t.Run(name, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			s.YAML(letterhead("a", isDefault) + "---" + letterhead("b", isDefault) + "---" + letterhead("z", "true"))
			s.Environment("dev", "Development", never)
			s.Ready(&v1alpha1.Layout{}, "a", "b", "z")
			if got := defaultIn(s, "Development"); got != "z" {
				t.Errorf("the default layout is %q", got)
			}
		})
	}
}

// Without one that is to be the default, those that must not be it wait, and say for what.
func TestLayoutThatMustNotBeTheDefaultWaits(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(letterhead("a", "false"))
	if got := s.NotReady(&v1alpha1.Layout{}, "a", v1alpha1.ReasonDefaultLayoutFirst); !strings.Contains(got, "set spec.default to true on another Layout") {
		t.Error(got)
	}
	s.YAML(letterhead("suspended", "true") + "  suspend: true\n")
	s.Eventually("the message names the one that comes first", func() error {
		got := s.NotReady(&v1alpha1.Layout{}, "a", v1alpha1.ReasonDefaultLayoutFirst)
		if !strings.Contains(got, "Layout "+s.Namespace+"/suspended") {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	if n := len(s.Novu.Layouts("Development")); n > 0 {
		t.Errorf("Novu holds %d layouts", n)
	}
	s.YAML(letterhead("suspended", "true") + "  suspend: false\n")
	s.Ready(&v1alpha1.Layout{}, "suspended", "a")
	if got := defaultIn(s, "Development"); got != "suspended" {
		t.Errorf("the default layout is %q", got)
	}
}

// Where Novu has decided already, the layout is written, reports that it is not as it was to be, and is left in peace.
func TestDefaultLayoutThatNovuDoesNotChange(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(letterhead("first", ""))
	s.Ready(&v1alpha1.Layout{}, "first")
	s.YAML(letterhead("late", "true") + "---" + letterhead("first", "false"))
	var late, first v1alpha1.Layout
	if got := s.NotReady(&late, "late", v1alpha1.ReasonDefaultLayoutFixed); !strings.Contains(got, `the default of the environment is "first"`) {
		t.Error(got)
	}
	s.NotReady(&first, "first", v1alpha1.ReasonDefaultLayoutFixed)
	s.Condition(&late, "late", v1alpha1.ConditionSynced, "True", v1alpha1.ReasonSynced)
	s.Novu.ClearRequests()
	settle(s)
	if n := s.Novu.Count(http.MethodPut, "") + s.Novu.Count(http.MethodPost, ""); n > 0 {
		t.Errorf("%d writes although nothing can be done", n)
	}
	s.YAML(letterhead("late", "false") + "---" + letterhead("first", "true"))
	s.Ready(&v1alpha1.Layout{}, "late", "first")
}

// A target gets the same default layout as the source has.
func TestDefaultLayoutOfATarget(t *testing.T) {
	s := stage(t, novuEnvironments)
	targets(s)
	s.YAML(letterhead("z", "true") + "---" + letterhead("a", "") + "---" + letterhead("b", "false"))
	s.Ready(&v1alpha1.Layout{}, "a", "b", "z")
	refused := promote(s, "alone", "prod", "items: [{kind: Layout, name: b}]")
	if got := s.NotReady(refused, "alone", v1alpha1.ReasonItemsRefused); !strings.Contains(got, "spec.default is false") {
		t.Error(got)
	}
	s.Must(s.Delete(t.Context(), refused))
	s.Gone(&v1alpha1.Promotion{}, "alone")
	promoted(s, promote(s, "first", "prod", ""), "first", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if got := defaultIn(s, "Production"); got != "z" {
		t.Errorf("the default layout is %q", got)
	}
}

// inProduction calls Novu with the key of Production, and expects that it does what it is asked.
func inProduction(s *harness.Stage, method, path, body string) {
	s.Helper()
	if status, answer := s.Call("Production", method, path, body); status >= http.StatusMultipleChoices {
		s.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}

// A layout that somebody's workflow uses in the target is not pruned, whether the plan could know of it or not.
func TestPruneKeepsALayoutInUse(t *testing.T) {
	s := stage(t, novuEnvironments)
	targets(s)
	s.YAML(letterhead("z", "true") + "---" + letterhead("letterhead", ""))
	s.Ready(&v1alpha1.Layout{}, "z", "letterhead")
	promoted(s, promote(s, "first", "prod", ""), "first", "2/2 promoted to prod: 2 created, 0 updated, 0 unchanged")
	remove(s, &v1alpha1.Layout{}, "letterhead")
	use := func() {
		inProduction(s, http.MethodPost, "/v2/workflows", `{"workflowId":"stranger","name":"Stranger","__source":"dashboard",
			"steps":[{"name":"Mail","type":"email","controlValues":{"subject":"Hi","body":"<p>Hi</p>","editorType":"html","layoutId":"letterhead"}}]}`)
	}
	use()
	p := promote(s, "second", "prod", "prune: true")
	promoted(s, p, "second", "2/2 promoted to prod: 0 created, 0 updated, 2 unchanged")
	if got := item(p, "letterhead").Message; !strings.Contains(got, `workflow "stranger"`) {
		t.Errorf("the plan says %q", got)
	}
	inProduction(s, http.MethodDelete, "/v2/workflows/stranger", "")
	var once bool
	s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/layouts/letterhead/usage", Times: 2, Hook: func(*http.Request) {
		if once { // the plan is made by now
			use()
		}
		once = true
	}})
	s.NotReady(promote(s, "third", "prod", "prune: true"), "third", v1alpha1.ReasonItemsFailed)
	for _, w := range s.Novu.Workflows("Production") {
		if w.WorkflowID == "stranger" && w.Steps[0].ControlValues["layoutId"] != "letterhead" {
			t.Error("the workflow has lost its layout")
		}
	}
}
