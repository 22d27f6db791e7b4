// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
)

// Definition is what an environment holds, or is to hold, under one identifier: a workflow or a layout, exactly one.
// Definitions that are read may be shared by many entries: they must not be changed.
type Definition struct {
	Kind v1alpha1.PromotionItemKind
	// ID is the workflowID or layoutID.
	ID       string
	Workflow *novu.WorkflowRequest
	Layout   *novu.LayoutRequest
}

// OfWorkflow is the definition of a workflow. Internal ids of its steps are not recorded: those belong to one environment,
// and [definition.BindSteps] finds them when the workflow is written.
func OfWorkflow(r *novu.WorkflowRequest) *Definition {
	return &Definition{Kind: v1alpha1.PromotionItemWorkflow, ID: r.WorkflowID, Workflow: r}
}

// OfLayout is the definition of a layout.
func OfLayout(r *novu.LayoutRequest) *Definition {
	return &Definition{Kind: v1alpha1.PromotionItemLayout, ID: r.LayoutID, Layout: r}
}

// Revision is a digest of what the definition says, see [definition.Revision]; empty for none.
func (d *Definition) Revision() string {
	form := formOf(d)
	if form == nil {
		return ""
	}
	return definition.Revision(form.request(d))
}

// Item names what an entry is about within its target.
type Item struct {
	Kind v1alpha1.PromotionItemKind `json:"kind"`
	// ID is the workflowID or layoutID.
	ID string `json:"id"`
	// Failed says, among what a Promotion has done, that the item failed and the target may have been changed all the same.
	Failed bool `json:"failed,omitempty"`
}

// Entry is what a Promotion does with one item.
type Entry struct {
	Kind v1alpha1.PromotionItemKind
	// ID is the workflowID or layoutID.
	ID string
	// Namespace and Name of the source object.
	Namespace, Name string
	// Labels of the source object, by which it can still be selected when it is gone; nil: unknown.
	Labels map[string]string
	Action v1alpha1.PlanAction
	// Revision of After, as the plan names it.
	Revision string
	// Before is what the target held; nil: nothing.
	Before *Definition
	// BeforeRevision is the revision of Before that was recorded as live, or else its hash.
	BeforeRevision string
	// After is what the target is to hold; nil: nothing, the item is deleted.
	After *Definition
	// Skipped reports whether the Promotion ended without doing this. It is found out when a record is read.
	Skipped bool
	// Failed reports whether the Promotion failed at this and may have changed the target all the same: what it left is not After.
	Failed bool
}

// Item names what the entry is about.
func (e *Entry) Item() Item { return Item{Kind: e.Kind, ID: e.ID} }

// Object is the source object.
func (e *Entry) Object() types.NamespacedName {
	return types.NamespacedName{Namespace: e.Namespace, Name: e.Name}
}

// wrote reports whether the target may have been changed by the entry.
func (e *Entry) wrote() bool {
	return !e.Skipped && e.Action != v1alpha1.PlanActionUnchanged && e.Action != v1alpha1.PlanActionRefused
}

// Record is what one Promotion did.
type Record struct {
	// Promotion that it is the record of. It may be gone.
	Promotion    types.NamespacedName
	PromotionUID types.UID
	// Name of the Promotion for people, as texts have it: with its namespace if that is not the target's.
	Name string
	// Number of the record, ascending and without gaps in each target, except where records were deleted.
	Number int64
	// Time when the record was complete, before the Promotion's first write.
	Time metav1.Time
	// RollbackOf is set if the Promotion was a rollback: the Promotion that it went back to.
	RollbackOf v1alpha1.PromotionReference
	Entries    []Entry
	// Finished reports whether it is known which entries were carried out: the others are Skipped. Until then, and forever if the
	// Promotion was deleted while at work, each may have been carried out or not.
	Finished bool
	// Damaged says why the record cannot be read. It then has no entries, and the names may be missing.
	Damaged string

	version uint64 // of the object that made the record complete
}

// Wrote reports whether the Promotion may have changed the target.
func (r *Record) Wrote() bool {
	for i := range r.Entries {
		if r.Entries[i].wrote() {
			return true
		}
	}
	return false
}

// entry of the item; nil: it has none.
func (r *Record) entry(item Item) *Entry {
	for i := range r.Entries {
		if r.Entries[i].Item() == item {
			return &r.Entries[i]
		}
	}
	return nil
}

// finish marks every entry that is not among those that were carried out.
func (r *Record) finish(done map[Item]bool) {
	for i := range r.Entries {
		e := &r.Entries[i]
		e.Failed = done[Item{Kind: e.Kind, ID: e.ID, Failed: true}]
		e.Skipped = !e.Failed && !done[e.Item()]
	}
	r.Finished = true
}
