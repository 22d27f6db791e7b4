// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lease_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"sigs.k8s.io/controller-runtime/pkg/leaderelection"

	"novu-operator.dev/internal/lease"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// lasts is longer than any test: only what a test does ends a term.
const lasts = time.Hour

func newLock(s *harness.Stage, wrap ...func(http.RoundTripper) http.RoundTripper) *lease.Lock {
	s.Helper()
	config := rest.CopyConfig(harness.API(s))
	for _, w := range wrap {
		config.Wrap(w)
	}
	lock, err := lease.New(config, leaderelection.Options{LeaderElectionID: "operator", LeaderElectionNamespace: s.Namespace})
	s.Must(err)
	return lock
}

func record(holder *lease.Lock) resourcelock.LeaderElectionRecord {
	return resourcelock.LeaderElectionRecord{HolderIdentity: holder.Identity(), LeaseDurationSeconds: int(lasts / time.Second)}
}

// take makes the lock get the lease, as the elector does.
func take(s *harness.Stage, lock *lease.Lock) {
	s.Helper()
	if _, _, err := lock.Get(s.Context()); err != nil {
		s.Must(lock.Create(s.Context(), record(lock)))
		return
	}
	s.Must(lock.Update(s.Context(), record(lock)))
}

// TestHeld: whatever ends a term ends the right to write, and nothing else does.
func TestHeld(t *testing.T) {
	for name, tc := range map[string]struct {
		then func(s *harness.Stage, own, other *lease.Lock)
		held bool
	}{
		"just taken":              {func(*harness.Stage, *lease.Lock, *lease.Lock) {}, true},
		"some time passed":        {func(_ *harness.Stage, own, _ *lease.Lock) { own.Sleep(lasts / 2) }, true},
		"the last third begins":   {func(_ *harness.Stage, own, _ *lease.Lock) { own.Sleep(lasts * 2 / 3) }, false},
		"it slept and took again": {func(s *harness.Stage, own, _ *lease.Lock) { own.Sleep(lasts); take(s, own) }, true},
		"it was released": {func(s *harness.Stage, own, _ *lease.Lock) {
			s.Must(own.Update(s.Context(), resourcelock.LeaderElectionRecord{LeaseDurationSeconds: 1}))
		}, false},
		"another took it": {func(s *harness.Stage, own, other *lease.Lock) {
			take(s, other)
			_, _, err := own.Get(s.Context())
			s.Must(err)
		}, false},
		"a renewal failed": {func(s *harness.Stage, own, other *lease.Lock) {
			take(s, other)
			if err := own.Update(s.Context(), record(own)); err == nil {
				s.Error("an update of an old version went through")
			}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := harness.NewStage(t, novutest.Options{})
			own, other := newLock(s), newLock(s)
			if err := own.Held(); !errors.Is(err, lease.ErrNotHeld) {
				t.Fatalf("before the lease was taken: %v", err)
			}
			take(s, own)
			tc.then(s, own, other)
			if err := own.Held(); (err == nil) != tc.held {
				t.Errorf("held: %v", err)
			}
		})
	}
}

func TestWithoutElectionNothingIsHeldBack(t *testing.T) {
	var none *lease.Lock
	none.RecordTo(nil)
	if err := none.Held(); err != nil {
		t.Error(err)
	}
}

// TestTermBeginsWithTheRequest: others count from when the API server had it, not from when its answer came.
func TestTermBeginsWithTheRequest(t *testing.T) {
	s := harness.NewStage(t, novutest.Options{})
	var lock *lease.Lock
	lock = newLock(s, func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(r)
			if r.Method == http.MethodPost {
				lock.Sleep(lasts)
			}
			return answer, err
		})
	})
	take(s, lock)
	if err := lock.Held(); !errors.Is(err, lease.ErrNotHeld) {
		t.Errorf("the lease was over when the answer came: %v", err)
	}
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAnothersLeaseIsNotReleased: the elector of a process that was stopped reads the lease and gives it up.
func TestAnothersLeaseIsNotReleased(t *testing.T) {
	s := harness.NewStage(t, novutest.Options{})
	own, other := newLock(s), newLock(s)
	take(s, own)
	take(s, other)
	_, _, err := own.Get(s.Context())
	s.Must(err)
	if err := own.Update(s.Context(), resourcelock.LeaderElectionRecord{LeaseDurationSeconds: 1}); err == nil {
		t.Error("it released the lease")
	}
	found, _, err := own.Get(s.Context())
	s.Must(err)
	if found.HolderIdentity != other.Identity() {
		t.Errorf("the lease is held by %q, not by %q", found.HolderIdentity, other.Identity())
	}
}

func TestOutsideAClusterTheNamespaceMustBeNamed(t *testing.T) {
	if _, err := lease.New(&rest.Config{}, leaderelection.Options{LeaderElectionID: "operator"}); err == nil {
		t.Error("there is a lock in no namespace")
	}
}
