// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Request is one recorded request.
type Request struct {
	N           int // 1 for the first after New or ClearRequests
	Time        time.Time
	Method      string
	Path        string // without BasePath and query
	Query       string
	Environment string // name of the caller's environment; "" if it is not known
	Status      int    // 0 while the request runs, or when it was cut before it was executed
	BodySHA     string // hex SHA-256 of the body; "" for an empty one
	Body        []byte // with Options.RecordBodies only
}

type requestLog struct {
	mu      sync.Mutex
	entries []*logEntry
}

type logEntry struct{ Request }

func (l *requestLog) begin(o Options, r *http.Request, path string, body []byte) *logEntry {
	e := &logEntry{Request{Time: o.Now(), Method: r.Method, Path: path, Query: r.URL.RawQuery}}
	if len(body) > 0 {
		sum := sha256.Sum256(body)
		e.BodySHA = hex.EncodeToString(sum[:])
	}
	if o.RecordBodies {
		e.Body = body
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	e.N = len(l.entries)
	return e
}

func (l *requestLog) setEnvironment(e *logEntry, env *environment) {
	if env == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Environment = env.name
}

func (l *requestLog) end(e *logEntry, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Status = status
}

// Requests returns what was asked so far, in the order of arrival.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := make([]Request, len(s.log.entries))
	for i, e := range s.log.entries {
		out[i] = e.Request
	}
	return out
}

// ClearRequests forgets the recorded requests.
func (s *Server) ClearRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}

// Count is the number of recorded requests with this method ("" means any) whose path begins with pathPrefix.
func (s *Server) Count(method, pathPrefix string) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	n := 0
	for _, e := range s.log.entries {
		if (method == "" || e.Method == method) && strings.HasPrefix(e.Path, pathPrefix) {
			n++
		}
	}
	return n
}
