// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
)

// fresh is how old a list may be by which an item is judged before it is written. A change that it misses is noticed
// in the answer to the write.
const fresh = 10 * time.Second

// batch is how many items are marked as being written at once. Each mark is a write to Kubernetes.
const batch = 20

// Execution carries out a plan.
type Execution struct {
	*Session
	Clock clock.PassiveClock
	// Strategy that workflows are brought with. It becomes Apply when Novu does not offer Sync.
	Strategy v1alpha1.PromotionStrategy
	// Insist reports whether the user asked for Sync: nothing else is done instead.
	Insist bool
	// Checkpoint writes down which items are about to be written, before they are.
	Checkpoint func(ctx context.Context) error
	// Supplement records what the target holds of an item if that is not what the plan has found there.
	Supplement func(ctx context.Context, entry history.Entry) error
	// Intend writes down that a workflow is about to be created, where nothing else tells; nil: the plan does.
	Intend Intend
	// Brought is told of every item that is done.
	Brought func(item *v1alpha1.PlannedItem)
	// Halt reports whether nothing more is to be begun.
	Halt func(ctx context.Context) bool

	items     []v1alpha1.PlannedItem // of the plan
	reverting bool                   // whether what the target held before is restored
}

// failure ends the work on one item for good, and with it that on the others.
type failure struct{ message string }

func (f *failure) Error() string { return f.message }

func failf(format string, args ...any) error { return &failure{message: fmt.Sprintf(format, args...)} }

// task is what is done with the items of a plan, one after the other.
type task struct {
	// open reports whether an item is still to be dealt with.
	open func(*v1alpha1.PlannedItem) bool
	do   func(*v1alpha1.PlannedItem) error
	// over reports whether no other item is begun.
	over func() bool
}

// Run works on items that are not done, one after the other, for about as long as limit says but at least on one, and notes
// in each how it went. It begins nothing after an item has failed. An error is about no item in particular, or will pass.
func (e *Execution) Run(ctx context.Context, items []v1alpha1.PlannedItem, limit time.Duration) error {
	e.items = items
	return e.each(ctx, pointers(items), limit, task{
		open: unwritten,
		do: func(item *v1alpha1.PlannedItem) error {
			err := settle(item, v1alpha1.ItemStateDone, e.bring(ctx, item))
			e.Brought(item)
			return err
		},
		over: func() bool { return Count(items).Failed > 0 || e.Halt(ctx) },
	})
}

