// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func freeTier(remaining int) *announcement {
	return &announcement{limit: 100, burst: 110, window: 5 * time.Second, remaining: remaining}
}

func at(milliseconds int) time.Time { return epoch.Add(time.Duration(milliseconds) * time.Millisecond) }

// warmed is a bucket after one call, half a second ago, that left this much.
func warmed(remaining int) *bucket {
	b := &bucket{}
	b.settle(at(0), b.take(at(0), 1), freeTier(remaining))
	return b
}

func TestBucketReadyAt(t *testing.T) {
	for _, tc := range []struct {
		name  string
		setup func() *bucket
		n     int
		want  int // milliseconds after the epoch
	}{
		{"no limit is known", func() *bucket { return &bucket{} }, 1000, 0},
		{"full", func() *bucket { return warmed(109) }, 107, 0},
		{"one more than there is", func() *bucket { return warmed(109) }, 108, 50},
		{"the kept-back ones are not used", func() *bucket { return warmed(2) }, 1, 50},
		{"empty", func() *bucket { return warmed(0) }, 1, 150},
		{"twenty behind", func() *bucket { return warmed(0) }, 21, 1150},
		{"paused", func() *bucket { b := warmed(109); b.pause(at(0), at(3000)); return b }, 1, 3000},
		{"paused, more than one", func() *bucket { b := warmed(109); b.pause(at(0), at(3000)); return b }, 11, 3500},
		{"a later pause does not end earlier", func() *bucket { b := warmed(109); b.pause(at(0), at(3000)); b.pause(at(0), at(1000)); return b }, 1, 3000},
		{"paused without a known limit", func() *bucket { b := &bucket{}; b.pause(at(0), at(3000)); return b }, 5, 3000},
	} {
		got := tc.setup().readyAt(at(0), tc.n)
		if d := got.Sub(at(tc.want)); d < 0 || d > time.Microsecond {
			t.Errorf("%s: ready after %s, want %d ms", tc.name, got.Sub(at(0)), tc.want)
		}
	}
}

func TestBucketLearns(t *testing.T) {
	for _, tc := range []struct {
		name string
		run  func(*bucket)
		want float64
	}{
		{"the first answer of a fresh server", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(109))
		}, 107},
		{"the first of two at the same time", func(b *bucket) {
			one, _ := b.take(at(0), 1), b.take(at(0), 2)
			b.settle(at(0), one, freeTier(109))
		}, 106},
		{"others were here before", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(50))
		}, 48},
		{"others were here, two in flight", func(b *bucket) {
			one, _ := b.take(at(0), 1), b.take(at(0), 2)
			b.settle(at(0), one, freeTier(50))
		}, 47},
		{"refills while nothing happens", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(50))
			b.refill(at(1000))
		}, 68},
		{"never more than the bucket holds", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(50))
			b.refill(at(60_000))
		}, 108},
		{"somebody takes tokens beside us", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(109))
			b.settle(at(100), b.take(at(100), 2), freeTier(80))
		}, 80}, // 80 and two of the tenth of a second, less two kept back
		{"a lazy server lags behind", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(50))
			b.settle(at(1000), b.take(at(1000), 2), freeTier(49))
		}, 67},
		{"the server has more than we thought", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(5))
			b.settle(at(100), b.take(at(100), 2), freeTier(105))
		}, 103},
		{"an old answer arrives last", func(b *bucket) {
			one, two := b.take(at(0), 1), b.take(at(0), 2)
			b.settle(at(10), two, freeTier(108))
			b.settle(at(20), one, freeTier(109))
		}, 106.2},
		{"no answer costs its token", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(109))
			b.settle(at(0), b.take(at(0), 2), nil)
		}, 106},
		{"a smaller plan", func(b *bucket) {
			b.settle(at(0), b.take(at(0), 1), freeTier(109))
			b.settle(at(0), b.take(at(0), 2), &announcement{limit: 10, burst: 11, window: 5 * time.Second, remaining: 9})
		}, 8.8},
	} {
		b := &bucket{}
		tc.run(b)
		if d := b.tokens - tc.want; d < -0.001 || d > 0.001 {
			t.Errorf("%s: %.3f tokens, want %.3f", tc.name, b.tokens, tc.want)
		}
	}
}

// Whatever the load, a client that is alone with its key is never refused, and
// never leaves much of the limit unused.
func TestRandomLoadsAreNotRefused(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		kind := refillKind(2 * rng.IntN(2)) // lazy or continuous
		limit := 10 * (1 + rng.IntN(30))    // more than go out before the first answer
		latency := time.Duration(1+rng.IntN(200)) * time.Millisecond
		t.Run(fmt.Sprintf("seed %d: %s, %d per 5 s, %s", seed, kind, limit, latency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newLimitedServer(kind, limit)
				s.latency, s.jitter = latency, min(latency/2, 50*time.Millisecond)
				c := newTestClient(t, s, nil)
				for range 6 {
					var all sync.WaitGroup
					for range rng.IntN(3 * limit) {
						all.Go(func() { _, _ = c.GetWorkflow(t.Context(), "w") })
					}
					all.Wait()
					time.Sleep(time.Duration(rng.IntN(15_000)) * time.Millisecond)
				}
				if s.refused > 0 {
					t.Errorf("%d of %d calls were refused", s.refused, s.asked())
				}
			})
		})
	}
}
