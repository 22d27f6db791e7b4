// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/printable"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

const (
	maxNote = 512 // bytes of an item's message
	// maxPlanBytes bounds a plan as JSON. etcd takes 1.5 MiB for an object; the rest is for spec, conditions and what kubectl
	// keeps in an annotation. Two thousand items with their digests take about 800 KiB.
	maxPlanBytes = 1 << 20
	// maxDetailBytes bounds what a plan shows beside what it needs: changes, steps and notes. The status is written again and
	// again while items are promoted, and each time whole.
	maxDetailBytes = 240 << 10
)

// Purpose is what a plan is for, apart from its items. Whatever changes what the Promotion writes belongs here, because
// the plan's hash is what people approve.
type Purpose struct {
	// Promotion is the attempt. An approval of one is none of another with the same content.
	Promotion types.UID `json:"promotion"`
	// Source and Target are Novu's ids of the environments; a rollback has no source.
	Source string `json:"source"`
	Target string `json:"target"`
	// Environment is the Environment object that leads to the target.
	Environment string                     `json:"environment"`
	Strategy    v1alpha1.PromotionStrategy `json:"strategy"`
	OnFailure   v1alpha1.FailurePolicy     `json:"onFailure"`
	Prune       bool                       `json:"prune"`
	// Restores is the Promotion that a rollback goes back to.
	Restores *v1alpha1.PromotionReference `json:"restores"`
}

