// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"k8s.io/client-go/rest"
)

// kubeWrites counts what the operator writes to the cluster, events aside, and can end it at one of these calls.
type kubeWrites struct {
	n atomic.Int32
	// at is the call that the operator does not survive; 0 is none. after reports whether the API server still carries it out.
	at    int32
	after bool
	die   func()
}

func (k *kubeWrites) count() int { return int(k.n.Load()) }

func (k *kubeWrites) watch(config *rest.Config) *rest.Config {
	own := rest.CopyConfig(config)
	own.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) { return k.pass(next, r) })
	})
	return own
}

func (k *kubeWrites) pass(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || !strings.Contains(r.URL.Path, "/novu-operator.dev/") || k.n.Add(1) != k.at {
		return next.RoundTrip(r)
	}
	if k.after {
		if answer, err := next.RoundTrip(r); err == nil {
			_ = answer.Body.Close()
		}
	}
	k.die()
	return nil, errors.New("the operator was killed")
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
