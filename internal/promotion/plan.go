package promotion

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
)

const (
	maxNote        = 512       // bytes of an item's message
	maxChangeBytes = 256 << 10 // of all changes in one plan: a status must stay well below what etcd takes
)

// NewPlan makes a plan of its items.
func NewPlan(targetEnvironmentID string, items []v1alpha1.PlannedItem) *v1alpha1.PromotionPlan {
	boundChanges(items)
	counts := Count(items)
	return &v1alpha1.PromotionPlan{
		Hash: planHash(targetEnvironmentID, items), Items: items,
		Create: counts.Create, Update: counts.Update, Unchanged: counts.Unchanged, Refused: counts.Refused,
	}
}

// Refusals is the plan of items of which some are refused for what their objects say: Novu was not asked, so that of the
// others there is nothing to tell.
func Refusals(items []Item) []v1alpha1.PlannedItem {
	planned := make([]v1alpha1.PlannedItem, 0, len(items))
	for _, item := range items {
		planned = append(planned, item.planned())
	}
	return planned
}

// planHash stands for what the plan does: it changes with the target and with every item's action and revision.
func planHash(targetEnvironmentID string, items []v1alpha1.PlannedItem) string {
	lines := []string{targetEnvironmentID}
	for i := range items {
		item := &items[i]
		lines = append(lines, strings.Join([]string{string(item.Kind), item.ID, string(item.Action), item.Revision}, " "))
	}
	return definition.Revision(lines)
}

// boundChanges leaves out what does not fit, beginning with the last items.
func boundChanges(items []v1alpha1.PlannedItem) {
	size := 0
	for i := range items {
		for n, change := range items[i].Changes {
			if size += len(change.Path) + len(change.From) + len(change.To); size > maxChangeBytes {
				items[i].MoreChanges += int32(len(items[i].Changes) - n) //nolint:gosec // at most 20
				items[i].Changes = items[i].Changes[:n]
				break
			}
		}
	}
}

// Counts of a plan's items.
type Counts struct{ Create, Update, Unchanged, Refused, Done, Failed, Pending int32 }

// Count counts items by action and by state.
func Count(items []v1alpha1.PlannedItem) (c Counts) {
	for i := range items {
		switch items[i].Action {
		case v1alpha1.PlanActionCreate:
			c.Create++
		case v1alpha1.PlanActionUpdate:
			c.Update++
		case v1alpha1.PlanActionUnchanged:
			c.Unchanged++
		case v1alpha1.PlanActionRefused:
			c.Refused++
		}
		switch items[i].State {
		case v1alpha1.ItemStateDone:
			c.Done++
		case v1alpha1.ItemStateFailed:
			c.Failed++
		case v1alpha1.ItemStatePending:
			c.Pending++
		}
	}
	return c
}

// Strategy is the one to plan for.
func Strategy(wanted v1alpha1.PromotionStrategy, source, target *connection.Connection) v1alpha1.PromotionStrategy {
	if wanted == "" && !target.SameNovu(source) {
		return v1alpha1.PromotionStrategyApply
	}
	return cmp.Or(wanted, v1alpha1.PromotionStrategySync)
}

// Foresight says what a plan will do.
func Foresight(plan *v1alpha1.PromotionPlan) string {
	return fmt.Sprintf("%d to create, %d to update, %d unchanged", plan.Create, plan.Update, plan.Unchanged)
}

// Refusal says which items of a plan are refused.
func Refusal(plan *v1alpha1.PromotionPlan) string {
	return some(plan.Items, func(i *v1alpha1.PlannedItem) bool { return i.Action == v1alpha1.PlanActionRefused }) +
		". Nothing is written; the plan is made again when they change"
}

// Progress is the number of items that are done, of all.
func Progress(items []v1alpha1.PlannedItem) string {
	return fmt.Sprintf("%d/%d", Count(items).Done, len(items))
}

// Result says how a promotion has ended.
func Result(items []v1alpha1.PlannedItem, target string) string {
	done := make([]v1alpha1.PlannedItem, 0, len(items))
	for _, item := range items {
		if item.State == v1alpha1.ItemStateDone {
			done = append(done, item)
		}
	}
	counts := Count(done)
	text := fmt.Sprintf("%s promoted to %s: %d created, %d updated, %d unchanged",
		Progress(items), target, counts.Create, counts.Update, counts.Unchanged)
	if failed := Count(items).Failed; failed > 0 {
		text += fmt.Sprintf(", %d failed: ", failed) +
			some(items, func(i *v1alpha1.PlannedItem) bool { return i.State == v1alpha1.ItemStateFailed })
	}
	return text
}

// some names the first few items for which which says so, with their messages.
func some(items []v1alpha1.PlannedItem, which func(*v1alpha1.PlannedItem) bool) string {
	const most = 3
	var named []string
	more := 0
	for i := range items {
		item := &items[i]
		switch {
		case !which(item):
		case len(named) == most:
			more++
		default:
			named = append(named, fmt.Sprintf("%s %s/%s: %s", item.Kind, item.Namespace, item.Name, item.Message))
		}
	}
	if more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(named, "; ")
}

// bounded cuts the message of an item.
func bounded(text string) string {
	if len(text) <= maxNote {
		return text
	}
	end := maxNote - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
