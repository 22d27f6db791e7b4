// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// hourglass is a clock that stands still until it is turned.
type hourglass struct{ now time.Time }

func newHourglass() *hourglass { return &hourglass{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (h *hourglass) time() time.Time      { return h.now }
func (h *hourglass) turn(d time.Duration) { h.now = h.now.Add(d) }
func limited(t *testing.T, o Options) (*client, *hourglass) {
	t.Helper()
	h := newHourglass()
	o.Now, o.RateLimits = h.time, true
	return dev(t, o), h
}

func (a *answer) limits() string {
	return fmt.Sprintf("%d remaining %s reset %s retry %s", a.status, a.header.Get("RateLimit-Remaining"),
		a.header.Get("RateLimit-Reset"), a.header.Get("Retry-After"))
}

// TestBucket: 110 requests pass, then tokens come back one every 50 ms, but only when one is missing.
func TestBucket(t *testing.T) {
	api, clock := limited(t, Options{})
	get := func() *answer { return api.do("GET", "/v2/workflows", nil) }
	first := get().want(http.StatusOK)
	for k, want := range map[string]string{"RateLimit-Limit": "100", "RateLimit-Remaining": "109",
		"RateLimit-Policy": `100;w=5;burst=110;comment="token bucket";category="configuration";cost="single";serviceLevel="free"`} {
		if got := first.header.Get(k); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
	}
	for i := range 109 {
		if res := get(); res.status != http.StatusOK {
			t.Fatalf("request %d: %s", i+2, res.raw)
		}
	}
	refused := get().want(http.StatusTooManyRequests).is("message", "API rate limit exceeded").is("ctx", object{})
	if got := refused.limits(); got != "429 remaining 0 reset 1 retry 1" {
		t.Errorf("refused with %s", got)
	}
	clock.turn(49 * time.Millisecond)
	get().want(http.StatusTooManyRequests)
	clock.turn(time.Millisecond)
	get().want(http.StatusOK)
	get().want(http.StatusTooManyRequests)
	clock.turn(time.Second)
	for i := range 20 {
		if res := get(); res.status != http.StatusOK {
			t.Errorf("request %d after a second: %s", i+1, res.limits())
		}
	}
	get().want(http.StatusTooManyRequests)
	clock.turn(time.Minute)
	if got := get().want(http.StatusOK).header.Get("RateLimit-Remaining"); got != "109" {
		t.Errorf("%s remain after a long pause", got)
	}
}

// TestLateRefill: while tokens last, none come back, however slowly they are spent.
func TestLateRefill(t *testing.T) {
	api, clock := limited(t, Options{})
	var last *answer
	for range 50 {
		last = api.do("GET", "/v2/workflows", nil).want(http.StatusOK)
		clock.turn(100 * time.Millisecond)
	}
	if got := last.header.Get("RateLimit-Remaining"); got != "60" {
		t.Errorf("%s remain", got)
	}
}

// TestSeparateBuckets: one for each environment and category; sessions and paths without a category have none.
func TestSeparateBuckets(t *testing.T) {
	api, _ := limited(t, Options{RateLimitPerSecond: 1})
	for range 5 {
		api.do("GET", "/v2/workflows", nil).want(http.StatusOK)
	}
	api.do("GET", "/v2/layouts", nil).want(http.StatusTooManyRequests)
	api.do("GET", "/v2/nope", nil).want(http.StatusNotFound)
	if got := api.do("GET", "/v1/health-check", nil).want(http.StatusOK).header.Get("RateLimit-Limit"); got != "" {
		t.Errorf("the health check has a limit of %s", got)
	}
	res := api.do("GET", "/v1/environments", nil).want(http.StatusOK)
	if got := res.header.Get("RateLimit-Limit"); got != "5" {
		t.Errorf("limit %s", got)
	}
	api.in("Production").do("GET", "/v2/workflows", nil).want(http.StatusOK)
	session := api.withHeader("Authorization", "Bearer "+api.server.store.organizations[0].session)
	session.key = ""
	session.withHeader("Novu-Environment-Id", api.server.Environment("Development").ID).do("GET", "/v2/workflows", nil).want(http.StatusOK)
	bad := api.withHeader("Authorization", "ApiKey nope")
	bad.key = ""
	bad.do("GET", "/v2/workflows", nil).want(http.StatusUnauthorized)
}

func TestCategories(t *testing.T) {
	for _, tt := range []struct {
		method, path, limit string
	}{
		{"GET", "/v2/workflows", "100"}, {"GET", "/v2/layouts", "100"}, {"GET", "/v1/integrations", "150"},
		{"GET", "/v1/environments", "150"}, {"GET", "/v2/environments/x/tags", "150"}, {"POST", "/v1/events/trigger", "300"},
	} {
		api, _ := limited(t, Options{})
		if got := api.do(tt.method, tt.path, nil).header.Get("RateLimit-Limit"); got != tt.limit {
			t.Errorf("%s %s: limit %s, want %s", tt.method, tt.path, got, tt.limit)
		}
	}
}

func TestNoLimits(t *testing.T) {
	api := dev(t, Options{})
	for range 300 {
		if res := api.do("GET", "/v2/workflows", nil).want(http.StatusOK); res.header.Get("RateLimit-Limit") != "" {
			t.Fatal("a limit without limits")
		}
	}
}
