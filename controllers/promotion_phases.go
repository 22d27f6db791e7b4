package controllers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/promotion"
)

// underway ends a reconcile of which the next one follows by itself, at once or after a while.
type underway struct {
	message string
	after   time.Duration
}

func (u *underway) Error() string { return u.message }

// errPlanned ends a dry run.
var errPlanned = errors.New("planned")

// resolve finds the Environments: the target, its source, and the one whose objects describe the source.
func (r *PromotionReconciler) resolve(ctx context.Context, s *promotionScope) (err error) {
	p := s.promotion
	if s.target, err = engine.ResolveEnvironment(ctx, r.Client, p.Spec.TargetRef, p.Namespace); err != nil {
		return err
	}
	if !s.target.IsPromotionTarget() {
		return engine.Stalledf(v1alpha1.ReasonNotAPromotionTarget,
			"Environment %s is no promotion target: set its spec.promotion.sourceRef, or name another in a new Promotion", engine.Key(s.target))
	}
	s.source, err = engine.ResolveEnvironment(ctx, r.Client, s.target.Spec.Promotion.SourceRef, s.target.Namespace)
	if err != nil {
		return err
	}
	if s.origin, err = promotion.Origin(ctx, r.Client, s.source); err != nil {
		return err
	}
	s.quiet = r.interest.Join(keyOf(p), keyOf(s.origin), r.Pool.Clock().Now())
	return nil
}

// connect finds the connections of target and source, and makes sure that a Promotion that has started goes on between
// the same two Novu environments.
func (r *PromotionReconciler) connect(_ context.Context, s *promotionScope) error {
	source, err := engine.Connected(r.Pool, s.source)
	if err != nil {
		return err
	}
	target, err := engine.Connected(r.Pool, s.target)
	if err != nil {
		return err
	}
	from, to, status := source.Environment(), target.Environment(), &s.promotion.Status
	switch {
	case from.ID == to.ID:
		return engine.Stalledf(v1alpha1.ReasonInvalidSpec,
			"Environments %s and %s lead to one and the same Novu environment (%s): correct the Secret of one of them",
			engine.Key(s.source), engine.Key(s.target), from.ID)
	case promotion.Started(s.promotion) && (status.SourceEnvironmentID != from.ID || status.TargetEnvironmentID != to.ID):
		return engine.Stalledf(v1alpha1.ReasonEnvironmentChanged,
			"the plan is for the Novu environments %s and %s, and the keys now belong to %s and %s: create a new Promotion",
			status.SourceEnvironmentID, status.TargetEnvironmentID, from.ID, to.ID)
	}
	status.SourceEnvironmentID, status.TargetEnvironmentID = from.ID, to.ID
	s.session = r.sessions.Open(s.promotion,
		&promotion.Side{Conn: source, Name: engine.Key(s.source)}, &promotion.Side{Conn: target, Name: engine.Key(s.target)},
		r.Pool.Clock().Now())
	return nil
}

// enter waits until it is the Promotion's turn to write to the target.
func (r *PromotionReconciler) enter(ctx context.Context, s *promotionScope) error {
	if s.promotion.Spec.DryRun || r.Pool.ReadOnly() {
		return nil
	}
	rivals, err := r.rivals(ctx, s)
	if err != nil {
		return err
	}
	return r.queue.Enter(s.session.Target.Conn.Environment().ID, s.promotion, rivals)
}

// rivals are the other Promotions in line for the same Novu environment, through whatever Environment.
func (r *PromotionReconciler) rivals(ctx context.Context, s *promotionScope) ([]*v1alpha1.Promotion, error) {
	var list v1alpha1.PromotionList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list the other Promotions: %w", err)
	}
	var rivals []*v1alpha1.Promotion
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID == s.promotion.UID || !promotion.InLine(other) {
			continue
		}
		conn := r.Pool.Get(other.Spec.TargetRef.In(other.Namespace))
		if conn != nil && conn.Backend == s.session.Target.Conn.Backend {
			rivals = append(rivals, other)
		}
	}
	return rivals, nil
}

// plan makes the plan, once: what it says when the work begins is what is done.
func (r *PromotionReconciler) plan(ctx context.Context, s *promotionScope) error {
	if promotion.Started(s.promotion) {
		return nil
	}
	if rest := r.unsettled(s); rest > 0 {
		r.readAhead(ctx, s, rest)
		return &underway{after: r.unsettled(s), message: "waits for the definitions of the source to settle"}
	}
	items, err := r.choose(ctx, s)
	if err != nil {
		return err
	}
	status := &s.promotion.Status
	status.Strategy = promotion.Strategy(s.target.Spec.Promotion.Strategy, s.session.Source.Conn, s.session.Target.Conn)
	if err := r.draft(ctx, s, items); err != nil {
		return err
	}
	switch {
	case s.promotion.Spec.DryRun:
		return errPlanned
	case r.Pool.ReadOnly():
		return engine.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run: %s", promotion.Foresight(status.Plan))
	}
	status.StartTime = r.now()
	return &underway{message: promotion.Foresight(status.Plan)}
}

// unsettled is how long the definitions of the source must still stay as they are.
func (r *PromotionReconciler) unsettled(s *promotionScope) time.Duration {
	return s.quiet.Add(cmp.Or(r.Quiet, defaultQuiet)).Sub(r.Pool.Clock().Now())
}

