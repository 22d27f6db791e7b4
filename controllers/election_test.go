// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFence(t *testing.T) {
	lost := errors.New("lost")
	reached := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	t.Cleanup(server.Close)
	for name, tc := range map[string]struct {
		method string
		guard  error
		passes bool
	}{
		"a read of one who leads":      {http.MethodGet, nil, true},
		"a read of one who does not":   {http.MethodGet, lost, true},
		"a write of one who leads":     {http.MethodPatch, nil, true},
		"a write of one who does not":  {http.MethodPatch, lost, false},
		"a create of one who does not": {http.MethodPost, lost, false},
	} {
		t.Run(name, func(t *testing.T) {
			reached = 0
			c := &http.Client{Transport: &fence{next: http.DefaultTransport, guard: func() error { return tc.guard }}}
			body := &closed{Reader: strings.NewReader("x")}
			request, err := http.NewRequestWithContext(t.Context(), tc.method, server.URL, body)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := c.Do(request)
			if err == nil {
				answer.Body.Close()
			}
			if tc.passes != (err == nil) || tc.passes != (reached == 1) || !tc.passes && !errors.Is(err, lost) {
				t.Errorf("%d requests passed, error %v", reached, err)
			}
			if !tc.passes && !body.closed {
				t.Error("the body was left open")
			}
		})
	}
}

type closed struct {
	io.Reader

	closed bool
}

func (c *closed) Close() error {
	c.closed = true
	return nil
}
