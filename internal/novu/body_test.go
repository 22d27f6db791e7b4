// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestEnvelopes(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"wrapped", `{"data":{"_id":"1","workflowId":"w"}}`, "w"},
		{"bare", ` {"_id":"1","workflowId":"w"} `, "w"},
		{"bare with a member called data", `{"_id":"1","workflowId":"w","data":{"_id":"2","workflowId":"x"}}`, "w"},
		{"wrapped with more around", `{"meta":1,"data":{"_id":"1","workflowId":"w"}}`, "w"},
		{"unknown and odd members", `{"data":{"_id":"1","workflowId":"w","new":[1],"origin":"something-new","severity":null,"tags":null,"preferences":null,"steps":[{"_id":"2","type":"carrier_pigeon","controlValues":null,"issues":[1]}],"issues":"none","lastPublishedAt":null,"updatedBy":null,"payloadSchema":null}}`, "w"},
	} {
		w := must(newTestClient(t, newScripted(t, answerJSON(200, tc.body)), nil).GetWorkflow(t.Context(), "w"))(t)
		if w.WorkflowID != tc.want || w.PayloadSchema != nil || len(w.Steps) == 1 && w.Steps[0].ControlValues != nil {
			t.Errorf("%s: %+v", tc.name, w)
		}
	}
}

// A success status alone is not enough: taking {} for an answer would read as
// "nothing is there".
func TestBrokenAnswers(t *testing.T) {
	const secretSibling = "99999999999999999999999999999999"
	for name, body := range map[string]string{
		"empty":             "",
		"spaces":            " \n",
		"null":              "null",
		"data null":         `{"data":null}`,
		"empty object":      "{}",
		"empty list":        "[]",
		"another thing":     `{"data":{"status":"ok"}}`,
		"text":              `"ok"`,
		"a page":            "<!DOCTYPE html><html><title>Sign in</title>",
		"cut off":           `{"data":{"_id":"1","apiKeys":[{"key":"` + secretSibling,
		"wrong member type": `{"data":{"_id":"1","workflowId":"w","layoutId":"l","name":{"` + secretSibling + `":1}}}`,
		"two documents":     `{"data":{"_id":"1"}} trailing`,
		"list of others":    `{"data":[{"key":"` + secretSibling + `"}]}`,
	} {
		for op, read := range reads() {
			if name == "empty list" && (op == "environments" || op == "list integrations") {
				continue // that is an answer
			}
			if name == "another thing" && op == "health" || name == "wrong member type" && (op == "health" || strings.Contains(op, "integrations")) {
				continue
			}
			err := read(t.Context(), newTestClient(t, newScripted(t, answerJSON(200, body)), nil))
			var broken *DecodeError
			if !errors.As(err, &broken) || broken.MaybeCommitted || broken.StatusCode != http.StatusOK {
				t.Errorf("%s, %s: %v", name, op, err)
			} else if strings.Contains(err.Error(), secretSibling) {
				t.Errorf("%s, %s: JSON is quoted: %v", name, op, err)
			}
		}
		if name == "empty" || strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") || strings.TrimSpace(body) == "" {
			continue // a deletion's answer has no content to check
		}
		if err := newTestClient(t, newScripted(t, answerJSON(200, body)), nil).DeleteWorkflow(t.Context(), "w"); !IsMaybeCommitted(err) {
			t.Errorf("%s, delete: %v", name, err)
		}
	}
}

func TestPagesOfProxiesAreQuoted(t *testing.T) {
	page := response(200, strings.NewReader("<html>\n<title>Sign in with "+testKey+"</title>"+strings.Repeat("x", 5000)), "Content-Type: text/html; charset=utf-8")
	c := newTestClient(t, newScripted(t, page), nil)
	_, err := c.GetWorkflow(t.Context(), "w")
	var broken *DecodeError
	if !errors.As(err, &broken) || broken.ContentType != "text/html" || len(broken.Snippet) > maxSnippet || !strings.HasPrefix(broken.Snippet, "<html> <title>Sign in with ***</title>") {
		t.Errorf("got %+v", broken)
	}
	if err == nil || !strings.Contains(err.Error(), "check that the URL is that of Novu's API") {
		t.Errorf("text: %v", err)
	}
}

