// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
)

// outcome is what a caller can learn from an error.
type outcome struct {
	kind        string // type of the error
	maybe       bool   // for writes; reads never are
	unavailable bool
	terminal    bool
}

func outcomeOf(err error) outcome {
	o := outcome{maybe: IsMaybeCommitted(err), unavailable: IsUnavailable(err), terminal: IsTerminal(err)}
	var status *Error
	var transport *TransportError
	var broken *DecodeError
	var throttled *ThrottledError
	switch {
	case err == nil:
		o.kind = "none"
	case errors.As(err, &status):
		o.kind = fmt.Sprintf("status %d", status.StatusCode)
	case errors.As(err, &transport):
		o.kind = "transport"
	case errors.As(err, &broken):
		o.kind = "decode"
	case errors.As(err, &throttled):
		o.kind = "throttled"
	default:
		o.kind = fmt.Sprintf("%T", err)
	}
	return o
}

// Every operation under every fault ends in the right type of error, after one
// request, without the key in its text.
func TestFaults(t *testing.T) {
	html := []byte("<html><title>502 Bad Gateway</title></html>")
	page := http.Header{"Content-Type": {"text/html"}}
	for _, tc := range []struct {
		name  string
		fault novutest.Fault
		want  outcome
	}{
		{"400", novutest.Fault{Status: 400}, outcome{kind: "status 400", terminal: true}},
		{"401", novutest.Fault{Status: 401}, outcome{kind: "status 401", terminal: true}},
		{"402", novutest.Fault{Status: 402}, outcome{kind: "status 402", terminal: true}},
		{"403", novutest.Fault{Status: 403}, outcome{kind: "status 403", terminal: true}},
		{"413", novutest.Fault{Status: 413}, outcome{kind: "status 413", terminal: true}},
		{"422", novutest.Fault{Status: 422}, outcome{kind: "status 422", terminal: true}},
		{"500", novutest.Fault{Status: 500}, outcome{kind: "status 500", maybe: true}},
		{"502 page", novutest.Fault{Status: 502, Header: page, Body: html}, outcome{kind: "status 502", maybe: true, unavailable: true}},
		{"429", novutest.Fault{Status: 429, Header: http.Header{"Retry-After": {"0"}}}, outcome{kind: "throttled"}},
		{"200 page", novutest.Fault{Status: 200, Header: page, Body: html}, outcome{kind: "decode", maybe: true}},
		{"redirect", novutest.Fault{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}, Body: []byte{}}, outcome{kind: "status 307"}},
		{"reset before", novutest.Fault{Reset: novutest.BeforeCommit}, outcome{kind: "transport", maybe: true, unavailable: true}},
		{"reset after", novutest.Fault{Reset: novutest.AfterCommit}, outcome{kind: "transport", maybe: true, unavailable: true}},
		{"no answer", novutest.Fault{Hang: true}, outcome{kind: "transport", maybe: true, unavailable: true}},
		{"no answer after commit", novutest.Fault{Hang: true, Reset: novutest.AfterCommit}, outcome{kind: "transport", maybe: true, unavailable: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := novutest.Start(t, novutest.Options{})
			s.Inject(tc.fault)
			timeout := time.Minute
			if tc.fault.Hang {
				timeout = 300 * time.Millisecond // long enough to connect on a busy machine
			}
			for name, read := range reads() {
				want := tc.want
				want.maybe = false
				checkFault(t, s, timeout, name, read, want)
			}
			for name, write := range writes() {
				checkFault(t, s, timeout, name, write, tc.want)
			}
		})
	}
}

