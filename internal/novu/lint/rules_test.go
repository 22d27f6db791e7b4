// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"testing"
	"time"
)

func TestCron(t *testing.T) {
	tests := []struct{ give, next string }{ // after Monday 2 March 2026, 12:00; empty: Novu cannot read it
		{"* * * * *", "2026-03-02T12:01:00Z"},
		{"*/15 * * * *", "2026-03-02T12:15:00Z"},
		{"30 9 * * *", "2026-03-03T09:30:00Z"},
		{"0 0 9 * * *", "2026-03-03T09:00:00Z"}, // with seconds
		{"0 9 * * mon-fri", "2026-03-03T09:00:00Z"},
		{"0 9 * * 5#2", "2026-03-13T09:00:00Z"},
		{"0 9 L * *", "2026-03-31T09:00:00Z"},
		{"0 9 * * 5L", "2026-03-27T09:00:00Z"},
		{"0 0 13 * 5", "2026-03-06T00:00:00Z"}, // either day
		{"@weekly", "2026-03-08T00:00:00Z"},
		{"0 0 29 2 *", "2028-02-29T00:00:00Z"},
		{"0 0 30 2 *", ""},
		{"61 * * * *", ""},
		{"* * * foo *", ""},
		{"* * * * * * *", ""},
		{"daily", ""},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			c, err := parseCron(tt.give)
			if err != nil || tt.next == "" {
				if err == nil || tt.next != "" {
					t.Errorf("error %v, want a next time %q", err, tt.next)
				}
				return
			}
			if at, err := c.next(noon()); err != nil || at.Format(time.RFC3339) != tt.next {
				t.Errorf("next %v, %v, want %s", at, err, tt.next)
			}
		})
	}
}

func TestIsJSONSchema(t *testing.T) {
	tests := []struct {
		name string
		give any
		want bool
	}{
		{"empty", object{}, true},
		{"usual", object{"type": "object", "properties": object{"a": object{"type": []any{"string", "null"}, "minLength": 1.0}},
			"required": []any{"a"}, "additionalProperties": false}, true},
		{"reference inside", object{"$ref": "#/definitions/a", "definitions": object{"a": object{}}}, true},
		{"reference outside", object{"$ref": "https://example.com/a.json"}, false},
		{"no such type", object{"type": "text"}, false},
		{"draft 2020", object{"$schema": "https://json-schema.org/draft/2020-12/schema"}, false},
		{"broken pattern", object{"pattern": "("}, false},
		{"look-ahead", object{"pattern": "^(?!x)"}, true},
		{"negative length", object{"maxLength": -1.0}, false},
		{"required twice", object{"required": []any{"a", "a"}}, false},
		{"list", []any{}, false},
	}
	for _, tt := range tests {
		if got := IsJSONSchema(tt.give); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestVariableNames(t *testing.T) {
	schema := StepVariables(object{"type": "object", "properties": object{"lines": object{"type": "array",
		"items": object{"type": "object", "properties": object{"sku": object{"type": "string"}}}}}}, []Step{{ID: "wait", Type: "delay"}})
	names := VariableNames(schema)
	for name, want := range map[string]bool{
		"payload.lines.0.sku": true, "steps.wait.duration": true, "subscriber.email": true, "env.name": true, "subscriber.data": false, "payload.sku": false,
	} {
		if got := slices.Contains(names, name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
