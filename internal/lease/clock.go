// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lease

import "time"

// reading is one moment on two clocks. The monotonic one stands still while the machine sleeps; the wall clock can be set
// back.
type reading struct {
	wall time.Time
	up   time.Duration // since the process started
}

var started = time.Now()

func read() reading {
	now := time.Now()
	return reading{wall: now.Round(0), up: now.Sub(started)} // Round drops the monotonic reading
}

// since is the time that has passed according to the clock that says more.
func (r reading) since(earlier reading) time.Duration {
	return max(r.wall.Sub(earlier.wall), r.up-earlier.up)
}