func checkFault(t *testing.T, s *novutest.Server, timeout time.Duration, name string, call func(context.Context, *Client) error, want outcome) {
	t.Helper()
	s.ClearRequests()
	key := s.Environment("Development").SecretKey
	c, err := New(Config{BaseURL: s.URL, SecretKey: key, Timeout: timeout, Transport: newTransport(nil)})
	if err != nil {
		t.Fatal(err)
	}
	err = call(t.Context(), c)
	if got := outcomeOf(err); got != want {
		t.Errorf("%s: got %+v, want %+v: %v", name, got, want, err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%s: %d requests", name, n)
	}
	if err != nil && strings.Contains(err.Error(), key) {
		t.Errorf("%s: the key is in the text: %v", name, err)
	}
}

// Answers that break off after the status, or never end.
func TestUnfinishedAnswers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		status  int
		part    string
		hang    bool
		timeout time.Duration
		want    outcome
	}{
		{"cut off", 200, `{"data":{"_id":`, false, time.Minute, outcome{kind: "decode", maybe: true}},
		{"slow", 200, `{"data":`, true, 50 * time.Millisecond, outcome{kind: "transport", maybe: true, unavailable: true}},
		{"404 cut off", 404, `{"statusCode":404,"mess`, false, time.Minute, outcome{kind: "status 404"}},
		{"404 slow", 404, `{"statusCode":404,"mess`, true, 50 * time.Millisecond, outcome{kind: "status 404"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "1000")
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.part))
				_ = http.NewResponseController(w).Flush()
				if tc.hang {
					<-r.Context().Done()
				}
				panic(http.ErrAbortHandler)
			}))
			defer server.Close()
			check := func(name string, call func(context.Context, *Client) error, want outcome) {
				c := must(New(Config{BaseURL: server.URL, SecretKey: testKey, Timeout: tc.timeout}))(t)
				err := call(t.Context(), c)
				if got := outcomeOf(err); got != want {
					t.Errorf("%s: got %+v, want %+v: %v", name, got, want, err)
				}
				if tc.status == 404 && !IsNotFound(err, ResourceUnknown) {
					t.Errorf("%s: nobody knows what is missing: %v", name, err)
				}
			}
			for name, read := range reads() {
				want := tc.want
				want.maybe = false
				check(name, read, want)
			}
			for name, write := range writes() {
				check(name, write, tc.want)
			}
		})
	}
}

func TestHugeBodies(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	s.Inject(novutest.Fault{Huge: 1 << 30})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.GetWorkflow(t.Context(), "w")
	runtime.ReadMemStats(&after)
	var broken *DecodeError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), fmt.Sprintf("longer than the %d KiB", objectBodyLimit>>10)) {
		t.Errorf("got %v", err)
	}
	// Reading doubles its buffer, so a few times the bound is allocated in all.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16*objectBodyLimit {
		t.Errorf("allocated %d MiB", grown>>20)
	}
	if err := c.DeleteWorkflow(t.Context(), "w"); !IsMaybeCommitted(err) {
		t.Errorf("delete: %v", err)
	}
}

// Whether a write can have reached Novu decides if it may be sent again.
func TestUnsentWrites(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	s := novutest.Start(t, novutest.Options{})
	for _, tc := range []struct{ name, url, hint string }{
		{"refused", "http://" + closed.Addr().String(), "check the port"},
		{"no such host", "http://novu.invalid", "check the host"},
		{"TLS to a plain port", strings.Replace(s.URL, "http:", "https:", 1), "use http://"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, write := range writes() {
				c, err := New(Config{BaseURL: tc.url, SecretKey: testKey})
				if err != nil {
					t.Fatal(err)
				}
				err = write(t.Context(), c)
				if got, want := outcomeOf(err), (outcome{kind: "transport", unavailable: true}); got != want {
					t.Errorf("%s: got %+v, want %+v: %v", name, got, want, err)
				}
				if !strings.Contains(err.Error(), tc.hint) || !strings.Contains(err.Error(), strings.SplitN(tc.url, "/", 4)[2]) {
					t.Errorf("%s: %v, want a hint to %s", name, err, tc.hint)
				}
			}
		})
	}
}

// The caller's own end of patience is no sign of trouble with Novu.
func TestCancelledRequest(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	reached := make(chan struct{}, 8)
	s.Inject(novutest.Fault{Hang: true, Hook: func(*http.Request) { reached <- struct{}{} }})
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-reached; cancel() }()
		_, err := c.UpdateWorkflow(ctx, "w", &WorkflowRequest{})
		if got, want := outcomeOf(err), (outcome{kind: "transport", maybe: true}); got != want || !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v, want %+v: %v", got, want, err)
		}
	}
	if c.Budget().Snapshot().Circuit.Open {
		t.Error("cancelling opened the circuit")
	}
}

// A POST on a connection that the server closed while idle must reach Novu once or
// not at all.
func TestIdleConnectionsAreNotTrusted(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	for i := range 20 {
		must(c.CreateLayout(t.Context(), &LayoutRequest{LayoutID: fmt.Sprintf("l-%d", i), Name: "L"}))(t)
		remove := s.Inject(novutest.Fault{Method: http.MethodGet, Reset: novutest.AfterCommit})
		_, _ = c.GetLayout(t.Context(), "l-0")
		remove()
	}
	if n := len(must(c.AllLayouts(t.Context()))(t)); n != 20 {
		t.Errorf("%d layouts", n)
	}
}
