// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StepStatus is what Novu holds and says about one step.
type StepStatus struct {
	// stepID of the step.
	//
	// +required
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
	StepID string `json:"stepID,omitempty"`

	// id is Novu's internal id of the step. Jobs in flight refer to it; the operator never changes it without need.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	ID string `json:"id,omitempty"`

	// type of the step, spelled as in spec.
	//
	// +optional
	Type StepType `json:"type,omitempty"`

	// issues that Novu reports for the step, at most 20.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Issues []Issue `json:"issues,omitempty"`
}

// Issue is what Novu reports about a part of a definition.
type Issue struct {
	// severity is Error when the definition has a fault, Warning when Novu runs the workflow all the same.
	//
	// +required
	Severity IssueSeverity `json:"severity,omitempty"`

	// type of the issue in Novu, for example MISSING_VALUE or MISSING_INTEGRATION.
	//
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	Type string `json:"type,omitempty"`

	// path of the value in the manifest that the issue is about, for example `spec.steps[2].email.subject`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Path string `json:"path,omitempty"`

	// message is what is wrong and what to do, cut after 256 bytes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// Difference is one field in which what Novu holds differs from what is desired.
type Difference struct {
	// path of the field, for example `steps[mail].email.subject`.
	//
	// +required
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
	Path string `json:"path,omitempty"`

	// from is the value that Novu holds, as JSON, cut after 256 bytes. Empty when there is none.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	From string `json:"from,omitempty"`

	// to is the desired value, as JSON, cut after 256 bytes. Empty when there is none.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	To string `json:"to,omitempty"`

	// unmanaged is true, in the plan of a rollback, if no manifest describes the desired value: it had been set in Novu by hand.
	//
	// +optional
	Unmanaged bool `json:"unmanaged,omitempty"`
}

// LiveRevision says which revision is live in a promotion target.
type LiveRevision struct {
	// environment is the name of the target Environment.
	//
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:MinLength=1
	Environment string `json:"environment,omitempty"`

	// namespace of the target Environment.
	//
	// +required
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:MinLength=1
	Namespace string `json:"namespace,omitempty"`

	// revision that is live there.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Revision string `json:"revision,omitempty"`

	// shortRevision is the beginning of revision, for columns. Nothing compares it, and no field takes it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ShortRevision string `json:"shortRevision,omitempty"`

	// sinceTime is when the revision became live there.
	//
	// +optional
	SinceTime *metav1.Time `json:"sinceTime,omitempty"`

	// promotionRef names the Promotion that made it live there, which may have been deleted.
	//
	// +optional
	PromotionRef *PromotionReference `json:"promotionRef,omitempty"`

	// remoteHash is the SHA-256 of what the target held then. As long as it holds that, it was not changed by hand.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	RemoteHash string `json:"remoteHash,omitempty"`

	// remoteUpdatedAt is Novu's own time of the last change that the operator has seen there, as Novu sent it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	RemoteUpdatedAt string `json:"remoteUpdatedAt,omitempty"`

	// drifted is true if it has been changed out of band since.
	//
	// +optional
	Drifted bool `json:"drifted,omitempty"`

	// corrections are set when what was promoted was written over changes of another writer, until a poll finds no further change.
	//
	// +optional
	Corrections *Corrections `json:"corrections,omitempty"`

	// uncertainCreation is a correction that creates the workflow again and whose answer was lost: Novu may still carry it out. It
	// is remembered for an hour; a workflow with a suffixed workflowID that comes of it is deleted.
	//
	// +optional
	UncertainCreation *UncertainCreation `json:"uncertainCreation,omitempty"`
}

// WorkflowStatus is what Novu holds and says about the workflow.
//
// +kubebuilder:validation:MinProperties=1
type WorkflowStatus struct {
	SyncStatus `json:",inline"`

	// workflowID that this object manages.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	WorkflowID string `json:"workflowID,omitempty"`

	// state of the workflow as Novu words it: ACTIVE, INACTIVE or ERROR.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	State string `json:"state,omitempty"`

	// steps with their internal ids and issues.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Steps []StepStatus `json:"steps,omitempty"`

	// unmanaged is what Novu holds of the workflow and spec cannot express, such as a step's providerOverrides or a channel
	// that was switched off in the dashboard. It is left as it is.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Unmanaged []UnmanagedField `json:"unmanaged,omitempty"`

	// strays are duplicates that Novu made of the workflow under another workflowID, and that could not be deleted yet.
	//
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=1024
	Strays []StrayWorkflow `json:"strays,omitempty"`

	// uncertainCreations are attempts to create the workflow whose answer was lost. Novu may carry one out later, under a
	// suffixed workflowID if another has succeeded meanwhile; what comes of it within an hour is deleted.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	UncertainCreations []UncertainCreation `json:"uncertainCreations,omitempty"`

	// environments lists which revision is live in which promotion target.
	//
	// +optional
	// +listType=map
	// +listMapKey=environment
	// +listMapKey=namespace
	// +kubebuilder:validation:MaxItems=1024
	Environments []LiveRevision `json:"environments,omitempty"`
}

// UncertainCreation is an attempt to create a workflow in Novu whose answer was lost.
type UncertainCreation struct {
	// startTime is when the attempt began.
	//
	// +required
	StartTime metav1.Time `json:"startTime,omitempty,omitzero"`

	// outline is a hash of the names and steps that were sent.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:MinLength=1
	Outline string `json:"outline,omitempty"`

	// known are the suffixed workflowIDs that Novu held before. They are not the operator's.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=512
	Known []string `json:"known,omitempty"`
}

// UnmanagedField is a value in Novu that spec cannot express.
type UnmanagedField struct {
	// path of the value, as a manifest would spell it.
	//
	// +required
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
	Path string `json:"path,omitempty"`

	// value in JSON; long ones are cut.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Value string `json:"value,omitempty"`
}

// StrayWorkflow is an unwanted duplicate of a workflow in Novu.
type StrayWorkflow struct {
	// id is Novu's internal id.
	//
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:MinLength=1
	ID string `json:"id,omitempty"`

	// workflowID that Novu gave it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	WorkflowID string `json:"workflowID,omitempty"`
}

// IssueSeverity tells faults of a definition from advice.
//
// +kubebuilder:validation:Enum=Error;Warning
type IssueSeverity string

// Values of IssueSeverity.
const (
	// IssueSeverityError is a fault: Novu does not run the workflow as it is defined.
	IssueSeverityError IssueSeverity = "Error"
	// IssueSeverityWarning is what Novu runs the workflow in spite of.
	IssueSeverityWarning IssueSeverity = "Warning"
)
