// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"time"

	"novu-operator.dev/api/v1alpha1"
)

// maxSteps bounds the search for a time at which windows let something through.
const maxSteps = 2000

// calendar is all windows of a target.
type calendar struct{ allow, deny []*schedule }

// window asks whether an Allow window is open, if there are any, and no Deny window.
func window(in *Input) v1alpha1.GateStatus {
	c, err := newCalendar(in.Target.Spec.PromotionPolicy.Windows)
	if err != nil {
		return closed(v1alpha1.ReasonGateFailed, time.Time{}, "correct spec.promotionPolicy.windows: %s", err)
	}
	denied, allowed := c.at(in.Now)
	switch {
	case denied == nil && allowed != nil:
		return open("%s is open", allowed)
	case denied == nil && len(c.allow) == 0:
		return open("no Deny window is open")
	}
	why := "no Allow window is open"
	if denied != nil {
		why = fmt.Sprintf("%s is open", denied)
	}
	next, known := c.next(in.Now)
	if !known {
		return closed(v1alpha1.ReasonWindowClosed, next, "%s, and no window opens before %s", why, clock(next))
	}
	return closed(v1alpha1.ReasonWindowClosed, next, "%s until %s", why, clock(next))
}

func newCalendar(windows []v1alpha1.PromotionWindow) (*calendar, error) {
	c := &calendar{}
	for i, window := range windows {
		s, err := newSchedule(window)
		if err != nil {
			return nil, fmt.Errorf("windows[%d]: %w", i, err)
		}
		if window.Kind == v1alpha1.WindowDeny {
			c.deny = append(c.deny, s)
		} else {
			c.allow = append(c.allow, s)
		}
	}
	return c, nil
}

// at finds a Deny window and an Allow window that are open at t, nil if none is.
func (c *calendar) at(t time.Time) (denied, allowed *schedule) {
	find := func(windows []*schedule) *schedule {
		for _, s := range windows {
			if !s.openUntil(t).IsZero() {
				return s
			}
		}
		return nil
	}
	return find(c.deny), find(c.allow)
}

// next is the first time, t or later, at which the windows let something through. If none is found, it is the time until
// which there is certainly none.
func (c *calendar) next(t time.Time) (at time.Time, known bool) {
	for range maxSteps {
		if until := latest(c.deny, t); !until.IsZero() {
			t = until
			continue
		}
		if len(c.allow) == 0 || !latest(c.allow, t).IsZero() {
			return t, true
		}
		opening := earliest(c.allow, t)
		if opening.IsZero() {
			return t, false
		}
		t = opening
	}
	return t, false
}

// latest is when the last of the windows closes that are open at t, zero if none is.
func latest(windows []*schedule, t time.Time) (until time.Time) {
	for _, s := range windows {
		if over := s.openUntil(t); over.After(until) {
			until = over
		}
	}
	return until
}

// earliest is when the first of the windows opens after t, zero if none does.
func earliest(windows []*schedule, t time.Time) (at time.Time) {
	for _, s := range windows {
		if opening := s.next(t); !opening.IsZero() && (at.IsZero() || opening.Before(at)) {
			at = opening
		}
	}
	return at
}
