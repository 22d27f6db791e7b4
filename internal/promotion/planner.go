// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// readers is how many items are read at the same time.
const readers = 8

// Planner compares what the two environments hold.
type Planner struct {
	*Session
	Clock clock.PassiveClock
	// Strategy that the plan is made for.
	Strategy v1alpha1.PromotionStrategy
	// Described reports whether the objects describe the source itself. If not, the source is a promotion target, and holds what
	// an earlier promotion brought there.
	Described bool
	// DriftPolicy of objects that do not set their own.
	DriftPolicy v1alpha1.DriftPolicy
	// MissingIntegrations says what to do with a workflow that the target cannot deliver.
	MissingIntegrations v1alpha1.MissingIntegrationsPolicy
	// LeaveOut leaves items out that cannot be promoted, instead of refusing the plan.
	LeaveOut bool
	// Records are where pinned revisions may be found.
	Records []*history.Record
	// Reassess has Novu judge once more a workflow of the source in which it reports errors, and reports whether that is to be
	// waited for; nil: there is no way. It is called for one item at a time.
	Reassess func(item Item) bool

	reassessing sync.Mutex // items are read side by side
}

// Draft is a plan in the making.
type Draft struct {
	// Items that could be planned.
	Items []v1alpha1.PlannedItem
	// Unread counts the items that there was no time for, or that could not be read this time.
	Unread int
	// Trouble is why the last of those could not be read that were tried; nil: all that were tried were read.
	Trouble error
	// Unsettled are items that Novu's source environment does not hold as their objects say, which the operator is about
	// to fix.
	Unsettled []Item
}

// Complete reports whether the draft is a plan that can be carried out.
func (d *Draft) Complete() bool {
	return d.Unread == 0 && len(d.Unsettled) == 0 && Count(d.Items).Refused == 0
}

// Draft plans every item, or as many as there is time for and as can be read: what was read is kept in the session, so that
// the next draft gets further. The error is one that ends the attempt, or that has kept every item from being read.
func (p *Planner) Draft(ctx context.Context, items []Item, limit time.Duration) (*Draft, error) {
	if err := p.refresh(ctx); err != nil {
		return nil, err
	}
	known := len(p.drafted)
	outlines, trouble, err := p.outlines(ctx, items, limit)
	if err != nil {
		return nil, err
	}
	if p.drafted == nil {
		p.drafted = map[string]bool{}
	}
	draft := &Draft{Trouble: trouble}
	for i, o := range outlines {
		if o == nil {
			draft.Unread++
			continue
		}
		p.drafted[items[i].String()] = true
		if o.unsettled != "" {
			items[i].Waits = o.unsettled
			draft.Unsettled = append(draft.Unsettled, items[i])
			continue
		}
		draft.Items = append(draft.Items, o.item)
	}
	if errors.Is(trouble, errFull) {
		p.empty() // two that wait for each other's room would both wait forever
		return nil, trouble
	}
	if trouble != nil && len(p.drafted) == known {
		return nil, trouble
	}
	p.leaveOut(draft.Items)
	if err := p.keepUsed(ctx, draft.Items); err != nil {
		return nil, err
	}
	p.warnOfCap(draft.Items)
	return draft, nil
}

// warnOfCap notes which new items Novu may refuse because the target is full.
func (p *Planner) warnOfCap(items []v1alpha1.PlannedItem) {
	counts := map[v1alpha1.PromotionItemKind]int{}
	for i := range items {
		item := &items[i]
		kind := PromotableOf(item.Kind)
		if kind.limit == 0 || item.Action != v1alpha1.PlanActionCreate {
			continue
		}
		if _, counted := counts[item.Kind]; !counted {
			counts[item.Kind] = len(p.Target.Conn.All(kind.Resource))
		}
		counts[item.Kind]++
		if number := counts[item.Kind]; number > kind.limit {
			note := fmt.Sprintf("it will be %s number %d in the target, and Novu takes %d unless its limit was raised", kind.noun(), number, kind.limit)
			item.Message = bounded(reconcile.Notes(item.Message, note))
		}
	}
}

