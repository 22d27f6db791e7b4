package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PromotionSpec says what is to be brought where. A Promotion is one attempt: nothing changes but who approves, and whether
// it is aborted.
//
// +kubebuilder:validation:XValidation:rule="has(self.selector) == has(oldSelf.selector) && has(self.items) == has(oldSelf.items) && has(self.rollbackTo) == has(oldSelf.rollbackTo) && has(self.requestedBy) == has(oldSelf.requestedBy) && has(self.ttlSecondsAfterFinished) == has(oldSelf.ttlSecondsAfterFinished) && self.?dryRun.orValue(false) == oldSelf.?dryRun.orValue(false) && self.?prune.orValue(false) == oldSelf.?prune.orValue(false)",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.approvals) || has(self.approvals) && oldSelf.approvals.all(a, a in self.approvals)",fieldPath=".approvals",message="approvals are only added to, never changed or taken back: set abort to stop the Promotion"
// +kubebuilder:validation:XValidation:rule="!oldSelf.?abort.orValue(false) || self.?abort.orValue(false)",fieldPath=".abort",message="a Promotion that was aborted stays so: create a new Promotion"
// +kubebuilder:validation:XValidation:rule="!has(self.rollbackTo) || !(has(self.selector) || has(self.items))",message="a rollback restores all that the promotions since have changed: remove selector and items, or promote pinned revisions of single items instead"
// +kubebuilder:validation:XValidation:rule="!(has(self.selector) && has(self.items))",message="set either selector or items, or neither for everything that the source describes"
type PromotionSpec struct {
	// targetRef names the Environment to promote into. Its spec.promotion says where from.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	TargetRef EnvironmentReference `json:"targetRef"`

	// selector takes the Workflow and Layout objects of the source whose labels match.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator is In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="operators In and NotIn need values; Exists and DoesNotExist take none"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// items takes the Workflow and Layout objects that are listed, each once.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:XValidation:rule="self.all(i, self.exists_one(j, j == i))",message="an item is listed twice: remove one"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	Items []PromotionItem `json:"items,omitempty"`

	// dryRun plans and writes nothing.
	//
	// +optional
	DryRun bool `json:"dryRun,omitempty"`

	// prune deletes from the target what earlier Promotions brought there and the source no longer describes; in a
	// rollback, what the Promotions that are undone have created.
	//
	// +optional
	Prune bool `json:"prune,omitempty"`

	// rollbackTo goes back to an earlier state of the target instead of promoting: `previous` restores what the target
	// held before the last Promotion that wrote to it; the name of a Promotion restores what that one left there.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write previous, or the name of the Promotion to go back to"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	RollbackTo string `json:"rollbackTo,omitempty"`

	// requestedBy is the user who asks for the Promotion. The operator's admission policies hold it to the user who creates
	// the object. It is needed where the target's approvals.notByAuthor is set.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	RequestedBy string `json:"requestedBy,omitempty"`

	// approvals of the plan, one for each user and plan. They are added one by one and never taken back; set abort instead.
	//
	// +optional
	// +listType=map
	// +listMapKey=user
	// +listMapKey=planHash
	// +kubebuilder:validation:MaxItems=64
	Approvals []PromotionApproval `json:"approvals,omitempty"`

	// abort stops the Promotion: nothing more is written. What was written stays, and is in status.
	//
	// +optional
	Abort bool `json:"abort,omitempty"`

	// ttlSecondsAfterFinished deletes the Promotion so long after it has ended. When empty it stays until somebody deletes
	// it. What it recorded for rollbacks stays in either case.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`
}

