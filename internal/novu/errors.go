// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Resource names the thing a 404 is about.
type Resource string

// Resources that Novu reports as missing.
const (
	ResourceWorkflow    Resource = "workflow"
	ResourceLayout      Resource = "layout"
	ResourceEnvironment Resource = "environment"
	ResourceIntegration Resource = "integration"
	ResourceAgent       Resource = "agent" // that a workflow names
	// ResourceRoute: there is no such route; another version of Novu, or not Novu.
	ResourceRoute Resource = "route"
	// ResourceUnknown: Novu said 404 in words this client does not know.
	ResourceUnknown Resource = "unknown"
)

// Error is an answer of Novu with a status of 300 or more, 429 excepted. All its
// texts are bounded and redacted.
type Error struct {
	Op         string // the operation and its object: update workflow "invoice-paid"
	Method     string
	Path       string // without query
	StatusCode int
	Message    string   // Novu's, at most 512 bytes
	Missing    Resource // set for 404 only
	// Fields are validation messages by the path of the field they are about
	// (422, and 400 of layouts).
	Fields map[string][]string
	// CurrentCount and Limit are set when a limit of Novu is reached.
	CurrentCount, Limit int
	// RetryAfter is set if the answer carried that header.
	RetryAfter time.Duration
	// RequestID is what Novu's support asks for, if the answer had one.
	RequestID string
	// keyRefused: the key itself is refused, so every other call would be as well.
	keyRefused bool
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: Novu answered %d", e.Op, e.StatusCode)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Limit > 0 {
		fmt.Fprintf(&b, " (%d of %d)", e.CurrentCount, e.Limit)
	}
	b.WriteString(formatFields(e.Fields))
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	if hint := e.hint(); hint != "" {
		b.WriteString("; " + hint)
	}
	return b.String()
}

// hint is the user's next step, for statuses where Novu's own words give none.
func (e *Error) hint() string {
	switch e.StatusCode {
	case http.StatusUnauthorized:
		if e.keyRefused {
			return "check the API key in the environment's Secret"
		}
	case http.StatusPaymentRequired:
		return "the plan of this Novu organization does not include it; self-hosted community installations have the free plan"
	case http.StatusForbidden:
		return "this key may not do that here; check that it is the key of this environment"
	case http.StatusRequestEntityTooLarge:
		return "make the content smaller, or raise the body limit of Novu and of the proxies in front of it"
	case http.StatusNotFound:
		if e.Missing == ResourceRoute {
			return "check that the URL is that of Novu's API, including its path"
		}
	}
	return ""
}

// TransportError is a call that got no complete answer: no connection, a reset, a
// timeout, or the caller gave up.
type TransportError struct {
	Op   string
	Host string // host and port of the URL
	Err  error  // its text is redacted
	// MaybeCommitted: the request was a write and may have reached Novu. Observe
	// before writing again.
	MaybeCommitted bool
}

func (e *TransportError) Error() string {
	text := fmt.Sprintf("%s: no answer from Novu at %s: %s%s", e.Op, e.Host, e.Err, committedNote(e.MaybeCommitted))
	if hint := transportHint(e.Err); hint != "" {
		text += "; " + hint
	}
	return text
}

func (e *TransportError) Unwrap() error { return e.Err }

// DecodeError is a success status with a body that is not what the API documents:
// a proxy's page, garbage, cut short or far too long.
type DecodeError struct {
	Op          string
	StatusCode  int
	ContentType string
	Snippet     string // start of the body if that cannot hold data of Novu, else ""
	Err         error
	// MaybeCommitted is true for writes: the answer is broken, the write may stand.
	MaybeCommitted bool
}

func (e *DecodeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the answer (status %d", e.Op, e.StatusCode)
	if e.ContentType != "" {
		b.WriteString(", " + e.ContentType)
	}
	fmt.Fprintf(&b, ") is not what Novu's API sends: %s", e.Err)
	if e.Snippet != "" {
		fmt.Fprintf(&b, ": %q", e.Snippet)
	}
	b.WriteString(committedNote(e.MaybeCommitted))
	if e.ContentType != "" && e.ContentType != "application/json" {
		b.WriteString("; check that the URL is that of Novu's API, not of its dashboard or a proxy")
	}
	return b.String()
}

func (e *DecodeError) Unwrap() error { return e.Err }

func committedNote(maybe bool) string {
	if maybe {
		return " (Novu may have carried it out)"
	}
	return ""
}

// ThrottledError reports that the rate limit does not allow the call now: Novu
// answered 429, or the budget's queue is longer than the context allows to wait.
type ThrottledError struct {
	Op       string
	Category Category
	Until    time.Time // when to try again
	Err      error     // the context's error if that ended the wait, else nil
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%s: Novu's rate limit (%s) is reached; next try at %s", e.Op, e.Category, e.Until.UTC().Format(time.RFC3339))
}

func (e *ThrottledError) Unwrap() error { return e.Err }

// CircuitOpenError reports that calls to the environment are suspended until a probe
// succeeds. It does not unwrap to its cause: the call that got it was never sent,
// so nothing is known about its object.
type CircuitOpenError struct {
	Op    string
	Since time.Time
	Cause error
	// Method of the requests that are held back; empty if all are.
	Method string
}

func (e *CircuitOpenError) Error() string {
	what := "calls"
	if e.Method != "" {
		what = e.Method + " requests"
	}
	return fmt.Sprintf("%s: not sent, %s to this Novu environment are suspended since %s: %s",
		e.Op, what, e.Since.UTC().Format(time.RFC3339), e.Cause)
}

// ReadOnlyError is a write that was refused before it left, because the client is
// read-only.
type ReadOnlyError struct {
	Op, Method, Path string
}

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("%s: not sent, writes are turned off (dry run): %s %s", e.Op, e.Method, e.Path)
}

// WithheldError is a write that was not sent because [Config.Guard] refused it.
type WithheldError struct {
	Op  string
	Err error // the guard's
}

func (e *WithheldError) Error() string { return fmt.Sprintf("%s: not sent: %s", e.Op, e.Err) }

func (e *WithheldError) Unwrap() error { return e.Err }
