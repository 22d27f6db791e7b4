// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
)

// issueCase is a line of testdata/issues.jsonl: what Novu 3.15's own checks answer to control values.
type issueCase struct {
	Name, Type, Origin string

	Values        any
	PayloadSchema any
	Issues        struct{ Controls map[string][]object }
	Status        int // of the whole request, where the values make it fail
}

// TestIssues: in every case, the problems are found at the fields that Novu names, and with Novu's words where one check alone
// complains about a field. (Novu merges the answers of several checks position by position.)
func TestIssues(t *testing.T) {
	raw, err := os.ReadFile("testdata/issues.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	before := []Step{{ID: "d", Type: "digest"}, {ID: "i", Type: "in_app"}, {ID: "w", Type: "delay"}, {ID: "h", Type: "http_request"}}
	n := 0
	for line := range bytes.Lines(raw) {
		var c issueCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		n++
		t.Run(c.Name, func(t *testing.T) {
			values, _ := c.Values.(object)
			c.compare(t, Rules{Now: noon}.Step(Step{Type: c.Type, Controls: values},
				Scope{Origin: cmp.Or(c.Origin, OriginCloud), Variables: StepVariables(c.PayloadSchema, before)}))
		})
	}
	if n < 100 {
		t.Errorf("only %d cases", n)
	}
}

func (c *issueCase) compare(t *testing.T, issues []Issue) {
	t.Helper()
	if at := slices.IndexFunc(issues, func(i Issue) bool { return i.Severity == Refusal }); at >= 0 || c.Status != 0 {
		if at < 0 || (issues[at].Check == Cron) != (c.Status == http.StatusInternalServerError) {
			t.Errorf("Novu answers %d, got %v", c.Status, lines(issues))
		}
		return
	}
	found, checks := map[string][]object{}, map[string]map[Check]bool{}
	for _, i := range issues {
		if i.Severity != Error {
			continue
		}
		one := object{"issueType": i.Type, "message": i.Message, "variableName": i.Variable}
		if i.Check == Tier {
			delete(one, "variableName")
		}
		found[i.Field] = append(found[i.Field], one)
		if checks[i.Field] == nil {
			checks[i.Field] = map[Check]bool{}
		}
		checks[i.Field][i.Check] = true
	}
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(c.Issues.Controls)); !slices.Equal(got, want) {
		t.Errorf("problems at %q, want %q", got, want)
	}
	for field, want := range c.Issues.Controls {
		if got := found[field]; len(checks[field]) == 1 && !bytes.Equal(javascript.JSON(got), javascript.JSON(want)) {
			t.Errorf("%s: got %s\nwant %s", field, javascript.JSON(got), javascript.JSON(want))
		}
	}
}
