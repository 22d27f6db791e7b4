// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

func TestRequestsAreCountedByRouteAndNotByObject(t *testing.T) {
	registry := prometheus.NewRegistry()
	requests, err := NewRequests(registry)
	if err != nil {
		t.Fatal(err)
	}
	server := novutest.Start(t, novutest.Options{RateLimits: true})
	client, err := novu.New(novu.Config{
		BaseURL: server.URL, SecretKey: server.Environment("Development").SecretKey,
		Budget: novu.NewBudget(novu.BudgetConfig{Observer: requests}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		if _, err := client.GetWorkflow(t.Context(), id); !novu.IsNotFound(err, novu.ResourceWorkflow) {
			t.Fatalf("get %s: %v", id, err)
		}
	}
	server.Inject(novutest.Fault{Status: 429, Times: 1})
	if _, err := client.ListIntegrations(t.Context()); err == nil {
		t.Fatal("a 429 is no error")
	}
	want := `
# HELP novu_operator_novu_requests_total Requests sent to Novu, by rate limit category, method, route and status code; code 0 means no answer.
# TYPE novu_operator_novu_requests_total counter
novu_operator_novu_requests_total{category="configuration",code="404",method="GET",route="/v2/workflows/{id}"} 2
novu_operator_novu_requests_total{category="global",code="429",method="GET",route="/v1/integrations"} 1
# HELP novu_operator_novu_throttled_total Answers with which Novu asked to wait (429).
# TYPE novu_operator_novu_throttled_total counter
novu_operator_novu_throttled_total{category="global"} 1
`
	err = testutil.GatherAndCompare(registry, strings.NewReader(want), "novu_operator_novu_requests_total", "novu_operator_novu_throttled_total")
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"novu_operator_novu_request_duration_seconds", "novu_operator_novu_wait_seconds"} {
		if n, err := testutil.GatherAndCount(registry, name); err != nil || n == 0 {
			t.Errorf("%s has %d series, %v", name, n, err)
		}
	}
}

type budgets map[types.NamespacedName]novu.BudgetSnapshot

func (b budgets) Budgets() map[types.NamespacedName]novu.BudgetSnapshot { return b }

func TestEnvironmentsShowTheirConnection(t *testing.T) {
	registry := prometheus.NewRegistry()
	live := budgets{
		{Namespace: "a", Name: "calm"}: {InFlight: 2, Waiting: 3, Categories: map[novu.Category]novu.CategorySnapshot{
			novu.CategoryConfiguration: {Limit: 100, Remaining: 42}, novu.CategoryGlobal: {},
		}},
		{Namespace: "a", Name: "lost"}: {Circuit: novu.CircuitSnapshot{Open: true, Since: time.Now(), Cause: errors.New("no route")}},
	}
	if err := RegisterEnvironments(registry, live); err != nil {
		t.Fatal(err)
	}
	want := `
# HELP novu_operator_environment_circuit_open 1 while nothing is sent because Novu refuses the key or cannot be reached, else 0.
# TYPE novu_operator_environment_circuit_open gauge
novu_operator_environment_circuit_open{name="calm",namespace="a"} 0
novu_operator_environment_circuit_open{name="lost",namespace="a"} 1
# HELP novu_operator_environment_rate_limit_remaining Requests that may be sent now; absent where Novu announces no limit.
# TYPE novu_operator_environment_rate_limit_remaining gauge
novu_operator_environment_rate_limit_remaining{category="configuration",name="calm",namespace="a"} 42
# HELP novu_operator_environment_requests_in_flight Requests that are under way.
# TYPE novu_operator_environment_requests_in_flight gauge
novu_operator_environment_requests_in_flight{name="calm",namespace="a"} 2
novu_operator_environment_requests_in_flight{name="lost",namespace="a"} 0
# HELP novu_operator_environment_requests_waiting Requests that wait for their turn within the rate limit.
# TYPE novu_operator_environment_requests_waiting gauge
novu_operator_environment_requests_waiting{name="calm",namespace="a"} 3
novu_operator_environment_requests_waiting{name="lost",namespace="a"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	delete(live, types.NamespacedName{Namespace: "a", Name: "lost"})
	if n, _ := testutil.GatherAndCount(registry, "novu_operator_environment_circuit_open"); n != 1 {
		t.Errorf("%d series are left of an Environment that is gone and one that is not", n)
	}
}
