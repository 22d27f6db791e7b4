package promotion

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/novu"
)

const (
	// fresh is how old a list may be by which an item is judged before it is written. A change that it misses is noticed
	// in the answer to the write.
	fresh = 10 * time.Second
	// settling is how long a creation may still be under way in Novu after its answer was lost. Two at once make duplicates.
	settling = 3 * time.Second
	// writeTime is how long a write may take. The manager waits a little longer when it shuts down.
	writeTime = 25 * time.Second
)

// Execution carries out a plan.
type Execution struct {
	*Session
	Clock clock.PassiveClock
	// Strategy that workflows are brought with. It becomes Apply when Novu does not offer Sync.
	Strategy v1alpha1.PromotionStrategy
	// Insist says that the user asked for Sync: nothing else is done instead.
	Insist bool
}

// failure ends the work on one item for good. The others go on.
type failure struct{ message string }

func (f *failure) Error() string { return f.message }

func failf(format string, args ...any) error { return &failure{message: fmt.Sprintf(format, args...)} }

// Run works on pending items, one after the other, for about as long as limit says but at least on one, and notes in each
// how it went. An error is about no item in particular, or will pass: the item stays pending.
func (e *Execution) Run(ctx context.Context, items []v1alpha1.PlannedItem, limit time.Duration) error {
	now := e.Clock.Now()
	if err := e.refresh(ctx, items, now.Add(-fresh)); err != nil {
		return engine.FromNovu(err)
	}
	until, begun := e.Clock.Now().Add(limit), false
	for i := range items {
		if items[i].State != v1alpha1.ItemStatePending {
			continue
		}
		if begun && e.Clock.Now().After(until) {
			return nil
		}
		begun = true
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := settle(&items[i], e.bring(ctx, &items[i])); err != nil {
			return err
		}
	}
	return nil
}

// refresh lists what the items' turn is decided by.
func (e *Execution) refresh(ctx context.Context, items []v1alpha1.PlannedItem, notBefore time.Time) error {
	var resources []connection.Resource
	if pending(items, v1alpha1.PromotionItemLayout) {
		resources = append(resources, connection.Layouts)
	}
	if pending(items, v1alpha1.PromotionItemWorkflow) {
		resources = append(resources, connection.Workflows)
	}
	if err := e.Source.Refresh(ctx, notBefore, resources...); err != nil {
		return err
	}
	return e.Target.Refresh(ctx, notBefore, resources...)
}

func pending(items []v1alpha1.PlannedItem, kind v1alpha1.PromotionItemKind) bool {
	for i := range items {
		if items[i].Kind == kind && items[i].State == v1alpha1.ItemStatePending {
			return true
		}
	}
	return false
}

// settle notes the outcome in the item, if it is about the item alone.
func settle(item *v1alpha1.PlannedItem, err error) error {
	var (
		failed  *failure
		stalled *engine.Stalled
	)
	outcome := engine.FromNovu(err)
	switch {
	case err == nil:
		item.State = v1alpha1.ItemStateDone
		return nil
	case errors.As(err, &failed), errors.As(outcome, &stalled) && !aboutAll(err):
		item.State, item.Message = v1alpha1.ItemStateFailed, bounded(outcome.Error())
		return nil
	}
	return outcome
}

// aboutAll says that the error is not about the item: the key is refused, or what answered is not Novu.
func aboutAll(err error) bool {
	return engine.EnvironmentTrouble(err) || novu.IsNotFound(err, novu.ResourceRoute) || novu.IsNotFound(err, novu.ResourceUnknown)
}

func (e *Execution) bring(ctx context.Context, item *v1alpha1.PlannedItem) error {
	if item.Kind == v1alpha1.PromotionItemLayout {
		return bring(ctx, e, layouts, item, e.writeLayout)
	}
	return bring(ctx, e, workflows, item, e.writeWorkflow)
}

// bring makes the target hold what the source held when the plan was made. It looks at both before it writes, at no cost
// if nothing has happened since it last did.
func bring[H any](
	ctx context.Context, e *Execution, k *kind[H], item *v1alpha1.PlannedItem,
	write func(ctx context.Context, source, target *H) (*H, error),
) error {
	source, err := read(ctx, e.Source, k, item.ID)
	if err != nil {
		return err
	}
	if source == nil || k.facts(source).Hash != item.SourceHash {
		return e.moved("since the plan was made")
	}
	target, err := read(ctx, e.Target, k, item.ID)
	if err != nil {
		return err
	}
	if target != nil && len(k.differences(source, target)) == 0 {
		return nil
	}
	if refused := objection(k, "the target", target); refused != "" {
		return failf("%s", refused)
	}
	// A write that has begun comes to its end even if the operator shuts down: cut off, nobody would know whether Novu
	// carries it out, and the next operator may be at work at once.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	got, err := write(whole, source, target)
	if err != nil {
		return doubt(e, k, item.ID, target == nil, err)
	}
	keep(e.Target, k, item.ID, got)
	return explain(ctx, e, k, item, k.differences(source, got))
}

func (e *Execution) moved(when string) error {
	return failf("Environment %s holds something else than planned, it was changed %s: create a new Promotion", e.Source.Name, when)
}

// doubt remembers a write whose fate is unknown, so that the target is observed before the next one, and not while Novu
// may still be at work on it.
func doubt[H any](e *Execution, k *kind[H], id string, creation bool, err error) error {
	switch {
	case novu.IsNotFound(err, novu.ResourceLayout):
		e.Target.Conn.Doubt(k.resource, id) // Novu may have kept half of the workflow
		return failf("%s: create the layout, or correct the step that names it, and create a new Promotion", err)
	case !novu.IsMaybeCommitted(err):
		return err
	}
	e.Target.Conn.Doubt(k.resource, id)
	outcome := engine.FromNovu(err)
	var transient *engine.Transient
	if later := e.Clock.Now().Add(settling); creation && errors.As(outcome, &transient) && transient.After.Before(later) {
		transient.After = later
	}
	return outcome
}

// explain finds out why the target does not hold what the source held: because the source was changed in the same moment,
// or because Novu has its own form of the definition.
func explain[H any](
	ctx context.Context, e *Execution, k *kind[H], item *v1alpha1.PlannedItem, differences []v1alpha1.Difference,
) error {
	if len(differences) == 0 {
		return nil
	}
	source, err := readAgain(ctx, e.Source, k, item.ID)
	if err != nil {
		return err
	}
	if source == nil || k.facts(source).Hash != item.SourceHash {
		return e.moved("while it was promoted")
	}
	item.Message = bounded("Novu keeps its own form of " + paths(differences) + " in the target")
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
