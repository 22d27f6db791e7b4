// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultWindow is the window of Novu's limiter, used if a server sends a limit
// without its policy.
const defaultWindow = 5 * time.Second

// maxWindow keeps a mistaken header from stopping an environment for good.
const maxWindow = time.Hour

// announcement is what the RateLimit headers of one answer say.
type announcement struct {
	limit     int           // requests per window
	burst     int           // size of the server's bucket
	window    time.Duration // > 0
	remaining int           // tokens left after this request
}

// rate is the refill in tokens per second.
func (a announcement) rate() float64 { return float64(a.limit) / a.window.Seconds() }

// readAnnouncement returns false if the server announces no limit: limits are off
// by default when Novu is self-hosted.
//
// RateLimit-Policy reads `100;w=5;burst=110;comment="token bucket";…`.
func readAnnouncement(h http.Header) (announcement, bool) {
	remaining, ok := headerInt(h.Get("RateLimit-Remaining"))
	if !ok {
		return announcement{}, false
	}
	a := announcement{window: defaultWindow, remaining: remaining}
	policy := strings.Split(h.Get("RateLimit-Policy"), ";")
	a.limit, _ = headerInt(policy[0])
	for _, part := range policy[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, ok := headerInt(value)
		switch {
		case !ok || n == 0:
		case name == "w":
			a.window = min(time.Duration(n)*time.Second, maxWindow)
		case name == "burst":
			a.burst = n
		}
	}
	if limit, ok := headerInt(h.Get("RateLimit-Limit")); ok && limit > 0 {
		a.limit = limit
	}
	a.burst = max(a.burst, a.limit)
	return a, a.limit > 0
}

// headerInt bounds the value, so that sums of it cannot overflow.
func headerInt(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return min(n, 1_000_000), err == nil && n >= 0
}