// PromotionApproval is one user's consent to one plan.
type PromotionApproval struct {
	// user who approves. The operator's admission policies hold it to the user who adds the entry.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	User string `json:"user"`

	// planHash is status.plan.hash as the user has seen it. It does not count for another plan.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	PlanHash string `json:"planHash"`

	// comment for the record.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Comment string `json:"comment,omitempty"`
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
	Kind PromotionItemKind `json:"kind"`

	// name of the object.
	//
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the Workflow or Layout object (lower case letters, digits, '-' and '.'), not its workflowId or layoutId"
	Name string `json:"name"`

	// namespace of the object. When empty it is the Promotion's.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Label().validate(self).hasValue()",message="write the name of a namespace: lower case letters, digits and '-'"
	Namespace string `json:"namespace,omitempty"`

	// revision pins the item to one that the source holds, or that a Promotion has recorded; see `status.plan.items` and
	// `status.environments` of the object. When empty it is what the source holds at the time of planning.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Revision string `json:"revision,omitempty"`
}

// PromotionPhase is a summary for people. Nothing reads it.
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
type PlanAction string

// Values of PlanAction.
const (
	PlanActionCreate    PlanAction = "Create"
	PlanActionUpdate    PlanAction = "Update"
	PlanActionDelete    PlanAction = "Delete"
	PlanActionUnchanged PlanAction = "Unchanged"
	PlanActionRefused   PlanAction = "Refused"
)

// ItemState is how far an item has come.
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
	Kind PromotionItemKind `json:"kind"`

	// namespace of the source object.
	//
	// +required
	Namespace string `json:"namespace"`

	// name of the source object.
	//
	// +required
	Name string `json:"name"`

	// id is the workflowId or layoutId, empty if it is the name: a plan of a thousand items must fit into one object.
	//
	// +optional
	ID string `json:"id,omitempty"`

	// action that the plan foresees.
	//
	// +optional
	Action PlanAction `json:"action,omitempty"`

	// revision that is brought to the target: that of the object if the source holds exactly what the object describes,
	// else one that is made of what the source holds.
	//
	// +optional
	Revision string `json:"revision,omitempty"`

	// sourceHash is a short hash of what is promoted: of what the source held when the plan was made, or of the record that
	// is restored. If the source holds something else when the item's turn comes, what was planned is written all the same.
	//
	// +optional
	SourceHash string `json:"sourceHash,omitempty"`

	// targetHash is a short hash of what the target held when the plan was made, and holds once the item is done; empty if
	// nothing.
	//
	// +optional
	TargetHash string `json:"targetHash,omitempty"`

	// steps of the workflow that come, go or move in the target.
	//
	// +optional
	Steps *PlannedSteps `json:"steps,omitempty"`

	// changes to fields of the target, at most 20.
	//
	// +optional
	// +listType=atomic
	Changes []Difference `json:"changes,omitempty"`

	// moreChanges is the number of changes beyond those that are listed.
	//
	// +optional
	MoreChanges int32 `json:"moreChanges,omitempty"`

	// state of the item.
	//
	// +optional
	State ItemState `json:"state,omitempty"`

	// message says why the item was refused or failed, or what else there is to know about it.
	//
	// +optional
	Message string `json:"message,omitempty"`
}

// PlannedSteps are the stepIds of a workflow by what becomes of them in the target.
type PlannedSteps struct {
	// added steps.
	//
	// +optional
	// +listType=atomic
	Added []string `json:"added,omitempty"`

	// removed steps.
	//
	// +optional
	// +listType=atomic
	Removed []string `json:"removed,omitempty"`

	// moved steps: those whose order among the steps that stay is another.
	//
	// +optional
	// +listType=atomic
	Moved []string `json:"moved,omitempty"`
}

// GateStatus is the state of one gate.
type GateStatus struct {
	// name of the gate: `order`, `soak`, `window`, `freeze`, or that of spec.promotion.gates of the target.
	//
	// +required
	Name string `json:"name"`

	// open says whether the gate lets the Promotion through.
	//
	// +optional
	Open bool `json:"open"`

	// reason in one word.
	//
	// +optional
	Reason string `json:"reason,omitempty"`

	// message for people.
	//
	// +optional
	Message string `json:"message,omitempty"`

	// nextTime is when the gate may open, if that is known.
	//
	// +optional
	NextTime *metav1.Time `json:"nextTime,omitempty"`
}

