// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
)

// missingLayouts says which layouts the workflow names that the target will not hold. Novu keeps half of a workflow whose
// layout is missing; its own sync would bring the layout along, but nothing comes to the target that the plan does not have.
func (p *Planner) missingLayouts(w *novu.WorkflowRequest, all []Item) string {
	return withoutLayout(w, func(id string) bool {
		_, there := p.Target.Conn.Lookup(connection.Layouts, id)
		return there || slices.ContainsFunc(all, func(i Item) bool {
			return i.Kind == v1alpha1.PromotionItemLayout && i.ID == id && !i.Gone
		})
	})
}

// unplannedLayout is a layout that Novu's sync of the workflow would overwrite in the target although the plan does not have
// it; empty: none.
func unplannedLayout(w *novu.WorkflowRequest, items []v1alpha1.PlannedItem) string {
	for _, step := range w.Steps {
		id := layoutOf(step)
		if id != "" && !slices.ContainsFunc(items, func(i v1alpha1.PlannedItem) bool {
			return i.Kind == v1alpha1.PromotionItemLayout && i.EffectiveID() == id && i.Action != v1alpha1.PlanActionLeftOut
		}) {
			return id
		}
	}
	return ""
}

// withoutLayout says which layout of the workflow is not there.
func withoutLayout(w *novu.WorkflowRequest, there func(id string) bool) string {
	for _, step := range w.Steps {
		if id := layoutOf(step); id != "" && !there(id) {
			return fmt.Sprintf("step %s uses the layout %q, which the target does not hold: "+
				"describe it by a Layout object so that it is promoted too, or create it there", step.StepID, id)
		}
	}
	return ""
}

// keepUsedLayouts takes the deletion of layouts that workflows of the target go on using out of a plan: Novu would take them
// out of those workflows without a word.
func (p *Planner) keepUsedLayouts(ctx context.Context, items []v1alpha1.PlannedItem) error {
	for i := range items {
		item := &items[i]
		if item.Kind != v1alpha1.PromotionItemLayout || item.Action != v1alpha1.PlanActionDelete {
			continue
		}
		user := p.userOf(item.EffectiveID(), items)
		if user == "" {
			var err error
			if user, err = p.strangerUsing(ctx, item.EffectiveID(), items); err != nil {
				return err
			}
		}
		if user != "" {
			item.Action, item.State = v1alpha1.PlanActionUnchanged, v1alpha1.ItemStateDone
			item.Message = bounded(fmt.Sprintf("it stays, because workflow %q of the target uses it", user))
		}
	}
	return nil
}

// strangerUsing is a workflow that the plan does not have and that uses the layout in the target, as Novu knows; empty: none.
func (p *Planner) strangerUsing(ctx context.Context, layoutID string, items []v1alpha1.PlannedItem) (string, error) {
	users, err := layouts.users(ctx, p.Target.Conn.Client, layoutID)
	for _, user := range users {
		if !slices.ContainsFunc(items, func(i v1alpha1.PlannedItem) bool {
			return i.Kind == v1alpha1.PromotionItemWorkflow && i.EffectiveID() == user && i.Action != v1alpha1.PlanActionLeftOut
		}) {
			return user, err
		}
	}
	return "", err
}

// defaultLayout says what becomes of the target's default layout: Novu gives that to the first layout of an environment, and
// has no way to change it.
func (p *Planner) defaultLayout(item Item, all []Item) (refusal, note string) {
	var wanted *bool
	if layout, ok := item.Object.(*v1alpha1.Layout); ok {
		wanted = layout.Spec.Default
	}
	inTarget := p.Target.Conn.DefaultLayout()
	becomes := inTarget == "" && p.firstLayout(all) == item.ID
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

// firstLayout is the layout that is created first in a target that has none.
func (p *Planner) firstLayout(all []Item) string {
	for _, item := range all {
		if item.Kind == v1alpha1.PromotionItemLayout && !item.Gone && item.Stays == "" && item.Refused == "" {
			return item.ID
		}
	}
	return ""
}

// userOf is a workflow that will use the layout in the target, as far as promotions know; empty: none.
func (p *Planner) userOf(layoutID string, items []v1alpha1.PlannedItem) string {
	known := map[string]bool{}
	for i := range items {
		item := &items[i]
		if item.Kind != v1alpha1.PromotionItemWorkflow || item.Action == v1alpha1.PlanActionLeftOut {
			continue // what the target holds of one that is left out stays: it is a stranger to the plan
		}
		known[item.EffectiveID()] = true
		entry, _ := p.entry(item)
		if entry.After == nil && item.Action != v1alpha1.PlanActionDelete {
			entry.After = entry.Before
		}
		if UsesLayout(&entry, layoutID) {
			return item.EffectiveID()
		}
	}
	for _, record := range p.Records { // the newest first
		for i := range record.Entries {
			entry := &record.Entries[i]
			if entry.Kind != v1alpha1.PromotionItemWorkflow || entry.Skipped || known[entry.ID] {
				continue
			}
			known[entry.ID] = true
			if UsesLayout(entry, layoutID) {
				return entry.ID
			}
		}
	}
	return ""
}

// layoutOf is the layoutID that an e-mail step names.
func layoutOf(step novu.StepRequest) string {
	var values struct {
		LayoutID string `json:"layoutId"`
	}
	if step.Type == "email" {
		_ = json.Unmarshal(step.ControlValues, &values) // no object, or null: no layout
	}
	return values.LayoutID
}

// delivery says what kind of integration Novu needs to deliver through a channel: e-mail and SMS go through the primary
// one alone. The Inbox has its integration from the beginning.
var delivery = map[string]string{"email": "active primary", "sms": "active primary", "chat": "active", "push": "active"}

// Deliverable are the channels through which the target delivers.
func Deliverable(target *connection.Connection) map[string]bool {
	there := map[string]bool{}
	for _, entry := range target.All(connection.Integrations) {
		i := entry.Integration
		if i != nil && i.Active && (i.Primary || delivery[i.Channel] != "active primary") {
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
		need := delivery[step.Type]
		if text := need + " " + step.Type; need != "" && !there[step.Type] && !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "the target has no " + strings.Join(missing, " and no ") + " integration: nothing is delivered that way until it has one"
}
