// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package automatic decides when a target that follows its source needs another Promotion, and makes it up. It reads and
// writes nothing: what it knows comes from the operator's caches.
package automatic

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
)

// StateLabel is on every Promotion that the operator makes by itself: [State.Hash], by what the target was to hold. Labels
// under this domain are the operator's alone, where its admission policies are installed.
const StateLabel = "novu-operator.dev/automatic-state"

// ownerOf is the Environment that controls the Promotion; nil: a person created it.
func ownerOf(p *v1alpha1.Promotion) *metav1.OwnerReference {
	owner := metav1.GetControllerOf(p)
	if owner == nil || owner.Kind != "Environment" || owner.APIVersion != v1alpha1.GroupVersion.String() {
		return nil
	}
	return owner
}

// Made reports whether the operator made the Promotion by itself, for the Environment that it is to promote into.
func Made(p *v1alpha1.Promotion) bool {
	owner := ownerOf(p)
	return owner != nil && p.Spec.TargetRef.In(p.Namespace) == types.NamespacedName{Namespace: p.Namespace, Name: owner.Name}
}

// For reports whether the operator made the Promotion by itself for this very Environment.
func For(target *v1alpha1.Environment, p *v1alpha1.Promotion) bool {
	return Made(p) && p.Namespace == target.Namespace && ownerOf(p).UID == target.UID
}

// Of are those Promotions that the operator made by itself for the target, in the order in which it made them. The list is
// not changed, and the result points into it.
func Of(target *v1alpha1.Environment, list []v1alpha1.Promotion) (own []*v1alpha1.Promotion) {
	for i := range list {
		if For(target, &list[i]) {
			own = append(own, &list[i])
		}
	}
	slices.SortFunc(own, inOrder)
	return own
}

// inOrder puts the older before the younger. Two are never made in the same second: each waits for the source to be quiet.
func inOrder(a, b *v1alpha1.Promotion) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

// GoingBack reports whether a rollback among the Promotions is at work.
func GoingBack(list []v1alpha1.Promotion) bool {
	return slices.ContainsFunc(list, func(p v1alpha1.Promotion) bool {
		return p.IsRollback() && promotion.Started(&p) && !promotion.Finished(&p)
	})
}

// Newest of the Promotions that were made for the target; nil: none.
func Newest(own []*v1alpha1.Promotion) *v1alpha1.Promotion {
	if len(own) == 0 {
		return nil
	}
	return own[len(own)-1]
}

// Newer is the newest Promotion that the operator made for the same target after this one; nil: none.
func Newer(p *v1alpha1.Promotion, list []v1alpha1.Promotion) (newest *v1alpha1.Promotion) {
	for _, other := range siblings(p, list) {
		if inOrder(other, p) > 0 && (newest == nil || inOrder(other, newest) > 0) {
			newest = other
		}
	}
	return newest
}

// Older is the oldest Promotion before this one that the operator made for the same target and that has not ended; nil: none.
func Older(p *v1alpha1.Promotion, list []v1alpha1.Promotion) (oldest *v1alpha1.Promotion) {
	for _, other := range siblings(p, list) {
		if inOrder(other, p) < 0 && !promotion.Finished(other) && (oldest == nil || inOrder(other, oldest) < 0) {
			oldest = other
		}
	}
	return oldest
}

// siblings are the other Promotions that the operator made for the same target.
func siblings(p *v1alpha1.Promotion, list []v1alpha1.Promotion) (others []*v1alpha1.Promotion) {
	for i := range list {
		other := &list[i]
		if other.UID != p.UID && other.Namespace == p.Namespace && Made(other) && ownerOf(other).UID == ownerOf(p).UID &&
			other.DeletionTimestamp.IsZero() {
			others = append(others, other)
		}
	}
	return others
}

// Expired are the Promotions that have ended beyond the newest limit ones, oldest first.
func Expired(own []*v1alpha1.Promotion, limit int) []*v1alpha1.Promotion {
	ended := slices.DeleteFunc(slices.Clone(own), func(p *v1alpha1.Promotion) bool {
		return !promotion.Finished(p) || !p.DeletionTimestamp.IsZero()
	})
	return ended[:max(len(ended)-limit, 0)]
}
