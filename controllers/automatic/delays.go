// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/internal/promotion"
)

// delays remember since when a Promotion of each target is put off.
type delays struct {
	mu    sync.Mutex
	since map[types.NamespacedName]time.Time
}

// left is how long a Promotion is still to be put off: until the source is quiet and, while unsettled, until the operator
// has done its work there; but not for longer than the most that anybody waits for that.
func (d *delays) left(target types.NamespacedName, quiet, now time.Time, unsettled bool) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.since == nil {
		d.since = map[types.NamespacedName]time.Time{}
	}
	if _, ok := d.since[target]; !ok {
		d.since[target] = now
	}
	latest := d.since[target].Add(promotion.LongestQuiet)
	if unsettled || latest.Before(quiet) {
		quiet = latest
	}
	return quiet.Sub(now)
}

func (d *delays) over(target types.NamespacedName) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.since, target)
}

// told remembers what was last said of each target.
type told struct {
	mu   sync.Mutex
	last map[types.NamespacedName]string
}

// differs notes the message and reports whether it differs from the one before. An empty one forgets.
func (t *told) differs(target types.NamespacedName, message string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last[target] == message {
		return false
	}
	if t.last == nil {
		t.last = map[types.NamespacedName]string{}
	}
	t.last[target] = message
	if message == "" {
		delete(t.last, target)
	}
	return true
}
