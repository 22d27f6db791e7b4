// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PromotionSpec is what is to be promoted, and where to. A Promotion is one attempt: its spec never changes, except for approvals
// and abort.
//
// +kubebuilder:validation:XValidation:rule="has(self.selector) == has(oldSelf.selector) && has(self.items) == has(oldSelf.items) && has(self.rollback) == has(oldSelf.rollback) && has(self.requestedBy) == has(oldSelf.requestedBy) && has(self.ttlSecondsAfterFinished) == has(oldSelf.ttlSecondsAfterFinished) && has(self.unfitItems) == has(oldSelf.unfitItems) && self.?dryRun.orValue(false) == oldSelf.?dryRun.orValue(false) && self.?prune.orValue(false) == oldSelf.?prune.orValue(false)",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.approvals) || has(self.approvals) && oldSelf.approvals.all(o, self.approvals.exists(a, a.user == o.user && a.planHash == o.planHash))",fieldPath=".approvals",message="approvals are only added to or renewed, never changed or taken back: set abort to stop the Promotion"
// +kubebuilder:validation:XValidation:rule="!oldSelf.?abort.orValue(false) || self.?abort.orValue(false)",fieldPath=".abort",message="a Promotion that was aborted stays so: create a new Promotion"
// +kubebuilder:validation:XValidation:rule="!has(self.rollback) || !(has(self.selector) || has(self.items))",message="a rollback restores all that the promotions since have changed: remove selector and items, or promote pinned revisions of single items instead"
// +kubebuilder:validation:XValidation:rule="!(has(self.selector) && has(self.items))",message="set either selector or items, or neither for everything that the source describes"
type PromotionSpec struct {
	// targetRef names the Environment to promote into. Its spec.promotionPolicy names the source.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	TargetRef EnvironmentReference `json:"targetRef,omitempty,omitzero"`

	// selector selects the Workflow and Layout objects of the source whose labels match. It excludes items.
	// Without either, everything that the source's objects describe is selected.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator is In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="operators In and NotIn need values; Exists and DoesNotExist take none"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// items selects the Workflow and Layout objects that are listed, each once, at most 200. It excludes selector.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:XValidation:rule="self.all(i, self.exists_one(j, j == i))",message="an item is listed twice: remove one"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	Items []PromotionItem `json:"items,omitempty"`

	// dryRun makes the plan and writes nothing. Defaults to false.
	//
	// +optional
	DryRun *bool `json:"dryRun,omitempty"`

	// prune deletes from the target what earlier Promotions brought there and the source no longer describes, as far as it
	// is selected: by the labels that the object had when it was last promoted, or in items; in a rollback, what the
	// Promotions that are undone have created. Defaults to false.
	//
	// +optional
	Prune *bool `json:"prune,omitempty"`

	// unfitItems is what happens when items cannot be promoted: because their objects are not Ready, Novu reports errors in
	// them, the target cannot deliver them, or a layout is missing. `Refuse` promotes nothing until all can be; `LeaveOut`
	// promotes the others, names those that are left out, and leaves in the target what it holds of them. A workflow whose
	// layout is left out is left out, too. Defaults to Refuse.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	UnfitItems UnfitItemsPolicy `json:"unfitItems,omitempty"`

	// rollback goes back to an earlier state of the target instead of promoting. It excludes selector and items.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	Rollback *PromotionRollback `json:"rollback,omitempty"`

	// requestedBy is the user who asks for the Promotion. The operator's admission policies hold it to the user who creates
	// the object. It is needed where the target's approvals.requesterApproval is Deny.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	RequestedBy string `json:"requestedBy,omitempty"`

	// approvals of the plan, one for each user and plan, at most 64. They are only added to and never taken back; set abort instead.
	// One that has expired is given again by its renewal.
	//
	// +optional
	// +listType=map
	// +listMapKey=user
	// +listMapKey=planHash
	// +kubebuilder:validation:MaxItems=64
	Approvals []PromotionApproval `json:"approvals,omitempty"`

	// abort stops the Promotion for good: nothing more is written. What was written stays, and is in status. Defaults to false.
	//
	// +optional
	Abort *bool `json:"abort,omitempty"`

	// ttlSecondsAfterFinished is how many seconds after its end the Promotion is deleted, 0 or more. What it recorded for
	// rollbacks stays. Defaults to none: the Promotion stays until a user deletes it.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`
}

// RollbackTarget is the kind of state that a rollback goes back to.
//
// +kubebuilder:validation:Enum=Previous;Promotion
type RollbackTarget string

// Values of RollbackTarget.
const (
	// RollbackToPrevious restores what the target held before the last Promotion that wrote to it.
	RollbackToPrevious RollbackTarget = "Previous"
	// RollbackToPromotion restores what one Promotion left in the target.
	RollbackToPromotion RollbackTarget = "Promotion"
)

// PromotionRollback names the state of the target that a rollback restores.
//
// +union
// +kubebuilder:validation:XValidation:rule="(self.to == 'Promotion') == has(self.promotionRef)",message="to: Promotion needs promotionRef, and only it may have one"
type PromotionRollback struct {
	// to is `Previous`, which restores what the target held before the last Promotion that wrote to it, or `Promotion`,
	// which restores what the Promotion that promotionRef names left there.
	//
	// +required
	// +unionDiscriminator
	To RollbackTarget `json:"to,omitempty"`

	// promotionRef names the Promotion whose result is restored. It may have been deleted; what it recorded is used. One in the
	// namespace of the rollback is preferred to one in the namespace of the target.
	//
	// +optional
	// +unionMember
	PromotionRef *RollbackPromotionReference `json:"promotionRef,omitempty"`
}

