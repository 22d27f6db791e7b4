// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// patience is how often the same difference is corrected.
const patience = 3

// Attempts remembers what was corrected, so that two writers do not fight forever. The zero value is ready to use.
type Attempts struct {
	mu   sync.Mutex
	made map[string]attempt
}

// attempt is what was done about one item.
type attempt struct {
	cause   Cause
	count   int
	listed  time.Time
	problem string
}

// Corrected counts a correction that has reached Novu, over a change by the given writer, if Novu says who that was.
func Corrected(before *v1alpha1.Corrections, now time.Time, by string) *v1alpha1.Corrections {
	after := v1alpha1.Corrections{SinceTime: metav1.NewTime(now)}
	if before != nil {
		after = *before
	}
	after.Count, after.By = after.Count+1, bounded(by)
	return &after
}

// Cause is what a correction is about. When it changes, counting begins again.
type Cause struct {
	// Wish stands for what the target is to hold, and for the spec that says so.
	Wish string
	// Found is the hash of what the target holds; empty: nothing, or it was not read.
	Found string
}

// Due reports whether the item may be written: once for each list of the target, and not if the same difference has come back
// too often. found is empty if the item was not read again because it has not moved.
func (a *Attempts) Due(item string, cause Cause, moved bool, listed time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, known := a.made[item]
	if !known || last.cause.Wish != cause.Wish || moved && last.cause.Found != cause.Found {
		return true
	}
	return last.count < patience && last.listed.Before(listed)
}

// Made counts a correction, and what kept it from succeeding.
func (a *Attempts) Made(item string, cause Cause, listed time.Time, problem string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.made == nil {
		a.made = map[string]attempt{}
	}
	last := a.made[item]
	if last.cause != cause {
		last = attempt{cause: cause}
	}
	last.count, last.listed, last.problem = last.count+1, listed, problem
	a.made[item] = last
}

// Well forgets an item that the list shows unchanged, and reports whether that list was made since the item was last written.
// What another process has written was written before any list of this one.
func (a *Attempts) Well(item string, listed time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, known := a.made[item]
	if known && !last.listed.Before(listed) {
		return false
	}
	delete(a.made, item)
	return true
}

// Standing reports whether corrections of an item have been given up for this wish, and what the last one ran into.
func (a *Attempts) Standing(item, wish string) (exhausted bool, problem string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, known := a.made[item]
	if !known || last.cause.Wish != wish {
		return false, ""
	}
	return last.count >= patience, last.problem
}