func pointers(items []v1alpha1.PlannedItem) []*v1alpha1.PlannedItem {
	all := make([]*v1alpha1.PlannedItem, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}

// unwritten reports whether an item is still to be written, as far as is known.
func unwritten(item *v1alpha1.PlannedItem) bool {
	return item.State == v1alpha1.ItemStatePending || item.State == v1alpha1.ItemStateApplying
}

// each works on the items batch by batch, each of which is marked first.
func (e *Execution) each(ctx context.Context, items []*v1alpha1.PlannedItem, limit time.Duration, t task) error {
	if err := e.refresh(ctx, items, t.open, e.Clock.Now().Add(-fresh)); err != nil {
		return err
	}
	until := e.Clock.Now().Add(limit)
	for marked := e.mark(items, t.open); len(marked) > 0; marked = e.mark(items, t.open) {
		err := e.Checkpoint(ctx)
		for len(marked) > 0 && err == nil && ctx.Err() == nil {
			err = t.do(marked[0])
			marked = marked[1:]
			if err == nil && (t.over() || e.Clock.Now().After(until)) {
				unmark(marked)
				return nil
			}
		}
		if err = cmp.Or(err, ctx.Err()); err != nil {
			unmark(marked)
			return err
		}
	}
	return nil
}

// mark marks the items of the next batch. Those that are marked already may have been written.
func (e *Execution) mark(items []*v1alpha1.PlannedItem, open func(*v1alpha1.PlannedItem) bool) (marked []*v1alpha1.PlannedItem) {
	for _, item := range items {
		if !open(item) || len(marked) == batch {
			continue
		}
		marked = append(marked, item)
		switch item.State {
		case v1alpha1.ItemStateApplying:
			e.doubtful(item)
		case v1alpha1.ItemStatePending:
			item.State = v1alpha1.ItemStateApplying
		}
	}
	return marked
}

// unmark takes the mark off those that were not begun.
func unmark(marked []*v1alpha1.PlannedItem) {
	for _, item := range marked {
		if item.State == v1alpha1.ItemStateApplying {
			item.State = v1alpha1.ItemStatePending
		}
	}
}

// refresh lists what the items' turn is decided by.
func (e *Execution) refresh(
	ctx context.Context, items []*v1alpha1.PlannedItem, which func(*v1alpha1.PlannedItem) bool, notBefore time.Time,
) error {
	var resources []connection.Resource
	for _, item := range items {
		if resource := PromotableOf(item.Kind).Resource; which(item) && !slices.Contains(resources, resource) {
			resources = append(resources, resource)
		}
	}
	if err := e.Source.Refresh(ctx, notBefore, resources...); err != nil {
		return err
	}
	return e.Target.Refresh(ctx, notBefore, resources...)
}

// settle notes the outcome in the item, if it is about the item alone.
func settle(item *v1alpha1.PlannedItem, done v1alpha1.ItemState, err error) error {
	outcome := reconcile.OutcomeOf(err)
	switch {
	case outcome.Kind == reconcile.Succeeded:
		item.State = done
		return nil
	case errors.As(err, new(*failure)), outcome.Kind == reconcile.Stalled && !aboutAll(err):
		item.State, item.Message = v1alpha1.ItemStateFailed, bounded(outcome.Message)
		return nil
	}
	return err
}

// aboutAll reports whether the error is not about the item: the key is refused, or what answered is not Novu.
func aboutAll(err error) bool {
	return reconcile.EnvironmentTrouble(err) || novu.IsNotFound(err, novu.ResourceRoute) || novu.IsNotFound(err, novu.ResourceUnknown)
}

func (e *Execution) bring(ctx context.Context, item *v1alpha1.PlannedItem) error {
	entry, ok := e.entry(item)
	if !ok {
		return failf("the record of what is planned is gone: create a new Promotion")
	}
	return PromotableOf(item.Kind).promoter.bring(ctx, e, item, entry.After)
}

// bring makes the target hold what is planned. It looks at it before it writes, at no cost if nothing has happened since it
// last did.
func (k *kind[H, W]) bring(ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, planned *history.Definition) error {
	target, err := read(ctx, e.Target, k, item.EffectiveID())
	if err != nil {
		return err
	}
	if planned == nil {
		if target != nil && k.Facts(target).Hash != item.TargetHash && !e.isDoubtful(item) {
			return failf("it was changed in Environment %s since the plan was made, so it is not deleted: "+
				"create a new Promotion", e.Target.Name)
		}
		return remove(ctx, e, k, item, target)
	}
	want := k.unpack(planned)
	same := target != nil && len(k.differences(want, target)) == 0
	if same && !rewritten(e, k, item, target) {
		item.TargetHash = k.Facts(target).Hash
		return nil
	}
	if refused := objection(k, "the target", target); refused != "" {
		return failf("%s", refused)
	}
	if err := supplement(ctx, e, k, item, want, target); err != nil {
		return err
	}
	whole, cancel := remote.Uninterrupted(ctx)
	defer cancel()
	got, err := k.rules.write(whole, e, item, want, target)
	if err != nil {
		err = advised(err)
	} else {
		keep(e.Target, k, item.EffectiveID(), got)
		err = conclude(ctx, e, k, item, want, got)
	}
	if same {
		return judged(k, item, got, err)
	}
	return err
}

// newWrite is a definition on its way to the target. What may come of it late is noted in the item.
func newWrite[W any](e *Execution, item *v1alpha1.PlannedItem, want *W) *remote.Write[W] {
	return &remote.Write[W]{
		Ref: remote.Ref{ID: item.EffectiveID()}, Want: want,
		Overwrite: true, Resumed: e.isDoubtful(item), Intend: e.Intend,
		Uncertain: func(creation v1alpha1.UncertainCreation) {
			if item.UncertainCreation == nil {
				item.UncertainCreation = &creation
			}
		},
	}
}

// advised adds what to do to an error that ends the work on one item for good.
func advised(err error) error {
	if novu.IsNotFound(err, novu.ResourceLayout) {
		return failf("%s: create the layout, or correct the step that names it, and create a new Promotion", err)
	}
	return err
}

// supplement records what the target holds if that was changed since the plan was made, so that it can be restored.
// An item that was marked before may hold what this operator wrote itself, in Novu's form; that is nothing to go back to.
func supplement[H, W any](ctx context.Context, e *Execution, k *kind[H, W], item *v1alpha1.PlannedItem, want *W, target *H) error {
	if target == nil || k.Facts(target).Hash == item.TargetHash || e.isDoubtful(item) {
		return nil
	}
	entry := entryOf(k, item, want, target)
	if planned, known := e.entry(item); known {
		entry.Labels = planned.Labels
	}
	if err := e.Supplement(ctx, entry); err != nil {
		return err
	}
	item.TargetHash = k.Facts(target).Hash
	return nil
}

// remove deletes what the target holds.
func remove[H, W any](ctx context.Context, e *Execution, k *kind[H, W], item *v1alpha1.PlannedItem, target *H) error {
	if target == nil {
		item.TargetHash = ""
		return nil
	}
	if refused := objection(k, "the target", target); refused != "" {
		return failf("%s", refused)
	}
	users, err := k.usersIn(ctx, e.Target.Conn.Client, item.EffectiveID())
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return failf("it is not deleted, because workflows of Environment %s use it, and Novu would remove it from them silently: "+
			"have them use another layout (%s), and create a new Promotion", e.Target.Name, reconcile.FirstFew(users))
	}
	whole, cancel := remote.Uninterrupted(ctx)
	defer cancel()
	if err := k.Remove(whole, e.Target.Conn, remote.Ref{ID: item.EffectiveID(), Internal: k.Entry(target).ID}); err != nil {
		return err
	}
	item.TargetHash = ""
	return nil
}

