package promotion

import (
	"sync"
	"time"
)

// patience is how often the same difference is corrected.
const patience = 3

// Attempts remembers what was corrected, so that two writers do not fight for ever. The zero value is ready to use.
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
	made    Correction
}

// Correction tells of another writer: how often something was written again since a poll last found it unchanged.
type Correction struct {
	Count int
	Since time.Time
	// By is who made the last change, if Novu says so.
	By string
}

// Corrected counts a correction that has reached Novu.
func (a *Attempts) Corrected(item string, now time.Time, by string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.made[item]
	if last.made.Count == 0 {
		last.made.Since = now
	}
	last.made.Count++
	last.made.By = by
	a.made[item] = last
}

// Unproved is what was corrected and not polled since; its Count is 0 if there is nothing.
func (a *Attempts) Unproved(item string) Correction {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.made[item].made
}

// Cause is what a correction is about. When it changes, counting begins anew.
type Cause struct {
	// Wish stands for what the target is to hold, and for the spec that says so.
	Wish string
	// Found is the hash of what the target holds; empty: nothing, or it was not read.
	Found string
}

// Due says whether the item may be written: once for each list of the target, and not if the same difference has come back
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
		last = attempt{cause: cause, made: last.made}
	}
	last.count, last.listed, last.problem = last.count+1, listed, problem
	a.made[item] = last
}

// Well forgets an item that a list made since shows unchanged.
func (a *Attempts) Well(item string, listed time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, known := a.made[item]; known && last.listed.Before(listed) {
		delete(a.made, item)
	}
}

// Standing says whether corrections of an item have been given up for this wish, and what the last one ran into.
func (a *Attempts) Standing(item, wish string) (exhausted bool, problem string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, known := a.made[item]
	if !known || last.cause.Wish != wish {
		return false, ""
	}
	return last.count >= patience, last.problem
}
