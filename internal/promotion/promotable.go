// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"reflect"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/sync"
)

// Promotable is a kind of objects that can be promoted, as the cluster sees it. How Novu sees it is in kind.
type Promotable struct {
	// Kind of the items.
	Kind v1alpha1.PromotionItemKind
	// Resource is the list that they appear in.
	Resource connection.Resource
	// New makes an object of the kind.
	New func() sync.Object
	// live is where an object of the kind records what is live.
	live func(client.Object) *[]v1alpha1.LiveRevision
}

// Promotables are all of them. Each stands before those that refer to it, which is the order in which they are brought.
var Promotables = []Promotable{{
	Kind: v1alpha1.PromotionItemLayout, Resource: connection.Layouts,
	New:  func() sync.Object { return &v1alpha1.Layout{} },
	live: func(o client.Object) *[]v1alpha1.LiveRevision { return &o.(*v1alpha1.Layout).Status.Environments },
}, {
	Kind: v1alpha1.PromotionItemWorkflow, Resource: connection.Workflows,
	New:  func() sync.Object { return &v1alpha1.Workflow{} },
	live: func(o client.Object) *[]v1alpha1.LiveRevision { return &o.(*v1alpha1.Workflow).Status.Environments },
}}

// PromotableOf finds a kind. One that the table does not know, which the API does not let through, counts as the last.
func PromotableOf(kind v1alpha1.PromotionItemKind) *Promotable { return &Promotables[rankOf(kind)] }

// rankOf is the place of a kind in the order in which items are brought.
func rankOf(kind v1alpha1.PromotionItemKind) int {
	return place(func(p Promotable) bool { return p.Kind == kind })
}

// itemKindOf is the kind of an object.
func itemKindOf(o sync.Object) v1alpha1.PromotionItemKind {
	return Promotables[place(func(p Promotable) bool { return reflect.TypeOf(p.New()) == reflect.TypeOf(o) })].Kind
}

func place(found func(Promotable) bool) int {
	if at := slices.IndexFunc(Promotables, found); at >= 0 {
		return at
	}
	return len(Promotables) - 1
}
