// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
)

// Needed reports whether the target needs another Promotion. own are those that were made for it, oldest first.
//
// There is never a second one for what the newest is still to bring. When that has failed or was aborted, it is not tried
// again before the source holds something else, or the target is annotated to resume from it: nothing would be different.
// Nor is it when it has succeeded and the target still holds what it brought there: the objects may then say something else
// than the source holds.
func Needed(state State, target *v1alpha1.Environment, own []*v1alpha1.Promotion) bool {
	newest := Newest(own)
	switch {
	case len(state.Changes) == 0:
		return false
	case newest == nil:
		return true
	case !promotion.Finished(newest):
		return newest.Labels[StateLabel] != state.Hash && (queues(target) || !promotion.Started(newest))
	case newest.Labels[StateLabel] != state.Hash || superseded(newest):
		return true
	case succeeded(newest) && !leftBy(newest, state.Changes):
		return true
	case succeeded(newest) && !LeftOut(newest):
		return false
	}
	return target.Annotations[v1alpha1.ResumeAnnotation] == string(newest.UID)
}

// LeftOut reports whether the Promotion has left items out that could not be promoted.
func LeftOut(p *v1alpha1.Promotion) bool { return p.Status.Plan != nil && p.Status.Plan.LeftOut > 0 }

// leavesOut reports whether the target's Promotions leave out what cannot be promoted.
func leavesOut(target *v1alpha1.Environment) bool {
	return target.Spec.PromotionPolicy.Automatic.UnfitItems == v1alpha1.UnfitItemsLeaveOut
}

// queues reports whether the target carries out every Promotion, one after the other.
func queues(target *v1alpha1.Environment) bool {
	return target.Spec.PromotionPolicy.Automatic.EffectiveSupersede() == v1alpha1.SupersedeQueue
}

func superseded(p *v1alpha1.Promotion) bool {
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Reason == v1alpha1.ReasonSuperseded
}

func succeeded(p *v1alpha1.Promotion) bool {
	return apimeta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionReady)
}

// leftBy reports whether the target holds of all changed items what the Promotion has left there.
func leftBy(p *v1alpha1.Promotion, changes []Change) bool {
	if p.Status.Plan == nil {
		return false
	}
	left := map[string]string{}
	for i := range p.Status.Plan.Items {
		item := &p.Status.Plan.Items[i]
		change := Change{Kind: item.Kind, Key: types.NamespacedName{Namespace: item.Namespace, Name: item.Name}, Live: item.Revision}
		if item.Revision == "" {
			change.Live = goneRevision
		}
		left[change.id()] = change.Live
		if item.Action == v1alpha1.PlanActionLeftOut {
			left[change.id()] = leftOutRevision
		}
	}
	for _, change := range changes {
		if was := left[change.id()]; was != change.Live && was != leftOutRevision {
			return false
		}
	}
	return true
}

// mostItems is how many a Promotion can list.
const mostItems = 200

// Promotion is the one that the target needs. Where each is to bring what it was made for, or where not all that is
// selected can be promoted now and nothing is to be left out, it lists the changes, and with prune what is gone; else it is
// about all that is selected, as it is when its turn comes.
func Promotion(target *v1alpha1.Environment, state State) *v1alpha1.Promotion {
	automatic := target.Spec.PromotionPolicy.Automatic
	p := &v1alpha1.Promotion{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: target.Namespace, GenerateName: target.Name + "-", Labels: map[string]string{StateLabel: state.Hash},
			// Without blockOwnerDeletion, for which some clusters demand the right to change the owner's finalizers.
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Environment", Name: target.Name, UID: target.UID, Controller: new(true),
			}},
		},
		Spec: v1alpha1.PromotionSpec{
			TargetRef: v1alpha1.EnvironmentReference{Name: target.Name}, Prune: automatic.Prune, UnfitItems: automatic.UnfitItems,
		},
	}
	if queues(target) || state.Partial && !leavesOut(target) {
		p.Spec.Items = listed(target, state)
	}
	if len(p.Spec.Items) == 0 {
		p.Spec.Selector = automatic.Selector.DeepCopy()
	}
	return p
}

// listed are the changes as a Promotion lists them; none if they are too many.
func listed(target *v1alpha1.Environment, state State) (items []v1alpha1.PromotionItem) {
	for _, change := range state.Changes {
		item := v1alpha1.PromotionItem{Kind: change.Kind, Name: change.Key.Name}
		if change.Key.Namespace != target.Namespace {
			item.Namespace = change.Key.Namespace
		}
		if queues(target) && !change.Loose {
			item.Revision = change.Revision
		}
		items = append(items, item)
	}
	if len(items) > mostItems {
		return nil
	}
	return items
}
