// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/view"
)

// Promotable is a kind of objects that can be promoted. What is known of it stands here and, where it is about the forms in
// which Novu has it, in its promoter; nothing else asks which kind something is of.
type Promotable struct {
	// Kind of the items.
	Kind v1alpha1.PromotionItemKind
	// Resource is the list that they appear in.
	Resource connection.Resource
	// New makes an object of the kind, and NewList a list of them.
	New     func() view.Object
	NewList func() client.ObjectList
	// UsedBy is the kind of those that name them, and from which Novu takes them silently when they are deleted; empty: none.
	UsedBy v1alpha1.PromotionItemKind
	// Judged reports whether Novu complains about them, and judges them at writes alone.
	Judged bool
	// Suffixed reports whether Novu makes another one, under an id of its own, when one is created whose id is taken.
	Suffixed bool

	promoter promoter
	// limit is how many of them Novu takes in one environment unless it is configured otherwise; zero: any number.
	limit int
	// live is where an object of the kind records what is live.
	live func(client.Object) *[]v1alpha1.LiveRevision
	// names reports whether an object refers to another one of which it is the user, and which is promoted together with it.
	names func(o, other view.Object) bool
	// rank orders objects of the kind: a lower one is dealt with before; nil: the order does not matter.
	rank func(view.Object) int
}

// Promotables are all of them. Each stands before those that refer to it, which is the order in which they are promoted.
var Promotables = []Promotable{{
	Kind: v1alpha1.PromotionItemLayout, Resource: connection.Layouts, UsedBy: v1alpha1.PromotionItemWorkflow,
	New:      func() view.Object { return &v1alpha1.Layout{} },
	NewList:  func() client.ObjectList { return &v1alpha1.LayoutList{} },
	promoter: layouts,
	live:     func(o client.Object) *[]v1alpha1.LiveRevision { return &o.(*v1alpha1.Layout).Status.Environments },
	rank:     func(o view.Object) int { return defaultRank(o.(*v1alpha1.Layout)) },
}, {
	Kind: v1alpha1.PromotionItemWorkflow, Resource: connection.Workflows, Judged: true, Suffixed: true,
	New:      func() view.Object { return &v1alpha1.Workflow{} },
	NewList:  func() client.ObjectList { return &v1alpha1.WorkflowList{} },
	promoter: workflows,
	limit:    100,
	live:     func(o client.Object) *[]v1alpha1.LiveRevision { return &o.(*v1alpha1.Workflow).Status.Environments },
	names:    namesLayout,
}}

// noun is what texts call one of them.
func (p *Promotable) noun() string { return strings.ToLower(string(p.Kind)) }

// defaultRank puts the layout first that is to be the default one, and those last that must not: Novu makes the first layout
// of an environment its default.
func defaultRank(l *v1alpha1.Layout) int {
	switch {
	case l.Spec.Default != nil && *l.Spec.Default:
		return -2
	case l.Spec.Default != nil:
		return 1
	case l.IsDefault():
		return -1
	}
	return 0
}

// namesLayout reports whether a step of a workflow uses a layout.
func namesLayout(o, other view.Object) bool {
	w, l := o.(*v1alpha1.Workflow), other.(*v1alpha1.Layout)
	for i := range w.Spec.Steps {
		email := w.Spec.Steps[i].Email
		if email.LayoutName() == l.Name && w.Namespace == l.Namespace {
			return true
		}
		if id := email.LayoutID(); id != "" && id == l.EffectiveID() {
			return true
		}
	}
	return false
}

// PromotableOf finds a kind. One that the table does not know, which the API does not let through, counts as the last.
func PromotableOf(kind v1alpha1.PromotionItemKind) *Promotable { return &Promotables[rankOf(kind)] }

// rankOf is the place of a kind in the order in which items are promoted.
func rankOf(kind v1alpha1.PromotionItemKind) int {
	if at := slices.IndexFunc(Promotables, func(p Promotable) bool { return p.Kind == kind }); at >= 0 {
		return at
	}
	return len(Promotables) - 1
}

// byType are the kinds by the types of their objects.
var byType = func() map[reflect.Type]*Promotable {
	kinds := map[reflect.Type]*Promotable{}
	for i := range Promotables {
		kinds[reflect.TypeOf(Promotables[i].New())] = &Promotables[i]
	}
	return kinds
}()

// itemKindOf is the kind of an object that can be promoted.
func itemKindOf(o view.Object) v1alpha1.PromotionItemKind { return byType[reflect.TypeOf(o)].Kind }

// LiveRevisions returns what is recorded of an object in the targets that it was promoted to; nil if it is of a kind that is
// never promoted.
func LiveRevisions(o client.Object) []v1alpha1.LiveRevision {
	if p := byType[reflect.TypeOf(o)]; p != nil {
		return *p.live(o)
	}
	return nil
}
