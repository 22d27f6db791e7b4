// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"testing"
	"time"
)

func TestTheClockThatSaysMoreCounts(t *testing.T) {
	wall := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		later reading
		want  time.Duration
	}{
		"both go on":                 {reading{wall.Add(time.Second), time.Second}, time.Second},
		"the machine slept":          {reading{wall.Add(time.Hour), time.Second}, time.Hour},
		"the wall clock was put":     {reading{wall.Add(-time.Hour), time.Second}, time.Second},
		"nothing happened meanwhile": {reading{wall, 0}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.later.since(reading{wall: wall}); got != tc.want {
				t.Errorf("%s have passed, want %s", got, tc.want)
			}
		})
	}
	if before := read(); read().since(before) < 0 || before.wall.Before(wall) {
		t.Errorf("read %+v", before)
	}
}
