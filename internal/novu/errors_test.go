// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// Bodies are those of a recorded Novu 3.15.0 where Novu sent them.
func TestStatusErrors(t *testing.T) {
	const path = `"statusCode":0,"timestamp":"2026-11-22T22:46:47.957Z","path":"/v2/workflows/w",`
	for _, tc := range []struct {
		name, body string
		status     int
		want       Error
		text       string
	}{{
		name: "limit reached", status: 400,
		body: `{"currentCount":100,"limit":100,` + path + `"message":"Workflow limit exceeded. Please contact us to support more workflows.","ctx":{"currentCount":100,"limit":100}}`,
		want: Error{Message: "Workflow limit exceeded. Please contact us to support more workflows.", CurrentCount: 100, Limit: 100},
		text: "(100 of 100)",
	}, {
		name: "validation pipe", status: 422,
		body: `{` + path + `"message":"Validation Error","ctx":{},"errors":{"general":{"messages":["name must be a string","steps must be an array"],"value":"No Value Recorded"}}}`,
		want: Error{Message: "Validation Error", Fields: map[string][]string{"general": {"name must be a string", "steps must be an array"}}},
		text: "[name must be a string, steps must be an array]",
	}, {
		name: "command", status: 422,
		body: `{` + path + `"message":"Validation failed","ctx":{},"errors":{"tags":{"messages":["All tags's elements must be unique"],"value":["a","a"]}}}`,
		want: Error{Message: "Validation failed", Fields: map[string][]string{"tags": {"All tags's elements must be unique"}}},
		text: "[tags: All tags's elements must be unique]",
	}, {
		name: "Zod", status: 400,
		body: `{` + path + `"message":"Zod Validation Failed","ctx":{"errors":[{"message":"Required","path":["steps",0,"name"]},{"message":"Bad","path":"a.b"}]}}`,
		want: Error{Message: "Zod Validation Failed", Fields: map[string][]string{"steps.0.name": {"Required"}, "a.b": {"Bad"}}},
	}, {
		name: "Ajv", status: 400,
		body: `{"errors":[{"field":"root.a","message":"must have required property 'a'","value":{"b":1}}],"message":"Payload validation failed"}`,
		want: Error{Message: "Payload validation failed", Fields: map[string][]string{"root.a": {"must have required property 'a'"}}},
	}, {
		name: "layout issues, repeated in ctx", status: 400,
		body: `{"controls":{"email.body":[{"message":"no content","issueType":"MISSING_VALUE"}]},` + path + `"message":"Layout has validation issues","ctx":{"controls":{"email.body":[{"message":"no content","issueType":"MISSING_VALUE"}]}}}`,
		want: Error{Message: "Layout has validation issues", Fields: map[string][]string{"email.body": {"no content"}}},
	}, {
		name: "list of messages", status: 400, body: `{"message":["a","b"]}`, want: Error{Message: "a; b"},
	}, {
		name: "cut off inside a repeated value", status: 422,
		body: `{` + path + `"message":"Validation failed","errors":{"description":{"messages":["too long"],"value":"` + strings.Repeat("d", 2_000_000) + `"}}}`,
		want: Error{Message: "Validation failed"},
	}, {
		name: "odd errors", status: 400, body: `{"message":"m","errors":{"a":7,"b":{"messages":"no list"}},"limit":"x","currentCount":-1}`, want: Error{Message: "m"},
	}, {
		name: "payment", status: 402, body: `{` + path + `"message":"Payment Required"}`, want: Error{Message: "Payment Required"},
		text: "the plan of this Novu organization",
	}, {
		name: "forbidden", status: 403, body: `{` + path + `"message":"Forbidden resource"}`, want: Error{Message: "Forbidden resource"}, text: "check that it is the key of this environment",
	}, {
		name: "too large", status: 413, body: `{` + path + `"message":"Payload Too Large","ctx":{"statusCode":413}}`, want: Error{Message: "Payload Too Large"}, text: "make the content smaller",
	}, {
		name: "internal", status: 500, body: `{` + path + `"message":"Internal server error, contact support and provide them with the errorId","errorId":"f4728698"}`,
		want: Error{Message: "Internal server error, contact support and provide them with the errorId", RequestID: "f4728698"}, text: "(request f4728698)",
	}, {
		name: "route", status: 404, body: `{"error":"Not Found",` + path + `"message":"Cannot GET /v2/nope","ctx":{}}`,
		want: Error{Message: "Cannot GET /v2/nope", Missing: ResourceRoute}, text: "check that the URL is that of Novu's API",
	}, {
		name: "other words for a missing workflow", status: 404, body: `{"message":"No such thing","ctx":{"workflowId":"w"}}`,
		want: Error{Message: "No such thing", Missing: ResourceWorkflow},
	}, {
		name: "missing something else", status: 404, body: `{"message":"Subscriber not found"}`, want: Error{Message: "Subscriber not found", Missing: ResourceUnknown},
	}, {
		name: "not Novu at all", status: 404, body: `default backend - 404`, want: Error{Message: "Not Found", Missing: ResourceRoute},
	}, {
		name: "JSON of somebody else", status: 404, body: `{"error":"not found"}`, want: Error{Message: "Not Found", Missing: ResourceRoute},
	}} {
		t.Run(tc.name, func(t *testing.T) {
			checkStatusError(t, tc.status, tc.body, tc.want, tc.text)
		})
	}
}

