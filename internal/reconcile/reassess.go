// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"maps"
	"sync"
)

// longestPause is the most rounds of full comparisons between two writes that are only to have Novu judge once more.
const longestPause = 32

// Reassessments says which definitions Novu is to judge once more: it works out what is wrong with a definition when it is
// written, and never again. When the cause is gone, because of another plan, a layout or a variable, the complaint stays until
// the same is written once more. The zero value is ready to use.
type Reassessments[K comparable] struct {
	mu     sync.Mutex
	marked map[K]bool
	wishes map[K]string
	tried  map[K]trial
}

// trial is the round of the last write that was to have Novu judge once more, and how many were in vain.
type trial struct{ round, count int }

// Mark has a definition written once more if Novu complains about it: the cause may be gone.
func (r *Reassessments[K]) Mark(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mark(key)
}

// MarkOnce is Mark for a wish of a user, which counts once however often it is seen.
func (r *Reassessments[K]) MarkOnce(key K, wish string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.wishes[key]; ok && known == wish {
		return
	}
	if r.wishes == nil {
		r.wishes = map[K]string{}
	}
	r.wishes[key] = wish
	r.mark(key)
}

// mark is Mark for those that hold the lock.
func (r *Reassessments[K]) mark(key K) {
	if r.marked == nil {
		r.marked = map[K]bool{}
	}
	r.marked[key] = true
}

// Marked reports whether a definition is to be written once more whatever was tried before.
func (r *Reassessments[K]) Marked(key K) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marked[key]
}

// Take reports whether a definition is marked, and takes the mark off: the comparison that is under way sees to it.
func (r *Reassessments[K]) Take(key K) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	marked := r.marked[key]
	delete(r.marked, key)
	return marked
}

// Due reports whether a definition that Novu complains about is to be written once more in this round: after a pause that
// doubles with each time in vain.
func (r *Reassessments[K]) Due(key K, round int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.tried[key]
	return !known || round-last.round >= min(1<<min(last.count, 10), longestPause)
}

// Tried counts a write that is to have Novu judge once more.
func (r *Reassessments[K]) Tried(key K, round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.marked, key)
	r.set(key, trial{round: round, count: r.tried[key].count + 1})
}

// Complained notes that Novu complains about a definition: the first pause begins, unless one is under way.
func (r *Reassessments[K]) Complained(key K, round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.tried[key]; !known {
		r.set(key, trial{round: round})
	}
}

// Written notes that Novu has judged a definition just now.
func (r *Reassessments[K]) Written(key K, round int, faulty bool) {
	if faulty {
		r.Take(key)
		r.Complained(key, round)
		return
	}
	r.Forget(key)
}

// set needs the lock.
func (r *Reassessments[K]) set(key K, t trial) {
	if r.tried == nil {
		r.tried = map[K]trial{}
	}
	r.tried[key] = t
}

// Forget a definition that is gone, or that Novu does not complain about.
func (r *Reassessments[K]) Forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.marked, key)
	delete(r.wishes, key)
	delete(r.tried, key)
}

// ForgetAll forgets the definitions for which which returns true.
func (r *Reassessments[K]) ForgetAll(which func(K) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.marked, func(key K, _ bool) bool { return which(key) })
	maps.DeleteFunc(r.wishes, func(key K, _ string) bool { return which(key) })
	maps.DeleteFunc(r.tried, func(key K, _ trial) bool { return which(key) })
}