// conclude makes sure that the target holds what is planned. Where it does not, either the source was changed in the moment
// in which Novu copied it, and what is planned is written over it; or Novu has its own form of the definition.
func conclude[H, W any](ctx context.Context, e *Execution, k *kind[H, W], item *v1alpha1.PlannedItem, want *W, got *H) error {
	differences := k.differences(want, got)
	if len(differences) > 0 && e.Strategy == v1alpha1.PromotionStrategySync && k.copied {
		moved, err := moved(ctx, e, k, item)
		if err != nil {
			return err
		}
		if moved {
			return e.repair(ctx, item, "the source was changed while it was promoted")
		}
	}
	item.TargetHash = k.Facts(got).Hash
	if len(differences) > 0 {
		item.Message = bounded("Novu keeps its own form of " + paths(differences) + " in the target")
	}
	if errors := k.errors(got); errors != "" {
		item.Message = bounded("Novu reports errors in it in the target: " + errors)
	}
	return nil
}

// moved reports whether the source no longer holds what is planned.
func moved[H, W any](ctx context.Context, e *Execution, k *kind[H, W], item *v1alpha1.PlannedItem) (bool, error) {
	if e.Source == nil {
		return true, nil
	}
	source, err := readAgain(ctx, e.Source, k, item.EffectiveID())
	return source == nil || k.Facts(source).Hash != item.SourceHash, err
}

// repair writes what is planned with the target's own key, whatever the source holds by now. why says what has happened.
func (e *Execution) repair(ctx context.Context, item *v1alpha1.PlannedItem, why string) error {
	item.Message = why + ": what was planned was written, and not the change"
	e.doubtful(item)
	direct := *e
	direct.Strategy = v1alpha1.PromotionStrategyApply
	if err := direct.bring(ctx, item); err != nil {
		return fmt.Errorf("%s, and what was planned could not be written over it: %w", why, err)
	}
	return nil
}

func paths(differences []v1alpha1.Difference) string {
	const most = 3
	named := make([]string, 0, most+1)
	for i, difference := range differences {
		if i == most {
			named = append(named, fmt.Sprintf("%d more", len(differences)-most))
			break
		}
		named = append(named, difference.Path)
	}
	return strings.Join(named, ", ")
}
