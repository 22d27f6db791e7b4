// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"

	"novu-operator.dev/test/harness"
)

// kubeCounter counts the requests of one operator to the API server. Lists, watches and discovery, which fill caches when
// the operator starts, do not count.
type kubeCounter struct {
	mu     sync.Mutex
	counts map[string]int
}

// config of a manager whose requests are counted. It has no limit of its own, like the operator's.
func (k *kubeCounter) config(tb testing.TB) *rest.Config {
	tb.Helper()
	config := rest.CopyConfig(harness.API(tb))
	config.RateLimiter = flowcontrol.NewFakeAlwaysRateLimiter()
	config.Wrap(k.wrap)
	return config
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (k *kubeCounter) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if name := operation(r); name != "" {
			k.mu.Lock()
			if k.counts == nil {
				k.counts = map[string]int{}
			}
			k.counts[name]++
			k.mu.Unlock()
		}
		return next.RoundTrip(r)
	})
}

var requestInfo = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// operation is verb, resource and subresource of a request, "" if it does not count.
func operation(r *http.Request) string {
	info, err := requestInfo.NewRequestInfo(r)
	if err != nil || !info.IsResourceRequest || info.Verb == "list" || info.Verb == "watch" {
		return ""
	}
	return strings.TrimSuffix(info.Verb+" "+info.Resource+"/"+info.Subresource, "/")
}

// take returns the counts and begins again.
func (k *kubeCounter) take() map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	counts := k.counts
	k.counts = nil
	return counts
}

// total of the operations whose name contains one of the words; all without words.
func total(counts map[string]int, words ...string) (n int) {
	for operation, count := range counts {
		if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(operation, w) }) {
			n += count
		}
	}
	return n
}

func TestOperation(t *testing.T) {
	const group = "/apis/novu-operator.dev/v1alpha1/"
	for target, want := range map[string]string{
		"PATCH " + group + "namespaces/a/workflows/b/status": "patch workflows/status",
		"GET " + group + "namespaces/a/promotions/b":         "get promotions",
		"GET " + group + "workflows?limit=500":               "",
		"GET " + group + "workflows?watch=true":              "",
		"POST /apis/events.k8s.io/v1/namespaces/a/events":    "create events",
		"GET /api/v1/namespaces/a/secrets/b":                 "get secrets",
		"GET /apis/novu-operator.dev/v1alpha1":               "",
		"GET /version":                                       "",
	} {
		method, url, _ := strings.Cut(target, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got := operation(r); got != want {
			t.Errorf("%s is %q, want %q", target, got, want)
		}
	}
}

func TestKubeCounter(t *testing.T) {
	var k kubeCounter
	next := k.wrap(roundTripper(func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }))
	for _, url := range []string{"/api/v1/namespaces/a/secrets/b", "/api/v1/namespaces/a/secrets/c", "/api/v1/namespaces/a/events/d"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := next.RoundTrip(r); err == nil {
			t.Fatal("the request was not passed on")
		}
	}
	counts := k.take()
	if want := map[string]int{"get secrets": 2, "get events": 1}; !maps.Equal(counts, want) {
		t.Errorf("counted %v, want %v", counts, want)
	}
	if total(counts) != 3 || total(counts, "secrets") != 2 || total(k.take()) != 0 {
		t.Error("the totals are wrong, or counting does not begin anew")
	}
}
