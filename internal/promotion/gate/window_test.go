// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
)

const (
	allow = v1alpha1.WindowAllow
	deny  = v1alpha1.WindowDeny
)

func TestWindow(t *testing.T) {
	office := aWindow(allow, "0 9 * * MON-FRI", "Europe/Berlin", 8*time.Hour)
	lunch := aWindow(deny, "0 12 * * *", "Europe/Berlin", time.Hour)
	holidays := aWindow(deny, "0 0 24 12 *", "Europe/Berlin", 9*24*time.Hour)
	tests := []struct {
		name    string
		windows []v1alpha1.PromotionWindow
		now     string
		open    bool
		next    string
		message string
	}{
		{"open", these(office), "2026-11-19 10:00+01:00", true, "", `Allow window "0 9 * * MON-FRI" (Europe/Berlin, 8h0m0s) is open`},
		{"in the evening", these(office), "2026-11-19 17:00+01:00", false, "2026-11-20 09:00+01:00", "no Allow window is open until Fri 2026-11-20 08:00:00 UTC"},
		{"over the weekend", these(office), "2026-11-20 18:00+01:00", false, "2026-11-23 09:00+01:00", "no Allow window"},
		{"over the change of the clock", these(office), "2027-03-26 18:00+01:00", false, "2027-03-29 09:00+02:00", "no Allow window"},
		{"at lunch", these(office, lunch), "2026-11-19 12:30+01:00", false, "2026-11-19 13:00+01:00", `Deny window "0 12 * * *" (Europe/Berlin, 1h0m0s) is open until`},
		{"at lunch on Saturday", these(office, lunch), "2026-11-21 12:30+01:00", false, "2026-11-23 09:00+01:00", "Deny window"},
		{"only denied at times", these(lunch), "2026-11-19 11:59+01:00", true, "", "no Deny window is open"},
		{"through the holidays", these(office, holidays), "2026-12-24 10:00+01:00", false, "2027-01-04 09:00+01:00", "Deny window"},
		{
			"a Deny window that begins with the Allow window", these(office, aWindow(deny, "0 9 * * MON", "Europe/Berlin", 10*time.Hour)),
			"2026-11-20 18:00+01:00", false, "2026-11-24 09:00+01:00", "no Allow window",
		},
		{
			"Deny windows that overlap", these(lunch, aWindow(deny, "30 12 * * *", "Europe/Berlin", time.Hour)),
			"2026-11-19 12:15+01:00", false, "2026-11-19 13:30+01:00", "Deny window",
		},
		{
			"either of two Allow windows", these(office, aWindow(allow, "0 20 * * *", "UTC", time.Hour)),
			"2026-11-19 18:00+01:00", false, "2026-11-19 20:00", "no Allow window",
		},
		{
			"in the hour that is skipped", these(aWindow(allow, "30 2 * * *", "Europe/Berlin", time.Hour)),
			"2027-03-28 01:59+01:00", false, "2027-03-28 03:00+02:00", "no Allow window",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := window(windowInput(at(t, test.now), test.windows))
			if got.Open != test.open || !strings.Contains(got.Message, test.message) {
				t.Errorf("got %+v, want open: %t with %q", got, test.open, test.message)
			}
			switch {
			case test.open != (got.Reason == ReasonOpen) || !test.open && got.Reason != v1alpha1.ReasonWindowClosed:
				t.Errorf("reason %s", got.Reason)
			case test.next == "" && got.NextOpenTime != nil:
				t.Errorf("next time is %s, want none", got.NextOpenTime)
			case test.next != "" && (got.NextOpenTime == nil || !got.NextOpenTime.Equal(new(metaTime(at(t, test.next))))):
				t.Errorf("next time is %s, want %s", got.NextOpenTime, test.next)
			}
		})
	}
}

func these(windows ...v1alpha1.PromotionWindow) []v1alpha1.PromotionWindow { return windows }

func windowInput(now time.Time, windows []v1alpha1.PromotionWindow) *Input {
	in := anInput(now)
	in.Target.Spec.PromotionPolicy.Windows = windows
	return in
}

