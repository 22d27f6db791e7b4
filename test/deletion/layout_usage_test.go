// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// letterhead is the layout of the tests; the default one, which Novu never deletes, is another.
func letterhead(s *harness.Stage) {
	byHand(s, http.MethodPost, "/v2/layouts", `{"layoutId":"default","name":"Default"}`)
	s.YAML(layout("letterhead", remove))
	s.Ready(&v1alpha1.Layout{}, "letterhead")
}

// letter is a Workflow with one e-mail, with that layout.
func letter(name string, policy v1alpha1.DeletionPolicy, layout string) string {
	return manifest("Workflow", name, policy, []string{"name: A letter",
		"steps: [{stepID: mail, type: Email, email: {subject: Hi, body: <p>Hi</p>, " + layout + "}}]"})
}

// laidOut reports whether the mail of a workflow in Novu still has a layout.
func laidOut(s *harness.Stage, id string) bool {
	for _, w := range s.Novu.Workflows("Development") {
		if w.WorkflowID == id {
			return w.Steps[0].ControlValues["layoutId"] != nil
		}
	}
	return false
}

const handMade = `{"workflowId":"stranger","name":"Stranger","__source":"dashboard","steps":[{"name":"Mail","type":"email",
	"controlValues":{"subject":"Hi","body":"<p>Hi</p>","editorType":"html","layoutId":"letterhead"}}]}`

// TestLayoutInUse deletes a layout that workflows use. It waits and names them, and goes once nobody uses it, or once it
// is forced to.
func TestLayoutInUse(t *testing.T) {
	t.Parallel()
	described := func(layout string) func(*harness.Stage) {
		return func(s *harness.Stage) {
			s.YAML(letter("user", retain, layout))
			s.Ready(&v1alpha1.Workflow{}, "user")
		}
	}
	stranger := func(s *harness.Stage) { byHand(s, http.MethodPost, "/v2/workflows", handMade) }
	edited := func(s *harness.Stage) { s.YAML(letter("user", retain, "layout: {type: ID, id: default}")) }
	for name, tc := range map[string]struct {
		use  func(s *harness.Stage)
		user string // in Novu
		says string
		free func(s *harness.Stage)
		left bool // in Novu, at the end
	}{
		"by its object": {use: described("layout: {type: Ref, ref: {name: letterhead}}"), user: "user", says: "/user", free: edited},
		"by its id":     {use: described("layout: {type: ID, id: letterhead}"), user: "user", says: "/user", free: edited},
		"by a workflow that nobody describes": {
			use: stranger, user: "stranger", says: `workflow "stranger" in Novu`,
			free: func(s *harness.Stage) {
				byHand(s, http.MethodDelete, "/v2/workflows/stranger", "")
				patch(s, &v1alpha1.Layout{}, "letterhead", `{"metadata":{"annotations":{"novu-operator.dev/requested-at":"now"}}}`)
			},
		},
		"until its user is deleted": {
			use: func(s *harness.Stage) {
				s.YAML(letter("user", remove, "layout: {type: Ref, ref: {name: letterhead}}"))
				s.Ready(&v1alpha1.Workflow{}, "user")
			},
			user: "user", says: "/user", free: func(s *harness.Stage) { drop(s, &v1alpha1.Workflow{}, "user") },
		},
		"by one that has not reached Novu": {
			use: func(s *harness.Stage) {
				s.YAML(letter("user", retain, "layout: {type: Ref, ref: {name: letterhead}}"))
				s.Ready(&v1alpha1.Workflow{}, "user")
				patch(s, &v1alpha1.Workflow{}, "user", `{"spec":{"suspend":true}}`)
				byHand(s, http.MethodDelete, "/v2/workflows/user", "")
			},
			says: "/user", free: func(s *harness.Stage) { drop(s, &v1alpha1.Workflow{}, "user") },
		},
		"until it is deleted all the same": {
			use: stranger, user: "stranger", says: v1alpha1.ForceDeleteAnnotation,
			free: func(s *harness.Stage) {
				patch(s, &v1alpha1.Layout{}, "letterhead", `{"metadata":{"annotations":{"`+v1alpha1.ForceDeleteAnnotation+`":"true"}}}`)
			},
		},
		"until it is let go": {
			use: stranger, user: "stranger", says: v1alpha1.ForceDetachAnnotation, left: true,
			free: func(s *harness.Stage) { patch(s, &v1alpha1.Layout{}, "letterhead", forceDetach) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			letterhead(s)
			tc.use(s)
			drop(s, &v1alpha1.Layout{}, "letterhead")
			if message := s.NotReady(&v1alpha1.Layout{}, "letterhead", v1alpha1.ReasonLayoutInUse); !strings.Contains(message, tc.says) {
				t.Errorf("the message does not say %q: %s", tc.says, message)
			}
			holds(s, "letterhead", true)
			if tc.user != "" && !laidOut(s, tc.user) {
				t.Errorf("workflow %s has lost its layout", tc.user)
			}
			tc.free(s)
			s.Gone(&v1alpha1.Layout{}, "letterhead")
			holds(s, "letterhead", tc.left)
		})
	}
}

// TestLayoutGoesWithItsUsers deletes a layout and its users together, one by one or with their namespace.
func TestLayoutGoesWithItsUsers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		policy v1alpha1.DeletionPolicy // of the workflow
		delete func(s *harness.Stage)
		left   bool // the layout, in Novu
	}{
		"one by one": {remove, func(s *harness.Stage) {
			drop(s, &v1alpha1.Layout{}, "letterhead")
			drop(s, &v1alpha1.Workflow{}, "user")
		}, false},
		"with their namespace":                              {remove, func(s *harness.Stage) { dropNamespace(s, s.Namespace) }, false},
		"with their namespace, and the workflow is to stay": {retain, func(s *harness.Stage) { dropNamespace(s, s.Namespace) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			letterhead(s)
			s.YAML(letter("user", tc.policy, "layout: {type: Ref, ref: {name: letterhead}}"))
			s.Ready(&v1alpha1.Workflow{}, "user")
			tc.delete(s)
			s.Gone(&v1alpha1.Layout{}, "letterhead")
			s.Gone(&v1alpha1.Workflow{}, "user")
			holds(s, "letterhead", tc.left)
			holds(s, "user", tc.policy == retain)
			if tc.policy == retain && !laidOut(s, "user") {
				t.Error("the workflow that stays has lost its layout")
			}
		})
	}
}
