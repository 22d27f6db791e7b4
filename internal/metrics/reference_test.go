// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/internal/novu"
)

// everything registers all metrics and gives each a value: one that has none is not gathered.
func everything(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewRegistry()
	requests, err := NewRequests(registry)
	if err != nil {
		t.Fatal(err)
	}
	requests.Request(novu.CategoryGlobal, "GET", "/v1/integrations", 200, time.Second)
	requests.Waited(novu.CategoryGlobal, novu.PriorityUser, time.Second)
	requests.Throttled(novu.CategoryGlobal, time.Now())
	err = RegisterEnvironments(registry, budgets{types.NamespacedName{}: {
		Categories: map[novu.Category]novu.CategorySnapshot{novu.CategoryGlobal: {Limit: 1}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	promotions, err := NewPromotions(registry)
	if err != nil {
		t.Fatal(err)
	}
	promotions.Count(census{{}: {}}.take)
	promotions.Waited(types.NamespacedName{}, StageGates, time.Second)
	promotions.Ended(types.NamespacedName{}, End{Work: new(time.Second), Items: map[Result]int{ResultCreated: 1}})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

func TestReferenceListsEveryMetric(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.SplitSeq(string(raw), "\n") {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, line)
		}
	}
	var want []string
	for _, family := range everything(t) {
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+label.GetName()+"`")
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", family.GetName(), strings.Join(labels, ", "), family.GetHelp()))
	}
	if got := strings.Join(rows, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("docs/reference/metrics.md has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestTwiceInOneRegistry: a metric that is there already is an error, not a panic.
func TestTwiceInOneRegistry(t *testing.T) {
	registry := prometheus.NewRegistry()
	for _, wantError := range []bool{false, true} {
		if _, err := NewRequests(registry); (err != nil) != wantError {
			t.Errorf("requests: got %v", err)
		}
		if err := RegisterEnvironments(registry, budgets{}); (err != nil) != wantError {
			t.Errorf("environments: got %v", err)
		}
	}
}

// TestWaitsByPriority: what users wait for is told from the rest.
func TestWaitsByPriority(t *testing.T) {
	for priority, want := range map[novu.Priority]string{novu.PriorityUser: "user", novu.PriorityBackground: "background"} {
		registry := prometheus.NewRegistry()
		requests, err := NewRequests(registry)
		if err != nil {
			t.Fatal(err)
		}
		requests.Waited(novu.CategoryGlobal, priority, time.Second)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if got := families[0].GetMetric()[0].String(); len(families) != 1 || !strings.Contains(got, want) {
			t.Errorf("%v: %s", priority, got)
		}
	}
}
