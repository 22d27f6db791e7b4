// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package leader_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// lease is how long a lease lasts in these tests: long enough for a busy machine to renew it in time.
const lease = 10 * time.Second

// leaseName is what the program calls it.
const leaseName = "novu-operator.novu-operator.dev"

// replica is one of several operators. Its name is the user agent of its calls to Novu.
type replica struct {
	manager.Manager
	cancel context.CancelFunc
	done   chan error
	// cut refuses every request for the lease.
	cut atomic.Bool
	// warm reports whether it has begun to ask for the lease: what a replica prepares before it does is done.
	warm atomic.Bool
	// lists counts what it lists in the API server, and kinds has the names of it.
	lists  atomic.Int32
	kinds  sync.Map
	probes string // address
}

// request looks at what a replica sends to the API server.
func (r *replica) request(q *http.Request) error {
	switch {
	case isList(q):
		r.lists.Add(1)
		r.kinds.Store(path.Base(q.URL.Path), true)
	case strings.Contains(q.URL.Path, "/leases"):
		r.warm.Store(true)
		if r.cut.Load() {
			return errors.New("the API server cannot be reached")
		}
	}
	return nil
}

// isList reports whether a request fetches all objects of a kind, at once or as the beginning of a watch.
func isList(q *http.Request) bool {
	parts := strings.Split(strings.Trim(q.URL.Path, "/"), "/")
	if parts[0] == "api" {
		parts = parts[1:]
	} else {
		parts = parts[min(2, len(parts)):]
	}
	if len(parts) > 3 && parts[1] == "namespaces" {
		parts = append(parts[:1], parts[3:]...)
	}
	query := q.URL.Query()
	return q.Method == http.MethodGet && len(parts) == 2 && (query.Get("watch") == "" || query.Get("sendInitialEvents") != "")
}

func start(s *harness.Stage, name string, release bool) *replica {
	s.Helper()
	r := &replica{done: make(chan error, 1), probes: harness.FreeAddress(s)}
	own := rest.CopyConfig(harness.API(s))
	own.QPS = -1
	own.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(q *http.Request) (*http.Response, error) {
			if err := r.request(q); err != nil {
				return nil, err
			}
			return next.RoundTrip(q)
		})
	})
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	var err error
	r.Manager, err = controllers.NewManager(ctx, own, manager.Options{
		Controller: config.Controller{SkipNameValidation: new(true)}, Metrics: metricsserver.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: leaseName, LeaderElectionNamespace: s.Namespace,
		LeaderElectionReleaseOnCancel: release, HealthProbeBindAddress: r.probes,
		LeaseDuration: new(lease), RenewDeadline: new(lease * 2 / 3), RetryPeriod: new(lease / 10),
	}, controllers.Options{
		Pool:            connection.NewPool(connection.Options{UserAgent: name}),
		WatchNamespaces: []string{s.Namespace}, MaxConcurrentReconciles: 10, DeletionPolicy: v1alpha1.DeletionPolicyRetain,
	})
	s.Must(err)
	go func() { r.done <- r.Start(ctx) }()
	s.Cleanup(cancel)
	return r
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// ledger notes who called Novu, in order.
type ledger struct {
	mu    sync.Mutex
	calls []call
}

type call struct{ who, method, path string }

func (l *ledger) note(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call{r.UserAgent(), r.Method, r.URL.Path})
}

// of returns one operator's calls that the filter lets pass, each as method and path.
func (l *ledger) of(who string, filter func(call) bool) (calls []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.calls {
		if c.who == who && filter(c) {
			calls = append(calls, c.method+" "+c.path)
		}
	}
	return calls
}

func writes(c call) bool { return c.method != http.MethodGet }

func reads(c call) bool { return !writes(c) }

// oneAfterTheOther fails the test if the first operator called Novu after the second had begun to.
func (l *ledger) oneAfterTheOther(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	begun := false
	for i, c := range l.calls {
		begun = begun || c.who == "second"
		if begun && c.who == "first" {
			t.Fatalf("call %d of %v is the first operator's, and the second is at work", i, l.calls)
		}
	}
	if !begun {
		t.Fatal("the second operator has called nobody")
	}
}

// order is a Workflow whose step says the text.
func order(text string) string {
	return fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: order}
spec:
  environmentRef: {name: dev}
  name: Order
  steps: [{stepID: text, type: SMS, sms: {body: %q}}]
`, text)
}

// TestTakeover ends the leader in every way. Only one operator calls Novu at a time, and the next one goes on.
func TestTakeover(t *testing.T) {
	for name, tc := range map[string]struct {
		release bool
		end     func(s *harness.Stage, first *replica)
		lost    bool // whether the first one ends because it has lost the lease
	}{
		"it is stopped":                 {release: true, end: stop},
		"it dies":                       {end: stop},
		"it loses the lease":            {lost: true, end: func(_ *harness.Stage, first *replica) { first.cut.Store(true) }},
		"it loses the lease in a write": {lost: true, end: loseInWrite},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewStage(t, novutest.Options{})
			first := start(s, "first", tc.release)
			s.Environment("dev", "Development", "")
			s.Ready(&v1alpha1.Environment{}, "dev")
			second := start(s, "second", tc.release)
			if !second.GetCache().WaitForCacheSync(s.Context()) {
				t.Fatal("the caches of the one that waits do not fill")
			}
			tc.end(s, first)
			begun, calls := time.Now(), &ledger{}
			s.Novu.Inject(novutest.Fault{Hook: calls.note}) // every call from now on
			<-second.Elected()
			t.Logf("the next one leads %s after the end (the lease lasts %s)", time.Since(begun).Round(time.Millisecond), lease)
			if err := <-first.done; (err != nil) != tc.lost {
				t.Errorf("the first one ended with %v", err)
			}
			s.YAML(order("Hello"))
			s.Ready(&v1alpha1.Workflow{}, "order")
			calls.oneAfterTheOther(t)
			if n := len(s.Novu.Workflows("Development")); n != 1 {
				t.Errorf("Novu holds %d workflows", n)
			}
		})
	}
}

func stop(s *harness.Stage, first *replica) {
	s.Helper()
	first.cancel()
}

// loseInWrite cuts the leader off while Novu has not answered a write yet.
func loseInWrite(s *harness.Stage, first *replica) {
	s.Helper()
	writing := make(chan struct{})
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Hang: true, Hook: func(r *http.Request) {
		if r.UserAgent() == "first" {
			close(writing)
		}
	}})
	s.YAML(order("Hello"))
	<-writing
	first.cut.Store(true)
}
