// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
)

func aWindow(kind v1alpha1.WindowKind, schedule, zone string, duration time.Duration) v1alpha1.PromotionWindow {
	return v1alpha1.PromotionWindow{Kind: kind, Schedule: schedule, TimeZone: zone, Duration: metav1.Duration{Duration: duration}}
}

func mustSchedule(tb rapid.TB, spec, zone string, duration time.Duration) *schedule {
	tb.Helper()
	s, err := newSchedule(aWindow(v1alpha1.WindowAllow, spec, zone, duration))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// at reads a time with its distance from UTC, or in UTC.
func at(tb rapid.TB, text string) time.Time {
	tb.Helper()
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	tb.Fatalf("cannot read the time %q", text)
	return time.Time{}
}

func TestScheduleNext(t *testing.T) {
	tests := []struct {
		name, schedule, zone, after string
		want                        []string // one opening after the other
	}{
		{
			"weekdays in UTC", "0 9 * * MON-THU", "", "2026-11-19 09:00", // a Thursday
			[]string{"2026-11-23 09:00", "2026-11-24 09:00"},
		},
		{
			"the opening itself is not after it", "30 9 * * *", "UTC", "2026-11-19 09:29:59Z",
			[]string{"2026-11-19 09:30", "2026-11-20 09:30"},
		},
		{
			"in another zone", "0 9 * * *", "Asia/Kolkata", "2026-11-19 00:00",
			[]string{"2026-11-19 03:30", "2026-11-20 03:30"},
		},
		{
			"the clock is set forward before", "0 9 * * *", "Europe/Berlin", "2027-03-27 00:00",
			[]string{"2027-03-27 09:00+01:00", "2027-03-28 09:00+02:00", "2027-03-29 09:00+02:00"},
		},
		{
			"the clock is set back before", "0 9 * * *", "Europe/Berlin", "2027-10-30 00:00",
			[]string{"2027-10-30 09:00+02:00", "2027-10-31 09:00+01:00"},
		},
		{
			"in the hour that is skipped", "30 2 * * *", "Europe/Berlin", "2027-03-27 00:00",
			[]string{"2027-03-27 02:30+01:00", "2027-03-28 03:00+02:00", "2027-03-29 02:30+02:00"},
		},
		{
			"at the first moment that is skipped", "0 2 * * *", "Europe/Berlin", "2027-03-28 00:00",
			[]string{"2027-03-28 03:00+02:00", "2027-03-29 02:00+02:00"},
		},
		{
			"at the first moment that is not", "0 3 * * *", "Europe/Berlin", "2027-03-28 00:00",
			[]string{"2027-03-28 03:00+02:00", "2027-03-29 03:00+02:00"},
		},
		{
			"in the hour that comes twice", "30 2 * * *", "Europe/Berlin", "2027-10-31 00:00+02:00",
			[]string{"2027-10-31 02:30+02:00", "2027-10-31 02:30+01:00", "2027-11-01 02:30+01:00"},
		},
		{
			"at the moment of the change", "0 2 * * *", "Europe/Berlin", "2027-10-31 00:00+02:00",
			[]string{"2027-10-31 02:00+02:00", "2027-10-31 02:00+01:00", "2027-11-01 02:00+01:00"},
		},
		{
			"every hour while one is skipped", "0 * * * *", "America/New_York", "2027-03-14 00:30-05:00",
			[]string{"2027-03-14 01:00-05:00", "2027-03-14 03:00-04:00", "2027-03-14 04:00-04:00"},
		},
		{
			"every hour while one comes twice", "0 * * * *", "America/New_York", "2026-11-01 00:30-04:00",
			[]string{"2026-11-01 01:00-04:00", "2026-11-01 01:00-05:00", "2026-11-01 02:00-05:00"},
		},
		{
			"midnight is skipped", "0 0 * * *", "Africa/Cairo", "2026-04-23 12:00+02:00",
			[]string{"2026-04-24 01:00+03:00", "2026-04-25 00:00+03:00"},
		},
		{
			"half an hour is skipped", "15 2 * * *", "Australia/Lord_Howe", "2026-10-04 00:00+10:30",
			[]string{"2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"},
		},
		{
			"a whole day is skipped", "0 12 30 12 *", "Pacific/Apia", "2011-12-01 00:00",
			[]string{"2011-12-31 00:00+14:00", "2012-12-30 12:00+14:00"},
		},
		{"on the 29th of February", "0 0 29 2 *", "", "2026-11-19 00:00", []string{"2028-02-29 00:00", "2032-02-29 00:00"}},
		{"on either of two days", "0 0 13 * FRI", "", "2026-11-12 00:00", []string{"2026-11-13 00:00", "2026-11-20 00:00"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkOpenings(t, mustSchedule(t, test.schedule, test.zone, time.Hour), at(t, test.after), test.want)
		})
	}
}

// checkOpenings checks when a schedule opens, one time after the other.
func checkOpenings(t *testing.T, s *schedule, from time.Time, openings []string) {
	t.Helper()
	for _, want := range openings {
		next := s.next(from)
		if !next.Equal(at(t, want)) {
			t.Fatalf("after %s it opens at %s, want %s", from, next.In(s.location), want)
		}
		from = next
	}
}

func TestScheduleNeverComes(t *testing.T) {
	if _, err := newSchedule(aWindow(v1alpha1.WindowAllow, "0 0 30 2 *", "Europe/Berlin", time.Hour)); err == nil {
		t.Error("a schedule for the 30th of February is taken")
	}
}

func TestScheduleOpenUntil(t *testing.T) {
	tests := []struct {
		name, schedule, zone string
		duration             time.Duration
		at, want             string // want is empty when closed
	}{
		{"before it opens", "0 9 * * *", "", 8 * time.Hour, "2026-11-19 08:59:59Z", ""},
		{"when it opens", "0 9 * * *", "", 8 * time.Hour, "2026-11-19 09:00", "2026-11-19 17:00"},
		{"before it closes", "0 9 * * *", "", 8 * time.Hour, "2026-11-19 16:59:59Z", "2026-11-19 17:00"},
		{"when it closes", "0 9 * * *", "", 8 * time.Hour, "2026-11-19 17:00", ""},
		{"over midnight", "0 22 * * FRI", "", 10 * time.Hour, "2026-11-21 03:00", "2026-11-21 08:00"},
		{"a month long", "0 0 15 12 *", "", 744 * time.Hour, "2027-01-14 23:59", "2027-01-15 00:00"},
		{"a year after", "0 0 15 12 *", "", 744 * time.Hour, "2027-01-15 00:00", ""},
		{"opens again while it is open", "0 * * * *", "", 90 * time.Minute, "2026-11-19 09:45", "2026-11-19 10:30"},
		{"opens again as it closes", "0 * * * *", "", time.Hour, "2026-11-19 10:00", "2026-11-19 11:00"},
		{"open without end", "* * * * *", "", 744 * time.Hour, "2026-11-19 10:00:30Z", "2026-12-20 10:00"},
		{"spans the hour that is skipped", "0 1 * * *", "Europe/Berlin", 3 * time.Hour, "2027-03-28 04:30+02:00", "2027-03-28 05:00+02:00"},
		{"spans the hour that comes twice", "0 1 * * *", "Europe/Berlin", 3 * time.Hour, "2027-10-31 02:45+01:00", "2027-10-31 03:00+01:00"},
		{"is over by then", "0 1 * * *", "Europe/Berlin", 3 * time.Hour, "2027-10-31 03:00+01:00", ""},
		{"opened when the clock jumped", "30 2 * * *", "Europe/Berlin", time.Hour, "2027-03-28 03:59+02:00", "2027-03-28 04:00+02:00"},
		{"the second of two", "30 2 * * *", "Europe/Berlin", time.Hour, "2027-10-31 03:29+01:00", "2027-10-31 03:30+01:00"},
		{"the first of two", "30 2 * * *", "Europe/Berlin", 45 * time.Minute, "2027-10-31 02:14+01:00", "2027-10-31 02:15+01:00"},
		{"between two", "30 2 * * *", "Europe/Berlin", 45 * time.Minute, "2027-10-31 02:15+01:00", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := mustSchedule(t, test.schedule, test.zone, test.duration)
			until := s.openUntil(at(t, test.at))
			if test.want == "" && !until.IsZero() {
				t.Errorf("open until %s, want it closed", until)
			}
			if test.want != "" && !until.Equal(at(t, test.want)) {
				t.Errorf("open until %s, want %s", until.In(s.location), test.want)
			}
		})
	}
}

