// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// calm is how long nothing may happen for the operator to be at rest on an idle machine. It puts nothing off for as long,
	// but for what an Environment counts.
	calm = 400 * time.Millisecond
	// steps are more answers of the API server than lie between one call to Novu, or one write, and the next.
	steps = 20
)

// Calm waits until count has not moved for as long as the operator needs to do something on this machine, which may have
// other things to do: a test that says what has happened altogether, or what has not, waits for this first. An operator that
// does not come to rest fails the test.
func (s *Stage) Calm(count func() int) {
	s.Helper()
	for last, begun := -1, time.Now(); ; {
		now := count()
		if now == last {
			return
		}
		if last = now; time.Since(begun) > patience {
			s.Fatalf("the operator does not come to rest: %d until now", now)
		}
		s.pause(count, last)
	}
}

// pause waits for a while, or until the count moves. What the machine has to do besides is measured at both ends: asking more
// often would be a load itself.
func (s *Stage) pause(count func() int, last int) {
	s.Helper()
	begun, until := time.Now(), calm
	for {
		until = max(until, calm+s.Lag())
		if time.Since(begun) >= until {
			return
		}
		for time.Since(begun) < until {
			if time.Sleep(calm / 8); count() != last {
				return
			}
		}
	}
}

// Lag is how much longer than on an idle machine it may take now until the operator does the next thing.
func (s *Stage) Lag() time.Duration {
	s.Helper()
	begun := time.Now()
	s.Must(s.Get(s.Context(), types.NamespacedName{Name: s.Namespace}, &corev1.Namespace{}))
	return steps * time.Since(begun)
}
