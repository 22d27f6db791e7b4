// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"strings"
	"sync"
	"testing"
)

// Sweep counts the points at which a sweep disturbs the operator. How many calls a run makes, and in which order, depends
// on what it happens to learn first and on how fast the machine is: a point of the undisturbed run that a disturbed one does
// not come to is counted and named, and is no failure. That hardly any is reached is one. The zero value is ready to use.
type Sweep struct {
	mu     sync.Mutex
	tried  int
	missed []string
}

// few points are too few to judge a sweep by: somebody repeats some of them alone.
const few = 8

// Count a point.
func (s *Sweep) Count(point string, reached bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried++
	if !reached {
		s.missed = append(s.missed, point)
	}
}

// Report logs how many points were reached, and fails the test unless that is three quarters.
func (s *Sweep) Report(tb testing.TB, what string) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	tb.Logf("%s: %d points, %d of them not reached %s", what, s.tried, len(s.missed), strings.Join(s.missed, "; "))
	if s.tried >= few && 4*len(s.missed) > s.tried {
		tb.Errorf("%s: %d of %d points were not reached: the sweep disturbs too little", what, len(s.missed), s.tried)
	}
}
