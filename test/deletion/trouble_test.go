// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// unreachable breaks every connection to Novu until fix is called.
func unreachable(s *harness.Stage) (fix func()) {
	return s.Novu.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
}

// refusing has Novu answer deletions with a status; times is how often, 0 until fix is called.
func refusing(status, times int) func(s *harness.Stage) (fix func()) {
	return func(s *harness.Stage) func() {
		return s.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: status, Times: times})
	}
}

// TestTroubleBlocksDeletion deletes an object that Novu cannot or will not delete. Status says why, and what to do; when
// the trouble is over the object goes, and so does what Novu holds.
func TestTroubleBlocksDeletion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		trouble func(s *harness.Stage) (fix func())
		says    string
	}{
		"Novu cannot be reached": {trouble: unreachable, says: "no answer from Novu"},
		"Novu fails": {
			trouble: refusing(http.StatusInternalServerError, 0),
			says:    "Novu answered 500",
		},
		"Novu wants it slower": {
			trouble: refusing(http.StatusTooManyRequests, 4),
			says:    "rate limit",
		},
		"the key may not delete": {
			trouble: refusing(http.StatusForbidden, 0),
			says:    "Novu answered 403",
		},
		"the key is refused": {
			trouble: func(s *harness.Stage) func() {
				s.Novu.RotateKey("Development")
				return func() {
					s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
				}
			},
			says: "API key",
		},
		"the Secret is gone": {
			trouble: func(s *harness.Stage) func() {
				drop(s, secret(), "dev-key")
				s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonSecretNotFound)
				return func() {
					s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
				}
			},
			says: "Environment",
		},
		"the Environment is suspended": {
			trouble: func(s *harness.Stage) func() {
				patch(s, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":true}}`)
				s.Condition(&v1alpha1.Environment{}, "dev", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
				return func() { patch(s, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":false}}`) }
			},
			says: "suspended",
		},
		"the object is suspended": {
			trouble: func(s *harness.Stage) func() {
				patch(s, &v1alpha1.Workflow{}, "blocked", `{"spec":{"suspend":true}}`)
				s.Condition(&v1alpha1.Workflow{}, "blocked", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
				return func() { patch(s, &v1alpha1.Workflow{}, "blocked", `{"spec":{"suspend":false}}`) }
			},
			says: "suspended",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			s.YAML(workflow("blocked", remove))
			s.Ready(&v1alpha1.Workflow{}, "blocked")
			finalized(s, &v1alpha1.Environment{}, "dev", true)
			fix := tc.trouble(s)
			drop(s, &v1alpha1.Workflow{}, "blocked")
			message := s.NotReady(&v1alpha1.Workflow{}, "blocked", v1alpha1.ReasonDeletionBlocked)
			if !strings.Contains(message, tc.says) || !strings.Contains(message, v1alpha1.ForceDetachAnnotation) {
				t.Errorf("the message %q does not say %q and the way out", message, tc.says)
			}
			holds(s, "blocked", true)
			fix()
			s.Gone(&v1alpha1.Workflow{}, "blocked")
			holds(s, "blocked", false)
			finalized(s, &v1alpha1.Environment{}, "dev", false)
		})
	}
}

// TestForceDetach lets objects and Environments go without a call to Novu, whatever is wrong.
func TestForceDetach(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("detached", remove) + "---\n" + workflow("blocked", remove))
	s.Ready(&v1alpha1.Workflow{}, "detached", "blocked")
	finalized(s, &v1alpha1.Environment{}, "dev", true)
	unreachable(s)
	drop(s, &v1alpha1.Workflow{}, "blocked")
	s.NotReady(&v1alpha1.Workflow{}, "blocked", v1alpha1.ReasonDeletionBlocked)
	calls := s.Novu.Count(http.MethodDelete, "/v2/workflows/detached")
	patch(s, &v1alpha1.Workflow{}, "detached", forceDetach)
	drop(s, &v1alpha1.Workflow{}, "detached")
	s.Gone(&v1alpha1.Workflow{}, "detached")
	if now := s.Novu.Count(http.MethodDelete, "/v2/workflows/detached"); now != calls {
		t.Errorf("%d calls to delete what was to be detached", now-calls)
	}
	drop(s, &v1alpha1.Environment{}, "dev")
	s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse)
	patch(s, &v1alpha1.Environment{}, "dev", forceDetach)
	s.Gone(&v1alpha1.Environment{}, "dev")
	patch(s, &v1alpha1.Workflow{}, "blocked", forceDetach)
	s.Gone(&v1alpha1.Workflow{}, "blocked")
	holds(s, "detached", true)
	holds(s, "blocked", true)
}

// TestDefaultLayoutStays: Novu refuses to delete the layout that e-mails without one use.
func TestDefaultLayoutStays(t *testing.T) {
	t.Parallel()
	s := staged(t, remove)
	s.YAML(layout("house", none))
	s.Ready(&v1alpha1.Layout{}, "house")
	drop(s, &v1alpha1.Layout{}, "house")
	if message := s.NotReady(&v1alpha1.Layout{}, "house", v1alpha1.ReasonDeletionBlocked); !strings.Contains(message, "default layout") {
		t.Errorf("the message does not say why: %s", message)
	}
	patch(s, &v1alpha1.Layout{}, "house", `{"spec":{"deletionPolicy":"Retain"}}`)
	s.Gone(&v1alpha1.Layout{}, "house")
	holds(s, "house", true)
}

// TestDeletedByHandBefore: what is gone already need not be deleted.
func TestDeletedByHandBefore(t *testing.T) {
	t.Parallel()
	s := staged(t, remove)
	s.YAML(layout("house", retain))
	s.Ready(&v1alpha1.Layout{}, "house")
	paths := map[string]string{"Workflow": "/v2/workflows/", "Layout": "/v2/layouts/", "Integration": "/v1/integrations/"}
	for kind, k := range kinds {
		name := strings.ToLower(kind)
		s.YAML(k.manifest(name, none))
		o := k.empty()
		s.Ready(o, name)
		id := name
		if i, ok := o.(*v1alpha1.Integration); ok {
			id = i.Status.ID
		}
		byHand(s, http.MethodDelete, paths[kind]+id, "")
		drop(s, o, name)
		s.Gone(o, name)
		holds(s, name, false)
	}
}
