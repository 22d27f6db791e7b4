// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lease

import "time"

// Sleep makes the lock believe that it slept: time has passed on the wall clock alone.
func (l *Lock) Sleep(d time.Duration) {
	l.now = func() reading {
		now := read()
		now.wall = now.wall.Add(d)
		return now
	}
}
