// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestDryRunDeletesNothing: an operator that must not write keeps what is to be deleted, says so, and leaves the decision
// to the next one that may write.
func TestDryRunDeletesNothing(t *testing.T) {
	t.Parallel()
	s := harness.NewStage(t, novutest.Options{})
	m := operate(s, remove)
	s.Environment("dev", "Development", "")
	s.YAML(layout("house", retain))
	s.Ready(&v1alpha1.Layout{}, "house")
	for kind, k := range kinds {
		s.YAML(k.manifest(strings.ToLower(kind), none))
		s.Ready(k.empty(), strings.ToLower(kind))
	}
	s.Must(m.Stop())
	s.Novu.ClearRequests()
	dry := harness.StartManager(s, harness.ManagerOptions{
		Namespaces:  []string{s.Namespace},
		Connections: connection.Options{ReadOnly: true}, Controllers: controllers.Options{DeletionPolicy: remove},
	})
	for kind, k := range kinds {
		name := strings.ToLower(kind)
		drop(s, k.empty(), name)
		s.Eventually(kind+" says why it stays", func() error {
			message := s.NotReady(k.empty(), name, v1alpha1.ReasonDeletionBlocked)
			return unless(strings.Contains(message, "dry run"), message)
		})
	}
	for _, r := range s.Novu.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
	s.Must(dry.Stop())
	operate(s, remove)
	for kind, k := range kinds {
		s.Gone(k.empty(), strings.ToLower(kind))
		holds(s, strings.ToLower(kind), false)
	}
}
