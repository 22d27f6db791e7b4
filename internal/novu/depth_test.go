// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestDepth(t *testing.T) {
	for text, want := range map[string]int{
		``: 0, `1`: 0, `"[[["`: 0, `[]`: 1, `{"a":[{"b":1}],"c":{}}`: 3, `[[],[[]]]`: 3,
		`{"\"[":"\\","b":[1]}`: 2, `["\\\"[[["]`: 1, `[[[`: 3, `]]][`: 0,
	} {
		if got := Depth([]byte(text)); got != want {
			t.Errorf("%s is %d deep, want %d", text, got, want)
		}
	}
}

// Of valid JSON, the depth is that of the decoder's tree.
func FuzzDepth(f *testing.F) {
	for _, seed := range []string{`{"a":[{"b":"]}\\\""}]}`, `[[[[]]]]`, `"\u005b"`, `{"[":"{"}`, strings.Repeat("[", 300)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := Depth(raw)
		if got > bytes.Count(raw, []byte("["))+bytes.Count(raw, []byte("{")) {
			t.Fatalf("%q is said to be %d deep", raw, got)
		}
		var tree any
		if json.Unmarshal(raw, &tree) == nil && got != treeDepth(tree) {
			t.Errorf("%q is said to be %d deep, and is %d", raw, got, treeDepth(tree))
		}
	})
}

func treeDepth(t any) (most int) {
	switch t := t.(type) {
	case map[string]any:
		for _, v := range t {
			most = max(most, treeDepth(v))
		}
		return most + 1
	case []any:
		for _, v := range t {
			most = max(most, treeDepth(v))
		}
		return most + 1
	}
	return 0
}

func TestAnswersThatAreTooDeep(t *testing.T) {
	deep := strings.Repeat(`{"a":`, maxAnswerDepth) + "1" + strings.Repeat("}", maxAnswerDepth)
	for name, body := range map[string]string{
		"a member that nobody asks for": `{"data":{"_id":"1","workflowId":"w","steps":[],"variables":` + deep + `}}`,
		"a member that is kept":         `{"data":{"_id":"1","workflowId":"w","steps":[],"payloadSchema":` + deep + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestClient(t, newScripted(t, answerJSON(200, body)), nil)
			if _, err := c.GetWorkflow(t.Context(), "w"); err == nil || !strings.Contains(err.Error(), "levels deep") {
				t.Errorf("got %v", err)
			}
		})
	}
}