// outlines plans items until the time is over, and at least one more than before. Those that there was no time for are nil,
// and so are those that could not be read: that one call fails takes nothing away from the others, nor from what was read.
func (p *Planner) outlines(ctx context.Context, items []Item, limit time.Duration) (outlines []*outline, trouble, err error) {
	outlines = make([]*outline, len(items))
	var (
		group errgroup.Group
		calls strain
	)
	group.SetLimit(readers)
	until, begun := p.Clock.Now().Add(limit), false
	for i := range items {
		if !p.drafted[items[i].String()] {
			if begun && p.Clock.Now().After(until) {
				break
			}
			begun = true
		}
		group.Go(func() error {
			if calls.over() {
				return nil
			}
			o, err := PromotableOf(items[i].Kind).promoter.outline(ctx, p, items[i], items)
			if calls.note(err); err == nil {
				outlines[i] = o
			}
			return nil
		})
	}
	_ = group.Wait() // none returns an error
	return outlines, calls.trouble, calls.final
}

// refresh lists what both environments hold, as of the beginning of the session.
func (p *Planner) refresh(ctx context.Context) error {
	if err := p.Source.Refresh(ctx, p.Began, connection.Layouts, connection.Workflows); err != nil {
		return err
	}
	return p.Target.Refresh(ctx, p.Began, connection.Layouts, connection.Workflows, connection.Integrations)
}

// outline is the plan of one item, or why there is none yet.
type outline struct {
	item      v1alpha1.PlannedItem
	unsettled string
}

// wish is what the target is to hold of one item.
type wish[W any] struct {
	definition     *W // nil: nothing
	hash, revision string
	refused        string
	unsettled      string
}

// outline compares what the target is to hold with what it holds.
func (k *kind[H, W]) outline(ctx context.Context, p *Planner, item Item, all []Item) (*outline, error) {
	if item.Refused != "" {
		return refusal(item, item.Refused), nil
	}
	wish, err := wishOf(ctx, p, k, item)
	if err != nil {
		return nil, err
	}
	if wish.unsettled != "" {
		return &outline{unsettled: wish.unsettled}, nil
	}
	if several := ambiguous(k, item.ID, p.Source, p.Target); several != "" {
		return refusal(item, several), nil
	}
	target, err := read(ctx, p.Target, k, item.ID)
	if err != nil {
		return nil, err
	}
	if item.Gone && target != nil {
		item.Stays = k.stays(target)
		item.Gone = item.Stays == ""
	}
	planned := item.planned()
	refused, note := cmp.Or(wish.refused, objection(k, "the target", target)), item.Stays
	if refused == "" && wish.definition != nil {
		refused, note = k.rules.check(p, item, wish.definition, all)
	}
	if refused != "" {
		o := refusal(item, refused)
		o.item.SourceHash = wish.hash
		return o, nil
	}
	planned.SourceHash, planned.Revision, planned.Message = wish.hash, wish.revision, bounded(note)
	classify(k, &planned, item, wish.definition, target)
	if by := markUnmanaged(k, &planned, item, wish.definition); by != "" {
		planned.Message = bounded(reconcile.Notes(by, note))
	}
	entry := entryOf(k, &planned, wish.definition, target)
	entry.Labels = item.Labels
	if p.Source != nil { // a rollback brings back what was there, and nothing else
		rewrite(k, &planned, target)
	}
	return &outline{item: planned}, p.foresee(entry)
}

// wishOf finds out what the target is to hold: what the source holds, or what was recorded, or nothing.
func wishOf[H, W any](ctx context.Context, p *Planner, k *kind[H, W], item Item) (*wish[W], error) {
	switch {
	case item.Gone || item.Stays != "":
		return &wish[W]{}, nil
	case item.Recorded != nil:
		return recorded(k, item.Recorded, item.Revision), nil
	}
	source, err := read(ctx, p.Source, k, item.ID)
	if err != nil {
		return nil, err
	}
	if item.Pin != "" && (source == nil || p.revision(item.Object, k.Facts(source).Hash) != item.Pin) {
		return pinned(p, k, item), nil
	}
	return held(p, k, item, source), nil
}

// pinned is an older revision, from the records.
func pinned[H, W any](p *Planner, k *kind[H, W], item Item) *wish[W] {
	if d := history.Find(p.Records, k.name, item.ID, item.Pin); d != nil {
		return recorded(k, d, item.Pin)
	}
	return &wish[W]{refused: fmt.Sprintf("the source does not hold revision %s, and no promotion into the target has recorded it", definition.Short(item.Pin))}
}

