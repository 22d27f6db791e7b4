// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// Novu works out what is wrong with a definition when it is written, and never again. When the cause is gone, because of
// another plan, a layout or a variable, the complaint stays until the same is written once more.

// longestPause is the most rounds of full comparisons between two writes that are only to have Novu look once more.
const longestPause = 32

// Reassessments says which definitions Novu is to judge once more. The zero value is ready to use.
type Reassessments struct {
	mu     sync.Mutex
	marked map[types.NamespacedName]bool
	tried  map[types.NamespacedName]trial
}

// trial is the round of the last write that was to have Novu look once more, and how many were in vain.
type trial struct{ round, count int }

// Mark has an object written once more if Novu complains about it: the cause may be gone.
func (r *Reassessments) Mark(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.marked == nil {
		r.marked = map[types.NamespacedName]bool{}
	}
	r.marked[key] = true
}

func (r *Reassessments) isMarked(key types.NamespacedName) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marked[key]
}

// take reports whether an object is marked, and takes the mark off: the comparison that is under way sees to it.
func (r *Reassessments) take(key types.NamespacedName) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	marked := r.marked[key]
	delete(r.marked, key)
	return marked
}

// due reports whether an object that Novu complains about is to be written once more in this round, which then counts as
// done: when that was asked for, or after a pause that doubles with each time in vain.
func (r *Reassessments) due(key types.NamespacedName, round int, asked bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.tried[key]
	pause := min(1<<min(last.count, 10), longestPause)
	if !asked && known && round-last.round < pause {
		return false
	}
	r.set(key, trial{round: round, count: last.count + 1})
	return true
}

// written notes that Novu has judged a definition just now.
func (r *Reassessments) written(key types.NamespacedName, round int, faulty bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.marked, key)
	if !faulty {
		delete(r.tried, key)
		return
	}
	if _, known := r.tried[key]; !known {
		r.set(key, trial{round: round})
	}
}

func (r *Reassessments) set(key types.NamespacedName, t trial) {
	if r.tried == nil {
		r.tried = map[types.NamespacedName]trial{}
	}
	r.tried[key] = t
}

func (r *Reassessments) forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.marked, key)
	delete(r.tried, key)
}

// stale reports whether what Novu complains about in an object, which is otherwise as it is wanted, may no longer be true
// and is to be found out by writing it once more. marked objects are, and those that the user asks about.
func (c *converger[O, W, H]) stale(s *Scope[O], facts remote.Facts, marked bool) bool {
	key := client.ObjectKeyFromObject(s.Object)
	if !facts.Issues || c.Pool.ReadOnly() || s.Wrote() {
		return false
	}
	return (facts.Errors || s.Asked()) && c.Reassessments.due(key, s.Conn.FullCheck(), marked || s.Asked())
}

// reassess writes what Novu holds anyway.
func (c *converger[O, W, H]) reassess(ctx context.Context, s *Scope[O], want *W, have *H) error {
	err := c.write(ctx, s, want, have)
	switch {
	case err == nil:
		s.described = "written once more, to have it judged again,"
	case reconcile.KindOf(err) == reconcile.Transient:
		c.Reassessments.Mark(client.ObjectKeyFromObject(s.Object)) // Novu has not judged it
	}
	return err
}

// ComplainedAbout reports whether Novu holds an object and has found errors in it.
func ComplainedAbout(o view.Object) bool {
	ready := apimeta.FindStatusCondition(view.Status(o).Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Reason == v1alpha1.ReasonIssuesReported
}
