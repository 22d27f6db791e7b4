// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

func asError[T error](err error, target *T) bool { return errors.As(err, target) }

// startNovu returns a server and a client of its Development environment.
func startNovu(t *testing.T, o novutest.Options) (*novutest.Server, *Client) {
	t.Helper()
	s := novutest.Start(t, o)
	return s, clientOf(t, s, "Development")
}

func clientOf(t *testing.T, s *novutest.Server, environment string) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: s.URL, SecretKey: s.Environment(environment).SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// must stops the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
