// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const testKey = "0123456789abcdef0123456789abcdef"

func newTestClient(t *testing.T, transport http.RoundTripper, b *Budget) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: "http://novu.test", SecretKey: testKey, Transport: transport, Budget: b})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// converge makes two calls one after the other for each of n objects, all objects
// at once, and repeats what is throttled.
func converge(c *Client, n int) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for range 2 {
				for {
					_, err := c.GetWorkflow(context.Background(), fmt.Sprintf("w-%d", i))
					if _, again := errors.AsType[*ThrottledError](err); !again {
						break
					}
				}
			}
		})
	}
	all.Wait()
}

// bound is the least time that the server needs for n calls of a fresh bucket, be
// it for its limit or for eight calls at a time.
func (s *limitedServer) bound(n int) time.Duration {
	byLimit := time.Duration(n-s.burst) * 5 * time.Second / time.Duration(s.limit)
	byFlight := time.Duration(n) * (s.latency + s.jitter/2) / defaultMaxInFlight
	return max(byLimit, byFlight)
}

func TestFirstConvergenceKeepsToTheLimitsBound(t *testing.T) {
	for _, tc := range []struct {
		kind    refillKind
		limit   int
		objects int
		latency time.Duration
		ratio   float64
		refused int
	}{
		{refillLazy, 100, 100, 5 * time.Millisecond, 1.1, 0},
		{refillLazy, 100, 100, 100 * time.Millisecond, 1.1, 0},
		{refillLazy, 100, 500, 100 * time.Millisecond, 1.05, 0},
		{refillLazy, 100, 200, 400 * time.Millisecond, 1.1, 0},
		{refillLazy, 1000, 1000, 20 * time.Millisecond, 1.1, 0},
		{refillLazy, 10, 40, 50 * time.Millisecond, 1.1, 0},
		{refillLazy, 5, 5, 50 * time.Millisecond, 1.1, 0},
		{refillContinuous, 100, 100, 5 * time.Millisecond, 1.1, 0},
		{refillContinuous, 100, 500, 100 * time.Millisecond, 1.05, 0},
		// A server that loses time at each refill is slower than it says.
		{refillLazyLossy, 100, 500, 100 * time.Millisecond, 1.25, 40},
	} {
		name := fmt.Sprintf("%s, %d per 5 s, %d objects, %s", tc.kind, tc.limit, tc.objects, tc.latency)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newLimitedServer(tc.kind, tc.limit)
				s.latency, s.jitter = tc.latency, tc.latency/2
				start := time.Now()
				converge(newTestClient(t, s, nil), tc.objects)
				took, bound := time.Since(start)-s.latency, s.bound(2*tc.objects)
				t.Logf("took %s, bound %s: ratio %.3f; %d refused", took, bound, took.Seconds()/bound.Seconds(), s.refused)
				if took.Seconds() > tc.ratio*bound.Seconds() {
					t.Errorf("took %s, more than %.2f x %s", took, tc.ratio, bound)
				}
				if s.refused > tc.refused {
					t.Errorf("%d calls were refused, want at most %d", s.refused, tc.refused)
				}
				if s.maxFlight > defaultMaxInFlight {
					t.Errorf("%d calls in flight", s.maxFlight)
				}
			})
		})
	}
}

// A bucket that somebody else emptied must be noticed from the first answer.
func TestStartsWithWhatTheServerHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		s.tokens = 12
		converge(newTestClient(t, s, nil), 50)
		if s.refused > 0 {
			t.Errorf("%d calls were refused", s.refused)
		}
	})
}

// While we were idle, somebody else emptied the bucket: the first calls find out.
func TestBucketEmptiedWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		c := newTestClient(t, s, nil)
		converge(c, 50)
		time.Sleep(time.Minute)
		s.tokens, s.refilled = 10, time.Now()
		converge(c, 50)
		if s.refused > 0 {
			t.Errorf("%d calls were refused", s.refused)
		}
	})
}

// A bucket that fills up while we are idle is used up again at once.
func TestBurstAfterIdle(t *testing.T) {
	for _, kind := range []refillKind{refillLazy, refillContinuous} {
		synctest.Test(t, func(t *testing.T) {
			s := newLimitedServer(kind, 100)
			c := newTestClient(t, s, nil)
			converge(c, 50)
			time.Sleep(time.Minute)
			start := time.Now()
			converge(c, 50)
			if took := time.Since(start); took > 2*time.Second || s.refused > 0 {
				t.Errorf("%s: a hundred calls took %s, %d refused", kind, took, s.refused)
			}
		})
	}
}

// A second user of the same key takes half of the rate. We must give way without
// running into 429 again and again.
func TestSharesTheBucketWithAForeignClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
					s.take(time.Now())
				}
			}
		}()
		start := time.Now()
		converge(newTestClient(t, s, nil), 250)
		close(stop)
		// 500 calls and half as many strangers' at 20/s after a burst of 110.
		t.Logf("took %s, %d refused", time.Since(start), s.refused)
		if s.refused > 25 {
			t.Errorf("%d calls were refused", s.refused)
		}
		if took := time.Since(start); took > 50*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// Without announced limits concurrency is all that is bounded.
func TestWithoutHeadersOnlyConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillContinuous, 1_000_000)
		s.silent, s.jitter = true, 0
		start := time.Now()
		converge(newTestClient(t, s, nil), 200)
		if got, want := time.Since(start), 400*s.latency/defaultMaxInFlight; got != want {
			t.Errorf("took %s, want %s", got, want)
		}
	})
}

// A server that limits without announcing is learned from 429 alone: a pause of at
// least a second for everybody, although it says Retry-After: 0.
func TestPausesEverybodyAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		s.silent, s.jitter, s.tokens = true, 0, 4
		b := NewBudget(BudgetConfig{MaxInFlight: 1})
		c := newTestClient(t, s, b)
		s.refilled = time.Now().Add(time.Hour) // never refills
		for i := range 4 {
			if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
				t.Fatal(i, err)
			}
		}
		_, err := c.GetWorkflow(t.Context(), "w")
		var throttled *ThrottledError
		if !errors.As(err, &throttled) || time.Until(throttled.Until) != time.Second || throttled.Category != CategoryConfiguration {
			t.Fatalf("got %v", err)
		}
		if got := b.Snapshot().Categories[CategoryConfiguration].PausedUntil; !got.Equal(throttled.Until) {
			t.Errorf("paused until %s, want %s", got, throttled.Until)
		}
		s.tokens = 1
		asked := s.asked()
		go func() { _, _ = c.GetWorkflow(t.Context(), "other") }()
		time.Sleep(time.Second - 1)
		synctest.Wait()
		if s.asked() != asked {
			t.Error("a call went out during the pause")
		}
		time.Sleep(time.Second)
		if s.asked() != asked+1 {
			t.Error("the waiting call did not go out after the pause")
		}
	})
}

// The other category keeps going.
func TestPauseIsPerCategory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{})
		s := newScripted(t, answer429("30"), answerJSON(200, `{"data":[]}`))
		c := newTestClient(t, s, b)
		if _, err := c.GetWorkflow(t.Context(), "w"); err == nil {
			t.Fatal("want 429")
		}
		if _, err := c.ListIntegrations(t.Context()); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.GetWorkflow(ctx, "w")
		var throttled *ThrottledError
		if !errors.As(err, &throttled) || time.Until(throttled.Until) != 30*time.Second || time.Since(start) != 0 {
			t.Errorf("a wait beyond the deadline must be refused at once, got %v after %s", err, time.Since(start))
		}
	})
}
