// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const (
	becomeDelete = `{"spec":{"deletionPolicy":"Delete"}}`
	compareNow   = `{"metadata":{"annotations":{"` + v1alpha1.RequestedAtAnnotation + `":"now"}}}`
)

// TestFinalizerWaitsForNothing: whatever an object waits for, it has the finalizer as soon as its policy is Delete, and what
// it has written is deleted in Novu when it goes.
func TestFinalizerWaitsForNothing(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(s *harness.Stage) (fix func()){
		"a comparison that Novu does not answer": func(s *harness.Stage) func() {
			fix := s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/order", Hang: true})
			patch(s, &v1alpha1.Workflow{}, "order", compareNow)
			s.Eventually("the comparison is under way", func() error {
				return unless(s.Novu.Count(http.MethodGet, "/v2/workflows/order") > 0, "it is not")
			})
			return fix
		},
		"it is suspended": func(s *harness.Stage) func() {
			patch(s, &v1alpha1.Workflow{}, "order", `{"spec":{"suspend":true}}`)
			return func() { patch(s, &v1alpha1.Workflow{}, "order", `{"spec":{"suspend":false}}`) }
		},
		"the Environment is suspended": func(s *harness.Stage) func() {
			patch(s, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":true}}`)
			return func() { patch(s, &v1alpha1.Environment{}, "dev", `{"spec":{"suspend":false}}`) }
		},
		"the Secret is gone": func(s *harness.Stage) func() {
			drop(s, secret(), "dev-key")
			s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonSecretNotFound)
			return func() {
				s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
			}
		},
		"Novu cannot be reached": unreachable,
		"a reference is missing": func(s *harness.Stage) func() {
			patch(s, &v1alpha1.Workflow{}, "order", `{"spec":{"steps":[{"stepID":"mail","type":"Email","email":{"subject":"Hi",
				"bodyFrom":{"configMapKeyRef":{"name":"nowhere","key":"body"}}}}]}}`)
			s.NotReady(&v1alpha1.Workflow{}, "order", v1alpha1.ReasonConfigMapNotFound)
			return func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, retain)
			s.YAML(workflow("order", retain))
			s.Ready(&v1alpha1.Workflow{}, "order")
			s.Novu.ClearRequests()
			fix := trouble(s)
			patch(s, &v1alpha1.Workflow{}, "order", becomeDelete)
			finalized(s, &v1alpha1.Workflow{}, "order", true)
			finalized(s, &v1alpha1.Environment{}, "dev", true)
			drop(s, &v1alpha1.Workflow{}, "order")
			fix()
			s.Gone(&v1alpha1.Workflow{}, "order")
			holds(s, "order", false)
			finalized(s, &v1alpha1.Environment{}, "dev", false)
		})
	}
}

// TestDeletedAtOnce deletes objects in the moment in which their policy becomes Delete. What was too late for the finalizer
// is told of; the others are deleted in Novu.
func TestDeletedAtOnce(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("order-%d", i))
		s.YAML(workflow(names[i], retain))
	}
	s.Ready(&v1alpha1.Workflow{}, names...)
	for _, name := range names {
		patch(s, &v1alpha1.Workflow{}, name, becomeDelete)
		drop(s, &v1alpha1.Workflow{}, name)
	}
	for _, name := range names {
		s.Gone(&v1alpha1.Workflow{}, name)
	}
	s.Eventually("what is left in Novu is told of", func() error {
		var missing error
		for _, name := range slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !known(s, name) }) {
			if !noted(s, "dev", v1alpha1.ReasonLeftInNovu, "under the id "+name+":") {
				missing = errors.Join(missing, fmt.Errorf("%s is left in Novu without a word", name))
			}
		}
		return missing
	})
}