// NewPlan makes a plan of its items.
func NewPlan(purpose Purpose, items []v1alpha1.PlannedItem) *v1alpha1.PromotionPlan {
	Shrink(items)
	counts, hash := Count(items), planHash(purpose, items)
	return &v1alpha1.PromotionPlan{
		Hash: hash, ShortHash: definition.Short(hash), Items: items,
		Create: counts.Create, Update: counts.Update, Delete: counts.Delete, Unchanged: counts.Unchanged, Refused: counts.Refused,
		LeftOut: counts.LeftOut,
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

// hashedItem is what the hash of a plan says of an item. As JSON it is unambiguous, whatever the fields contain.
type hashedItem struct {
	Kind       v1alpha1.PromotionItemKind `json:"kind"`
	Namespace  string                     `json:"namespace"`
	Name       string                     `json:"name"`
	ID         string                     `json:"id"`
	Action     v1alpha1.PlanAction        `json:"action"`
	Revision   string                     `json:"revision"`
	SourceHash string                     `json:"sourceHash"`
	TargetHash string                     `json:"targetHash"`
}

// planHash identifies what the plan does: it changes with the purpose, and with what every item was in the target and
// becomes there.
func planHash(purpose Purpose, items []v1alpha1.PlannedItem) string {
	hashed := make([]hashedItem, 0, len(items))
	for i := range items {
		item := &items[i]
		h := hashedItem{
			Kind: item.Kind, Namespace: item.Namespace, Name: item.Name, ID: item.EffectiveID(),
			Action: item.Action, Revision: item.Revision, SourceHash: item.SourceHash, TargetHash: item.TargetHash,
		}
		if item.Action == v1alpha1.PlanActionLeftOut { // nothing is written, whatever it contains
			h.Revision, h.SourceHash, h.TargetHash = "", "", ""
		}
		hashed = append(hashed, h)
	}
	return definition.Revision(struct {
		Purpose Purpose      `json:"purpose"`
		Items   []hashedItem `json:"items"`
	}{purpose, hashed})
}

// Shrink leaves out changes, and then messages, of the last items as far as the plan would be too large otherwise. What
// happens to items adds messages, so that a plan can outgrow its bounds while it is carried out.
func Shrink(items []v1alpha1.PlannedItem) {
	all, bare := size(items), bareSize(items)
	left := min(maxPlanBytes-all, maxDetailBytes-(all-bare))
	for i := len(items) - 1; i >= 0 && left < 0; i-- {
		item := &items[i]
		before := size(items[i : i+1])
		item.MoreChanges += int32(len(item.Changes)) //nolint:gosec // at most 20
		item.Changes, item.Steps = nil, nil
		left += before - size(items[i:i+1])
	}
	for i := len(items) - 1; i >= 0 && left < 0; i-- {
		if items[i].Action != v1alpha1.PlanActionRefused && items[i].Action != v1alpha1.PlanActionLeftOut && items[i].State != v1alpha1.ItemStateFailed {
			left += len(items[i].Message)
			items[i].Message = ""
		}
	}
}

// bareSize is the size of the items without what is only shown.
func bareSize(items []v1alpha1.PlannedItem) int {
	bare := slices.Clone(items)
	for i := range bare {
		bare[i].Changes, bare[i].Steps, bare[i].Message = nil, nil, ""
	}
	return size(bare)
}

// size of the items as JSON, in bytes.
func size(items []v1alpha1.PlannedItem) int {
	text, _ := json.Marshal(items) // plain strings and numbers
	return len(text)
}

// Matches reports whether a plan is still about these items, and they have not changed as far as their objects tell. Of what
// no object describes, only the records tell, and they do not change.
func Matches(plan *v1alpha1.PromotionPlan, items []Item, described bool) bool {
	planned := map[string]*v1alpha1.PlannedItem{}
	for i := range plan.Items {
		if item := &plan.Items[i]; item.Action != v1alpha1.PlanActionDelete {
			key := types.NamespacedName{Namespace: item.Namespace, Name: item.Name}
			planned[Item{Kind: item.Kind, Key: key}.String()] = item
		}
	}
	found := 0
	for i := range items {
		item := &items[i]
		known := planned[item.String()]
		if known != nil {
			found++
		}
		if item.Object == nil {
			continue
		}
		if known != nil && known.Action == v1alpha1.PlanActionLeftOut && (item.Refused != "" || known.SourceHash == "") {
			if item.Refused == "" && fit(item) {
				return false
			}
			continue
		}
		if known == nil || known.EffectiveID() != item.ID || item.Refused != "" {
			return false
		}
		if sync := view.Status(item.Object); described && item.Pin == "" && (sync.RemoteHash != known.SourceHash || sync.ObservedGeneration != item.Object.GetGeneration()) {
			return false
		}
	}
	return found == len(planned)
}

// Fits reports whether the plan can be kept in status.
func Fits(plan *v1alpha1.PromotionPlan) error {
	if bytes := size(plan.Items); bytes > maxPlanBytes {
		return reconcile.Stalledf(v1alpha1.ReasonPlanTooLarge,
			"the plan of %d items is too large for one object (%d KiB of %d): use several Promotions with selectors",
			len(plan.Items), bytes>>10, maxPlanBytes>>10)
	}
	return nil
}

// Counts of a plan's items.
type Counts struct {
	Create, Update, Delete, Unchanged           int32
	Refused, LeftOut                            int32
	Pending, Applying, Done, Failed, RolledBack int32
}

// Count counts items by action and by state.
func Count(items []v1alpha1.PlannedItem) (c Counts) {
	for i := range items {
		switch items[i].Action {
		case v1alpha1.PlanActionCreate:
			c.Create++
		case v1alpha1.PlanActionUpdate:
			c.Update++
		case v1alpha1.PlanActionDelete:
			c.Delete++
		case v1alpha1.PlanActionUnchanged:
			c.Unchanged++
		case v1alpha1.PlanActionRefused:
			c.Refused++
		case v1alpha1.PlanActionLeftOut:
			c.LeftOut++
		}
		switch items[i].State {
		case v1alpha1.ItemStateDone:
			c.Done++
		case v1alpha1.ItemStateFailed:
			c.Failed++
		case v1alpha1.ItemStatePending:
			c.Pending++
		case v1alpha1.ItemStateApplying:
			c.Applying++
		case v1alpha1.ItemStateRolledBack:
			c.RolledBack++
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
	text := fmt.Sprintf("%d to create, %d to update, ", plan.Create, plan.Update)
	if plan.Delete > 0 {
		text += fmt.Sprintf("%d to delete, ", plan.Delete)
	}
	text += fmt.Sprintf("%d unchanged", plan.Unchanged)
	if plan.LeftOut > 0 {
		text += fmt.Sprintf(", %d left out: ", plan.LeftOut) + some(plan.Items, leftOut)
	}
	return text
}

func leftOut(i *v1alpha1.PlannedItem) bool { return i.Action == v1alpha1.PlanActionLeftOut }

// Refusal says which items of a plan are refused.
func Refusal(plan *v1alpha1.PromotionPlan) string {
	return some(plan.Items, func(i *v1alpha1.PlannedItem) bool { return i.Action == v1alpha1.PlanActionRefused })
}

// Failures says which items of a plan have failed.
func Failures(plan *v1alpha1.PromotionPlan) string {
	return some(plan.Items, func(i *v1alpha1.PlannedItem) bool { return i.State == v1alpha1.ItemStateFailed })
}

// Progress is the number of items that are done, of all but those that are left out.
func Progress(items []v1alpha1.PlannedItem) string {
	counts := Count(items)
	return fmt.Sprintf("%d/%d", counts.Done, len(items)-int(counts.LeftOut))
}

// Result says how far a promotion has come when it ends. verb is what it did with the items.
func Result(items []v1alpha1.PlannedItem, verb, target string) string {
	done := make([]v1alpha1.PlannedItem, 0, len(items))
	for _, item := range items {
		if item.State == v1alpha1.ItemStateDone {
			done = append(done, item)
		}
	}
	counts, all := Count(done), Count(items)
	text := fmt.Sprintf("%s %s %s: %d created, %d updated, ", Progress(items), verb, target, counts.Create, counts.Update)
	if all.Delete > 0 {
		text += fmt.Sprintf("%d deleted, ", counts.Delete)
	}
	text += fmt.Sprintf("%d unchanged", counts.Unchanged)
	if all.RolledBack > 0 {
		text += fmt.Sprintf(", %d restored as they were", all.RolledBack)
	}
	if all.LeftOut > 0 {
		text += fmt.Sprintf(", %d left out: ", all.LeftOut) + some(items, leftOut)
	}
	if left := all.Pending + all.Applying; left > 0 {
		text += fmt.Sprintf(", %d not begun", left)
	}
	if all.Failed > 0 {
		text += fmt.Sprintf(", %d failed: ", all.Failed) +
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
func bounded(text string) string { return printable.Truncate(text, maxNote) }
