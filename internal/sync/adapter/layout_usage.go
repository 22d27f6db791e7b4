// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// MayDelete holds the deletion of a layout back while workflows use it: Novu would remove it from them silently. It asks
// the objects, which may not have reached Novu yet, and Novu, which knows of workflows that no object describes.
func (Layout) MayDelete(ctx context.Context, s *layoutScope) error {
	if s.Object.Annotations[v1alpha1.ForceDeleteAnnotation] == "true" {
		return nil
	}
	described, err := describedUsers(ctx, s)
	if err != nil {
		return err
	}
	held, err := remote.LayoutUsers(ctx, s.Conn.Client, s.ID())
	if err != nil {
		return err
	}
	users, stay := described.and(held)
	if len(users) == 0 {
		return nil
	}
	message := fmt.Sprintf("layout %q is used by %s, and Novu would remove it from them silently: delete them, or have them use "+
		"another layout. To delete it all the same, set the annotation %s=true", s.ID(), reconcile.FirstFew(users), v1alpha1.ForceDeleteAnnotation)
	if stay {
		return reconcile.Blockedf(v1alpha1.ReasonLayoutInUse, "%s", message)
	}
	return reconcile.Pollingf(v1alpha1.ReasonLayoutInUse, "%s", message)
}

// layoutUsers are the Workflow objects of an Environment that have to do with a layout.
type layoutUsers struct {
	users map[string]string // Workflow objects by workflowID, of those that name the layout
	names map[string]string // of all Workflow objects
	going map[string]bool   // the workflowIDs of those that are about to go
	stay  bool              // whether one that names the layout stays
}

func describedUsers(ctx context.Context, s *layoutScope) (*layoutUsers, error) {
	var list v1alpha1.WorkflowList
	key := view.Environment(s.Object)
	if err := s.Client.List(ctx, &list, client.MatchingFields{index.Environment: key.String()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("look for the workflows that use layout %q: %w", s.ID(), err)
	}
	leaving := sync.OnceValue(func() bool {
		_, terminating := reconcile.Terminating(ctx, s.Live, s.Object.Namespace)
		return terminating
	})
	found := &layoutUsers{users: map[string]string{}, names: map[string]string{}, going: map[string]bool{}}
	for i := range list.Items {
		w := &list.Items[i]
		found.names[w.EffectiveID()] = reconcile.Key(w)
		going := !w.DeletionTimestamp.IsZero() || w.Namespace == s.Object.Namespace && leaving()
		if going {
			found.going[w.EffectiveID()] = true
		}
		if namesLayout(w, s.Object) && w.DeletionTimestamp.IsZero() {
			found.users[w.EffectiveID()] = reconcile.Key(w)
			found.stay = found.stay || !going
		}
	}
	return found, nil
}

// namesLayout reports whether a step of the workflow names the layout, by its object, its layoutID or its internal id.
func namesLayout(w *v1alpha1.Workflow, layout *v1alpha1.Layout) bool {
	return slices.ContainsFunc(w.Spec.Steps, func(step v1alpha1.WorkflowStep) bool {
		if name := step.Email.LayoutName(); name != "" {
			return name == layout.Name && w.Namespace == layout.Namespace
		}
		id := step.Email.LayoutID()
		return id != "" && (id == layout.EffectiveID() || id == layout.Status.ID)
	})
}

// and adds the workflows that Novu knows as users. stay reports whether some of all will not go, or change, by themselves.
func (l *layoutUsers) and(held []string) (texts []string, stay bool) {
	all := map[string]string{}
	for id, name := range l.users {
		all[id] = "Workflow " + name
	}
	stay = l.stay
	for _, id := range held {
		switch name := l.names[id]; {
		case name == "":
			all[id], stay = fmt.Sprintf("workflow %q in Novu, which no Workflow of this Environment describes", id), true
		case l.going[id]:
			all[id] = "Workflow " + name + ", which is being deleted"
		case all[id] == "":
			all[id] = "Workflow " + name + ", which Novu still holds as it was"
		}
	}
	return slices.Sorted(maps.Values(all)), stay
}
