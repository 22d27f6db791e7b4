// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// pantry is a server with some workflows, each made a second after the other.
func pantry(t *testing.T) *client {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	api := dev(t, Options{Now: func() time.Time { return now }})
	for _, w := range []struct {
		id, name string
		tags     []any
		active   bool
		step     object
	}{
		{"banana", "Yellow fruit", []any{"fruit", "yellow"}, true, mail("mail")},
		{"apple", "Green fruit", []any{"fruit"}, true, newStep("text", "sms", object{})},
		{"carrot", "Orange root", []any{"root"}, false, mail("mail")},
		{"durian", "smelly Fruit", nil, true, mail("mail")},
	} {
		now = now.Add(time.Second)
		body := newWorkflow(w.id, w.step)
		body["name"], body["tags"], body["active"] = w.name, w.tags, w.active
		api.create(body)
	}
	now = now.Add(time.Second)
	api.do("PATCH", "/v2/workflows/banana", object{"description": "long"}).want(http.StatusOK)
	return api
}

func TestListWorkflows(t *testing.T) {
	tests := []struct {
		query string
		want  string
		total int
	}{
		{"", "durian carrot apple banana", 4},
		{"orderDirection=ASC", "banana apple carrot durian", 4},
		{"orderBy=updatedAt", "banana durian carrot apple", 4},
		{"orderBy=name&orderDirection=ASC", "apple carrot banana durian", 4},
		{"orderBy=lastTriggeredAt&orderDirection=ASC", "banana apple carrot durian", 4},
		{"limit=2", "durian carrot", 4},
		{"limit=2&offset=2", "apple banana", 4},
		{"offset=3", "banana", 4},
		{"offset=9", "", 4},
		{"limit=1000", "durian carrot apple banana", 4},
		{"query=fruit", "durian apple banana", 3},
		{"query=FRUIT&limit=1", "durian", 3},
		{"query=app", "apple", 1},
		{"query=nothing", "", 0},
		{"query=.", "", 0},
		{"tags=fruit", "apple banana", 2},
		{"tags=root&tags=yellow", "carrot banana", 2},
		{"tags[]=root", "carrot", 1},
		{"status=ACTIVE", "durian banana", 2},
		{"status=ERROR&status=INACTIVE", "carrot apple", 2},
		{"status=ERROR&tags=root", "", 0},
		{"nope=1", "durian carrot apple banana", 4},
	}
	api := pantry(t)
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			res := api.do("GET", "/v2/workflows?"+tt.query, nil).want(http.StatusOK)
			if got := strings.Join(res.values("data.workflows", "workflowId"), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			res.is("data.totalCount", tt.total)
		})
	}
}

// TestListItem: items of a list have less than workflows.
func TestListItem(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(full("welcome"))
	res := api.do("GET", "/v2/workflows", nil)
	for _, same := range []string{"_id", "workflowId", "slug", "name", "status", "origin", "tags", "createdAt", "updatedAt"} {
		res.is("data.workflows.0."+same, made.get("data."+same))
	}
	res.is("data.workflows.0.stepTypeOverviews", []any{"email", "sms"}).is("data.workflows.0.steps.0.type", "email")
	for _, none := range []string{"active", "description", "preferences", "payloadSchema", "severity", "steps.0.controlValues"} {
		res.is("data.workflows.0."+none, nil)
	}
}

// TestDefaultPage: a page holds fifty unless more are asked for.
func TestDefaultPage(t *testing.T) {
	api := dev(t, Options{})
	for i := range 60 {
		api.create(newWorkflow(fmt.Sprintf("w%d", i)))
	}
	for query, want := range map[string]int{"": 50, "?limit=60": 60, "?limit=7&offset=58": 2} {
		res := api.do("GET", "/v2/workflows"+query, nil)
		if got := res.values("data.workflows", "workflowId"); len(got) != want {
			t.Errorf("%q: %d items, want %d", query, len(got), want)
		}
		res.is("data.totalCount", 60)
	}
	var all []string
	for offset := 0; offset < 60; offset += 20 {
		res := api.do("GET", fmt.Sprintf("/v2/workflows?limit=20&offset=%d&orderDirection=ASC", offset), nil)
		all = append(all, res.values("data.workflows", "workflowId")...)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 60 {
		t.Errorf("%d different workflows on three pages", len(slices.Compact(all)))
	}
}

func TestListsAreOfOneEnvironment(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	api.in("Production").do("GET", "/v2/workflows", nil).is("data.totalCount", 0)
}