// checkStatusError has a server answer, and checks the error that comes of it and what is in its text.
func checkStatusError(t *testing.T, status int, body string, want Error, text string) {
	t.Helper()
	_, err := newTestClient(t, newScripted(t, answerJSON(status, body)), nil).GetWorkflow(t.Context(), "w")
	var got *Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(got.Error(), fmt.Sprintf(`get workflow "w": Novu answered %d`, status)) || !strings.Contains(got.Error(), text) {
		t.Errorf("text: %s", got)
	}
	want.Op, want.Method, want.Path, want.StatusCode = `get workflow "w"`, "GET", "/v2/workflows/w", status
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("\n got %+v\nwant %+v", *got, want)
	}
}

func TestForeignAnswers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		status  int
		headers []string
		text    string
	}{
		{"gateway page", 502, []string{"Content-Type: text/html; charset=utf-8"}, "Bad Gateway (text/html, not an answer of Novu itself)"},
		{"redirect", 301, []string{"Location: https://novu.example.test/v2/workflows/w?token=hunter22"}, "Moved Permanently to https://novu.example.test; set the environment's URL"},
		{"redirect nowhere", 302, nil, "Found"},
		{"unknown status", 599, nil, "unknown status"},
		{"request id", 502, []string{"X-Request-Id: abc\x01def", "Content-Type: text/html"}, "(request abcdef)"},
		{"no content type", 400, []string{"Content-Type: ;;;"}, "Bad Request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScripted(t, response(tc.status, strings.NewReader("<html><title>hunter22</title>"), tc.headers...))
			_, err := newTestClient(t, s, nil).GetWorkflow(t.Context(), "w")
			if err == nil || !strings.Contains(err.Error(), tc.text) || strings.Contains(err.Error(), "hunter22") {
				t.Errorf("got %v, want %s", err, tc.text)
			}
			if s.count() != 1 {
				t.Errorf("%d requests", s.count())
			}
		})
	}
}

