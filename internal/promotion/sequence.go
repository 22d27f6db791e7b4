// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"slices"
	"time"

	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
)

// Sequence is how a plan comes about: objects are selected, what cannot be promoted is refused or left out, both sides are read
// and compared, and the plan gets its hash. The operator and command-line tools plan by it alike; it needs no cluster.
type Sequence struct {
	*Session
	Clock clock.PassiveClock
	// Objects that may be selected.
	Objects source.Source
	// Promotion that is planned. Its status is neither read nor written, but for what a rollback restores.
	Promotion *v1alpha1.Promotion
	// From and Into are the Environments that lead to the two sides, and Origin is the one whose objects describe what the
	// source holds. A rollback has neither From nor Origin.
	From, Into, Origin *v1alpha1.Environment
	// Records of the target, where pinned revisions, and what is to be pruned, are found.
	Records []*history.Record
	// Point that a rollback goes back to.
	Point history.Point
	// Readiness finds out whether the source holds what objects describe; nil: their status says so.
	Readiness Readiness
	// Appeal may have items wait that are refused because of their objects; nil: there is no way.
	Appeal func(items []Item)
	// Reassess is that of the [Planner].
	Reassess func(item Item) bool
}

// Readiness finds out of each item with an object whether the source holds what that describes. Those of which it does not
// are refused, or wait.
type Readiness func(ctx context.Context, q *Sequence, items []Item) error

// ByStatus is the Readiness that the operator has written into the status of the objects.
func ByStatus(_ context.Context, _ *Sequence, items []Item) error {
	CheckObjects(items)
	return nil
}

// Stage is how far a plan has come.
type Stage int

// The stages.
const (
	// PlanMade: there is a plan that can be carried out.
	PlanMade Stage = iota
	// PlanRefused: the plan has items that cannot be promoted.
	PlanRefused
	// NothingSelected: there is nothing to plan.
	NothingSelected
	// NotReady: some objects are not in the source yet.
	NotReady
	// Unsettled: the source holds something else of some objects than they describe, and that is about to be corrected.
	Unsettled
	// Unread: some items were not read yet. What was read counts when it is planned again.
	Unread
)

// Planning is what has come of a plan.
type Planning struct {
	Stage Stage
	// Plan that was made or refused.
	Plan *v1alpha1.PromotionPlan
	// Waiting are the items that are not ready, or unsettled.
	Waiting []Item
	// Selected counts the items, and Unread those that were not read.
	Selected, Unread int
	// Trouble is why some of those could not be read that were tried; nil: all that were tried were read.
	Trouble error
}

// Describes reports whether the objects of the origin describe the source itself, and not an environment further back. A
// rollback has no source.
func Describes(origin, source *v1alpha1.Environment) bool {
	return source != nil && reconcile.Key(source) == reconcile.Key(origin)
}

// LeavesOut reports whether items that cannot be promoted are left out.
func LeavesOut(p *v1alpha1.Promotion) bool { return p.Spec.UnfitItems == v1alpha1.UnfitItemsLeaveOut }

// described reports whether the objects describe the source itself.
func (q *Sequence) described() bool { return Describes(q.Origin, q.From) }

// Strategy is how workflows are promoted. What was recorded is written with the target's own key.
func (q *Sequence) Strategy() v1alpha1.PromotionStrategy {
	if q.Source == nil {
		return v1alpha1.PromotionStrategyApply
	}
	return Strategy(q.Into.Spec.PromotionPolicy.Strategy, q.Source.Conn, q.Target.Conn)
}

// purpose is what the plan is for.
func (q *Sequence) purpose() Purpose {
	p := Purpose{
		Promotion: q.Promotion.UID, Target: q.Target.Conn.Environment().ID, Environment: reconcile.Key(q.Into),
		Strategy: q.Strategy(), OnFailure: q.Into.Spec.PromotionPolicy.EffectiveOnFailure(),
		Prune: ptr.Deref(q.Promotion.Spec.Prune, false), Restores: q.Promotion.Status.RestoresRef,
	}
	if q.Source != nil {
		p.Source = q.Source.Conn.Environment().ID
	}
	return p
}

// planner compares what the two sides hold.
func (q *Sequence) planner() *Planner {
	p := &Planner{
		Session: q.Session, Clock: q.Clock, Strategy: q.Strategy(), Described: q.described(), Records: q.Records, LeaveOut: LeavesOut(q.Promotion),
		MissingIntegrations: q.Into.Spec.PromotionPolicy.EffectiveMissingIntegrations(),
	}
	if q.From != nil {
		p.DriftPolicy = q.From.EffectiveDriftPolicy()
	}
	return p
}

