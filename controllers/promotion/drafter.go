// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/sync"
)

// drafter selects what is promoted, and compares source and target.
type drafter struct {
	access

	slice         time.Duration
	wakers        wakers
	environments  *reconcile.Waker
	reassessments *sync.Reassessments
	placed        *promotion.Reassessments
	judged        *promotion.Reassessed
}

// readAhead reads what the plan will compare, as far as it is known, while the definitions settle: at a low rate limit the
// time matters. What changes after all is read again, and what goes wrong will be seen then.
func (r *drafter) readAhead(ctx context.Context, s *scope, limit time.Duration) {
	items, err := r.selected(ctx, s, nil)
	if err != nil {
		return
	}
	if s.described() {
		promotion.CheckObjects(items)
	}
	items = slices.DeleteFunc(items, func(i promotion.Item) bool { return i.Refused != "" || i.Waits != "" })
	_, _ = r.planner(s).Draft(ctx, items, limit)
}

// selected is what the Promotion is about, as the operator's caches know it; records are where pins and what is to be pruned
// are found.
func (r *drafter) selected(ctx context.Context, s *scope, records []*history.Record) ([]promotion.Item, error) {
	catalog, err := promotion.ReadCatalog(ctx, source.Cached(r.Client), s.origin)
	if err != nil {
		return nil, err
	}
	return catalog.Select(s.promotion, records)
}

// choose selects what is promoted, and waits until the operator has brought all of it to the source.
func (r *drafter) choose(ctx context.Context, s *scope) ([]promotion.Item, error) {
	if s.promotion.IsRollback() {
		return r.goBack(s)
	}
	items, err := r.selected(ctx, s, s.records)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, reconcile.Waitingf(v1alpha1.ReasonNothingSelected,
			"no Workflow or Layout of Environment %s matches: create one, or select others in a new Promotion", reconcile.Key(s.origin))
	}
	if s.described() {
		promotion.CheckObjects(items)
	}
	if s.leavesOut() {
		promotion.LeaveWaiting(items, r.Pool.Clock().Now())
	}
	if s.described() {
		r.reassess(s, items)
	}
	if !s.leavesOut() && promotion.Refused(items) {
		return nil, s.refuse(promotion.Refusals(items))
	}
	return items, r.await(s, items)
}

// goBack selects what a rollback restores.
func (r *drafter) goBack(s *scope) ([]promotion.Item, error) {
	// Another one may have entered the target and left it since this reconcile began.
	if point := s.promotion.Status.RollbackPoint; point.Before && len(s.records) > 0 && s.records[0].Number > point.LatestRecord {
		return nil, overtakenBy(s)
	}
	restorations, err := pointOf(s).Restore(s.records)
	if err != nil {
		return nil, err
	}
	return promotion.Restored(restorations, ptr.Deref(s.promotion.Spec.Prune, false)), nil
}

// await wakes the objects that the operator still has to do something about.
func (r *drafter) await(s *scope, items []promotion.Item) error {
	waiting, message := promotion.Waiting(items)
	if len(waiting) == 0 {
		return nil
	}
	s.promotion.Status.Plan = nil
	if s.leavesOut() {
		s.lookAgain(r.Pool.Clock().Now().Add(5 * time.Second)) // some may have to be left out by then
	}
	return reconcile.Waitingf(v1alpha1.ReasonItemsNotReady, "%s", message)
}

// unread goes on with the items that were not read yet. What was read counts, so that a Novu that answers only now and then
// is read to the end, and no backoff grows on the way.
func (r *drafter) unread(draft *promotion.Draft, message string) error {
	if draft.Trouble == nil {
		return &underway{message: message}
	}
	after := max(time.Second, reconcile.OutcomeOf(draft.Trouble).RetryAfter.Sub(r.Pool.Clock().Now()))
	return &underway{message: message + "; the others are tried again: " + draft.Trouble.Error(), after: after}
}

func (r *drafter) planner(s *scope) *promotion.Planner {
	planner := &promotion.Planner{
		Session: s.session, Clock: r.Pool.Clock(), Strategy: s.promotion.Status.Strategy, Described: s.described(),
		MissingIntegrations: s.target.Spec.PromotionPolicy.EffectiveMissingIntegrations(), Records: s.records, LeaveOut: s.leavesOut(),
	}
	if s.source != nil {
		planner.DriftPolicy = s.source.EffectiveDriftPolicy()
	}
	return planner
}

