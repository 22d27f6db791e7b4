// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/lint"
	"novu-operator.dev/internal/promotion/history"
)

// check says why the target cannot take a workflow, or what of it will not work there.
func (workflowRules) check(p *Planner, _ Item, want *novu.WorkflowRequest, all []Item) (refusal, note string) {
	if deep := definition.TooDeep(want); deep != "" {
		return deep + ": flatten it in the source, and create a new Promotion", ""
	}
	missing, mute := p.missing(layoutsOf(want), all), missingIntegrations(want, p.Target.Conn)
	if mute != "" && p.MissingIntegrations == v1alpha1.MissingIntegrationsBlock {
		return cmp.Or(missing, mute+"; create an Integration there"), ""
	}
	return missing, mute
}

// missing says which of the things that a definition names the target will not hold. Novu keeps half of a workflow whose
// layout is missing; its own sync would bring the layout along, but nothing comes to the target that the plan does not have.
func (p *Planner) missing(uses []use, all []Item) string {
	return absent(uses, func(u use) bool {
		return p.targetHolds(u) || slices.ContainsFunc(all, func(i Item) bool { return i.Kind == u.kind && i.ID == u.id && !i.Gone })
	})
}

// unplanned is something that Novu's sync of a definition would overwrite in the target although the plan does not have it;
// nil: nothing.
func unplanned(uses []use, items []v1alpha1.PlannedItem) *use {
	for _, u := range uses {
		if !inPlan(items, u.kind, u.id) {
			return &u
		}
	}
	return nil
}

// inPlan reports whether a plan has the item, and does not leave it out.
func inPlan(items []v1alpha1.PlannedItem, kind v1alpha1.PromotionItemKind, id string) bool {
	return slices.ContainsFunc(items, func(i v1alpha1.PlannedItem) bool {
		return i.Kind == kind && i.EffectiveID() == id && i.Action != v1alpha1.PlanActionLeftOut
	})
}

// absent says which of the things that a definition names is not there.
func absent(uses []use, there func(use) bool) string {
	for _, u := range uses {
		if !there(u) {
			return fmt.Sprintf("%s uses the %s, which the target does not hold: "+
				"describe it by a %s object so that it is promoted too, or create it there", u.where, u, u.kind)
		}
	}
	return ""
}

// keepUsed takes the deletion of what others in the target go on using out of a plan: Novu would take it out of those
// without a word.
func (p *Planner) keepUsed(ctx context.Context, items []v1alpha1.PlannedItem) error {
	for i := range items {
		item := &items[i]
		by := PromotableOf(item.Kind).UsedBy
		if by == "" || item.Action != v1alpha1.PlanActionDelete {
			continue
		}
		user := p.userOf(item, items)
		if user == "" {
			var err error
			if user, err = p.strangerUsing(ctx, item, items); err != nil {
				return err
			}
		}
		if user != "" {
			item.Action, item.State = v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone
			item.Message = bounded(fmt.Sprintf("it stays, because %s %q of the target uses it", PromotableOf(by).noun(), user))
		}
	}
	return nil
}

// strangerUsing is what the plan does not have and uses the item in the target, as Novu knows; empty: nothing.
func (p *Planner) strangerUsing(ctx context.Context, used *v1alpha1.PlannedItem, items []v1alpha1.PlannedItem) (string, error) {
	kind := PromotableOf(used.Kind)
	users, err := kind.promoter.usersIn(ctx, p.Target.Conn.Client, used.EffectiveID())
	for _, user := range users {
		if !inPlan(items, kind.UsedBy, user) {
			return user, err
		}
	}
	return "", err
}

// check says what becomes of the target's default layout: Novu gives that to the first layout of an environment, and
// has no way to change it.
func (layoutRules) check(p *Planner, item Item, _ *novu.LayoutRequest, all []Item) (refusal, note string) {
	var wanted *bool
	if layout, ok := item.Object.(*v1alpha1.Layout); ok {
		wanted = layout.Spec.Default
	}
	inTarget := p.Target.Conn.DefaultLayout()
	becomes := inTarget == "" && firstOf(all, item.Kind) == item.ID
	switch {
	case wanted != nil && *wanted && inTarget != "" && inTarget != item.ID:
		return "", fmt.Sprintf("spec.default is true, and the target's default layout is %q, which Novu has no way to change", inTarget)
	case wanted != nil && !*wanted && becomes:
		return "spec.default is false, and Novu makes the first layout of an environment its default: promote the Layout with default: true before, or together", ""
	case wanted == nil && becomes && p.Source != nil && p.Source.Conn.DefaultLayout() != item.ID && p.Source.Conn.DefaultLayout() != "":
		return "", fmt.Sprintf("it becomes the default layout of the target for good, because it is the first one there; that of the source is %q",
			p.Source.Conn.DefaultLayout())
	}
	return "", ""
}

