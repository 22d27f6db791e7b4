// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"context"
	"sync"
)

// classes of those who wait: what users wait for, and what the operator does by itself.
const (
	users = iota
	background
	classCount
)

func classOf(priority int) int {
	if priority < 0 {
		return background
	}
	return users
}

// streak is how often users may overtake what waits in the background before that goes: a busy user must not stop it.
const streak = 4

// turns bounds how many reconciles work, as opposed to wait for Novu, at the same time.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting [classCount][]chan struct{}
	ahead   int // turns of users while something waited in the background
}

func newTurns(n int) *turns { return &turns{free: max(n, 1)} }

// take waits for a turn. It reports whether it came before ctx ended.
func (t *turns) take(ctx context.Context, priority int) bool {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return true
	}
	granted, class := make(chan struct{}), classOf(priority)
	t.waiting[class] = append(t.waiting[class], granted)
	t.mu.Unlock()
	select {
	case <-granted:
		return true
	case <-ctx.Done():
		return t.withdraw(class, granted)
	}
}

// withdraw takes a request back, unless it was granted in the same moment.
func (t *turns) withdraw(class int, granted chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range t.waiting[class] {
		if c == granted {
			t.waiting[class] = append(t.waiting[class][:i], t.waiting[class][i+1:]...)
			return false
		}
	}
	return true
}

// give hands a turn to the next in line.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	class := t.next()
	if class < 0 {
		t.free++
		return
	}
	close(t.waiting[class][0])
	t.waiting[class] = t.waiting[class][1:]
}

// next is the class whose turn it is; negative if none waits. It needs the lock.
func (t *turns) next() int {
	u, b := len(t.waiting[users]) > 0, len(t.waiting[background]) > 0
	switch {
	case u && (!b || t.ahead < streak):
		if b {
			t.ahead++
		}
		return users
	case b:
		t.ahead = 0
		return background
	}
	return -1
}
