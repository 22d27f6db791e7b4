// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

// shifting is a list that changes between pages.
type shifting struct {
	items  []string
	total  bool           // announce the total
	cap    int            // the server's own page limit; 0: none
	before func(page int) // called before each page
	pages  int
}

func (s *shifting) fetch(o ListOptions) (*page[string], error) {
	if s.before != nil {
		s.before(s.pages)
	}
	s.pages++
	size := o.Limit
	if s.cap > 0 {
		size = min(size, s.cap)
	}
	total := 0
	if s.total {
		total = len(s.items)
	}
	from := min(o.Offset, len(s.items))
	return part(slices.Clone(s.items[from:min(from+size, len(s.items))]), total, 0), nil
}

// part is a page of a list, read from so many bytes.
func part(items []string, total int, bytes int64) *page[string] {
	return &page[string]{items: items, total: total, size: bytes, kept: int64(len(items)) * itemOverhead}
}

func identity(s string) string { return s }

func TestCollect(t *testing.T) {
	for _, tc := range []struct {
		name  string
		list  shifting
		pages int
	}{
		{"empty", shifting{total: true}, 1},
		{"one short page", shifting{items: names("i", 3), total: true}, 1},
		{"exactly one page", shifting{items: names("i", 10), total: true}, 1},
		{"pages overlap by one", shifting{items: names("i", 28), total: true}, 3},
		{"without total", shifting{items: names("i", 25)}, 3},
		{"exactly one page without total", shifting{items: names("i", 10)}, 2},
		{"smaller pages than asked for", shifting{items: names("i", 25), total: true, cap: 7}, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := must(collect(10, identity, tc.list.fetch))(t)
			if !slices.Equal(got, tc.list.items) || tc.list.pages != tc.pages {
				t.Errorf("%d items in %d pages, want %d in %d", len(got), tc.list.pages, len(tc.list.items), tc.pages)
			}
		})
	}
}

// Deleting an old item and adding a new one between two pages keeps the total but
// shifts the border: nothing that stays may be missing from the result.
func TestCollectWhileItemsMove(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		list := &shifting{items: names("i", 20+rng.IntN(40)), total: rng.IntN(2) == 0}
		added, steady := 0, slices.Clone(list.items)
		changes := rng.IntN(12)
		list.before = func(int) {
			if changes == 0 || len(list.items) == 0 {
				return
			}
			changes--
			gone := list.items[rng.IntN(len(list.items))]
			list.items = slices.DeleteFunc(list.items, func(s string) bool { return s == gone })
			steady = slices.DeleteFunc(steady, func(s string) bool { return s == gone })
			added++
			list.items = append(list.items, fmt.Sprintf("new-%d", added))
		}
		got := must(collect(10, identity, list.fetch))(t)
		for _, want := range steady {
			if !slices.Contains(got, want) {
				t.Fatalf("seed %d: %s is missing", seed, want)
			}
		}
		if sorted := slices.Sorted(slices.Values(got)); len(slices.Compact(sorted)) != len(got) {
			t.Fatalf("seed %d: an item appears twice", seed)
		}
	}
}

func TestCollectDoesNotTrustTheServer(t *testing.T) {
	items := names("i", 10)
	for _, tc := range []struct {
		name  string
		fetch func(ListOptions) (*page[string], error)
		fault string
	}{
		{"always the same page", func(ListOptions) (*page[string], error) { return part(items, 1000, 0), nil }, "again and again"},
		{"an item twice in place of another", func(ListOptions) (*page[string], error) { return part(append(items[:9:9], items[0]), 10, 0), nil }, "kept changing"},
		{"a total but no items", func(ListOptions) (*page[string], error) { return part(nil, 5, 0), nil }, "5 items but none is sent"},
		{"never ends", func(o ListOptions) (*page[string], error) {
			return part(names("i", o.Offset+10)[o.Offset:], 0, 0), nil
		}, "does not end"},
		{"is said never to end", func(ListOptions) (*page[string], error) { return part(items, 1<<30, 0), nil }, "the list has 1073741824 items"},
		{"has ever larger pages", func(o ListOptions) (*page[string], error) {
			return part(names("i", o.Offset+10)[o.Offset:], 0, 7<<20), nil
		}, "longer than 128 MiB"},
		{"fails on the second page", func(o ListOptions) (*page[string], error) {
			if o.Offset > 0 {
				return &page[string]{}, errors.New("broken")
			}
			return part(items, 20, 0), nil
		}, "broken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := collect(10, identity, tc.fetch)
			if err == nil || got != nil || !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("%d items, %v", len(got), err)
			}
		})
	}
}

// A hundred workflows are one call at the default page size.
func TestAllWorkflowsAndLayouts(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	for i := range 100 {
		must(c.CreateWorkflow(t.Context(), &WorkflowRequest{WorkflowID: fmt.Sprintf("w-%d", i), Name: "W"}))(t)
	}
	for i := range 12 {
		must(c.CreateLayout(t.Context(), &LayoutRequest{LayoutID: fmt.Sprintf("l-%d", i), Name: "L"}))(t)
	}
	for _, tc := range []struct{ size, workflowPages, layoutPages int }{{100, 1, 1}, {12, 9, 1}, {5, 25, 3}, {1, 99, 11}} {
		s.ClearRequests()
		small, err := New(Config{BaseURL: s.URL, SecretKey: s.Environment("Development").SecretKey, PageSize: tc.size})
		if err != nil {
			t.Fatal(err)
		}
		workflows, layouts := must(small.AllWorkflows(t.Context()))(t), must(small.AllLayouts(t.Context()))(t)
		if len(workflows) != 100 || workflows[0].WorkflowID != "w-0" || workflows[99].WorkflowID != "w-99" {
			t.Errorf("page size %d: %d workflows", tc.size, len(workflows))
		}
		if len(layouts) != 12 || layouts[0].LayoutID != "l-0" || !layouts[0].IsDefault {
			t.Errorf("page size %d: %d layouts", tc.size, len(layouts))
		}
		w, l := s.Count(http.MethodGet, "/v2/workflows"), s.Count(http.MethodGet, "/v2/layouts")
		if w != tc.workflowPages || l != tc.layoutPages {
			t.Errorf("page size %d: %d and %d calls, want %d and %d", tc.size, w, l, tc.workflowPages, tc.layoutPages)
		}
	}
}