// firstOf is the item of a kind that is created first in a target that has none.
func firstOf(all []Item, kind v1alpha1.PromotionItemKind) string {
	for _, item := range all {
		if item.Kind == kind && !item.Gone && item.Stays == "" && item.Refused == "" {
			return item.ID
		}
	}
	return ""
}

// userOf is what will use an item in the target, as far as promotions know; empty: nothing.
func (p *Planner) userOf(used *v1alpha1.PlannedItem, items []v1alpha1.PlannedItem) string {
	known := map[string]bool{}
	for i := range items {
		item := &items[i]
		if item.Action == v1alpha1.PlanActionLeftOut {
			continue // what the target holds of one that is left out stays: it is a stranger to the plan
		}
		known[entryKey(item.Kind, item.EffectiveID())] = true
		entry, _ := p.entry(item)
		if entry.After == nil && item.Action != v1alpha1.PlanActionDelete {
			entry.After = entry.Before
		}
		if Uses(&entry, used.Kind, used.EffectiveID()) {
			return item.EffectiveID()
		}
	}
	for _, record := range p.Records { // the newest first
		for i := range record.Entries {
			entry := &record.Entries[i]
			key := entryKey(entry.Kind, entry.ID)
			if entry.Skipped || known[key] {
				continue
			}
			known[key] = true
			if Uses(entry, used.Kind, used.EffectiveID()) {
				return entry.ID
			}
		}
	}
	return ""
}

// Uses reports whether what was promoted names the object. Novu takes a deleted layout out of workflows without a trace in
// its lists.
func Uses(entry *history.Entry, kind v1alpha1.PromotionItemKind, id string) bool {
	return slices.ContainsFunc(usesOf(entry), func(u use) bool { return u.kind == kind && u.id == id })
}

func usesOf(entry *history.Entry) []use {
	if entry == nil || entry.After == nil {
		return nil
	}
	return PromotableOf(entry.After.Kind).promoter.usesOf(entry.After)
}

func (u use) String() string { return fmt.Sprintf("%s %q", PromotableOf(u.kind).noun(), u.id) }

func (workflowRules) uses(want *novu.WorkflowRequest) []use { return layoutsOf(want) }

func (layoutRules) uses(*novu.LayoutRequest) []use { return nil }

// layoutsOf are the layouts that e-mail steps name.
func layoutsOf(w *novu.WorkflowRequest) (uses []use) {
	for _, step := range w.Steps {
		var values struct {
			LayoutID string `json:"layoutId"`
		}
		if step.Type != "email" {
			continue
		}
		_ = json.Unmarshal(step.ControlValues, &values) // no object, or null: no layout
		if values.LayoutID != "" {
			uses = append(uses, use{kind: v1alpha1.PromotionItemLayout, id: values.LayoutID, where: "step " + step.StepID})
		}
	}
	return uses
}

// Deliverable are the channels through which the target delivers.
func Deliverable(target *connection.Connection) map[string]bool {
	there := map[string]bool{}
	for _, entry := range target.All(connection.Integrations) {
		i := entry.Integration
		if i != nil && lint.Delivers(i.Channel, i.Active, i.Primary) {
			there[i.Channel] = true
		}
	}
	return there
}

// missingIntegrations says through which channels the target cannot deliver.
func missingIntegrations(w *novu.WorkflowRequest, target *connection.Connection) string {
	there := Deliverable(target)
	var missing []string
	for _, step := range w.Steps {
		if need := lint.Needs(step.Type); need != "" && !there[step.Type] && !slices.Contains(missing, need) {
			missing = append(missing, need)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "the target has no " + strings.Join(missing, " and no ") + " integration: nothing is delivered that way until it has one"
}
