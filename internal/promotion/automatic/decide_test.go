// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/automatic"
)

func TestNeeded(t *testing.T) {
	t.Parallel()
	var (
		differs   = automatic.State{Hash: "s2", Changes: []automatic.Change{changed("w", "r2", "r1")}}
		succeeded = ended(metav1.ConditionTrue, v1alpha1.ReasonPromoted)
		failed    = ended(metav1.ConditionFalse, v1alpha1.ReasonItemsFailed)
		aborted   = ended(metav1.ConditionFalse, v1alpha1.ReasonAborted)
		gaveWay   = ended(metav1.ConditionFalse, v1alpha1.ReasonSuperseded)
		resume    = func(uid string) func(*v1alpha1.Environment) {
			return func(e *v1alpha1.Environment) { e.Annotations = map[string]string{v1alpha1.ResumeAnnotation: uid} }
		}
	)
	for name, tc := range map[string]struct {
		state  automatic.State
		target *v1alpha1.Environment
		own    []*v1alpha1.Promotion
		want   bool
	}{
		"nothing to bring":                    {automatic.State{Hash: "s2"}, target(), nil, false},
		"the first":                           {differs, target(), nil, true},
		"one is on its way":                   {differs, target(), ps(made(1, "s2")), false},
		"one is at work":                      {differs, target(), ps(made(1, "s2", started)), false},
		"an outdated one has not begun":       {differs, target(), ps(made(1, "s1")), true},
		"an outdated one is at work":          {differs, target(), ps(made(1, "s1", started)), false},
		"an outdated one is at work, queue":   {differs, target(queue), ps(made(1, "s1", started)), true},
		"one waits in the queue":              {differs, target(queue), ps(made(1, "s1", started), made(2, "s2")), false},
		"the same has failed":                 {differs, target(), ps(made(1, "s2", failed)), false},
		"the same was aborted":                {differs, target(), ps(made(1, "s2", aborted)), false},
		"another has failed":                  {differs, target(), ps(made(1, "s1", failed)), true},
		"the same had failed, then another":   {differs, target(), ps(made(1, "s2", failed), made(2, "s1", failed)), true},
		"resumed from the one that failed":    {differs, target(resume("uid-b")), ps(made(1, "s2", failed)), true},
		"resumed by its name":                 {differs, target(resume("prod-b")), ps(made(1, "s2", failed)), false},
		"resumed from another":                {differs, target(resume("uid-a")), ps(made(1, "s2", failed)), false},
		"resumed from it, and failed again":   {differs, target(resume("uid-b")), ps(made(1, "s2", failed), made(2, "s2", failed)), false},
		"the same made way":                   {differs, target(), ps(made(1, "s2", gaveWay)), true},
		"the same was brought and undone":     {differs, target(), ps(made(1, "s2", succeeded, plans("w", "r2"))), true},
		"the same is all that can be brought": {differs, target(), ps(made(1, "s2", succeeded, plans("w", "r1"))), false},
		"another was brought":                 {differs, target(), ps(made(1, "s1", succeeded, plans("w", "r1"))), true},
		"brought without a plan to be seen":   {differs, target(), ps(made(1, "s2", succeeded)), true},
		"what is gone was deleted already": {
			automatic.State{Hash: "s2", Changes: []automatic.Change{changed("w", "", "recorded")}}, target(),
			ps(made(1, "s2", succeeded, plans("w", ""))), false,
		},
	} {
		if got := automatic.Needed(tc.state, tc.target, tc.own); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func ps(list ...*v1alpha1.Promotion) []*v1alpha1.Promotion { return list }

func TestPromotion(t *testing.T) {
	t.Parallel()
	elsewhere := automatic.Change{Kind: v1alpha1.PromotionItemLayout, Key: types.NamespacedName{Namespace: "brand", Name: "l"}, Revision: "r3"}
	loose := changed("x", "r4", "")
	loose.Loose = true
	some := []automatic.Change{elsewhere, changed("w", "r2", "r1"), changed("gone", "", "recorded"), loose}
	many := make([]automatic.Change, 201)
	for i := range many {
		many[i] = changed(fmt.Sprint("w", i), "r1", "")
	}
	selecting := func(e *v1alpha1.Environment) {
		e.Spec.PromotionPolicy.Automatic.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"ship": "soon"}}
		e.Spec.PromotionPolicy.Automatic.Prune = new(true)
	}
	for name, tc := range map[string]struct {
		state    automatic.State
		target   *v1alpha1.Environment
		want     string
		selector bool
	}{
		"all":                  {automatic.State{Changes: some}, target(), "", false},
		"what is selected":     {automatic.State{Changes: some}, target(selecting), "", true},
		"what can be promoted": {automatic.State{Changes: some, Partial: true}, target(selecting), "Layout brand/l@ Workflow /w@ Workflow /gone@ Workflow /x@ ", false},
		"pinned":               {automatic.State{Changes: some}, target(selecting, queue), "Layout brand/l@r3 Workflow /w@r2 Workflow /gone@ Workflow /x@ ", false},
		"too many":             {automatic.State{Changes: many}, target(selecting, queue), "", true},
		"only what is gone":    {automatic.State{Changes: some[2:3], Partial: true}, target(selecting), "Workflow /gone@ ", false},
	} {
		p := automatic.Promotion(tc.target, tc.state)
		got := ""
		for _, i := range p.Spec.Items {
			got += fmt.Sprintf("%s %s/%s@%s ", i.Kind, i.Namespace, i.Name, i.Revision)
		}
		if got != tc.want || (p.Spec.Selector != nil) != tc.selector || p.Spec.Prune != tc.target.Spec.PromotionPolicy.Automatic.Prune {
			t.Errorf("%s: items %q, selector %v, prune %v", name, got, p.Spec.Selector, p.Spec.Prune)
		}
		if !automatic.For(tc.target, p) || p.Spec.RequestedBy != "" || p.GenerateName != "prod-" {
			t.Errorf("%s: %+v", name, p.ObjectMeta)
		}
	}
}
