// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic_test

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/view"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// target is Environment shop/prod that follows its source.
func target(change ...func(*v1alpha1.Environment)) *v1alpha1.Environment {
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "prod", UID: "prod-uid"}}
	e.Spec.PromotionPolicy = &v1alpha1.PromotionPolicy{Automatic: &v1alpha1.AutomaticPromotion{}}
	for _, f := range change {
		f(e)
	}
	return e
}

func queue(e *v1alpha1.Environment) {
	e.Spec.PromotionPolicy.Automatic.Supersede = v1alpha1.SupersedeQueue
}

func source(name string) *v1alpha1.Environment {
	return &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
}

// workflow is shop/name of a revision, ready, and live where the pairs of Environment and revision say.
func workflow(name, revision string, live ...string) *v1alpha1.Workflow {
	w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Generation: 1}}
	w.Status.ObservedGeneration, w.Status.Revision = 1, revision
	w.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue}}
	for i := 0; i < len(live); i += 2 {
		w.Status.Environments = append(w.Status.Environments, v1alpha1.LiveRevision{Environment: live[i], Namespace: "shop", Revision: live[i+1]})
	}
	return w
}

func item(w view.Object) promotion.Item {
	return promotion.Item{
		Kind: v1alpha1.PromotionItemWorkflow, ID: w.GetName(), Object: w,
		Key: types.NamespacedName{Namespace: w.GetNamespace(), Name: w.GetName()},
	}
}

// made is the nth Promotion that the operator made for the target, about a state.
func made(n int, state string, change ...func(*v1alpha1.Promotion)) *v1alpha1.Promotion {
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "prod-" + string(rune('a'+n)), UID: types.UID("uid-" + string(rune('a'+n))),
		Labels: map[string]string{"novu-operator.dev/automatic-state": state}, CreationTimestamp: metav1.NewTime(began.Add(time.Duration(n) * time.Minute)),
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "Environment", Name: "prod", UID: "prod-uid", Controller: new(true),
		}},
	}}
	p.Spec.TargetRef.Name = "prod"
	for _, f := range change {
		f(p)
	}
	return p
}

func started(p *v1alpha1.Promotion) { p.Status.StartTime = &metav1.Time{Time: began} }

func ended(status metav1.ConditionStatus, reason string) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		p.Status.CompletionTime = &metav1.Time{Time: began}
		p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason}}
	}
}

// plans gives a Promotion a plan with workflows by name and revision.
func plans(pairs ...string) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		p.Status.Plan = &v1alpha1.PromotionPlan{}
		for i := 0; i < len(pairs); i += 2 {
			p.Status.Plan.Items = append(p.Status.Plan.Items, v1alpha1.PlannedItem{
				Kind: v1alpha1.PromotionItemWorkflow, Namespace: "shop", Name: pairs[i], Revision: pairs[i+1],
			})
		}
	}
}

// lists gives a Promotion pinned items by name and revision.
func lists(pairs ...string) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		for i := 0; i < len(pairs); i += 2 {
			p.Spec.Items = append(p.Spec.Items, v1alpha1.PromotionItem{Kind: v1alpha1.PromotionItemWorkflow, Name: pairs[i], Revision: pairs[i+1]})
		}
	}
}

func changed(name, revision, live string) automatic.Change {
	return automatic.Change{
		Kind: v1alpha1.PromotionItemWorkflow, Key: types.NamespacedName{Namespace: "shop", Name: name}, Revision: revision, Live: live,
	}
}