func TestNewScheduleRefuses(t *testing.T) {
	tests := []struct{ name, schedule, zone, want string }{
		{"too few fields", "0 9 * *", "", "must have five fields"},
		{"seconds", "0 0 9 * * *", "", "must have five fields"},
		{"nothing", "", "", "must have five fields"},
		{"a word", "@daily", "", "must have five fields"},
		{"a zone in front", "TZ=Europe/Berlin 0 9 * *", "", "must have five fields"},
		{"a zone and tabs", "TZ=UTC\t0\t9\t*\t*", "", "must have five fields"},
		{"an hour that does not exist", "0 24 * * *", "", "schedule \"0 24 * * *\" cannot be read"},
		{"Sunday as 7", "0 9 * * 7", "", "cannot be read"},
		{"a range backwards", "0 9 * * FRI-MON", "", "cannot be read"},
		{"a step of nothing", "*/0 * * * *", "", "cannot be read"},
		{"a day that does not exist", "0 0 31 4 *", "", "never comes"},
		{"a zone that does not exist", "0 9 * * *", "Europe/Hamburg", "timeZone \"Europe/Hamburg\" is not known"},
		{"the machine's zone", "0 9 * * *", "Local", "timeZone \"Local\" is not known"},
		{"a path", "0 9 * * *", "../../etc/passwd", "is not known"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := newSchedule(aWindow(v1alpha1.WindowAllow, test.schedule, test.zone, time.Hour))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want something with %q", err, test.want)
			}
		})
	}
	if _, err := newSchedule(aWindow(v1alpha1.WindowAllow, "0 9 * * *", "", 0)); err == nil {
		t.Error("a window without duration is taken")
	}
}

