// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// Reassessments of objects of one kind.
type Reassessments = reconcile.Reassessments[types.NamespacedName]

// stale reports whether what Novu complains about in an object, which is otherwise as it is wanted, may no longer be true
// and is to be found out by writing it once more. marked objects are, and those that the user asks about.
func (c *converger[O, W, H]) stale(s *Scope[O], facts remote.Facts, marked bool) bool {
	if !facts.Issues || c.Pool.ReadOnly() || s.Wrote() || !facts.Errors && !s.Asked() {
		return false
	}
	return marked || s.Asked() || c.Reassessments.Due(client.ObjectKeyFromObject(s.Object), s.Conn.FullCheck())
}

// reassess writes what Novu holds anyway.
func (c *converger[O, W, H]) reassess(ctx context.Context, s *Scope[O], want *W, have *H) error {
	key := client.ObjectKeyFromObject(s.Object)
	c.Reassessments.Tried(key, s.Conn.FullCheck())
	err := c.write(ctx, s, want, have)
	switch {
	case err == nil:
		s.described = "written once more, to have it judged again,"
	case reconcile.KindOf(err) == reconcile.Transient:
		c.Reassessments.Mark(key) // Novu has not judged it
	}
	return err
}

// ComplainedAbout reports whether Novu holds an object and has found errors in it.
func ComplainedAbout(o view.Object) bool {
	ready := apimeta.FindStatusCondition(view.Status(o).Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Reason == v1alpha1.ReasonIssuesReported
}
