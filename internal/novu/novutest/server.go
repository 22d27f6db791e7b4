// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Server is one Novu installation. It is an http.Handler; Start and Listen also put it on a loopback port.
type Server struct {
	// URL is the base URL (with BasePath, without a trailing slash) once the server listens.
	URL string

	*State

	limits      *rateLimiter
	idempotency *idempotencyCache
	faults      faultList
	log         requestLog

	done     chan struct{}
	stop     sync.Once
	httpSrv  *http.Server
	resetMu  sync.Mutex
	resetSrv *Server // the server that answered the last /_test/reset

	// gap is called between the check for a taken workflowId and the insertion: real servers take tens of
	// milliseconds there, and tests widen the race with it.
	gap func()
}

// State is what a server holds, for tests to read and to change behind the API.
type State struct {
	player
	opts     Options
	paidTier atomic.Bool
	ids      *idSource

	mu    sync.RWMutex // guards store and everything below it
	store *store
}

func newState(opts Options) *State {
	s := &State{player: player{extra: opts}, opts: opts, ids: newIDSource(opts.Now), store: newStore()}
	s.SetRelease(opts.Release)
	s.paidTier.Store(opts.PaidTier)
	return s
}

// New makes a server with one organization ("Lab Org") and its environments.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{State: newState(opts), done: make(chan struct{}), gap: func() {}}
	s.limits = newRateLimiter(opts)
	s.idempotency = newIdempotencyCache(opts.Now)
	s.addOrganization("Lab Org", opts.Environments)
	return s
}

// Start makes a server that listens on a loopback port until the test ends.
func Start(tb testing.TB, opts Options) *Server {
	tb.Helper()
	s := New(opts)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		tb.Fatalf("novutest: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Listen serves on addr ("127.0.0.1:0" picks a port) in the background and sets URL.
func (s *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr) //nolint:noctx // it listens until Close
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	s.httpSrv = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.URL = "http://" + l.Addr().String() + s.opts.BasePath
	go func() { _ = s.httpSrv.Serve(l) }()
	return nil
}

// Close stops listening, cuts open connections and ends requests that hang. It may be called more than once.
func (s *Server) Close() {
	s.stop.Do(func() {
		close(s.done)
		if s.httpSrv != nil {
			_ = s.httpSrv.Close()
		}
		s.resetMu.Lock()
		defer s.resetMu.Unlock()
		if s.resetSrv != nil {
			s.resetSrv.Close()
		}
	})
}

// ServeHTTP answers one request, after latency and faults.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := s.stripBase(r.URL.EscapedPath())
	if ok && path == resetPath {
		s.serveReset(w, r)
		return
	}
	s.wait(r, s.opts.Latency)
	body, err := readBody(r)
	if err != nil {
		return // the client is gone
	}
	entry := s.log.begin(s.opts, r, path, body)
	if f := s.faults.match(r.Method, path); f != nil {
		s.serveFault(w, r, entry, body, f)
		return
	}
	s.answer(r, entry, body).write(w, r.Method)
}

// answer executes a request and notes its outcome in the log.
func (s *Server) answer(r *http.Request, entry *logEntry, body []byte) *response {
	res := s.dispatch(r, entry, body)
	s.log.end(entry, res.status)
	return res
}

func (s *Server) stripBase(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, s.opts.BasePath)
	if !ok || (rest != "" && !strings.HasPrefix(rest, "/")) {
		return path, false
	}
	return rest, true
}

// wait pauses until d has passed, the client is gone or the server is closed.
func (s *Server) wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	case <-s.done:
	}
}