// opensAt says the same as next, of one minute, in the plainest way: the clock shows the time, or has just jumped over it.
func opensAt(s *schedule, t time.Time) bool {
	shows := func(wall time.Time) bool { return s.wall.Next(wall.Add(-time.Second)).Equal(wall) }
	if shows(onWall(t, offsetAt(t, s.location))) {
		return true
	}
	before, after := offsetAt(t.Add(-time.Minute), s.location), offsetAt(t, s.location)
	for wall := onWall(t, before); wall.Before(onWall(t, after)); wall = wall.Add(time.Minute) {
		if shows(wall) {
			return true
		}
	}
	return false
}

// zones and days around which their clocks change.
var changes = map[string][]string{
	"Europe/Berlin":       {"2027-03-28", "2027-10-31"},
	"America/New_York":    {"2026-11-01", "2027-03-14"},
	"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
	"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
	"Africa/Casablanca":   {"2026-02-15", "2026-03-22"},
	"Pacific/Apia":        {"2011-12-30"},
	"UTC":                 {"2026-11-19"},
}

func drawZone(t *rapid.T) (zone string, day time.Time) {
	zone = rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(t, "zone")
	return zone, at(t, rapid.SampledFrom(changes[zone]).Draw(t, "day")+" 00:00")
}

func drawSchedule(t *rapid.T) string {
	return strings.Join([]string{
		rapid.SampledFrom([]string{"0", "30", "*/15", "*/7", "59", "15,45"}).Draw(t, "minute"),
		rapid.SampledFrom([]string{"*", "0", "1", "2", "3", "*/6", "1-3", "23"}).Draw(t, "hour"),
		"*", "*",
		rapid.SampledFrom([]string{"*", "SUN", "MON-FRI", "SAT,SUN"}).Draw(t, "day of week"),
	}, " ")
}

// What next and openUntil find in leaps is what one finds who looks at the clock once a minute.
func TestScheduleAgreesWithTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, day := drawZone(t)
		duration := time.Duration(rapid.IntRange(1, 26*60).Draw(t, "minutes")) * time.Minute
		s := mustSchedule(t, drawSchedule(t), zone, duration)
		from := day.Add(time.Duration(rapid.IntRange(-36*60, 36*60).Draw(t, "from")) * time.Minute)

		next := s.next(from)
		for m := from.Add(time.Minute); m.Before(from.Add(30 * time.Hour)); m = m.Add(time.Minute) {
			if opens := opensAt(s, m); opens != m.Equal(next) && !m.After(next) {
				t.Fatalf("next says %s after %s, the clock says %t at %s", next, from, opens, m)
			}
			if m.Equal(next) {
				break
			}
		}
		var want time.Time
		for m := from; m.After(from.Add(-duration)); m = m.Add(-time.Minute) {
			if opensAt(s, m) {
				want = m.Add(duration)
				break
			}
		}
		if got := s.openUntil(from); !got.Equal(want) {
			t.Fatalf("openUntil says %s at %s, the clock says %s", got, from, want)
		}
	})
}

// FuzzSchedule looks for text that the API server would take and that makes the operator fall over or hang.
func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"0 9 * * MON-THU", "*/15 * 1,15 * ?", "TZ=\t* * * * *", "@every 1s", "0-59/9223372036854775807 * * * *", "0 0 29 2 MON"} {
		f.Add(seed, "Europe/Berlin", int64(1800000000), int64(3600))
	}
	f.Fuzz(func(t *testing.T, text, zone string, unix, seconds int64) {
		duration := time.Duration(seconds%int64(744*3600)) * time.Second
		s, err := newSchedule(aWindow(v1alpha1.WindowDeny, text, zone, duration))
		if err != nil {
			return
		}
		now := time.Unix(unix%4102444800, 0)
		if next := s.next(now); !next.IsZero() && !next.After(now) {
			t.Errorf("the opening after %s is %s", now, next)
		}
		if until := s.openUntil(now); !until.IsZero() && !until.After(now) {
			t.Errorf("open at %s until %s", now, until)
		}
	})
}