// readAhead reads what the plan will compare, as far as it is known, while the definitions settle: at a low rate limit the
// time matters. What changes after all is read again, and what goes wrong will be seen then.
func (r *PromotionReconciler) readAhead(ctx context.Context, s *promotionScope, limit time.Duration) {
	catalog, err := promotion.ReadCatalog(ctx, r.Client, s.origin)
	if err != nil {
		return
	}
	items, err := catalog.Select(s.promotion)
	if err != nil {
		return
	}
	if s.described() {
		promotion.CheckObjects(items)
	}
	items = slices.DeleteFunc(items, func(i promotion.Item) bool { return i.Refused != "" || i.Waits != "" })
	_, _ = r.planner(s).Draft(ctx, items, limit)
}

// choose selects what is promoted, and waits until the operator has brought all of it to the source.
func (r *PromotionReconciler) choose(ctx context.Context, s *promotionScope) ([]promotion.Item, error) {
	catalog, err := promotion.ReadCatalog(ctx, r.Client, s.origin)
	if err != nil {
		return nil, err
	}
	items, err := catalog.Select(s.promotion)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, &engine.Waiting{Reason: v1alpha1.ReasonNothingSelected, Message: fmt.Sprintf(
			"no Workflow or Layout of Environment %s matches: create one, or select others in a new Promotion", engine.Key(s.origin))}
	}
	if s.described() {
		promotion.CheckObjects(items)
	}
	if promotion.Refused(items) {
		return nil, s.refuse(promotion.Refusals(items))
	}
	return items, r.await(s, items)
}

// described says that the objects describe the source itself, and not an environment further back.
func (s *promotionScope) described() bool { return keyOf(s.source) == keyOf(s.origin) }

// await wakes the objects that the operator still has to do something about.
func (r *PromotionReconciler) await(s *promotionScope, items []promotion.Item) error {
	waiting, message := promotion.Waiting(items)
	if len(waiting) == 0 {
		return nil
	}
	s.promotion.Status.Plan = nil
	return &engine.Waiting{Reason: v1alpha1.ReasonItemsNotReady, Message: message}
}

// refuse shows which items cannot be promoted.
func (s *promotionScope) refuse(items []v1alpha1.PlannedItem) error {
	plan := promotion.NewPlan(s.promotion.Status.TargetEnvironmentID, items)
	s.promotion.Status.Plan = plan
	return &engine.Waiting{Reason: v1alpha1.ReasonItemsRefused, Message: promotion.Refusal(plan)}
}

func (r *PromotionReconciler) planner(s *promotionScope) *promotion.Planner {
	return &promotion.Planner{
		Session: s.session, Clock: r.Pool.Clock(), Strategy: s.promotion.Status.Strategy,
		Described: s.described(), DriftPolicy: s.source.EffectiveDriftPolicy(),
	}
}

// draft compares source and target.
func (r *PromotionReconciler) draft(ctx context.Context, s *promotionScope, items []promotion.Item) error {
	draft, err := r.planner(s).Draft(ctx, items, r.slice())
	switch {
	case err != nil:
		return engine.FromNovu(err)
	case draft.Unread > 0:
		return &underway{message: fmt.Sprintf("plans: %d of %d items are read", len(items)-draft.Unread, len(items))}
	case len(draft.Unsettled) > 0:
		r.wakeObjects(draft.Unsettled)
		return r.await(s, draft.Unsettled)
	case !draft.Complete():
		return s.refuse(draft.Items)
	}
	s.promotion.Status.Plan = promotion.NewPlan(s.promotion.Status.TargetEnvironmentID, draft.Items)
	return nil
}

// apply works on the items for a while.
func (r *PromotionReconciler) apply(ctx context.Context, s *promotionScope) error {
	status := &s.promotion.Status
	if r.Pool.ReadOnly() {
		return engine.Stalledf(v1alpha1.ReasonDryRun, "the operator runs with --dry-run and does not go on: %s are done",
			promotion.Progress(status.Plan.Items))
	}
	if promotion.Count(status.Plan.Items).Pending == 0 {
		return nil
	}
	execution := r.execution(s)
	err := execution.Run(ctx, status.Plan.Items, r.slice())
	status.Strategy = execution.Strategy
	if err == nil && promotion.Count(status.Plan.Items).Pending > 0 {
		return &underway{message: promotion.Progress(status.Plan.Items) + " items are done"}
	}
	return err
}

func (r *PromotionReconciler) execution(s *promotionScope) *promotion.Execution {
	return &promotion.Execution{
		Session: s.session, Clock: r.Pool.Clock(), Strategy: s.promotion.Status.Strategy,
		Insist: s.target.Spec.Promotion.Strategy == v1alpha1.PromotionStrategySync,
	}
}

// verify looks at the target once more.
func (r *PromotionReconciler) verify(ctx context.Context, s *promotionScope) error {
	return r.execution(s).Verify(ctx, s.promotion.Status.Plan.Items)
}

// record writes down at the objects what is live in the target.
func (r *PromotionReconciler) record(ctx context.Context, s *promotionScope) error {
	r.Environments.Nudge(keyOf(s.target)) // it counts what Novu holds
	return promotion.Record(ctx, r.Client, s.promotion, s.target, *r.now())
}

func (r *PromotionReconciler) now() *metav1.Time {
	now := metav1.NewTime(r.Pool.Clock().Now())
	return &now
}

func (r *PromotionReconciler) slice() time.Duration { return cmp.Or(r.Slice, defaultSlice) }