// draft compares source and target.
func (r *drafter) draft(ctx context.Context, s *scope, items []promotion.Item) error {
	planner := r.planner(s)
	planner.Reassess = r.reassessSource(s)
	draft, err := planner.Draft(ctx, items, r.slice)
	switch {
	case err != nil:
		return err
	case draft.Unread > 0:
		return r.unread(draft, fmt.Sprintf("plans: %d of %d items are read", len(items)-draft.Unread, len(items)))
	case len(draft.Unsettled) > 0:
		r.wakeObjects(draft.Unsettled)
		return r.await(s, draft.Unsettled)
	case !draft.Complete():
		return s.refuse(draft.Items)
	}
	plan := promotion.NewPlan(s.purpose(), draft.Items)
	if err := promotion.Fits(plan); err != nil {
		s.promotion.Status.Plan = nil
		return err
	}
	s.promotion.Status.Plan = plan
	return nil
}

// wakeObjects makes the operator compare objects with Novu at once.
func (r *drafter) wakeObjects(items []promotion.Item) {
	for _, item := range items {
		r.wakers[item.Kind].Wake(reconcile.PriorityNormal, item.Key)
	}
}

// pin keeps what a Promotion is to bring while the source still holds it: it may be a long time until its turn comes.
func (r *drafter) pin(ctx context.Context, s *scope) error {
	if !takesItsTurn(s) || !pinned(s.promotion) {
		return nil
	}
	kept, err := r.history().Pinned(ctx, s.target, s.promotion)
	if err != nil || kept != nil {
		return err
	}
	catalog, err := promotion.ReadCatalog(ctx, source.Cached(r.Client), s.origin)
	if err != nil {
		return err
	}
	items, err := catalog.Select(s.promotion, nil)
	if err != nil {
		return err
	}
	draft, err := r.planner(s).Draft(ctx, items, r.slice)
	switch {
	case err != nil:
		return err
	case draft.Unread > 0:
		return r.unread(draft, fmt.Sprintf("saves what it is to promote: %d of %d items are read", len(items)-draft.Unread, len(items)))
	}
	return r.history().Pin(ctx, s.target, s.promotion, pins(s.session.Entries(&v1alpha1.PromotionPlan{Items: draft.Items}, nil)),
		func(ctx context.Context, digest string) error {
			s.promotion.Status.PinsDigest = digest
			return r.note(ctx, s)
		})
}

// pins are those entries that say what the target is to hold.
func pins(entries []history.Entry) (kept []history.Entry) {
	for _, entry := range entries {
		if entry.After != nil {
			kept = append(kept, entry)
		}
	}
	return kept
}

// withPins adds what the Promotion is to bring to the records in which its revisions are looked for.
func (r *drafter) withPins(ctx context.Context, s *scope, records []*history.Record) ([]*history.Record, error) {
	if !takesItsTurn(s) {
		return records, nil
	}
	kept, err := r.history().Pinned(ctx, s.target, s.promotion)
	if err != nil || kept == nil {
		return records, err
	}
	return append(records, kept), nil
}

// reassessedWithin is how long a Promotion waits for Novu to judge its items once more.
const reassessedWithin = 30 * time.Second

// reassess has Novu judge items once more that would be refused because of what it complains about, once for each
// Promotion: they wait for that.
func (r *drafter) reassess(s *scope, items []promotion.Item) {
	for i := range items {
		item := &items[i]
		if item.Refused == "" || item.Object == nil || !promotion.PromotableOf(item.Kind).Judged ||
			!sync.ComplainedAbout(item.Object) || !r.judged.First(s.promotion, *item) {
			continue
		}
		item.Waits, item.Refused = "Novu is asked whether this is still so: "+item.Refused, ""
		r.reassessments.Mark(item.Key)
		r.wakers[item.Kind].Wake(reconcile.PriorityNormal, item.Key)
		s.lookAgain(r.Pool.Clock().Now().Add(reassessedWithin)) // it says nothing if it cannot be written
	}
}

// reassessSource is how Novu is asked to judge items once more that would be refused because of what it complains about in a
// source that is a promotion target itself, once for each Promotion: where drift is corrected. Elsewhere nothing but a
// Promotion writes there.
func (r *drafter) reassessSource(s *scope) func(promotion.Item) bool {
	if s.source == nil || s.described() || s.source.Spec.PromotionPolicy.EffectiveDriftPolicy() != v1alpha1.DriftPolicyCorrect {
		return nil
	}
	return func(item promotion.Item) bool {
		if !r.judged.First(s.promotion, item) {
			return false
		}
		r.placed.Mark(promotion.PlacementIn(s.source, item.Kind, item.ID))
		r.environments.Wake(reconcile.PriorityNormal, client.ObjectKeyFromObject(s.source))
		s.lookAgain(r.Pool.Clock().Now().Add(reassessedWithin)) // it may be frozen, or Novu still complains
		return true
	}
}
