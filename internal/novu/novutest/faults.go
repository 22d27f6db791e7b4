// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"maps"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Moment says when a connection breaks, relative to the request's effect.
type Moment int

const (
	// None does not break the connection.
	None Moment = iota
	// BeforeCommit breaks it before the request has any effect.
	BeforeCommit
	// AfterCommit executes the request and then breaks the connection instead of answering.
	AfterCommit
)

// Fault is something that goes wrong with matching requests. The zero value matches all and changes nothing.
type Fault struct {
	Method string // "" matches any
	// Path is a prefix or a path.Match pattern of the path without BasePath ("" matches any).
	Path string
	// Exact reports whether Path is the whole path and no prefix.
	Exact bool
	// Skip lets that many matching requests pass, then Times are hit (0: all that follow).
	Skip, Times int
	// Every hits only each n-th of the matching requests (0: each).
	Every int

	Delay time.Duration
	// Status answers this instead of serving (0 serves), with Header and Body (nil: the JSON that Novu would send).
	Status int
	Header http.Header
	Body   []byte
	// Reset closes the connection with a TCP reset instead of answering.
	Reset Moment
	// Truncate sends only the first n bytes of the answer under its full Content-Length, then closes.
	Truncate int
	// Huge answers with that many bytes that look like the beginning of JSON.
	Huge int64
	// Hang never answers, until the client goes away or the server is closed. With Reset == AfterCommit the
	// request is executed first.
	Hang bool
	// SlowLoris sends the answer one byte per interval.
	SlowLoris time.Duration
	// Rewrite changes the body of the answer.
	Rewrite func([]byte) []byte
	// Hook is called when the fault hits: after the request was executed with Reset == AfterCommit, else before.
	Hook func(*http.Request)
}

type activeFault struct {
	Fault
	seen, hits int
}

type faultList struct {
	mu   sync.Mutex
	list []*activeFault
}

// Inject adds a fault; the first one injected that hits a request decides. remove takes it out again.
func (s *Server) Inject(f Fault) (remove func()) {
	a := &activeFault{Fault: f}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, a)
	return func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		s.faults.list = slices.DeleteFunc(s.faults.list, func(x *activeFault) bool { return x == a })
	}
}

func (l *faultList) match(method, p string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if f.matches(method, p) && f.hit() {
			return &f.Fault
		}
	}
	return nil
}

func (f *activeFault) matches(method, p string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	if !f.Exact && strings.HasPrefix(p, f.Path) {
		return true
	}
	ok, err := path.Match(f.Path, p)
	return err == nil && ok
}

func (f *activeFault) hit() bool {
	f.seen++
	if f.seen <= f.Skip || (f.Times > 0 && f.hits >= f.Times) || f.Every > 1 && (f.seen-f.Skip)%f.Every != 0 {
		return false
	}
	f.hits++
	return true
}

// serveFault answers a request that a fault hits.
func (s *Server) serveFault(w http.ResponseWriter, r *http.Request, entry *logEntry, body []byte, f *Fault) {
	s.wait(r, f.Delay)
	if f.Hook != nil && f.Reset != AfterCommit {
		f.Hook(r)
	}
	if f.Reset == BeforeCommit {
		reset(w)
	}
	res := f.substitute(s, r)
	if res == nil && (!f.Hang || f.Reset == AfterCommit) {
		res = s.answer(r, entry, body)
	}
	if f.Hook != nil && f.Reset == AfterCommit {
		f.Hook(r)
	}
	switch {
	case f.Hang:
		s.hang(r)
		reset(w)
	case f.Reset == AfterCommit:
		reset(w)
	}
	s.log.end(entry, res.status)
	f.send(s, w, r, res)
}

// substitute is the answer that replaces the real one, nil if there is none.
func (f *Fault) substitute(s *Server, r *http.Request) *response {
	switch {
	case f.Status != 0 && f.Body == nil:
		return s.errorResponse(r, cloneHeader(f.Header), &apiError{status: f.Status, message: failureText(f.Status), ctx: object{}})
	case f.Status != 0:
		return &response{status: f.Status, header: f.Header, body: f.Body}
	case f.Huge > 0:
		return &response{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	}
	return nil
}

func cloneHeader(h http.Header) http.Header {
	if h == nil {
		return http.Header{}
	}
	return h.Clone()
}

func failureText(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "API rate limit exceeded"
	case status >= http.StatusInternalServerError:
		return internalError().message
	}
	return http.StatusText(status)
}

func (f *Fault) send(s *Server, w http.ResponseWriter, r *http.Request, res *response) {
	switch {
	case f.Huge > 0:
		sendHuge(w, res, f.Huge)
	case f.Truncate > 0 && f.Truncate < len(res.body):
		startBody(w, res)
		_, _ = w.Write(res.body[:f.Truncate])
		flush(w)
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	case f.Rewrite != nil:
		changed := *res
		changed.body = f.Rewrite(slices.Clone(res.body))
		changed.write(w, r.Method)
	case f.SlowLoris > 0:
		startBody(w, res)
		for i := range res.body {
			_, err := w.Write(res.body[i : i+1])
			flush(w)
			if s.wait(r, f.SlowLoris); err != nil || r.Context().Err() != nil {
				return
			}
		}
	default:
		res.write(w, r.Method)
	}
}

func startBody(w http.ResponseWriter, res *response) {
	maps.Copy(w.Header(), res.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(res.body)))
	w.WriteHeader(res.status)
}

func sendHuge(w http.ResponseWriter, res *response, size int64) {
	maps.Copy(w.Header(), res.header)
	w.WriteHeader(res.status)
	const start = `{"data":{"workflows":[`
	chunk := []byte(strings.Repeat(`{"name":"garbage"},`, 1024))
	n, err := w.Write([]byte(start)[:min(int64(len(start)), size)])
	for left := size - int64(n); left > 0 && err == nil; left -= int64(n) {
		n, err = w.Write(chunk[:min(int64(len(chunk)), left)])
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// reset ends the connection with a TCP reset; the client sees neither status nor a clean end. It does not return.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

func (s *Server) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.done:
	}
}
