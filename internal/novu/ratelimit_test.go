// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"net/http"
	"testing"
	"time"
)

func TestReadAnnouncement(t *testing.T) {
	for _, tc := range []struct {
		name    string
		headers map[string]string
		want    announcement
		ok      bool
	}{
		{"none", nil, announcement{}, false},
		{"recorded", map[string]string{
			"RateLimit-Remaining": "109", "RateLimit-Limit": "100", "RateLimit-Reset": "1",
			"RateLimit-Policy": `100;w=5;burst=110;comment="token bucket";category="configuration";cost="single";serviceLevel="free"`,
		}, announcement{limit: 100, burst: 110, window: 5 * time.Second, remaining: 109}, true},
		{"without policy", map[string]string{"RateLimit-Remaining": "0", "RateLimit-Limit": "30"}, announcement{limit: 30, burst: 30, window: 5 * time.Second}, true},
		{"policy alone", map[string]string{"RateLimit-Remaining": "7", "RateLimit-Policy": "60; w=60"}, announcement{limit: 60, burst: 60, window: time.Minute, remaining: 7}, true},
		{"no limit at all", map[string]string{"RateLimit-Remaining": "7"}, announcement{}, false},
		{"negative", map[string]string{"RateLimit-Remaining": "-1", "RateLimit-Limit": "30"}, announcement{}, false},
		{"zero", map[string]string{"RateLimit-Remaining": "0", "RateLimit-Limit": "0", "RateLimit-Policy": "0;w=0"}, announcement{}, false},
		{"nonsense", map[string]string{"RateLimit-Remaining": "x", "RateLimit-Policy": ";;=;w=x"}, announcement{}, false},
		{"huge", map[string]string{"RateLimit-Remaining": "999999999", "RateLimit-Limit": "999999999", "RateLimit-Policy": "1;w=999999999;burst=0"}, announcement{limit: 1_000_000, burst: 1_000_000, window: time.Hour, remaining: 1_000_000}, true},
	} {
		h := http.Header{}
		for name, value := range tc.headers {
			h.Set(name, value)
		}
		got, ok := readAnnouncement(h)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s: %+v, %t; want %+v, %t", tc.name, got, ok, tc.want, tc.ok)
		}
	}
}

// A limit of one call per hour must not overflow the wait into "now".
func TestTinyRate(t *testing.T) {
	now := time.Now()
	b := &bucket{}
	for i := range uint64(20) {
		b.settle(now, b.take(now, i+1), &announcement{limit: 1, burst: 1, window: time.Hour})
	}
	if at := b.readyAt(now, 1000); !at.Equal(now.Add(maxWait + 1)) {
		t.Errorf("ready at %s", at.Sub(now))
	}
}