// held is what the source holds, or why that cannot be promoted.
func held[H, W any](p *Planner, k *kind[H, W], item Item, source *H) *wish[W] {
	if unsettled := p.unsettled(item, source == nil || k.Facts(source).Hash != view.Status(item.Object).RemoteHash); unsettled != "" {
		return &wish[W]{unsettled: unsettled}
	}
	if source == nil {
		return &wish[W]{refused: fmt.Sprintf("Novu's source environment (Environment %s) does not hold it", p.Source.Name)}
	}
	hash := k.Facts(source).Hash
	refused, unsettled := objection(k, "the source", source), ""
	if refused == "" {
		refused, unsettled = p.faulty(item, k.errors(source))
	}
	return &wish[W]{
		definition: k.from(source), hash: hash, revision: p.revision(item.Object, hash), refused: refused, unsettled: unsettled,
	}
}

func recorded[H, W any](k *kind[H, W], d *history.Definition, revision string) *wish[W] {
	want := k.unpack(d)
	hash := definition.Revision(want)
	return &wish[W]{definition: want, hash: hash, revision: cmp.Or(revision, hash)}
}

// classify says what is to be done about the target.
func classify[H, W any](k *kind[H, W], planned *v1alpha1.PlannedItem, item Item, want *W, target *H) {
	planned.State = v1alpha1.ItemStatePending
	if target != nil {
		planned.TargetHash = k.Facts(target).Hash
	}
	var differences []v1alpha1.Difference
	switch {
	case want == nil && target != nil && item.Gone:
		planned.Action = v1alpha1.PlanActionDelete
	case want != nil && target == nil:
		planned.Action = v1alpha1.PlanActionCreate
	case want != nil:
		planned.Action, differences = v1alpha1.PlanActionUpdate, k.differences(want, target)
		planned.Steps = k.steps(want, target)
	}
	if planned.Action == "" || planned.Action == v1alpha1.PlanActionUpdate && len(differences) == 0 {
		planned.Action, planned.State = v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone
	}
	kept, more := definition.Truncate(differences)
	planned.Changes, planned.MoreChanges = kept, int32(more) //nolint:gosec // a few hundred at most
}

// entryOf is what is recorded about an item before anything is written.
func entryOf[H, W any](k *kind[H, W], planned *v1alpha1.PlannedItem, want *W, target *H) history.Entry {
	entry := history.Entry{
		Kind: k.name, ID: planned.EffectiveID(), Namespace: planned.Namespace, Name: planned.Name,
		Action: planned.Action, Revision: planned.Revision,
	}
	if want != nil {
		entry.After = k.pack(want)
	}
	if target != nil {
		entry.Before = k.pack(k.from(target))
	}
	return entry
}

// unsettled reports whether Novu does not hold what the object describes although the operator corrects that: it has not come
// to it yet. Where it leaves such changes alone, they are promoted as they are.
func (p *Planner) unsettled(item Item, differs bool) string {
	if !p.Described || !differs || !corrects(item.Object, p.DriftPolicy) {
		return ""
	}
	return "it was changed in Novu, and the operator is about to write it again"
}

// corrects reports whether the operator writes again what was changed in Novu. policy is that of the Environment.
func corrects(o view.Object, policy v1alpha1.DriftPolicy) bool {
	return !view.Of(o).Suspend && view.EffectiveDriftPolicy(o, policy) == v1alpha1.DriftPolicyCorrect
}

// revision is the one that people know the definition by: the one that a promotion has brought to the source, if that is a
// target itself; else that of the object if the source holds exactly what the object brought there; else one that is made
// of what the source holds.
func (p *Planner) revision(o view.Object, hash string) string {
	if !p.Described {
		for _, live := range LiveRevisions(o) {
			if live.Namespace+"/"+live.Environment == p.Source.Name && live.RemoteHash == hash && live.Revision != "" {
				return live.Revision
			}
		}
	}
	if sync := view.Status(o); sync.RemoteHash == hash && sync.Revision != "" {
		return sync.Revision
	}
	return hash
}

func refusal(item Item, message string) *outline {
	item.Refused = message
	return &outline{item: item.planned()}
}

// planned is the item as status shows it.
func (i Item) planned() v1alpha1.PlannedItem {
	planned := v1alpha1.PlannedItem{Kind: i.Kind, Namespace: i.Key.Namespace, Name: i.Key.Name}
	if i.ID != i.Key.Name {
		planned.ID = i.ID
	}
	if i.Refused != "" {
		planned.Action, planned.Message = v1alpha1.PlanActionRefused, bounded(i.Refused)
	}
	return planned
}
