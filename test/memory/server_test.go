// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"novu-operator.dev/test/harness"
)

// attack is a way in which a server answers. Each function writes the whole body of an answer; nil: an honest, empty one.
type attack struct {
	workflows, layouts, integrations func(to io.Writer, offset, limit int)
	workflow                         func(to io.Writer, id string)
	status                           int // of all of these; 0: 200
	zipped                           bool
	// calls of each Environment that are answered before the Environments are deleted; 0: 1.
	calls int64
	// hangs: no answer is ever complete, so that all are under way when the Environments are deleted.
	hangs bool
}

// hostile is a server of as many Novu environments as there are keys.
type hostile struct {
	*httptest.Server

	attack       attack
	begun, ended atomic.Int64 // calls that are, or were, attacked
	over         atomic.Bool  // the test is
}

func startHostile(s *harness.Stage, a attack) *hostile {
	h := &hostile{attack: a}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	s.Cleanup(func() {
		h.over.Store(true)
		h.CloseClientConnections()
		h.Close()
	})
	return h
}

// wait until every Environment has attacked.
func (h *hostile) wait(s *harness.Stage, p *harness.Program) {
	s.Helper()
	s.Eventually("every Environment has attacked", func() error {
		begun, ended := h.begun.Load(), h.ended.Load()
		if h.attack.hangs {
			ended = begun
		}
		if ended < cmp.Or(h.attack.calls, 1)*environments && p.Running() {
			return fmt.Errorf("%d attacks, %d ended", begun, ended)
		}
		return nil
	})
}

func (h *hostile) serve(w http.ResponseWriter, r *http.Request) {
	_, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	list := func(f func(io.Writer, int, int), honest string) {
		h.send(w, r, f != nil, func(to io.Writer) {
			if f == nil {
				_, _ = io.WriteString(to, honest)
				return
			}
			f(to, offset, limit)
		})
	}
	switch path := r.URL.Path; {
	case path == "/v1/environments/me":
		fmt.Fprintf(w, `{"data":{"_id":"env-%s","name":"Development","_organizationId":"org"}}`, key)
	case path == "/v2/workflows":
		list(h.attack.workflows, `{"data":{"workflows":[],"totalCount":0}}`)
	case path == "/v2/layouts":
		list(h.attack.layouts, `{"data":{"layouts":[],"totalCount":0}}`)
	case path == "/v1/integrations":
		list(h.attack.integrations, `{"data":[]}`)
	case h.attack.workflow != nil:
		h.send(w, r, true, func(to io.Writer) { h.attack.workflow(to, strings.TrimPrefix(path, "/v2/workflows/")) })
	default:
		http.NotFound(w, r)
	}
}

func (h *hostile) send(w http.ResponseWriter, r *http.Request, counts bool, body func(io.Writer)) {
	if counts {
		h.begun.Add(1)
		defer h.ended.Add(1)
	}
	w.Header().Set("Content-Type", "application/json")
	var to io.Writer = &alive{to: w, server: h, request: r}
	if h.attack.zipped && counts && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(to)
		defer func() { _ = zip.Close() }() // the client may have gone
		to = zip
	}
	if counts && h.attack.status != 0 {
		w.WriteHeader(h.attack.status)
	}
	body(to)
}

// alive refuses to write once the client has gone.
type alive struct {
	to      io.Writer
	server  *hostile
	request *http.Request
}

func (a *alive) Write(p []byte) (int, error) {
	if err := a.request.Context().Err(); err != nil || a.server.over.Load() {
		return 0, io.ErrClosedPipe
	}
	return a.to.Write(p)
}

// repeat writes a part until there are so many bytes, or until the client has gone.
func repeat(to io.Writer, part string, size int) {
	block := strings.Repeat(part, max(1, 32<<10/len(part)))
	for sent := 0; sent < size; sent += len(block) {
		if _, err := io.WriteString(to, block); err != nil {
			return
		}
	}
}

// around writes the repeated part between a prefix and a suffix.
func around(prefix, part, suffix string, size int) func(io.Writer, int, int) {
	return func(to io.Writer, _, _ int) {
		_, _ = io.WriteString(to, prefix)
		repeat(to, part, size)
		_, _ = io.WriteString(to, strings.TrimSuffix(part, ",")+suffix)
	}
}

// endless writes a page of as many items as are asked for, of which there are always more.
func endless(member, item string, total int) func(io.Writer, int, int) {
	return func(to io.Writer, offset, limit int) {
		_, _ = fmt.Fprintf(to, `{"data":{"totalCount":%d,%q:[`, total, member)
		for i := range limit {
			comma := ","
			if i == 0 {
				comma = ""
			}
			if _, err := io.WriteString(to, comma+strings.ReplaceAll(item, "#", strconv.Itoa(offset+i))); err != nil {
				return
			}
		}
		_, _ = io.WriteString(to, "]}}")
	}
}

// trickle writes the beginning of an answer and hangs.
func trickle(to io.Writer, _, _ int) {
	_, _ = io.WriteString(to, `{"data":{"x":"`)
	repeat(to, "x", 300<<10)
	for {
		if _, err := io.WriteString(to, "x"); err != nil {
			return
		}
		if f, ok := to.(*alive); ok {
			f.to.(http.Flusher).Flush()
		}
		time.Sleep(50 * time.Millisecond) // a slow server
	}
}
