// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// An operator that has just started knows nothing of its Environments yet, and says nothing of it.
func TestStartIsSilent(t *testing.T) {
	t.Parallel()
	const slow = 2 * time.Second
	for name, test := range map[string]struct {
		before func(s *harness.Stage) // while there is no operator
		writes []string               // to the Workflow
		after  func(s *harness.Stage)
	}{
		"an object that was deleted meanwhile": {
			before: func(s *harness.Stage) { drop(s, "order-shipped") },
			writes: []string{"PATCH order-shipped"}, // the finalizer
			after:  func(s *harness.Stage) { s.Gone(&v1alpha1.Workflow{}, "order-shipped") },
		},
		"an object whose deletion was blocked": {
			before: func(s *harness.Stage) {
				s.Novu.Inject(novutest.Fault{Method: http.MethodDelete, Status: http.StatusForbidden})
				m := harness.StartManager(s, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
				drop(s, "order-shipped")
				s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonDeletionBlocked)
				s.Must(m.Stop())
				s.Novu.ClearRequests()
			},
			after: func(s *harness.Stage) {
				s.Eventually("another try", func() error {
					if n := s.Novu.Count(http.MethodDelete, ""); n == 0 {
						return errNotYet
					}
					return nil
				})
				s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonDeletionBlocked)
			},
		},
		"an object that was made meanwhile": {
			before: func(s *harness.Stage) { s.YAML(strings.Replace(orderShipped, "name: order-shipped", "name: fresh", 1)) },
			writes: []string{"PATCH fresh/status", "PATCH fresh/status"}, // work has begun, and is done
			after:  func(s *harness.Stage) { s.Ready(&v1alpha1.Workflow{}, "fresh") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := unmanaged(t, novutest.Options{})
			m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "")
			edited(s, strings.Replace(orderShipped, "  name: Order", "  deletionPolicy: Delete\n  name: Order", 1), "order-shipped")
			s.Must(m.Stop())
			test.before(s)
			s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/layouts", Times: 1, Delay: slow})
			var kube kubeWrites
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: kube.config(t)})
			test.after(s)
			expect(t, "writes to Workflows", kube.of("workflows"), test.writes...)
		})
	}
}

// An Environment that cannot be connected is no secret either.
func TestStartWithABrokenEnvironment(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	s.Environment("dev", "Development", "environmentName: Staging")
	s.YAML(orderShipped)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonEnvironmentNotReady)
}

// What the operator writes to the API server is what bounds it on its first day with thousands of objects.
func TestWritesOfACreation(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	var kube kubeWrites
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: kube.config(t)})
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	settle(s)
	earlier, begun := len(kube.of("environments")), time.Now()
	names := []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}
	for _, name := range names {
		s.YAML(strings.Replace(orderShipped, "name: order-shipped", "name: "+name, 1))
		s.Ready(&v1alpha1.Workflow{}, name)
	}
	s.Eventually("the count", func() error {
		var e v1alpha1.Environment
		s.Ready(&e, "dev")
		if c := e.CountOf(v1alpha1.CountedWorkflow); int(c.Managed) != len(names) || c.NotReady != 0 {
			return fmt.Errorf("%+v", e.Status.Counts)
		}
		return nil
	})
	took := time.Since(begun)
	written := kube.of("workflows")
	for _, name := range names {
		own := slices.DeleteFunc(slices.Clone(written), func(path string) bool { return path != "PATCH "+name+"/status" })
		expect(t, "writes to "+name, own, "PATCH "+name+"/status", "PATCH "+name+"/status") // work has begun, and is done
	}
	if n := len(kube.of("events")); n > len(names)+1 {
		t.Errorf("%d events of %d creations and a connection", n, len(names))
	}
	const gathered = 5 * time.Second // at most one write of the counts in that time
	if n, most := len(kube.of("environments"))-earlier, 1+int(took/gathered); n > most {
		t.Errorf("the Environment was written %d times in %s, at most %d times would do", n, took, most)
	}
}