// Select finds what the Promotion is about.
func (q *Sequence) Select(ctx context.Context) ([]Item, error) {
	if q.Promotion.IsRollback() {
		restorations, err := q.Point.Restore(q.Records)
		if err != nil {
			return nil, err
		}
		return Restored(restorations, ptr.Deref(q.Promotion.Spec.Prune, false)), nil
	}
	catalog, err := ReadCatalog(ctx, q.Objects, q.Origin)
	if err != nil {
		return nil, err
	}
	return catalog.Select(q.Promotion, q.Records)
}

// Plan makes the plan, as far as it gets in the time. The error is one that ends the attempt.
func (q *Sequence) Plan(ctx context.Context, limit time.Duration) (*Planning, error) {
	items, err := q.Select(ctx)
	if err != nil {
		return nil, err
	}
	planning := &Planning{Selected: len(items)}
	if len(items) == 0 && !q.Promotion.IsRollback() {
		planning.Stage = NothingSelected
		return planning, nil
	}
	if err := q.judge(ctx, items); err != nil {
		return nil, err
	}
	if !LeavesOut(q.Promotion) && Refused(items) {
		planning.settle(q, Refusals(items))
		return planning, nil
	}
	if planning.Waiting, _ = Waiting(items); len(planning.Waiting) > 0 {
		planning.Stage = NotReady
		return planning, nil
	}
	return planning, q.compare(ctx, planning, items, limit)
}

// judge finds out which items can be promoted as far as their objects tell. A rollback asks no object.
func (q *Sequence) judge(ctx context.Context, items []Item) error {
	if q.Promotion.IsRollback() {
		return nil
	}
	if q.described() {
		if err := q.ready(ctx, items); err != nil {
			return err
		}
	}
	if LeavesOut(q.Promotion) {
		LeaveWaiting(items, q.Clock.Now())
	}
	if q.described() && q.Appeal != nil {
		q.Appeal(items)
	}
	return nil
}

func (q *Sequence) ready(ctx context.Context, items []Item) error {
	if q.Readiness == nil {
		return ByStatus(ctx, q, items)
	}
	return q.Readiness(ctx, q, items)
}

// compare reads both sides and compares them.
func (q *Sequence) compare(ctx context.Context, planning *Planning, items []Item, limit time.Duration) error {
	planner := q.planner()
	planner.Reassess = q.Reassess
	draft, err := planner.Draft(ctx, items, limit)
	switch {
	case err != nil:
		return err
	case draft.Unread > 0:
		planning.Stage, planning.Unread, planning.Trouble = Unread, draft.Unread, draft.Trouble
	case len(draft.Unsettled) > 0:
		planning.Stage, planning.Waiting = Unsettled, draft.Unsettled
	default:
		planning.settle(q, draft.Items)
	}
	return nil
}

// settle makes the plan.
func (p *Planning) settle(q *Sequence, items []v1alpha1.PlannedItem) {
	if p.Plan = NewPlan(q.purpose(), items); p.Plan.Refused > 0 {
		p.Stage = PlanRefused
	}
}

// ReadAhead reads what a plan will compare, as far as it is known, while definitions settle: at a low rate limit the time
// matters. What changes after all is read again, and what goes wrong will be seen then.
func (q *Sequence) ReadAhead(ctx context.Context, limit time.Duration) {
	items, err := q.Select(ctx)
	if err != nil {
		return
	}
	if q.described() && q.ready(ctx, items) != nil {
		return
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return i.Refused != "" || i.Waits != "" })
	_, _ = q.planner().Draft(ctx, items, limit)
}

// Pins are what the source holds of the revisions that the Promotion is about, so that they can be kept until its turn comes.
// They are complete if nothing is unread.
func (q *Sequence) Pins(ctx context.Context, limit time.Duration) (pins []history.Entry, planning *Planning, err error) {
	items, err := q.Select(ctx)
	if err != nil {
		return nil, nil, err
	}
	draft, err := q.planner().Draft(ctx, items, limit)
	if err != nil {
		return nil, nil, err
	}
	planning = &Planning{Selected: len(items), Unread: draft.Unread, Trouble: draft.Trouble}
	if draft.Unread > 0 {
		planning.Stage = Unread
	}
	for _, entry := range q.Entries(&v1alpha1.PromotionPlan{Items: draft.Items}, nil) {
		if entry.After != nil {
			pins = append(pins, entry)
		}
	}
	return pins, planning, nil
}
