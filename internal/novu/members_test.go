// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

// fill is an answer of about so many bytes that repeats one part.
func fill(prefix, part, suffix string, size int) []byte {
	parts := strings.Repeat(part, size/len(part))
	return []byte(prefix + strings.TrimSuffix(parts, ",") + suffix)
}

// decoded are all forms of answers.
func decoded() []answer {
	return []answer{
		&Workflow{}, &Layout{}, &Integration{}, &Environment{}, &health{},
		workflowPage(), layoutPage(), integrationList(), environmentList(), layoutUsers(),
	}
}

// decodeAndDrop decodes an answer and needs it no longer.
func decodeAndDrop(body []byte, out answer) error {
	if list, ok := out.(interface{ leave() }); ok {
		defer list.leave()
	}
	return decode(body, out)
}

// allocated is how many bytes f allocates, those that it no longer needs included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What an answer takes once it is decoded is bounded by its length, whatever it is made of.
func FuzzDecodedSize(f *testing.F) {
	for _, seed := range [][3]string{
		{`{"data":{"_id":"1","workflowId":"w","steps":[`, `{},`, `]}}`},
		{`{"data":{"_id":"1","workflowId":"w","steps":[{"issues":{"controls":{"a":[`, `{},`, `]}}}]}}`},
		{`{"data":{"_id":"1","workflowId":"w","issues":{"a":[`, `{"message":"m"},`, `]}}}`},
		{`{"data":{"_id":"1","workflowId":"w","tags":[`, `"",`, `]}}`},
		{`{"data":{"_id":"1","workflowId":"w","preferences":{"user":{"channels":{`, `"a":{},`, `}}}}}`},
		{`{"data":{"workflows":[`, `{"_id":"1"},`, `]}}`},
		{`{"data":{"workflows":[{"_id":"1","steps":[`, `{},`, `]}]}}`},
		{`{"data":{"layouts":[`, `{"_id":"1","layoutId":"l"},`, `]}}`},
		{`{"data":[`, `{"_id":"1"},`, `]}`},
		{`[`, `{},`, `]`},
		{`{"data":[{"_id":"1","credentials":{`, `"a":1,`, `}}]}`},
		{`{"data":{"_id":"1","credentials":{`, `"a":1,`, `}}}`},
		{`{"data":`, `[`, ``},
		{`{"data":{`, `"a":{"b":[]},`, `}}`},
		{`{"data":"`, `\u0000`, `"}`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	const size = 1 << 20
	f.Fuzz(func(t *testing.T, prefix, part, suffix string) {
		if part == "" || len(prefix)+len(suffix) > size {
			t.Skip()
		}
		body := fill(prefix, part, suffix, size)
		for _, out := range decoded() {
			if n := allocated(func() { _ = decodeAndDrop(body, out) }); n > 16*size {
				t.Errorf("%T: %d KiB of answer take %d KiB", out, len(body)>>10, n>>10)
			}
		}
	})
}

func TestTooManyMembers(t *testing.T) {
	for name, tc := range map[string]struct {
		prefix, part, suffix string
		most                 int
		out                  func() answer
		want                 string
	}{
		"steps": {
			`{"_id":"1","workflowId":"w","steps":[`, `{"stepId":"s","x":[1,2]},`, `]}`, maxSteps,
			func() answer { return &Workflow{} }, "the answer has 251 steps, and 250 are the most that is read",
		},
		"tags": {
			`{"_id":"1","workflowId":"w","tags":[`, `"a,b",`, `]}`, maxTags,
			func() answer { return &Workflow{} }, "the answer has 251 tags, and 250 are the most that is read",
		},
		"items of a page": {
			`{"data":{"workflows":[`, `{"_id":"1"},`, `]}}`, maxPageItems,
			func() answer { return workflowPage() }, "the page has more than the 2000 items that are read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := decodeAndDrop(fill(tc.prefix, tc.part, tc.suffix, tc.most*len(tc.part)), tc.out()); err != nil {
				t.Errorf("%d: %v", tc.most, err)
			}
			err := decodeAndDrop(fill(tc.prefix, tc.part, tc.suffix, (tc.most+1)*len(tc.part)), tc.out())
			if !IsTooLarge(err) || err.Error() != tc.want {
				t.Errorf("%d: %v", tc.most+1, err)
			}
		})
	}
}

// Further issues are dropped: they must not make the workflow unreadable.
func TestIssuesAreBounded(t *testing.T) {
	var many Issues
	text := fill(`{"a":[`, `{"message":"m"},`, `]}`, 100*len(`{"message":"m"},`))
	if err := json.Unmarshal(text, &many); err != nil || len(many["a"]) != maxIssues {
		t.Errorf("%d issues, %v", len(many["a"]), err)
	}
}

func TestMembers(t *testing.T) {
	for text, want := range map[string]int{
		`[]`: 0, "{\n}": 0, `[1]`: 1, `[[1,2],{"a":1,"b":2}]`: 2, `["a,\",b",2,3]`: 3, `{"a":[1,2],"b":"}"}`: 2, `null`: 1,
	} {
		if got := members([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