// CountedApproval is an approval that the operator has counted.
type CountedApproval struct {
	// user who approved.
	//
	// +required
	User string `json:"user"`

	// planHash that was approved.
	//
	// +required
	PlanHash string `json:"planHash"`

	// since is when the operator saw it first.
	//
	// +required
	Since metav1.Time `json:"since"`
}

// PromotionPlan is a snapshot of what a Promotion does. Before the work begins it may be made again; counts and actions of
// items are known once no item is refused for the state of its object.
type PromotionPlan struct {
	// hash of the plan: of its target, and of every item's action and revision.
	//
	// +optional
	Hash string `json:"hash,omitempty"`

	// items of the plan, layouts first.
	//
	// +optional
	// +listType=atomic
	Items []PlannedItem `json:"items,omitempty"`

	// create counts the items that are new in the target.
	//
	// +optional
	Create int32 `json:"create"`

	// update counts the items that change in the target.
	//
	// +optional
	Update int32 `json:"update"`

	// delete counts the items that are deleted from the target.
	//
	// +optional
	Delete int32 `json:"delete"`

	// unchanged counts the items that the target already holds.
	//
	// +optional
	Unchanged int32 `json:"unchanged"`

	// refused counts the items that cannot be promoted.
	//
	// +optional
	Refused int32 `json:"refused"`
}

// PromotionStatus is the plan of a Promotion and how far it has come.
type PromotionStatus struct {
	// observedGeneration is the generation of spec that this status describes.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase is a summary for people.
	//
	// +optional
	Phase PromotionPhase `json:"phase,omitempty"`

	// progress is the number of items that are done, of all: `18/20`.
	//
	// +optional
	Progress string `json:"progress,omitempty"`

	// sourceEnvironmentID is Novu's id of the environment that is promoted from.
	//
	// +optional
	SourceEnvironmentID string `json:"sourceEnvironmentID,omitempty"`

	// targetEnvironmentID is Novu's id of the environment that is promoted into.
	//
	// +optional
	TargetEnvironmentID string `json:"targetEnvironmentID,omitempty"`

	// strategy that is used.
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
	Gates []GateStatus `json:"gates,omitempty"`

	// nextTime is when the first closed gate may open, if that is known.
	//
	// +optional
	NextTime *metav1.Time `json:"nextTime,omitempty"`

	// approvals of the current plan that were counted.
	//
	// +optional
	// +listType=map
	// +listMapKey=user
	// +listMapKey=planHash
	Approvals []CountedApproval `json:"approvals,omitempty"`

	// restores is the Promotion whose result, or whose state before, a rollback goes back to.
	//
	// +optional
	Restores string `json:"restores,omitempty"`

	// startTime is when the plan was made and the work began. From then on the plan does not change.
	//
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the Promotion ended.
	//
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// conditions: Planned, GatesPassed, Approved, Verified, Ready, and Reconciling or Stalled while true. Others may be set
	// by third parties as gates that the target names.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Promotion is one attempt to bring workflows and layouts into a target Environment. Without selector and items it
// brings everything that the source's Workflow and Layout objects describe at the time of planning.
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
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Next",type=date,JSONPath=`.status.nextTime`,description="When the first closed gate may open",priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.targetRef.name`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/developer/environments",description="Environments and publishing in Novu"
type Promotion struct {
	metav1.TypeMeta `json:",inline"`

	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the wanted state.
	//
	// +required
	Spec PromotionSpec `json:"spec"`

	// status is the observed state.
	//
	// +optional
	Status PromotionStatus `json:"status,omitempty"`
}

// PromotionList is a list of Promotions.
//
// +kubebuilder:object:root=true
type PromotionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Promotion `json:"items"`
}