func TestReadAnswer(t *testing.T) {
	for _, tc := range []struct {
		size, limit int
		tooLarge    bool
	}{{0, 10, false}, {9, 10, false}, {10, 10, false}, {11, 10, true}, {100_000, 10, true}, {smallAnswer, smallAnswer, false}, {mediumAnswer + 1, mediumAnswer, true}, {mediumAnswer + 1, 2 * mediumAnswer, false}, {2*mediumAnswer + 1, 2 * mediumAnswer, true}} {
		body, release, err := readAnswer(t.Context(), bytes.NewReader(make([]byte, tc.size)), int64(tc.limit))
		release()
		var tooLarge *tooLargeError
		if errors.As(err, &tooLarge) != tc.tooLarge || len(body) != min(tc.size, tc.limit) {
			t.Errorf("%d of %d: %d bytes, %v", tc.size, tc.limit, len(body), err)
		}
	}
	broken := errors.New("reset")
	if body, _, err := readAnswer(t.Context(), io.MultiReader(strings.NewReader("ab"), errorReader{broken}), 10); !errors.Is(err, broken) || string(body) != "ab" {
		t.Errorf("%q, %v", body, err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestIssuesTakeWhatTheyUnderstand(t *testing.T) {
	for raw, want := range map[string]int{
		`null`: 0, `[]`: 0, `"x"`: 0, `{}`: 0, `{"a":7}`: 0, `{"a":[7]}`: 0,
		`{"a":[{"issueType":"MISSING_VALUE","message":"m","new":1}],"b":{"message":"single"},"c":null}`: 2,
	} {
		var issues Issues
		if err := json.Unmarshal([]byte(raw), &issues); err != nil || len(issues) != want {
			t.Errorf("%s: %v, %v", raw, issues, err)
		}
	}
}

// Whatever a server sends, decoding ends without a panic, and what it accepts is
// complete.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		workflowJSON, `{"data":{"workflows":[],"totalCount":0}}`, `{"data":[{"_id":"1","credentials":{"apiKey":"x"}}]}`, `{"data":{"_id":"1","layoutId":"l","controls":{"values":{"email":null}}}}`,
		`{"_id":1}`, `{"data":{"data":{"data":null}}}`, `[[[[`, "\xff", `{"data":{"_id":"1","workflowId":"w","steps":[{"issues":{"controls":{"a":[{}]}}}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var w Workflow
		if decode(body, &w) == nil && (w.ID == "" || w.WorkflowID == "") {
			t.Errorf("accepted %+v", w)
		}
		page := workflowPage()
		if decodeAndDrop(body, page) == nil && page.items == nil {
			t.Errorf("accepted %+v", page)
		}
		for _, out := range []answer{&Layout{}, layoutPage(), integrationList(), environmentList(), &health{}} {
			_ = decodeAndDrop(body, out)
		}
		k := &call{redactor: NewRedactor("secret-value"), client: &Client{budget: NewBudget(BudgetConfig{})}}
		if text := k.statusError(&reply{status: 422, body: body}).Error(); strings.Contains(text, "secret-value") {
			t.Errorf("text: %s", text)
		}
	})
}

// Who has changed an object last is shown as it is, whether one object or a list tells it.
func TestNamesOfPeopleAreCleaned(t *testing.T) {
	who := fmt.Sprintf(`"updatedBy":{"_id":"1","firstName":"Eve %s\u202e"}`, testKey)
	for name, ask := range map[string]func(c *Client) User{
		"workflow":  func(c *Client) User { return must(c.GetWorkflow(t.Context(), "w"))(t).UpdatedBy },
		"workflows": func(c *Client) User { return must(c.AllWorkflows(t.Context()))(t)[0].UpdatedBy },
		"layout":    func(c *Client) User { return must(c.GetLayout(t.Context(), "l"))(t).UpdatedBy },
		"layouts":   func(c *Client) User { return must(c.AllLayouts(t.Context()))(t)[0].UpdatedBy },
	} {
		t.Run(name, func(t *testing.T) {
			object := `{"_id":"1","workflowId":"w","layoutId":"l","steps":[],` + who + `}`
			body := `{"data":` + object + `}`
			if strings.HasSuffix(name, "s") {
				body = fmt.Sprintf(`{"data":{"totalCount":1,%q:[%s]}}`, name, object)
			}
			got := ask(newTestClient(t, newScripted(t, answerJSON(200, body)), nil)).FirstName
			if !strings.HasPrefix(got, "Eve ***") || strings.ContainsRune(got, '\u202e') {
				t.Errorf("it is shown as %q", got)
			}
		})
	}
}
