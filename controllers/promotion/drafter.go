// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/view"
)

// drafter makes plans of what the caches and Novu hold.
type drafter struct {
	access

	slice         time.Duration
	wakers        wakers
	environments  *requeue.Waker
	reassessments *sync.Reassessments
	placed        *promotion.Reassessments
	judged        *promotion.Reassessed
}

// sequence is how the plan of a Promotion comes about.
func (r *drafter) sequence(s *scope) *promotion.Sequence {
	q := &promotion.Sequence{
		Session: s.session, Clock: r.Pool.Clock(), Objects: source.Cached(r.Client), Promotion: s.promotion,
		From: s.source, Into: s.target, Origin: s.origin, Records: s.records,
	}
	if !ptr.Deref(s.promotion.Spec.DryRun, false) { // a dry run writes nothing, nor has it anything written
		q.Appeal, q.Reassess = func(items []promotion.Item) { r.reassess(s, items) }, r.reassessSource(s)
	}
	return q
}

// draft makes the plan, or says what it waits for.
func (r *drafter) draft(ctx context.Context, s *scope) error {
	sequence := r.sequence(s)
	if s.promotion.IsRollback() {
		// Another one may have entered the target and left it since this reconcile began.
		if point := s.promotion.Status.RollbackPoint; point.Before && len(s.records) > 0 && s.records[0].Number > point.LatestRecord {
			return overtakenBy(s)
		}
		sequence.Point = pointOf(s)
	}
	planning, err := sequence.Plan(ctx, r.slice)
	if err != nil {
		return err
	}
	s.promotion.Status.Strategy = sequence.Strategy()
	switch planning.Stage {
	case promotion.NothingSelected:
		return reconcile.Waitingf(v1alpha1.ReasonNothingSelected,
			"no Workflow or Layout of Environment %s matches: create one, or select others in a new Promotion", reconcile.Key(s.origin))
	case promotion.Unread:
		return r.unread(planning, "plans: %d of %d items are read")
	case promotion.Unsettled:
		r.wakeObjects(planning.Waiting)
		return r.await(s, planning.Waiting)
	case promotion.NotReady:
		return r.await(s, planning.Waiting)
	}
	return s.settle(planning)
}

// await waits for items that the operator still has to do something about.
func (r *drafter) await(s *scope, items []promotion.Item) error {
	_, message := promotion.Waiting(items)
	s.promotion.Status.Plan = nil
	if promotion.LeavesOut(s.promotion) {
		s.lookAgain(r.Pool.Clock().Now().Add(5 * time.Second)) // some may have to be left out by then
	}
	return reconcile.Waitingf(v1alpha1.ReasonItemsNotReady, "%s", message)
}

// unread goes on with the items that were not read yet; read says how many of how many were. What was read counts, so that a
// Novu that answers only now and then is read to the end, and no backoff grows on the way.
func (r *drafter) unread(p *promotion.Planning, read string) error {
	message := fmt.Sprintf(read, p.Selected-p.Unread, p.Selected)
	if p.Trouble == nil {
		return &underway{message: message}
	}
	after := max(time.Second, reconcile.OutcomeOf(p.Trouble).RetryAfter.Sub(r.Pool.Clock().Now()))
	return &underway{message: message + "; the others are tried again: " + p.Trouble.Error(), after: after}
}

// wakeObjects makes the operator compare objects with Novu at once.
func (r *drafter) wakeObjects(items []promotion.Item) {
	for _, item := range items {
		r.wakers[item.Kind].Wake(requeue.PriorityNormal, item.Key)
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
	sequence := r.sequence(s)
	sequence.Records = nil
	pins, planning, err := sequence.Pins(ctx, r.slice)
	switch {
	case err != nil:
		return err
	case planning.Stage == promotion.Unread:
		return r.unread(planning, "saves what it is to promote: %d of %d items are read")
	}
	return r.history().Pin(ctx, s.target, s.promotion, pins, func(ctx context.Context, digest string) error {
		s.promotion.Status.PinsDigest = digest
		return r.note(ctx, s)
	})
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

// reassess has Novu judge items once more that would be refused because of what it complains about, once for each
// Promotion: they wait for that.
func (r *drafter) reassess(s *scope, items []promotion.Item) {
	for i := range items {
		item := &items[i]
		if item.Refused == "" || item.Object == nil || !promotion.PromotableOf(item.Kind).Judged || !sync.ComplainedAbout(item.Object) {
			continue
		}
		awaited := r.awaits(s, *item, view.Status(item.Object).RemoteUpdatedAt, func() {
			r.reassessments.Mark(item.Key)
			r.wakers[item.Kind].Wake(requeue.PriorityNormal, item.Key)
		})
		if awaited {
			item.Waits, item.Refused = "Novu is asked whether this is still so: "+item.Refused, ""
		}
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
		entry, _ := s.session.Source.Conn.Lookup(promotion.PromotableOf(item.Kind).Resource, item.ID)
		return r.awaits(s, item, entry.UpdatedAt, func() {
			r.placed.Mark(promotion.PlacementIn(s.source, item.Kind, item.ID))
			r.environments.Wake(requeue.PriorityNormal, client.ObjectKeyFromObject(s.source))
		})
	}
}

// awaits reports whether the Promotion waits for Novu to judge an item once more; ask has it do so. It may never come to that: the
// source may be frozen, or Novu not take it.
func (r *drafter) awaits(s *scope, item promotion.Item, written string, ask func()) bool {
	until, first := r.judged.Await(s.promotion, item, written, r.Pool.Clock().Now())
	if first {
		ask()
	}
	s.lookAgain(until)
	return !until.IsZero()
}
