// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"sync"

	"k8s.io/utils/clock"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// Read asks Novu what the side holds; nil: nothing.
func (s *Side) Read(ctx context.Context, item history.Item) (*Held, error) {
	return PromotableOf(item.Kind).promoter.hold(ctx, s, item.ID)
}

func (k *kind[H, W]) hold(ctx context.Context, s *Side, id string) (*Held, error) {
	have, err := readAgain(ctx, s, k, id)
	if have == nil || err != nil {
		return nil, err
	}
	facts := k.Facts(have)
	return &Held{Hash: facts.Hash, UpdatedAt: facts.UpdatedAt, Errors: k.errors(have)}, nil
}

// Restore writes what was promoted last over an out-of-band change, with the target's own key. Steps keep their
// internal ids; what was deleted comes back. It returns what the target then holds, which may be Novu's own form of it,
// and, with an error, the creation that Novu may still carry out; nil: there is none. A refusal that is about this definition
// alone is one of which [AboutOne] is true. intend is told of a creation before it is sent, which its error prevents.
func (s *Side) Restore(
	ctx context.Context, c clock.PassiveClock, entry *history.Entry, intend Intend,
) (*Held, *v1alpha1.UncertainCreation, error) {
	return s.put(ctx, c, entry, itemOfEntry(entry), intend)
}

// Intend writes down that a workflow is about to be created.
type Intend = func(ctx context.Context, creation v1alpha1.UncertainCreation) error

// Rewrite is Restore of what was promoted last and the target still holds, with the given hash: it is written once more if
// Novu reports errors in it, so that Novu judges it again.
func (s *Side) Rewrite(
	ctx context.Context, c clock.PassiveClock, entry *history.Entry, hash string, intend Intend,
) (*Held, *v1alpha1.UncertainCreation, error) {
	item := itemOfEntry(entry)
	item.Action, item.TargetHash = v1alpha1.PlanActionUpdate, hash
	return s.put(ctx, c, entry, item, intend)
}

func itemOfEntry(entry *history.Entry) *v1alpha1.PlannedItem {
	return &v1alpha1.PlannedItem{
		Kind: entry.Kind, ID: entry.ID, Namespace: entry.Namespace, Name: entry.Name, Revision: entry.Revision,
	}
}

func (s *Side) put(
	ctx context.Context, c clock.PassiveClock, entry *history.Entry, item *v1alpha1.PlannedItem, intend Intend,
) (*Held, *v1alpha1.UncertainCreation, error) {
	e := &Execution{Session: &Session{Target: s}, Clock: c, Strategy: v1alpha1.PromotionStrategyApply, Intend: intend}
	e.doubtful(item) // an out-of-band change is nothing to go back to
	held, err := PromotableOf(entry.Kind).promoter.restore(ctx, e, item, entry.After)
	if !novu.IsMaybeCommitted(err) {
		item.UncertainCreation = nil
	}
	return held, item.UncertainCreation, err
}

func (k *kind[H, W]) restore(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, want *history.Definition) (*Held, error) {
	if err := k.bring(ctx, e, item, want); err != nil {
		return nil, err
	}
	have, err := read(ctx, e.Target, k, item.EffectiveID())
	if have == nil || err != nil {
		return nil, err
	}
	facts := k.Facts(have)
	settled := len(k.differences(k.unpack(want), have)) == 0
	return &Held{Hash: facts.Hash, UpdatedAt: facts.UpdatedAt, Errors: k.errors(have), Outcome: item.Message, Settled: settled}, nil
}

// AboutOne reports whether an error is about one definition, and not about the connection, or passing.
func AboutOne(err error) bool {
	kind := reconcile.KindOf(err)
	switch {
	case errors.As(err, new(*failure)):
		return true
	case aboutAll(err):
		return false
	}
	return kind == reconcile.Stalled || kind == reconcile.Waiting && novu.IsNotFound(err, novu.ResourceLayout)
}

// Corrections keeps corrections and Promotions from writing to one Novu environment at the same time. The zero value is
// ready to use.
type Corrections struct {
	mu     sync.Mutex
	inWork map[string]bool // by id of the Novu environment
}

// Begin reports whether a correction may begin in the Novu environment of that id; end must then be called when it is over.
func (c *Corrections) Begin(environmentID string) (end func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inWork[environmentID] {
		return nil, false
	}
	if c.inWork == nil {
		c.inWork = map[string]bool{}
	}
	c.inWork[environmentID] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.inWork, environmentID)
	}, true
}

// Underway reports whether a correction is being written to the Novu environment of that id.
func (c *Corrections) Underway(environmentID string) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inWork[environmentID]
}