func TestWindowThatNeverOpens(t *testing.T) {
	now := at(t, "2026-11-19 10:00")
	got := window(windowInput(now, these(aWindow(allow, "0 9 * * *", "", time.Hour), aWindow(deny, "0 8 * * *", "", 3*time.Hour))))
	if got.Open || got.NextOpenTime == nil || got.NextOpenTime.Sub(now) < 365*24*time.Hour || !strings.Contains(got.Message, "no window opens before") {
		t.Errorf("got %+v", got)
	}
}

func TestWindowThatCannotBeRead(t *testing.T) {
	got := window(windowInput(at(t, "2026-11-19 10:00"), these(
		aWindow(allow, "* * * * *", "", time.Hour), aWindow(allow, "0 9 * * *", "Mars/Olympus", time.Hour))))
	if got.Open || got.Reason != v1alpha1.ReasonGateFailed || got.NextOpenTime != nil ||
		got.Message != `correct spec.promotionPolicy.windows: windows[1]: timeZone "Mars/Olympus" is not known: write its IANA name, for example Europe/Berlin` {
		t.Errorf("got %+v", got)
	}
}

// The next time is exact: the windows are closed in every minute before and open then.
func TestNextTimeIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, day := drawZone(t)
		var windows []v1alpha1.PromotionWindow
		for range rapid.IntRange(1, 4).Draw(t, "windows") {
			kind := rapid.SampledFrom([]v1alpha1.WindowKind{allow, deny}).Draw(t, "kind")
			duration := time.Duration(rapid.IntRange(1, 300).Draw(t, "duration")) * time.Minute
			windows = append(windows, aWindow(kind, drawSchedule(t), rapid.SampledFrom([]string{zone, "UTC"}).Draw(t, "in"), duration))
		}
		now := day.Add(time.Duration(rapid.IntRange(-24*60, 24*60).Draw(t, "now")) * time.Minute)
		got := window(windowInput(now, windows))
		lets := letsThrough(t, windows, now)
		if lets[0] != got.Open {
			t.Fatalf("open: %t, the clock says %t", got.Open, lets[0])
		}
		if got.Open {
			return
		}
		known := !strings.Contains(got.Message, "no window opens before")
		for m, open := range lets {
			switch minute := now.Add(time.Duration(m) * time.Minute); {
			case minute.Equal(got.NextOpenTime.Time) && open == known:
				return
			case open || minute.Equal(got.NextOpenTime.Time):
				t.Fatalf("next time is %s (%t), but at %s the clock says %t", got.NextOpenTime, known, minute, open)
			}
		}
	})
}

// letsThrough goes through 48 hours minute by minute and notes when the windows are open.
func letsThrough(t *rapid.T, windows []v1alpha1.PromotionWindow, now time.Time) []bool {
	lets := make([]bool, 48*60)
	denied, allowed, anyAllow := make([]bool, len(lets)), make([]bool, len(lets)), false
	for _, w := range windows {
		s := mustSchedule(t, w.Schedule, w.TimeZone, w.Duration.Duration)
		into := denied
		if w.Kind == allow {
			into, anyAllow = allowed, true
		}
		var until time.Time
		for m := -int(w.Duration.Minutes()) + 1; m < len(lets); m++ {
			minute := now.Add(time.Duration(m) * time.Minute)
			if opensAt(s, minute) {
				until = minute.Add(w.Duration.Duration)
			}
			if m >= 0 && minute.Before(until) {
				into[m] = true
			}
		}
	}
	for m := range lets {
		lets[m] = !denied[m] && (allowed[m] || !anyAllow)
	}
	return lets
}

// BenchmarkWindow is the worst that the API lets anybody write: windows that open all the time and never let through.
func BenchmarkWindow(b *testing.B) {
	var windows []v1alpha1.PromotionWindow
	for range 15 {
		windows = append(windows, aWindow(allow, "*/2 * * * *", "Europe/Berlin", 3*time.Minute))
	}
	windows = append(windows, aWindow(deny, "* * * * *", "Europe/Berlin", time.Minute))
	in := windowInput(time.Date(2026, 11, 19, 10, 0, 0, 0, time.UTC), windows)
	for b.Loop() {
		window(in)
	}
}
