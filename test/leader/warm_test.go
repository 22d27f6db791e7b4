// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package leader_test

import (
	"slices"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestReady: a replica is ready when it has all that it watches, Secrets and the like included.
func TestReady(t *testing.T) {
	t.Parallel()
	s := harness.NewStage(t, novutest.Options{})
	r := start(s, "first", true)
	deadline := time.Now().Add(time.Minute)
	for probe(s, r.probes, "/readyz") != nil { // without a pause: the moment counts
		if time.Now().After(deadline) {
			t.Fatal("it does not become ready")
		}
	}
	for _, kind := range []string{
		"environments", "workflows", "layouts", "integrations", "promotions", "secrets", "configmaps", "namespaces",
	} {
		if _, listed := r.kinds.Load(kind); !listed {
			t.Errorf("it is ready and has not asked for %s yet", kind)
		}
	}
}

// TestWarm: who takes over has what it needs of Kubernetes already, and looks at Novu once.
func TestWarm(t *testing.T) {
	t.Parallel()
	s := harness.NewStage(t, novutest.Options{})
	first := start(s, "first", true)
	s.Environment("dev", "Development", "")
	s.YAML(order("Hello"))
	s.Ready(&v1alpha1.Workflow{}, "order")
	second := standBy(s)
	if second.lists.Load() == 0 {
		t.Fatal("no list was counted, so that none follow shows nothing")
	}
	second.lists.Store(0)
	calls := &ledger{}
	s.Novu.Inject(novutest.Fault{Hook: calls.note})

	ended := time.Now()
	first.cancel()
	s.YAML(order("Hello again"))
	s.Ready(&v1alpha1.Workflow{}, "order")
	t.Logf("a change that nobody worked on is in Novu %s after the end", time.Since(ended).Round(time.Millisecond))

	if n := second.lists.Load(); n != 0 {
		t.Errorf("it listed %d kinds of the API server after it was warm", n)
	}
	got := calls.of("second", reads)
	slices.Sort(got)
	if want := []string{"GET /v1/environments/me", "GET /v1/integrations", "GET /v2/layouts", "GET /v2/workflows"}; !slices.Equal(got, want) {
		t.Errorf("it read %v, want %v", got, want)
	}
	if got := calls.of("second", writes); !slices.Equal(got, []string{"PUT /v2/workflows/order"}) {
		t.Errorf("it wrote %v", got)
	}
}
