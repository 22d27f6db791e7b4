// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"sync/atomic"
	"time"
)

// Clock goes like the machine's, and a test puts it forward or back instead of waiting. What wakes the operator still runs
// on the machine's time: after a move something has to, an edit for example. The zero value is ready to use.
type Clock struct{ ahead atomic.Int64 }

// Now is the time on the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Since is how long ago a time is.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Move puts the clock forward, or back.
func (c *Clock) Move(d time.Duration) { c.ahead.Add(int64(d)) }
