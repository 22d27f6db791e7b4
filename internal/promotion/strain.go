// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"sync"

	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// mostTroubles is how many more calls may fail than succeed before a round of reads ends. Below that, one item that cannot
// be read keeps no other from being read.
const mostTroubles = 8

// strain counts how the calls of a round of reads go. It is safe for concurrent use.
type strain struct {
	mu              sync.Mutex
	troubles, wells int
	trouble, final  error // the last passing error, and the one that ended the round
}

// note counts an outcome and reports whether the round goes on.
func (s *strain) note(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.wells++
	case !passing(err):
		if s.final == nil {
			s.final = err
		}
	default:
		s.trouble = err
		s.troubles++
	}
	return !s.ended()
}

// over reports whether the round has ended.
func (s *strain) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended()
}

// ended is over for those that hold the lock.
func (s *strain) ended() bool { return s.final != nil || s.troubles >= s.wells+mostTroubles }

// passing reports whether an error is about one call, which may succeed the next time.
func passing(err error) bool {
	return reconcile.KindOf(err) == reconcile.Transient && !novu.IsUnauthorized(err)
}
