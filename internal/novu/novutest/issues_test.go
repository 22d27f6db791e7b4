// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
	"novu-operator.dev/internal/novu/lint"
)

// The cases in ../lint/testdata/issues.jsonl and testdata/requests.jsonl hold what Novu 3.15's own checks say to each input.

// readCases decodes a file of one JSON value per line.
func readCases[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v: %s", file, err, lines.Bytes())
		}
		out = append(out, one)
	}
	if err := lines.Err(); err != nil || len(out) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(out), err)
	}
	return out
}

type issueCase struct {
	Name, Type, Origin string

	Values        json.RawMessage
	PayloadSchema json.RawMessage
	Issues        any
	Status        int // of the whole request, where the values make it fail
}

// knownToAll are the steps before the one that is checked.
var knownToAll = []lint.Step{{ID: "d", Type: "digest"}, {ID: "i", Type: "in_app"}, {ID: "w", Type: "delay"}, {ID: "h", Type: "http_request"}}

func (c *issueCase) issues(t *testing.T) (object, error) {
	t.Helper()
	values, err := parseJSON(c.Values)
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if len(c.PayloadSchema) > 0 {
		if schema, err = parseJSON(c.PayloadSchema); err != nil {
			t.Fatal(err)
		}
	}
	o, _ := values.(object)
	return New(Options{}).stepIssues(lint.Step{Type: c.Type, Controls: o},
		lint.Scope{Origin: cmp.Or(c.Origin, originCloud), Variables: lint.StepVariables(schema, knownToAll)})
}

func TestIssues(t *testing.T) {
	for _, c := range readCases[issueCase](t, "../lint/testdata/issues.jsonl") {
		t.Run(c.Name, func(t *testing.T) {
			got, err := c.issues(t)
			if err != nil || c.Status != 0 {
				var failure *apiError
				if !errors.As(err, &failure) || failure.status != c.Status {
					t.Fatalf("error %v, want status %d", err, c.Status)
				}
				return
			}
			if !reflect.DeepEqual(plain(got), c.Issues) {
				t.Errorf("%s\n got %s\nwant %s", c.Values, javascript.JSON(got), javascript.JSON(c.Issues))
			}
		})
	}
}
