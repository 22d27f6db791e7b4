package controllers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// plan makes the plan. While the Promotion waits for gates and approvals it is kept, as long as the objects that it was made
// for have not changed; right before the work begins it is made again.
func (r *PromotionReconciler) plan(ctx context.Context, s *promotionScope) error {
	if promotion.Started(s.promotion) {
		return nil
	}
	if planned, err := r.upToDate(ctx, s); planned || err != nil {
		return err
	}
	return r.replan(ctx, s)
}

// upToDate says whether there is a plan, and the operator's caches know of no change to what it is about.
func (r *PromotionReconciler) upToDate(ctx context.Context, s *promotionScope) (bool, error) {
	status := &s.promotion.Status
	if status.Plan == nil || !apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionPlanned) || ptr.Deref(s.promotion.Spec.DryRun, false) {
		return false, nil
	}
	if s.promotion.IsRollback() {
		return true, nil
	}
	items, err := r.selected(ctx, s, nil)
	if err != nil {
		return false, err
	}
	return promotion.Matches(status.Plan, items, s.described()), nil
}

func (r *PromotionReconciler) replan(ctx context.Context, s *promotionScope) error {
	if rest := r.unsettled(s); rest > 0 {
		r.readAhead(ctx, s, rest)
		return &underway{after: r.unsettled(s), message: "waits for the definitions of the source to settle"}
	}
	records, err := r.history().List(ctx, s.target)
	if err != nil {
		return err
	}
	if s.records, err = r.withPins(ctx, s, ofOthers(records, s.promotion)); err != nil {
		return err
	}
	items, err := r.choose(ctx, s)
	if err != nil {
		return err
	}
	status := &s.promotion.Status
	status.Strategy = r.strategy(s)
	if err := r.draft(ctx, s, items); err != nil {
		return err
	}
	s.planned = true
	switch {
	case ptr.Deref(s.promotion.Spec.DryRun, false):
		_, err := r.gates(ctx, s) // for people to see
		return cmp.Or(err, errPlanned)
	case r.Pool.ReadOnly():
		return reconcile.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: %s", promotion.Foresight(status.Plan))
	}
	return nil
}

// strategy is how workflows are brought. What was recorded is written with the target's own key.
func (r *PromotionReconciler) strategy(s *promotionScope) v1alpha1.PromotionStrategy {
	if s.source == nil {
		return v1alpha1.PromotionStrategyApply
	}
	return promotion.Strategy(s.target.Spec.PromotionPolicy.Strategy, s.session.Source.Conn, s.session.Target.Conn)
}

// longestQuiet is how long a source may be changed again and again before a plan is made all the same.
const longestQuiet = 30 * time.Second

// unsettled is how long the definitions of the source must still stay as they are.
func (r *PromotionReconciler) unsettled(s *promotionScope) time.Duration {
	if s.promotion.IsRollback() {
		return 0
	}
	settled := s.quiet.Add(cmp.Or(r.Quiet, defaultQuiet))
	if latest := s.session.Began.Add(longestQuiet); latest.Before(settled) {
		settled = latest
	}
	return settled.Sub(r.Pool.Clock().Now())
}

// readAhead reads what the plan will compare, as far as it is known, while the definitions settle: at a low rate limit the
// time matters. What changes after all is read again, and what goes wrong will be seen then.
func (r *PromotionReconciler) readAhead(ctx context.Context, s *promotionScope, limit time.Duration) {
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
func (r *PromotionReconciler) selected(ctx context.Context, s *promotionScope, records []*history.Record) ([]promotion.Item, error) {
	catalog, err := promotion.ReadCatalog(ctx, r.Client, s.origin)
	if err != nil {
		return nil, err
	}
	return catalog.Select(s.promotion, records)
}

// choose selects what is promoted, and waits until the operator has brought all of it to the source.
func (r *PromotionReconciler) choose(ctx context.Context, s *promotionScope) ([]promotion.Item, error) {
	if s.promotion.IsRollback() {
		return r.goBack(s)
	}
	items, err := r.selected(ctx, s, s.records)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, &reconcile.Waiting{Reason: v1alpha1.ReasonNothingSelected, Message: fmt.Sprintf(
			"no Workflow or Layout of Environment %s matches: create one, or select others in a new Promotion", reconcile.Key(s.origin))}
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
func (r *PromotionReconciler) goBack(s *promotionScope) ([]promotion.Item, error) {
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

// described says that the objects describe the source itself, and not an environment further back.
func (s *promotionScope) described() bool {
	return s.source != nil && keyOf(s.source) == keyOf(s.origin)
}

// await wakes the objects that the operator still has to do something about.
func (r *PromotionReconciler) await(s *promotionScope, items []promotion.Item) error {
	waiting, message := promotion.Waiting(items)
	if len(waiting) == 0 {
		return nil
	}
	s.promotion.Status.Plan = nil
	if s.leavesOut() {
		s.lookAgain(r.Pool.Clock().Now().Add(5 * time.Second)) // some may have to be left out by then
	}
	return &reconcile.Waiting{Reason: v1alpha1.ReasonItemsNotReady, Message: message}
}

// leavesOut reports whether items that cannot be promoted are left out.
func (s *promotionScope) leavesOut() bool {
	return s.promotion.Spec.UnfitItems == v1alpha1.UnfitItemsLeaveOut
}

// purpose is what the plan is for.
func (s *promotionScope) purpose() promotion.Purpose {
	status := &s.promotion.Status
	return promotion.Purpose{
		Promotion: s.promotion.UID, Source: status.SourceEnvironmentID, Target: status.TargetEnvironmentID,
		Environment: reconcile.Key(s.target), Strategy: status.Strategy, OnFailure: s.target.Spec.PromotionPolicy.EffectiveOnFailure(),
		Prune: ptr.Deref(s.promotion.Spec.Prune, false), Restores: status.RestoresRef,
	}
}

// refuse shows which items cannot be promoted.
func (s *promotionScope) refuse(items []v1alpha1.PlannedItem) error {
	plan := promotion.NewPlan(s.purpose(), items)
	s.promotion.Status.Plan = plan
	if ptr.Deref(s.promotion.Spec.DryRun, false) {
		return cmp.Or[error](promotion.Fits(plan), &ended{reason: v1alpha1.ReasonItemsRefused, message: promotion.Refusal(plan)})
	}
	return cmp.Or[error](promotion.Fits(plan), &reconcile.Waiting{
		Reason: v1alpha1.ReasonItemsRefused, Message: promotion.Refusal(plan) + ". Nothing is written until that is fixed; then the plan is made again",
	})
}

// unread goes on with the items that were not read yet. What was read counts, so that a Novu that answers only now and then
// is read to the end, and no backoff grows on the way.
func (r *PromotionReconciler) unread(draft *promotion.Draft, message string) error {
	if draft.Trouble == nil {
		return &underway{message: message}
	}
	after := soon
	if transient, ok := errors.AsType[*reconcile.Transient](reconcile.FromNovu(draft.Trouble)); ok {
		after = max(after, transient.After.Sub(r.Pool.Clock().Now()))
	}
	return &underway{message: message + "; the others are tried again: " + draft.Trouble.Error(), after: after}
}

func (r *PromotionReconciler) planner(s *promotionScope) *promotion.Planner {
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
func (r *PromotionReconciler) draft(ctx context.Context, s *promotionScope, items []promotion.Item) error {
	draft, err := r.planner(s).Draft(ctx, items, r.slice())
	switch {
	case err != nil:
		return reconcile.FromNovu(err)
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
