// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import "testing"

func TestParseJSON(t *testing.T) {
	tests := []struct{ give, problem string }{
		{"{}", ""},
		{" [] ", ""},
		{"{\"a\":[1,{\"b\":null}]}\n", ""},
		{`{"name": `, "Unexpected end of JSON input"}, // recorded
		{`[`, "Unexpected end of JSON input"},
		{`{"a":}`, "Invalid character '}' looking for beginning of value"},
		{`{} x`, "Invalid character 'x' after top-level value"},
		{`"x"`, "Body must be a JSON object or array"},
		{`5`, "Body must be a JSON object or array"},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			problem := ""
			if _, err := parseJSON([]byte(tt.give)); err != nil {
				problem = err.Error()
			}
			if problem != tt.problem {
				t.Errorf("got %q, want %q", problem, tt.problem)
			}
		})
	}
}
