package promotion

import (
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
			return i.Kind == v1alpha1.PromotionItemLayout && i.EffectiveID() == id
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

// layoutOf is the layoutId that an e-mail step names.
func layoutOf(step novu.StepRequest) string {
	var values struct {
		LayoutID string `json:"layoutId"`
	}
	if step.Type == string(v1alpha1.StepTypeEmail) {
		_ = json.Unmarshal(step.ControlValues, &values) // no object, or null: no layout
	}
	return values.LayoutID
}

// delivery says what kind of integration Novu needs to deliver through a channel: e-mail and SMS go through the primary
// one alone. The Inbox has its integration from the beginning.
var delivery = map[string]string{"email": "active primary", "sms": "active primary", "chat": "active", "push": "active"}

// missingIntegrations says through which channels the target cannot deliver.
func missingIntegrations(w *novu.WorkflowRequest, target *connection.Connection) string {
	there := map[string]bool{}
	for _, entry := range target.All(connection.Integrations) {
		i := entry.Integration
		if i != nil && i.Active && (i.Primary || delivery[i.Channel] != "active primary") {
			there[i.Channel] = true
		}
	}
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
