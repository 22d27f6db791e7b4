// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

// wire is a client with a network in between, for faults that break connections.
type wire struct {
	t      *testing.T
	server *Server
	http   *http.Client
}

func dial(t *testing.T, opts Options) *wire {
	t.Helper()
	s := Start(t, opts)
	return &wire{t: t, server: s, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (w *wire) request(ctx context.Context, method, path, body string) *http.Request {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+w.server.Environments()[0].SecretKey)
	req.Header.Set("Content-Type", "application/json")
	return req
}

// create asks for a workflow and returns what came of it.
func (w *wire) create(id string) (status int, body string, err error) {
	w.t.Helper()
	res, err := w.http.Do(w.request(w.t.Context(), "POST", "/v2/workflows", string(javascript.JSON(newWorkflow(id)))))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

func (w *wire) stored() int { return len(w.server.Workflows("Development")) }

// TestBrokenConnections: a reset before or after the request took effect look alike to the client.
func TestBrokenConnections(t *testing.T) {
	tests := []struct {
		name   string
		fault  Fault
		stored int
	}{
		{"before", Fault{Reset: BeforeCommit}, 0},
		{"after", Fault{Reset: AfterCommit}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := dial(t, Options{})
			w.server.Inject(tt.fault)
			_, _, err := w.create("welcome")
			if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
				t.Errorf("error %v, want a reset", err)
			}
			if got := w.stored(); got != tt.stored {
				t.Errorf("%d workflows stored, want %d", got, tt.stored)
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	w := dial(t, Options{})
	w.server.Inject(Fault{Method: "POST", Truncate: 20})
	status, body, err := w.create("welcome")
	if status != http.StatusCreated || len(body) != 20 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("status %d, %d bytes, error %v", status, len(body), err)
	}
	if w.stored() != 1 {
		t.Error("the workflow was not made")
	}
}

// TestHang: no answer comes until the client gives up, or the server is closed.
func TestHang(t *testing.T) {
	for _, tt := range []struct {
		name   string
		moment Moment
		stored int
	}{{"before", None, 0}, {"after", AfterCommit, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			w := dial(t, Options{})
			hit := make(chan struct{})
			w.server.Inject(Fault{Hang: true, Reset: tt.moment, Hook: func(*http.Request) { close(hit) }})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-hit
				cancel()
			}()
			res, err := w.http.Do(w.request(ctx, "POST", "/v2/workflows", string(javascript.JSON(newWorkflow("welcome")))))
			if err == nil {
				res.Body.Close()
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if got := w.stored(); got != tt.stored {
				t.Errorf("%d workflows stored, want %d", got, tt.stored)
			}
		})
	}
}

func TestCloseEndsHangs(t *testing.T) {
	w := dial(t, Options{})
	hit := make(chan struct{})
	w.server.Inject(Fault{Hang: true, Hook: func(*http.Request) { close(hit) }})
	failed := make(chan error)
	go func() {
		_, _, err := w.create("welcome")
		failed <- err
	}()
	<-hit
	w.server.Close()
	w.server.Close() // once more does no harm
	if err := <-failed; err == nil {
		t.Error("an answer came")
	}
}

func TestHuge(t *testing.T) {
	const size = 3 << 20
	w := dial(t, Options{})
	w.server.Inject(Fault{Huge: size})
	status, body, err := w.create("welcome")
	if status != http.StatusOK || len(body) != size || err != nil {
		t.Errorf("status %d, %d bytes, error %v", status, len(body), err)
	}
	if !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
		t.Errorf("it begins with %q", body[:10])
	}
	if w.stored() != 0 {
		t.Error("the request was executed")
	}
}

// TestSlowLoris: the answer is complete in the end, and stops when the client leaves.
func TestSlowLoris(t *testing.T) {
	w := dial(t, Options{})
	remove := w.server.Inject(Fault{SlowLoris: time.Microsecond})
	if status, body, err := w.create("welcome"); status != http.StatusCreated || err != nil || !strings.HasSuffix(body, "}}") {
		t.Errorf("status %d, error %v, body %s", status, err, body)
	}
	remove()
	w.server.Inject(Fault{SlowLoris: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	res, err := w.http.Do(w.request(ctx, "GET", "/v2/workflows", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	cancel()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the whole answer came")
	}
}

func TestSubstitutes(t *testing.T) {
	tests := []struct {
		name   string
		fault  Fault
		header string
		path   string
		want   any
	}{
		{"unavailable", Fault{Status: 503}, "", "message", internalError().message},
		{"too many", Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, "7", "message", "API rate limit exceeded"},
		{"gateway", Fault{Status: 502, Body: []byte("<html>Bad Gateway</html>")}, "", "message", nil},
		{"teapot", Fault{Status: 418}, "", "message", "I'm a teapot"},
		{"empty", Fault{Status: 200, Body: []byte{}}, "", "data", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			api.server.Inject(tt.fault)
			res := api.do("POST", "/v2/workflows", newWorkflow("welcome")).want(tt.fault.Status).is(tt.path, tt.want)
			if got := res.header.Get("Retry-After"); got != tt.header {
				t.Errorf("Retry-After %q", got)
			}
			if tt.fault.Body != nil && !bytes.Equal(res.raw, tt.fault.Body) {
				t.Errorf("body %s", res.raw)
			}
			if len(api.server.Workflows("Development")) != 0 {
				t.Error("the request was executed")
			}
			if log := api.server.Requests(); len(log) != 1 || log[0].Status != tt.fault.Status {
				t.Errorf("log %v", log)
			}
		})
	}
}

// TestFaultSelection: which requests a fault hits.
func TestFaultSelection(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		want  string // status of GET a, GET a, PUT a, GET b, GET a
	}{
		{"all", Fault{}, "503 503 503 503 503"},
		{"method", Fault{Method: "PUT"}, "200 200 503 200 200"},
		{"prefix", Fault{Path: "/v2/workflows/a"}, "503 503 503 200 503"},
		{"exactly this path", Fault{Path: "/v2/workflows", Exact: true}, "200 200 200 200 200"},
		{"exactly one object", Fault{Path: "/v2/workflows/b", Exact: true}, "200 200 200 503 200"},
		{"pattern", Fault{Path: "/v2/*/b"}, "200 200 200 503 200"},
		{"once", Fault{Times: 1}, "503 200 200 200 200"},
		{"the third", Fault{Skip: 2, Times: 1}, "200 200 503 200 200"},
		{"all from the fourth", Fault{Skip: 3}, "200 200 200 503 503"},
		{"second read", Fault{Method: "GET", Skip: 1, Times: 1}, "200 503 200 200 200"},
		{"broken pattern", Fault{Path: "/v2/["}, "200 200 200 200 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.create(newWorkflow("a"))
			api.create(newWorkflow("b"))
			tt.fault.Status = 503
			remove := api.server.Inject(tt.fault)
			var got []string
			for _, r := range []string{"GET a", "GET a", "PUT a", "GET b", "GET a"} {
				method, id, _ := strings.Cut(r, " ")
				var body any
				if method == "PUT" {
					body = made.update(nil)
				}
				got = append(got, strings.TrimSpace(string(javascript.JSON(api.do(method, "/v2/workflows/"+id, body).status))))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
			remove()
			remove() // once more does no harm
			api.do("GET", "/v2/workflows/b", nil).want(http.StatusOK)
		})
	}
}

// TestFirstFaultDecides: of two faults that match, the one injected first hits until it is used up.
func TestFirstFaultDecides(t *testing.T) {
	api := dev(t, Options{})
	api.server.Inject(Fault{Status: 503, Times: 1})
	api.server.Inject(Fault{Status: 502})
	api.do("GET", "/v2/workflows", nil).want(503)
	api.do("GET", "/v2/workflows", nil).want(502)
}

// TestHook: it sees the request, before or after it took effect.
func TestHook(t *testing.T) {
	for _, tt := range []struct {
		name   string
		moment Moment
		before int64
	}{{"before", None, 0}, {"before a reset", BeforeCommit, 0}, {"after", AfterCommit, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			w := dial(t, Options{})
			var seen, path atomic.Value
			w.server.Inject(Fault{Method: "POST", Reset: tt.moment, Hook: func(r *http.Request) {
				seen.Store(w.stored())
				path.Store(r.URL.Path)
			}})
			_, _, err := w.create("welcome")
			if (err != nil) != (tt.moment != None) {
				t.Errorf("error %v", err)
			}
			if seen.Load() != int(tt.before) || path.Load() != "/v2/workflows" {
				t.Errorf("the hook saw %v workflows and %v", seen.Load(), path.Load())
			}
		})
	}
}

func TestDelay(t *testing.T) {
	api := dev(t, Options{})
	api.server.Inject(Fault{Delay: 20 * time.Millisecond, Times: 1})
	start := time.Now()
	api.create(newWorkflow("welcome"))
	if d := time.Since(start); d < 20*time.Millisecond {
		t.Errorf("answered after %v", d)
	}
}
