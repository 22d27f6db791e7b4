// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"novu-operator.dev/internal/printable"
)

const (
	maxMessage  = 512
	maxFields   = 20
	maxPerField = 5
	maxText     = 256
	maxSnippet  = 120
)

// errorBody holds the members that Novu sends with an error. Members of ctx are
// repeated at the top level.
type errorBody map[string]json.RawMessage

// readErrorBody takes the members before the point where a long answer was cut
// off: validation errors repeat the refused value after the message, and that can
// be megabytes.
func readErrorBody(raw []byte) errorBody {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	body := errorBody{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		body[fmt.Sprint(name)] = value
	}
	return body
}

func (b errorBody) number(name string) int {
	n, err := strconv.Atoi(string(b[name]))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func (b errorBody) text(name string) string {
	var s string
	_ = json.Unmarshal(b[name], &s) // "" for anything but a string
	return s
}

func (k *call) statusError(r *reply) *Error {
	e := &Error{
		Op: k.title(), Method: k.method, Path: k.redactor.Redact(k.path), StatusCode: r.status,
		RequestID: k.text(r.header.Get("X-Request-Id"), maxText),
	}
	if r.header.Get("Retry-After") != "" {
		e.RetryAfter = retryAfter(r.header, k.client.budget.now())
	}
	body := readErrorBody(r.body)
	fromNovu := body["message"] != nil
	if fromNovu {
		k.fill(e, body)
	} else {
		e.Message = k.text(foreignMessage(r), maxMessage)
	}
	if r.status == http.StatusNotFound {
		e.Missing = missing(fromNovu, k.route, e.Message, body)
		if r.truncated != nil && e.Missing == ResourceRoute {
			e.Missing = ResourceUnknown // who knows what the rest would say
		}
	}
	e.keyRefused = k.refusesKey(e, fromNovu)
	return e
}

func (k *call) fill(e *Error, body errorBody) {
	e.Message = k.text(messageText(body["message"]), maxMessage)
	e.CurrentCount, e.Limit = body.number("currentCount"), body.number("limit")
	if id := body.text("errorId"); id != "" {
		e.RequestID = k.text(id, maxText)
	}
	found := map[string][]string{}
	for _, b := range []errorBody{body, readErrorBody(body["ctx"])} {
		collectFields(found, b["errors"])
		collectFields(found, b["controls"])
	}
	e.Fields = k.boundFields(found)
}

// refusesKey decides whether the answer is about the key rather than the object.
// A route that Novu keeps from API keys is 401 as well, with a text of its own.
func (k *call) refusesKey(e *Error, fromNovu bool) bool {
	switch e.StatusCode {
	case http.StatusUnauthorized:
		return !k.anonymous && !strings.Contains(e.Message, "API endpoint not accessible")
	case http.StatusForbidden:
		return k.wholeKey && fromNovu
	}
	return false
}

// missing decides what a 404 is about. Creating on a wrong guess makes duplicates,
// so anything not recognised is not a missing workflow. Texts: recordings of Novu
// 3.15.0 and 3.19.0.
func missing(fromNovu bool, route, message string, body errorBody) Resource {
	text := strings.ToLower(message)
	switch {
	case !fromNovu || strings.HasPrefix(text, "cannot ") && strings.Contains(text, " /"):
		return ResourceRoute
	case strings.HasPrefix(text, "layout"):
		return ResourceLayout
	case strings.HasPrefix(text, "environment"):
		return ResourceEnvironment
	case strings.HasPrefix(text, "workflow"):
		return ResourceWorkflow
	case strings.HasPrefix(text, "agent with identifier"):
		return ResourceAgent
	case strings.HasPrefix(text, "integration"),
		strings.HasPrefix(text, "entity with id") && strings.HasPrefix(route, "/v1/integrations/"):
		return ResourceIntegration
	case strings.HasPrefix(route, "/v2/workflows/") && (body["workflowId"] != nil || readErrorBody(body["ctx"])["workflowId"] != nil):
		return ResourceWorkflow
	}
	return ResourceUnknown
}

// messageText accepts a string or the list of strings that Nest sends now and then.
func messageText(raw json.RawMessage) string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return strings.Join(many, "; ")
	}
	return ""
}

// foreignMessage describes an error that is not in Novu's form: a proxy's page, a
// redirect, an empty body.
func foreignMessage(r *reply) string {
	text := orDefault(http.StatusText(r.status), "unknown status")
	if target := redirectTarget(r); target != "" {
		return fmt.Sprintf("%s to %s; set the environment's URL to that address", text, target)
	}
	if t := mediaType(r.header.Get("Content-Type")); t != "" && t != "application/json" {
		return fmt.Sprintf("%s (%s, not an answer of Novu itself)", text, t)
	}
	return text
}

// redirectTarget is scheme and host alone: the rest may hold anything.
func redirectTarget(r *reply) string {
	if r.status >= 400 {
		return ""
	}
	u, err := url.Parse(r.header.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func parseRetryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		// Bounded first: a huge number must not overflow the duration.
		return time.Duration(min(max(seconds, 0), 1e6) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return at.Sub(now)
	}
	return 0
}

// textFactor is how much longer than its bound a text may be before it is redacted.
const textFactor = 16

// text makes a string of the server printable, redacts and bounds it. Invisible
// characters go first: they could stand in the middle of a secret.
func (k *call) text(s string, limit int) string {
	s = s[:min(len(s), textFactor*limit)]
	return bounded(k.redactor.Redact(printable.Text(s)), limit)
}

func bounded(s string, limit int) string { return printable.Truncate(printable.Text(s), limit) }
