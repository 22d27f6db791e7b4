// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the image of the operator has no time zones of its own

	"github.com/robfig/cron/v3"

	"novu-operator.dev/api/v1alpha1"
)

// schedule is a window that opens again and again.
type schedule struct {
	window v1alpha1.PromotionWindow
	// wall yields the times that a clock on the wall shows, which are written as if it were in UTC.
	wall     cron.Schedule
	location *time.Location
}

var cronFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// newSchedule reads a window, or says what is wrong with it.
func newSchedule(window v1alpha1.PromotionWindow) (*schedule, error) {
	fields := strings.Fields(window.Schedule)
	if len(fields) != 5 || strings.Contains(window.Schedule, "=") {
		return nil, fmt.Errorf("schedule %q must have five fields, for example 0 9 * * MON-THU", window.Schedule)
	}
	wall, err := cronFields.Parse(strings.Join(fields, " "))
	if err != nil {
		return nil, fmt.Errorf("schedule %q cannot be read: %w", window.Schedule, err)
	}
	if spec, ok := wall.(*cron.SpecSchedule); ok {
		spec.Location = time.UTC
	}
	if window.Duration.Duration <= 0 {
		return nil, errors.New("duration must be longer than nothing, for example 8h")
	}
	location, err := loadLocation(window.TimeZone)
	if err != nil {
		return nil, err
	}
	s := &schedule{window: window, wall: wall, location: location}
	if wall.Next(someLeapYear).IsZero() {
		return nil, fmt.Errorf("schedule %q never comes: there is no such day", window.Schedule)
	}
	return s, nil
}

// someLeapYear begins a year that has every day there is. A schedule that does not come after it never does.
var someLeapYear = time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)

func loadLocation(name string) (*time.Location, error) {
	location, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("timeZone %q is not known: write its IANA name, for example Europe/Berlin", name)
	}
	return location, nil
}

// maxPeriods bounds the search through the changes of a zone's clock. It is more than any zone has within the five years
// that the cron library looks ahead.
const maxPeriods = 128

// next is the first time after t at which the window opens, zero if there is none. It opens whenever the clock shows the
// time of the schedule: twice if the clock is set back over it. If the clock is set forward over it, the window opens at
// that moment, so that a day without 02:30 is not a day without the window.
func (s *schedule) next(t time.Time) time.Time {
	wall := onWall(t, offsetAt(t, s.location))
	for range maxPeriods {
		shown := s.wall.Next(wall)
		if shown.IsZero() {
			return time.Time{}
		}
		offset := offsetAt(t, s.location)
		_, end := t.In(s.location).ZoneBounds()
		if at := shown.Add(-offset); end.IsZero() || at.Before(end) {
			return at
		}
		// The clock changes before. What it shows then is either later, so that times are skipped, or again what was before.
		after := offsetAt(end, s.location)
		if skipped := onWall(end, after); shown.Before(skipped) {
			return end
		}
		t, wall = end, onWall(end, after).Add(-time.Nanosecond)
	}
	return time.Time{}
}

func offsetAt(t time.Time, location *time.Location) time.Duration {
	_, seconds := t.In(location).Zone()
	return time.Duration(seconds) * time.Second
}

// onWall is what the clock shows at t, written as if it were in UTC.
func onWall(t time.Time, offset time.Duration) time.Time { return t.UTC().Add(offset) }

// openUntil is when the window closes that is open at t, zero if it is closed. A window that opens again while it is open
// stays open for its whole duration from then on. The last opening is looked for further and further back, so that it is
// found in a few steps both for windows that open every minute and for those that open once a year.
func (s *schedule) openUntil(t time.Time) time.Time {
	duration := s.window.Duration.Duration
	for back := min(time.Minute, duration); ; back = min(8*back, duration) {
		var last time.Time
		for at := s.next(t.Add(-back)); !at.IsZero() && !at.After(t); at = s.next(at) {
			last = at
		}
		if !last.IsZero() {
			return last.Add(duration)
		}
		if back == duration {
			return time.Time{}
		}
	}
}

func (s *schedule) String() string {
	zone := s.window.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return fmt.Sprintf("%s window %q (%s, %s)", s.window.Kind, s.window.Schedule, zone, s.window.Duration.Duration)
}
