// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PromotionPhase is a summary of the conditions for people. The metrics count Promotions by it; the operator
// decides nothing by it.
//
// +kubebuilder:validation:Enum=Pending;Queued;Waiting;Applying;Succeeded;Failed;Aborted;Superseded
type PromotionPhase string

// Values of PromotionPhase.
const (
	PromotionPhasePending    PromotionPhase = "Pending"
	PromotionPhaseQueued     PromotionPhase = "Queued"
	PromotionPhaseWaiting    PromotionPhase = "Waiting"
	PromotionPhaseApplying   PromotionPhase = "Applying"
	PromotionPhaseSucceeded  PromotionPhase = "Succeeded"
	PromotionPhaseFailed     PromotionPhase = "Failed"
	PromotionPhaseAborted    PromotionPhase = "Aborted"
	PromotionPhaseSuperseded PromotionPhase = "Superseded"
)

// PlanAction is what a Promotion does with an item in the target.
//
// +kubebuilder:validation:Enum=Create;Update;Delete;Unchanged;Refused;LeftOut
type PlanAction string

// Values of PlanAction.
const (
	PlanActionCreate    PlanAction = "Create"
	PlanActionUpdate    PlanAction = "Update"
	PlanActionDelete    PlanAction = "Delete"
	PlanActionUnchanged PlanAction = "Unchanged"
	PlanActionRefused   PlanAction = "Refused"
	// PlanActionLeftOut: it cannot be promoted, and spec.unfitItems is LeaveOut.
	PlanActionLeftOut PlanAction = "LeftOut"
)

// ItemState is how far an item has come.
//
// +kubebuilder:validation:Enum=Pending;Applying;Done;Failed;RolledBack
type ItemState string

// Values of ItemState.
const (
	// ItemStatePending: nothing was written yet.
	ItemStatePending ItemState = "Pending"
	// ItemStateApplying: it is being written, or was when the operator stopped.
	ItemStateApplying ItemState = "Applying"
	// ItemStateDone: the target holds what is planned.
	ItemStateDone ItemState = "Done"
	// ItemStateFailed: it could not be written.
	ItemStateFailed ItemState = "Failed"
	// ItemStateRolledBack: the target holds again what it held before.
	ItemStateRolledBack ItemState = "RolledBack"
)

// PlannedItem is one item of a plan, and how far it has come.
type PlannedItem struct {
	// kind of the source object.
	//
	// +required
	Kind PromotionItemKind `json:"kind,omitempty"`

	// namespace of the source object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the source object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// id is the workflowID or layoutID, empty if it is the name: a plan of a thousand items must fit into one object.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	ID string `json:"id,omitempty"`

	// action that the plan foresees: Create, Update, Delete, Unchanged, Refused or LeftOut.
	//
	// +optional
	Action PlanAction `json:"action,omitempty"`

	// revision that is brought to the target: that of the object if the source holds exactly what the object describes,
	// else one that is made of what the source holds.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Revision string `json:"revision,omitempty"`

	// sourceHash is the SHA-256 of what is promoted: of what the source held when the plan was made, or of the record that
	// is restored. If the source holds something else when the item's turn comes, what was planned is written all the same.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	SourceHash string `json:"sourceHash,omitempty"`

	// targetHash is the SHA-256 of what the target held when the plan was made, and holds once the item is done; empty if
	// nothing.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	TargetHash string `json:"targetHash,omitempty"`

	// steps of the workflow that are added, removed or moved in the target.
	//
	// +optional
	Steps *PlannedSteps `json:"steps,omitempty"`

	// changes to fields of the target, at most 20. In a rollback, those that are unmanaged restore a value that no manifest
	// describes.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Changes []Difference `json:"changes,omitempty"`

	// moreChanges is the number of changes beyond those that are listed.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	MoreChanges int32 `json:"moreChanges,omitempty"`

	// state is how far the item has come: Pending, Applying, Done, Failed or RolledBack.
	//
	// +optional
	State ItemState `json:"state,omitempty"`

	// message says why the item was refused, left out or has failed, or what else there is to know about it, cut after 512 bytes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// uncertainCreation is the first attempt to create the workflow in the target whose answer was lost. Novu may carry it out
	// later, under a suffixed workflowID; what comes of it within an hour is deleted.
	//
	// +optional
	UncertainCreation *UncertainCreation `json:"uncertainCreation,omitempty"`
}

// PlannedSteps are the stepIDs of a workflow by what happens to them in the target.
type PlannedSteps struct {
	// added steps, at most 100.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Added []string `json:"added,omitempty"`

	// removed steps, at most 100.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Removed []string `json:"removed,omitempty"`

	// moved steps: those whose order among the steps that stay is another, at most 100.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Moved []string `json:"moved,omitempty"`
}

// GateStatus is the state of one gate.
type GateStatus struct {
	// name of the gate: `order`, `soak`, `window`, `freeze`, `source`, or that of spec.promotionPolicy.gates of the target.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// open reports whether the gate lets the Promotion through.
	//
	// +optional
	Open bool `json:"open"`

	// reason why the gate is open or closed, in CamelCase.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// message says what the gate has found and what it waits for, cut after 512 bytes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// nextOpenTime is when the gate may open, if that is known.
	//
	// +optional
	NextOpenTime *metav1.Time `json:"nextOpenTime,omitempty"`
}

