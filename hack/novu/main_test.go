// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want func(addr string, o novutest.Options) bool
		fail string // part of the error
	}{
		{"defaults", nil, func(addr string, o novutest.Options) bool {
			return addr == "127.0.0.1:3000" && strings.Join(o.Environments, " ") == "Development Production" && !o.PaidTier && o.Release == novutest.Release319
		}, ""},
		{"release", []string{"-release", "3.15"}, func(_ string, o novutest.Options) bool { return o.Release == novutest.Release315 }, ""},
		{"unknown release", []string{"-release", "2.0"}, nil, `release "2.0" is none of [3.15 3.19]`},
		{"environments", []string{"-environments", "A, B,,C"}, func(_ string, o novutest.Options) bool {
			return strings.Join(o.Environments, " ") == "A B C"
		}, ""},
		{"switches", []string{"-paid", "-rate-limits", "-strict-key-scope", "-hide-credentials", "-idempotency"},
			func(_ string, o novutest.Options) bool {
				return o.PaidTier && o.RateLimits && o.StrictKeyScope && o.HideCredentials && o.Idempotency
			}, ""},
		{"values", []string{"-addr", "x:1", "-workflow-limit", "-1", "-latency", "50ms", "-base-path", "/novu"},
			func(addr string, o novutest.Options) bool {
				return addr == "x:1" && o.WorkflowLimit == -1 && o.Latency == 50*time.Millisecond && o.BasePath == "/novu"
			}, ""},
		{"argument", []string{"serve"}, nil, `unexpected argument "serve"`},
		{"unknown flag", []string{"-nope"}, nil, "-nope"},
		{"no duration", []string{"-latency", "x"}, nil, "latency"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr, opts, err := parse(tt.args, io.Discard)
			if tt.fail != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fail) {
					t.Errorf("error %v, want %s", err, tt.fail)
				}
				return
			}
			if err != nil || !tt.want(addr, opts) {
				t.Errorf("%s %+v, error %v", addr, opts, err)
			}
		})
	}
}

var (
	address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	secret  = regexp.MustCompile(`(?m)^Staging .* ([0-9a-f]{32})$`)
)

// TestRun serves with the address and key that it prints, until it is told to stop.
func TestRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-environments", "Development,Staging"}, w)
		_ = w.Close()
		ended <- err
	}()
	var printed bytes.Buffer
	buf := make([]byte, 1024)
	for !secret.Match(printed.Bytes()) {
		n, err := r.Read(buf)
		printed.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v after %s", err, printed.Bytes())
		}
	}
	url, key := address.FindString(printed.String()), secret.FindStringSubmatch(printed.String())[1]
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/environments/me", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"name":"Staging"`) {
		t.Errorf("status %d: %s", res.StatusCode, body)
	}
	stop()
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestRunFails(t *testing.T) {
	if err := run(t.Context(), []string{"-addr", "127.0.0.1:notaport"}, io.Discard); err == nil {
		t.Error("it listens on a port that is none")
	}
}
