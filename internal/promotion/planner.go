package promotion

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/novu"
)

// readers is how many items are read at the same time.
const readers = 8

// Planner compares what the two environments hold.
type Planner struct {
	*Session
	Clock clock.PassiveClock
	// Strategy that the plan is made for.
	Strategy v1alpha1.PromotionStrategy
	// Described says that the objects describe the source itself. If not, the source is a promotion target, and holds what
	// an earlier promotion brought there.
	Described bool
	// DriftPolicy of objects that do not set their own.
	DriftPolicy v1alpha1.DriftPolicy
}

// Draft is a plan in the making.
type Draft struct {
	// Items that could be planned.
	Items []v1alpha1.PlannedItem
	// Unread counts the items that there was no time for.
	Unread int
	// Unsettled are items that Novu's source environment does not hold as their objects say, which the operator is about
	// to mend.
	Unsettled []Item
}

// Complete says whether the draft is a plan that can be carried out.
func (d *Draft) Complete() bool {
	return d.Unread == 0 && len(d.Unsettled) == 0 && Count(d.Items).Refused == 0
}

// Draft plans every item, or as many as there is time for: what was read is kept in the session, so that the next draft
// gets further.
func (p *Planner) Draft(ctx context.Context, items []Item, limit time.Duration) (*Draft, error) {
	if err := p.refresh(ctx); err != nil {
		return nil, err
	}
	outlines, err := p.outlines(ctx, items, limit)
	if err != nil {
		return nil, err
	}
	if p.drafted == nil {
		p.drafted = map[string]bool{}
	}
	draft := &Draft{}
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
	return draft, nil
}

// outlines plans items until the time is over, and at least one more than before. Those that there was no time for are nil.
func (p *Planner) outlines(ctx context.Context, items []Item, limit time.Duration) ([]*outline, error) {
	outlines := make([]*outline, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	until, begun := p.Clock.Now().Add(limit), false
	for i := range items {
		if !p.drafted[items[i].String()] {
			if begun && p.Clock.Now().After(until) {
				break
			}
			begun = true
		}
		group.Go(func() (err error) {
			outlines[i], err = p.outline(ctx, items[i], items)
			return err
		})
	}
	return outlines, group.Wait()
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

func (p *Planner) outline(ctx context.Context, item Item, all []Item) (*outline, error) {
	if item.Kind == v1alpha1.PromotionItemLayout {
		return outlineOf(ctx, p, layouts, item, func(*novu.Layout) (refusal, note string) { return "", "" })
	}
	return outlineOf(ctx, p, workflows, item, func(w *novu.Workflow) (refusal, note string) {
		return p.missingLayouts(w, all), missingIntegrations(w, p.Target.Conn)
	})
}

// outlineOf compares source and target. check looks at what only one kind has.
func outlineOf[H any](
	ctx context.Context, p *Planner, k *kind[H], item Item, check func(source *H) (refusal, note string),
) (*outline, error) {
	source, err := read(ctx, p.Source, k, item.Object.EffectiveID())
	if err != nil {
		return nil, err
	}
	if unsettled := p.unsettled(item, source == nil || k.facts(source).Hash != item.Object.Sync().RemoteHash); unsettled != "" {
		return &outline{unsettled: unsettled}, nil
	}
	if source == nil {
		return refusal(item, fmt.Sprintf("Novu's source environment (Environment %s) does not hold it", p.Source.Name)), nil
	}
	target, err := read(ctx, p.Target, k, item.Object.EffectiveID())
	if err != nil {
		return nil, err
	}
	refused, note := check(source)
	if refused = cmp.Or(objection(k, "the source", source), objection(k, "the target", target), k.errors(source), refused); refused != "" {
		return refusal(item, refused), nil
	}
	planned := item.planned()
	planned.SourceHash, planned.Revision = k.facts(source).Hash, revision(item.Object, k.facts(source).Hash)
	planned.Message = bounded(note)
	planned.Action, planned.State = v1alpha1.PlanActionCreate, v1alpha1.ItemStatePending
	if target != nil {
		classify(&planned, k.differences(source, target))
	}
	return &outline{item: planned}, nil
}

func classify(planned *v1alpha1.PlannedItem, differences []v1alpha1.Difference) {
	planned.Action = v1alpha1.PlanActionUpdate
	if len(differences) == 0 {
		planned.Action, planned.State = v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone
	}
	kept, more := definition.Truncate(differences)
	planned.Changes, planned.MoreChanges = kept, int32(more) //nolint:gosec // a few hundred at most
}

// unsettled says that Novu does not hold what the object describes although the operator corrects that: it has not come
// to it yet. Where it leaves such changes alone, they are promoted as they are.
func (p *Planner) unsettled(item Item, differs bool) string {
	policies := item.Object.Policies()
	if !p.Described || !differs || policies.Suspend || cmp.Or(policies.Drift, p.DriftPolicy) != v1alpha1.DriftPolicyCorrect {
		return ""
	}
	return "somebody changed it in Novu, and the operator is about to write it again"
}

// objection to an object that belongs to application code: Novu does not copy it, and overwrites it when the code is
// synchronised.
func objection[H any](k *kind[H], where string, have *H) string {
	if have == nil || !k.facts(have).CodeFirst {
		return ""
	}
	return fmt.Sprintf("%s environment holds a code-first workflow of this id, which is not promoted: "+
		"synchronise the application with each environment's key, or use another workflowId", where)
}

// revision is the one that people know the definition by: that of the object if the source holds exactly what the object
// brought there, else one that is made of what the source holds.
func revision(o engine.Object, hash string) string {
	if sync := o.Sync(); sync.RemoteHash == hash && sync.Revision != "" {
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
	if i.Object != nil {
		planned.ID = i.Object.EffectiveID()
	}
	if i.Refused != "" {
		planned.Action, planned.Message = v1alpha1.PlanActionRefused, bounded(i.Refused)
	}
	return planned
}