// CountedApproval is an approval that the operator has counted.
type CountedApproval struct {
	// user who approved.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	User string `json:"user,omitempty"`

	// planHash that was approved.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	PlanHash string `json:"planHash,omitempty"`

	// renewal of the approval that was counted.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Renewal int32 `json:"renewal,omitempty"`

	// firstSeenTime is when the operator first saw the approval with this renewal.
	//
	// +required
	FirstSeenTime metav1.Time `json:"firstSeenTime,omitempty,omitzero"`
}

// PromotionPlan is a snapshot of what a Promotion does. Before the work begins it may be made again; counts and actions of
// items are known once no item is refused for the state of its object.
type PromotionPlan struct {
	// hash of the plan, as 64 hex digits: of the Promotion's UID, source and target, strategy, and of each item with its
	// action, its revision, what is promoted and what the target held. Approvals name it, and so do conditions of third parties.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Hash string `json:"hash,omitempty"`

	// shortHash is the beginning of hash, for columns. Nothing compares it, and no field takes it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ShortHash string `json:"shortHash,omitempty"`

	// items of the plan, layouts first.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20000
	Items []PlannedItem `json:"items,omitempty"`

	// create counts the items that are new in the target.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Create int32 `json:"create"`

	// update counts the items that change in the target, and those that are written once more as they are, because Novu reports
	// errors in them there which may be out of date.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Update int32 `json:"update"`

	// delete counts the items that are deleted from the target.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Delete int32 `json:"delete"`

	// unchanged counts the items that the target already holds.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Unchanged int32 `json:"unchanged"`

	// refused counts the items that cannot be promoted.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Refused int32 `json:"refused"`

	// leftOut counts the items that cannot be promoted and are left out, as spec.unfitItems asks. The target keeps what it holds of
	// them.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	LeftOut int32 `json:"leftOut,omitempty"`
}

// RollbackPoint is a place in the history of a target.
type RollbackPoint struct {
	// promotionUID is the uid of the Promotion that `restoresRef` names.
	//
	// +required
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	PromotionUID types.UID `json:"promotionUID,omitempty"`

	// record is the number of what that Promotion recorded.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	Record int64 `json:"record,omitempty"`

	// before is true if the target goes back to what it held before that Promotion, not to what that one left there.
	//
	// +optional
	Before bool `json:"before,omitempty"`

	// latestRecord is the number of the latest record of the target when the rollback was created.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	LatestRecord int64 `json:"latestRecord,omitempty"`
}

// PromotionStatus is the plan of a Promotion and how far it has come.
//
// +kubebuilder:validation:MinProperties=1
type PromotionStatus struct {
	// conditions are Planned, GatesPassed, Approved, Verified, Ready, and Reconciling or Stalled while true. Others may be set
	// by third parties as gates that the target names.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=64
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of spec that this status describes.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase is a summary of the conditions: Pending, Queued, Waiting, Applying, Succeeded, Failed, Aborted or Superseded. The
	// metrics count Promotions by it; automation reads the conditions.
	//
	// +optional
	Phase PromotionPhase `json:"phase,omitempty"`

	// progress is how many items are done, out of all that are not left out: `18/20`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Progress string `json:"progress,omitempty"`

	// sourceEnvironmentID is Novu's id of the environment that is promoted from.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	SourceEnvironmentID string `json:"sourceEnvironmentID,omitempty"`

	// targetEnvironmentID is Novu's id of the environment that is promoted into.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	TargetEnvironmentID string `json:"targetEnvironmentID,omitempty"`

	// strategy that is used: Sync or Apply.
	//
	// +optional
	Strategy PromotionStrategy `json:"strategy,omitempty"`

	// plan is what the Promotion does.
	//
	// +optional
	Plan *PromotionPlan `json:"plan,omitempty"`

	// gates that the Promotion must pass before anything is written.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Gates []GateStatus `json:"gates,omitempty"`

	// nextOpenTime is when the first closed gate may open, if that is known.
	//
	// +optional
	NextOpenTime *metav1.Time `json:"nextOpenTime,omitempty"`

	// approvals of the current plan that were counted.
	//
	// +optional
	// +listType=map
	// +listMapKey=user
	// +listMapKey=planHash
	// +kubebuilder:validation:MaxItems=64
	Approvals []CountedApproval `json:"approvals,omitempty"`

	// pinsDigest is the SHA-256, in hexadecimal digits, of the content that the operator keeps for the Promotion until its turn
	// comes. Content with another digest is not used.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	PinsDigest string `json:"pinsDigest,omitempty"`

	// recordDigest is the SHA-256, in hexadecimal digits, of what the operator recorded for the Promotion before its first write. A
	// record with another digest is not used.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	RecordDigest string `json:"recordDigest,omitempty"`

	// restoresRef names the Promotion that a rollback goes back to: to what it left in the target or, if rollbackPoint.before is
	// true, to what the target held before it.
	//
	// +optional
	RestoresRef *PromotionReference `json:"restoresRef,omitempty"`

	// rollbackPoint is what spec.rollback meant when the Promotion was created. It is looked up once, before anything else
	// happens: what is promoted later does not change it.
	//
	// +optional
	RollbackPoint *RollbackPoint `json:"rollbackPoint,omitempty"`

	// startTime is when the plan was made and the work began. From then on the plan does not change.
	//
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the Promotion ended.
	//
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`
}