func TestPredicates(t *testing.T) {
	status := func(method string, code int) error {
		return fmt.Errorf("wrapped: %w", &Error{Method: method, StatusCode: code})
	}
	transport := func(err error, maybe bool) error {
		return &TransportError{Err: &redactedError{err: err}, MaybeCommitted: maybe}
	}
	type predicates struct{ terminal, unavailable, maybe, unauthorized, forbidden, conflict bool }
	for _, tc := range []struct {
		name string
		err  error
		want predicates
	}{
		{"nil", nil, predicates{}},
		{"400", status("PUT", 400), predicates{terminal: true}},
		{"401", status("PUT", 401), predicates{terminal: true, unauthorized: true}},
		{"402", status("PUT", 402), predicates{terminal: true}},
		{"403", status("PUT", 403), predicates{terminal: true, forbidden: true}},
		{"404", status("PUT", 404), predicates{}},
		{"405", status("PUT", 405), predicates{terminal: true}},
		{"409", status("PUT", 409), predicates{terminal: true, conflict: true}},
		{"413", status("PUT", 413), predicates{terminal: true}},
		{"422", status("PUT", 422), predicates{terminal: true}},
		{"500 on a read", status("GET", 500), predicates{}},
		{"500 on a write", status("POST", 500), predicates{maybe: true}},
		{"503 on a write", status("POST", 503), predicates{unavailable: true, maybe: true}},
		{"refused", transport(&net.OpError{Op: "dial"}, false), predicates{unavailable: true}},
		{"reset after sending", transport(errors.New("reset"), true), predicates{unavailable: true, maybe: true}},
		{"the caller gave up", transport(context.Canceled, true), predicates{maybe: true}},
		{"garbage", &DecodeError{MaybeCommitted: true}, predicates{maybe: true}},
		{"throttled", &ThrottledError{}, predicates{}},
		{"circuit by key", &CircuitOpenError{Cause: status("GET", 401)}, predicates{}},
		{"circuit by connection", &CircuitOpenError{Cause: transport(errors.New("x"), true)}, predicates{unavailable: true}},
		{"read only", &ReadOnlyError{}, predicates{}},
	} {
		got := predicates{IsTerminal(tc.err), IsUnavailable(tc.err), IsMaybeCommitted(tc.err), IsUnauthorized(tc.err), IsForbidden(tc.err), IsConflict(tc.err)}
		if got != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"":                              time.Second,
		"0":                             time.Second,
		"-5":                            time.Second,
		"1":                             time.Second,
		"2.5":                           2500 * time.Millisecond,
		"30":                            30 * time.Second,
		"nonsense":                      time.Second,
		"NaN":                           time.Second,
		"1e300":                         time.Hour,
		"999999999":                     time.Hour,
		"Sat, 01 Jan 2000 00:00:20 GMT": 20 * time.Second,
		"Fri, 31 Dec 1999 23:00:00 GMT": time.Second,
	} {
		synctest.Test(t, func(t *testing.T) { // the bubble's clock starts at 2000-01-01
			_, err := newTestClient(t, newScripted(t, answer429(value)), nil).GetWorkflow(t.Context(), "w")
			var throttled *ThrottledError
			if !errors.As(err, &throttled) || time.Until(throttled.Until) != want {
				t.Errorf("%q: %v, want in %s", value, err, want)
			}
		})
	}
}

// A 503 may say when to come back; it does not pause the category.
func TestRetryAfterOfOtherErrors(t *testing.T) {
	s := newScripted(t, answerJSON(503, `{"message":"later"}`, "Retry-After: 7"), answerJSON(200, workflowJSON))
	c := newTestClient(t, s, nil)
	_, err := c.GetWorkflow(t.Context(), "w")
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter != 7*time.Second {
		t.Errorf("got %+v", err)
	}
	if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("ü", 5000)
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`"%s%d":{"messages":["%s","b","c","d","e","f","g"]}`, long[:20], i, long))
	}
	body := fmt.Sprintf(`{"message":"%s\u0000\n","errors":{%s},"errorId":"%s"}`, long, strings.Join(many, ","), long)
	_, err := newTestClient(t, newScripted(t, answerJSON(422, body[:min(len(body), errorBodyLimit)]), answerJSON(422, fmt.Sprintf(`{"message":"%s"}`, long))), nil).GetWorkflow(t.Context(), "w")
	var e *Error
	if !errors.As(err, &e) || len(e.Message) > maxMessage {
		t.Fatalf("got %d bytes", len(e.Message))
	}
	k := &call{redactor: NewRedactor()}
	fields := map[string][]string{}
	for i := range 100 {
		fields[fmt.Sprint(i)+long] = []string{long, "b", "c", "d", "e", "f", "g"}
	}
	bound := k.boundFields(fields)
	if len(bound) != maxFields {
		t.Errorf("%d fields", len(bound))
	}
	for name, texts := range bound {
		if len(name) > maxText || len(texts) != maxPerField || len(texts[0]) > maxText || !utf8.ValidString(texts[0]) {
			t.Errorf("%d bytes of name, %d texts", len(name), len(texts))
		}
	}
}