// RollbackPromotionReference names a Promotion that the target's records know.
type RollbackPromotionReference struct {
	// name of the Promotion.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the Promotion to go back to: lower case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`
}

// UnfitItemsPolicy is what to do when some of the items cannot be promoted.
//
// +kubebuilder:validation:Enum=Refuse;LeaveOut
type UnfitItemsPolicy string

// Values of UnfitItemsPolicy.
const (
	// UnfitItemsRefuse promotes nothing until all items can be.
	UnfitItemsRefuse UnfitItemsPolicy = "Refuse"
	// UnfitItemsLeaveOut promotes the items that can be.
	UnfitItemsLeaveOut UnfitItemsPolicy = "LeaveOut"
)

// PromotionApproval is one user's consent to one plan.
//
// +kubebuilder:validation:XValidation:rule="has(self.comment) == has(oldSelf.comment) && (!has(self.comment) || self.comment == oldSelf.comment)",message="approvals are only added to or renewed, never changed or taken back: give another comment in another Promotion"
// +kubebuilder:validation:XValidation:rule="self.?renewal.orValue(0) == oldSelf.?renewal.orValue(0) || self.?renewal.orValue(0) == oldSelf.?renewal.orValue(0) + 1",message="approvals are only added to or renewed, never changed or taken back: raise renewal by one to give yours again"
type PromotionApproval struct {
	// user who approves. The operator's admission policies hold it to the user who adds the entry.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	User string `json:"user,omitempty"`

	// planHash is the whole status.plan.hash that the user has seen, 64 hex digits. The approval counts for no other plan.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{64}$')",message="write the plan's whole hash, 64 hex digits: kubectl get promotions.novu-operator.dev NAME -o jsonpath='{.status.plan.hash}'"
	PlanHash string `json:"planHash,omitempty"`

	// comment of the user, for the record, at most 512 characters.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Comment string `json:"comment,omitempty"`

	// renewal gives an approval again that has expired, or that soon will: raise it by one, beginning with 1, up to 1000, and its
	// time begins again. Only the user who approved can do so.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Renewal int32 `json:"renewal,omitempty"`
}

// PromotionItemKind is the kind of an object that can be promoted.
//
// +kubebuilder:validation:Enum=Workflow;Layout
type PromotionItemKind string

// Values of PromotionItemKind.
const (
	PromotionItemWorkflow PromotionItemKind = "Workflow"
	PromotionItemLayout   PromotionItemKind = "Layout"
)

// PromotionItem names an object of the source.
type PromotionItem struct {
	// kind of the object.
	//
	// +required
	Kind PromotionItemKind `json:"kind,omitempty"`

	// name of the object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the Workflow or Layout object (lower case letters, digits, '-' and '.'), not its workflowID or layoutID"
	Name string `json:"name,omitempty"`

	// namespace of the object. Defaults to the Promotion's.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Label().validate(self).hasValue()",message="write the name of a namespace: lower case letters, digits and '-'"
	Namespace string `json:"namespace,omitempty"`

	// revision pins the item to one that the source holds, or that a Promotion into this target has recorded, by its whole digest
	// of 64 hex digits; see status.plan.items of Promotions, and status.environments of the object. Defaults to what the source
	// holds when the plan is made.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{64}$')",message="write the whole revision, 64 hex digits, as in status.revision and status.environments of the object: kubectl get workflows.novu-operator.dev NAME -o yaml"
	Revision string `json:"revision,omitempty"`
}

// Promotion is one attempt to bring workflows and layouts into a target Environment. Without selector and items it
// brings everything that the source's Workflow and Layout objects describe when the plan is made.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nprom,categories=novu
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.spec.targetRef.name`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Progress",type=string,JSONPath=`.status.progress`
// +kubebuilder:printcolumn:name="Gates",type=string,JSONPath=`.status.conditions[?(@.type=="GatesPassed")].reason`
// +kubebuilder:printcolumn:name="Create",type=integer,JSONPath=`.status.plan.create`
// +kubebuilder:printcolumn:name="Update",type=integer,JSONPath=`.status.plan.update`
// +kubebuilder:printcolumn:name="Delete",type=integer,JSONPath=`.status.plan.delete`,priority=1
// +kubebuilder:printcolumn:name="Unchanged",type=integer,JSONPath=`.status.plan.unchanged`
// +kubebuilder:printcolumn:name="Left out",type=integer,JSONPath=`.status.plan.leftOut`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Refused",type=integer,JSONPath=`.status.plan.refused`,priority=1
// +kubebuilder:printcolumn:name="Plan",type=string,JSONPath=`.status.plan.shortHash`,description="Beginning of the plan's hash, to be read only",priority=1
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextOpenTime`,description="When the first closed gate may open",priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.targetRef.name`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/developer/environments",description="Environments and publishing in Novu"
type Promotion struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the object's metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	//
	// +required
	Spec PromotionSpec `json:"spec,omitempty,omitzero"`

	// status is the observed state.
	//
	// +optional
	Status PromotionStatus `json:"status,omitempty,omitzero"`
}

// PromotionList is a list of Promotions.
//
// +kubebuilder:object:root=true
type PromotionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Promotion `json:"items"`
}
