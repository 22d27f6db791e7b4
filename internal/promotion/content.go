// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"

	"golang.org/x/sync/errgroup"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/view"
)

// ByContent is the Readiness of objects that have no status, or none that counts: those of manifests. It makes the
// definitions of the objects and compares them with what the source holds, which then has the revision of the object. Where
// changes by hand are not corrected, they are promoted as they are.
func ByContent(ctx context.Context, q *Sequence, items []Item) error {
	if err := q.Source.Refresh(ctx, q.Began, connection.Layouts, connection.Workflows); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(readers)
	for i := range items {
		if item := &items[i]; item.Object != nil && item.Refused == "" {
			group.Go(func() error { return q.observe(ctx, item) })
		}
	}
	return group.Wait()
}

// observed is what the source holds of an object, beside what that describes.
type observed struct {
	hash, revision string
	differences    []v1alpha1.Difference
}

// observe gives the item an object with the status that the operator would write.
func (q *Sequence) observe(ctx context.Context, item *Item) error {
	inputs, err := source.Inputs(ctx, q.Objects, q.Objects, item.Object)
	if err != nil {
		return err
	}
	want, err := definition.Resolve(item.Object, inputs)
	switch {
	case !reconcile.Expected(err):
		return err
	case err != nil:
		item.Refused = "it is not ready: " + reconcile.OutcomeOf(err).Message
		return nil
	}
	held, err := PromotableOf(item.Kind).promoter.observe(ctx, q.Source, item.ID, want)
	if err != nil || item.Pin != "" && (held == nil || len(held.differences) > 0) {
		return err
	}
	q.report(item, held)
	return nil
}

// report notes in the item what was observed. That of a pinned one which the source holds in another revision does not matter.
func (q *Sequence) report(item *Item, held *observed) {
	status := v1alpha1.SyncStatus{ObservedGeneration: item.Object.GetGeneration()}
	switch {
	case held == nil:
		item.Refused = "the source does not hold it: apply its manifest there first"
		return
	case len(held.differences) > 0 && corrects(item.Object, q.From.EffectiveDriftPolicy()):
		item.Refused = "the source holds something else than its manifest describes (" + paths(held.differences) + "): apply the manifest there first"
		return
	case len(held.differences) == 0:
		status.Revision = held.revision
	}
	status.RemoteHash = held.hash
	object := item.Object.DeepCopyObject().(view.Object)
	*view.Status(object) = status
	item.Object = object
}

// observe reads what a side holds and compares it with a definition; nil: it holds nothing.
func (k *kind[H, W]) observe(ctx context.Context, s *Side, id string, want definition.Definition) (*observed, error) {
	have, err := read(ctx, s, k, id)
	if have == nil || err != nil {
		return nil, err
	}
	wanted := k.resolved(want)
	return &observed{hash: k.Facts(have).Hash, revision: definition.Revision(wanted), differences: k.differences(wanted, have)}, nil
}
