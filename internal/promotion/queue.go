// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// Finished reports whether the Promotion has ended. It is never touched again.
func Finished(p *v1alpha1.Promotion) bool { return p.Status.CompletionTime != nil }

// Started reports whether the plan is settled and the target may have been written to.
func Started(p *v1alpha1.Promotion) bool { return p.Status.StartTime != nil }

// InLine reports whether the Promotion writes to its target, or will as soon as it can. One that a user must do something about
// first stands aside, so that it does not hold up the others; so does one that may not, or cannot, refer to its target.
func InLine(p *v1alpha1.Promotion) bool {
	if Finished(p) || ptr.Deref(p.Spec.DryRun, false) || !p.DeletionTimestamp.IsZero() {
		return false
	}
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	if Started(p) {
		return ready == nil || ready.Reason != v1alpha1.ReasonNamespaceNotAllowed
	}
	return !apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionStalled) &&
		(ready == nil || !FateOf(ready.Reason).Aside)
}

// Queued reports whether the Promotion waits for others.
func Queued(p *v1alpha1.Promotion) bool {
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	return !Finished(p) && ready != nil && ready.Reason == v1alpha1.ReasonQueued
}

// Queue lets one Promotion at a time write to a Novu environment. Who is in line is seen from the Promotions themselves,
// which may have moved on since; so whoever is let in keeps the others out until it leaves. The zero value is ready to use.
type Queue struct {
	mu    sync.Mutex
	heads map[string]*turn // by id of the Novu environment
}

// turn is that of a Promotion that was let in.
type turn struct {
	key    types.NamespacedName
	uid    types.UID
	behind map[types.NamespacedName]bool // who was told to wait since
}

// Leave is called when a Promotion has ended, is gone, or stands aside: before that can be seen. It returns those that were told
// to wait for it. One that stands aside for the same reason as before changes no status that would wake them.
func (q *Queue) Leave(promotion types.NamespacedName) []types.NamespacedName {
	return q.leave(promotion, func(string, *turn) bool { return true })
}

func (q *Queue) leave(
	promotion types.NamespacedName, where func(environmentID string, head *turn) bool,
) (behind []types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.heads, func(environmentID string, head *turn) bool {
		if head.key != promotion || !where(environmentID, head) {
			return false
		}
		behind = slices.AppendSeq(behind, maps.Keys(head.behind))
		return true
	})
	return behind
}

// Enter reports whether it is the Promotion's turn to write to the Novu environment of that id. rivals are the others that are
// in line for it. The error is nil or an outcome that waits.
func (q *Queue) Enter(environmentID string, p *v1alpha1.Promotion, rivals []*v1alpha1.Promotion) error {
	q.leave(client.ObjectKeyFromObject(p), func(other string, head *turn) bool {
		return other != environmentID || head.uid != p.UID // its key leads elsewhere now; it was made again
	})
	line := append([]*v1alpha1.Promotion{p}, rivals...)
	slices.SortFunc(line, inOrder)
	head, uid := q.head(environmentID, p, line[0])
	if uid == p.UID {
		return nil
	}
	others := slices.DeleteFunc(line, func(other *v1alpha1.Promotion) bool { return other.UID == uid })
	place := 2 + slices.IndexFunc(others, func(other *v1alpha1.Promotion) bool { return other.UID == p.UID })
	return reconcile.Waitingf(v1alpha1.ReasonQueued, "waiting for Promotion %s; position %d of %d for this Novu environment",
		head, place, len(others)+1)
}

// head is who was let in, or p if none was and it is the first, or else the first.
func (q *Queue) head(environmentID string, p, first *v1alpha1.Promotion) (types.NamespacedName, types.UID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if head := q.heads[environmentID]; head != nil {
		if head.uid != p.UID {
			head.behind[client.ObjectKeyFromObject(p)] = true
		}
		return head.key, head.uid
	}
	if first.UID == p.UID {
		if q.heads == nil {
			q.heads = map[string]*turn{}
		}
		q.heads[environmentID] = &turn{key: client.ObjectKeyFromObject(p), uid: p.UID, behind: map[types.NamespacedName]bool{}}
	}
	return client.ObjectKeyFromObject(first), first.UID
}

// inOrder puts those that have started before the others, then rollbacks, because users wait for the way back, and the
// older before the younger.
func inOrder(a, b *v1alpha1.Promotion) int {
	first := func(p *v1alpha1.Promotion) int {
		switch {
		case Started(p):
			return 0
		case p.IsRollback():
			return 1
		}
		return 2
	}
	return cmp.Or(
		cmp.Compare(first(a), first(b)),
		a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
}
