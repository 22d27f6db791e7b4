// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// refillKind is how a simulated server credits tokens.
type refillKind int

const (
	refillLazy       refillKind = iota // when empty, in whole tokens, keeping the rest of the time
	refillLazyLossy                    // when empty, in whole tokens, dropping the rest of the time
	refillContinuous                   // all the time
)

func (k refillKind) String() string {
	return [...]string{"lazy", "lazy lossy", "continuous"}[k]
}

// limitedServer is a Novu that only limits rates. It runs in a synctest bubble: it
// sleeps, and costs no time.
type limitedServer struct {
	kind    refillKind
	limit   int // per 5 s
	burst   int
	latency time.Duration
	jitter  time.Duration
	silent  bool // limits, but does not say so

	mu        sync.Mutex
	tokens    float64
	refilled  time.Time
	refused   int
	order     []string
	inFlight  int
	maxFlight int
}

func newLimitedServer(kind refillKind, limit int) *limitedServer {
	return &limitedServer{kind: kind, limit: limit, burst: limit * 11 / 10, latency: 100 * time.Millisecond, jitter: 60 * time.Millisecond, tokens: float64(limit * 11 / 10)}
}

// RoundTrip waits half the latency, takes a token, and waits the other half.
func (s *limitedServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.enter(r)
	s.sleep()
	remaining, ok := s.take(time.Now())
	s.sleep()
	s.leave(ok)
	return s.answer(r, remaining, ok), nil
}

func (s *limitedServer) enter(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, r.URL.Path)
	s.inFlight++
	s.maxFlight = max(s.maxFlight, s.inFlight)
}

func (s *limitedServer) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order)
}

func (s *limitedServer) leave(ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	if !ok {
		s.refused++
	}
}

func (s *limitedServer) sleep() {
	d := s.latency / 2
	if s.jitter > 0 {
		d += time.Duration(rand.Int64N(int64(s.jitter))) / 2
	}
	time.Sleep(d)
}

func (s *limitedServer) take(now time.Time) (remaining int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refilled.IsZero() {
		s.refilled = now
	}
	if s.kind == refillContinuous || s.tokens < 1 {
		s.refill(now)
	}
	if s.tokens < 1 {
		return 0, false
	}
	s.tokens--
	return int(s.tokens), true
}

func (s *limitedServer) refill(now time.Time) {
	perToken := 5 * time.Second / time.Duration(s.limit)
	elapsed := now.Sub(s.refilled)
	add := float64(elapsed) / float64(perToken)
	s.refilled = now
	if s.kind != refillContinuous {
		add = math.Floor(add)
	}
	if s.kind == refillLazy {
		s.refilled = now.Add(-elapsed % perToken)
	}
	s.tokens = min(s.tokens+add, float64(s.burst))
}

func (s *limitedServer) answer(r *http.Request, remaining int, ok bool) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	if !s.silent {
		h.Set("RateLimit-Limit", fmt.Sprint(s.limit))
		h.Set("RateLimit-Remaining", fmt.Sprint(remaining))
		h.Set("RateLimit-Policy", fmt.Sprintf(`%d;w=5;burst=%d;comment="token bucket";category="configuration"`, s.limit, s.burst))
	}
	status, body := http.StatusOK, `{"data":{"_id":"65f0c0ffee0000000000dead","workflowId":"w"}}`
	if !ok {
		h.Set("Retry-After", "0")
		status, body = http.StatusTooManyRequests, `{"statusCode":429,"message":"API rate limit exceeded","ctx":{}}`
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}
