package promotion

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
)

// Finished says that the Promotion has ended. It is never touched again.
func Finished(p *v1alpha1.Promotion) bool { return p.Status.CompletionTime != nil }

// Started says that the plan is settled and that the target may have been written to.
func Started(p *v1alpha1.Promotion) bool { return p.Status.StartTime != nil }

// InLine says that the Promotion writes to its target, or will as soon as it can. One that somebody must do something about
// first stands aside, so that it does not hold up the others; so does one that may not, or cannot, refer to its target.
func InLine(p *v1alpha1.Promotion) bool {
	if Finished(p) || p.Spec.DryRun || !p.DeletionTimestamp.IsZero() {
		return false
	}
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	if Started(p) {
		return ready == nil || ready.Reason != v1alpha1.ReasonNamespaceNotAllowed
	}
	return !apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionStalled) &&
		(ready == nil || !aside[ready.Reason])
}

var aside = map[string]bool{
	v1alpha1.ReasonItemsRefused:         true,
	v1alpha1.ReasonItemsNotReady:        true,
	v1alpha1.ReasonNothingSelected:      true,
	v1alpha1.ReasonEnvironmentNotFound:  true,
	v1alpha1.ReasonEnvironmentNotReady:  true,
	v1alpha1.ReasonEnvironmentSuspended: true,
	v1alpha1.ReasonNamespaceNotAllowed:  true,
	v1alpha1.ReasonOrder:                true,
	v1alpha1.ReasonSoaking:              true,
	v1alpha1.ReasonWindowClosed:         true,
	v1alpha1.ReasonFrozen:               true,
	v1alpha1.ReasonGateClosed:           true,
	v1alpha1.ReasonGateFailed:           true,
	v1alpha1.ReasonApprovalsMissing:     true,
	v1alpha1.ReasonHeld:                 true,
}

// Queued says that the Promotion waits for others.
func Queued(p *v1alpha1.Promotion) bool {
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	return !Finished(p) && ready != nil && ready.Reason == v1alpha1.ReasonQueued
}

// Queue lets one Promotion at a time write to a Novu environment. Which one is seen from the Promotions themselves; the
// queue only keeps two that are looked at in the same moment from both taking themselves for the first. The zero value is
// ready to use.
type Queue struct {
	mu    sync.Mutex
	heads map[string]head // by id of the Novu environment
}

type head struct {
	name types.NamespacedName
	uid  types.UID
}

// Leave forgets a Promotion that has ended or is gone.
func (q *Queue) Leave(promotion types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.heads, func(_ string, h head) bool { return h.name == promotion })
}

// Enter says whether it is the Promotion's turn to write to the Novu environment of that id. rivals are the others that are
// in line for it. The outcome is nil or a *engine.Waiting.
func (q *Queue) Enter(environmentID string, p *v1alpha1.Promotion, rivals []*v1alpha1.Promotion) error {
	line := append([]*v1alpha1.Promotion{p}, rivals...)
	slices.SortFunc(line, inOrder)
	head := q.head(environmentID, line)
	if head.UID == p.UID {
		return nil
	}
	place := 2
	for _, other := range line {
		if other.UID == p.UID {
			break
		}
		if other.UID != head.UID {
			place++
		}
	}
	return &engine.Waiting{
		Reason: v1alpha1.ReasonQueued,
		Message: fmt.Sprintf("Promotion %s comes first; this one is number %d of %d into the same Novu environment",
			engine.Key(head), place, len(line)),
	}
}

// head is the first of the line. Whoever was let in stays in front until it ends or stands aside.
func (q *Queue) head(environmentID string, line []*v1alpha1.Promotion) *v1alpha1.Promotion {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range line {
		if p.UID == q.heads[environmentID].uid {
			return p
		}
	}
	if q.heads == nil {
		q.heads = map[string]head{}
	}
	q.heads[environmentID] = head{name: types.NamespacedName{Namespace: line[0].Namespace, Name: line[0].Name}, uid: line[0].UID}
	return line[0]
}

// inOrder puts those that have started before the others, then rollbacks, because somebody waits for the way back, and the
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
