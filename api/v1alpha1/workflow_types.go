// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Severity of the notifications that a workflow sends.
//
// +kubebuilder:validation:Enum=High;Medium;Low;None
type Severity string

// Values of Severity.
const (
	SeverityHigh   Severity = "High"
	SeverityMedium Severity = "Medium"
	SeverityLow    Severity = "Low"
	SeverityNone   Severity = "None"
)

// WorkflowSpec is the desired definition of one notification workflow.
type WorkflowSpec struct {
	// environmentRef names the Environment to write to. It cannot change: to move a workflow, create another object.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="environmentRef is immutable: create a new Workflow for another Environment"
	EnvironmentRef EnvironmentReference `json:"environmentRef,omitempty,omitzero"`

	// workflowID is the identifier that applications trigger, at most 253 characters. Defaults to metadata.name. It cannot change.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	WorkflowID string `json:"workflowID,omitempty"`

	// name that people see in Novu, at most 128 characters.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// description of the workflow, at most 256 characters.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	Description string `json:"description,omitempty"`

	// tags group workflows, for example in the Inbox: at most 16, of at most 64 characters each. Their order does not matter.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=64
	Tags []string `json:"tags,omitempty"`

	// active lets triggers of this workflow send notifications; false stops that. Defaults to true.
	//
	// +optional
	Active *bool `json:"active,omitempty"`

	// severity of the notifications: High, Medium, Low or None. Defaults to None.
	//
	// +optional
	Severity Severity `json:"severity,omitempty"`

	// payloadSchema is the JSON Schema of the payload that triggers carry, at most 512 KiB and 64 levels deep. Without one,
	// any payload is taken.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	PayloadSchema *apiextensionsv1.JSON `json:"payloadSchema,omitempty"`

	// validatePayload has Novu refuse triggers whose payload does not match payloadSchema. Defaults to
	// true if there is a payloadSchema, else to false.
	//
	// +optional
	ValidatePayload *bool `json:"validatePayload,omitempty"`

	// translationEnabled turns translations on where the Novu installation offers them. Others ignore it, which
	// status.ignored shows. Defaults to false.
	//
	// +optional
	TranslationEnabled *bool `json:"translationEnabled,omitempty"`

	// preferences are the channel preferences of this workflow.
	//
	// +optional
	Preferences *WorkflowPreferences `json:"preferences,omitempty"`

	// steps in the order in which they run, at most 20.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.all(s, self.exists_one(t, t.stepID == s.stepID))",message="every step needs a stepID of its own: rename the step that repeats one"
	Steps []WorkflowStep `json:"steps,omitempty"`

	// adoptionPolicy says what happens when Novu already holds a workflow of this id that was never written from this
	// object. Adopt writes it, Refuse leaves it alone and says so. Defaults to Adopt.
	//
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// deletionPolicy says what happens to the workflow in Novu when this object is deleted: Retain leaves it there, Delete
	// deletes it, too. Defaults to what the operator is started with, which is Retain unless its administrator says otherwise.
	//
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// driftPolicy says what happens when the workflow is edited in Novu: Correct writes it again, Detect only reports it, Ignore
	// does neither. Defaults to the Environment's driftPolicy.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// suspend stops every call to Novu for this object until it is false again. Defaults to false.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// WorkflowPreferences are the channel preferences of a workflow.
type WorkflowPreferences struct {
	// user are the preferences that users of the dashboard edit; they override workflow. Defaults to none.
	//
	// +optional
	User *ChannelPreferences `json:"user,omitempty"`

	// workflow are the preferences that belong to the definition. Defaults to every channel enabled.
	//
	// +optional
	Workflow *ChannelPreferences `json:"workflow,omitempty"`
}

// ChannelPreferences says which channels are on.
type ChannelPreferences struct {
	// all applies to every channel that is not named in channels.
	//
	// +optional
	All *AllChannelsPreference `json:"all,omitempty"`

	// channels by name. A channel that is not named is enabled.
	//
	// +optional
	Channels *ChannelSwitches `json:"channels,omitempty"`
}

// AllChannelsPreference applies to all channels of a workflow.
type AllChannelsPreference struct {
	// enabled lets the workflow deliver at all. Defaults to true.
	//
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// readOnly keeps subscribers from changing their preferences: Novu calls such a workflow critical. Defaults to false.
	//
	// +optional
	ReadOnly *bool `json:"readOnly,omitempty"`
}

// ChannelSwitches turns single channels on or off.
type ChannelSwitches struct {
	// email channel.
	//
	// +optional
	Email *ChannelSwitch `json:"email,omitempty"`

	// sms channel.
	//
	// +optional
	SMS *ChannelSwitch `json:"sms,omitempty"`

	// inApp channel (the Inbox).
	//
	// +optional
	InApp *ChannelSwitch `json:"inApp,omitempty"`

	// chat channel.
	//
	// +optional
	Chat *ChannelSwitch `json:"chat,omitempty"`

	// push channel.
	//
	// +optional
	Push *ChannelSwitch `json:"push,omitempty"`
}

// ChannelSwitch turns one channel on or off.
type ChannelSwitch struct {
	// enabled lets the channel deliver.
	//
	// +required
	Enabled bool `json:"enabled"`
}

// Workflow is the desired definition of one notification workflow in a writable Novu environment. Its identity in Novu
// is the workflowID.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nwf,categories=novu
// +kubebuilder:validation:XValidation:rule="(has(self.spec.workflowID) ? self.spec.workflowID : self.metadata.name) == (has(oldSelf.spec.workflowID) ? oldSelf.spec.workflowID : oldSelf.metadata.name)",fieldPath=".spec.workflowID",message="workflowID is immutable: create a new Workflow for another id"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.workflowID) ? self.spec.workflowID : self.metadata.name).matches('^[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*$')",fieldPath=".spec.workflowID",message="workflowID (metadata.name when not set) must be letters and digits, joined by single '-', '_' or '.'"
// +kubebuilder:validation:XValidation:rule="!(has(self.spec.workflowID) ? self.spec.workflowID : self.metadata.name).matches('[0-9a-zA-Z]{16}$')",fieldPath=".spec.workflowID",message="Novu cannot address a workflowID (metadata.name when not set) whose last 16 characters are all letters and digits, it takes them for an internal id: put a '-', '_' or '.' among them"
// +kubebuilder:printcolumn:name="Workflow",type=string,JSONPath=`.status.workflowID`,description="Identifier that applications trigger"
// +kubebuilder:printcolumn:name="Environment",type=string,JSONPath=`.spec.environmentRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Revision",type=string,JSONPath=`.status.shortRevision`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.environmentRef.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.workflowID`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/concepts/workflows",description="Workflows in Novu"
type Workflow struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the object's metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	//
	// +required
	Spec WorkflowSpec `json:"spec,omitempty,omitzero"`

	// status is the observed state.
	//
	// +optional
	Status WorkflowStatus `json:"status,omitempty,omitzero"`
}

// WorkflowList is a list of Workflows.
//
// +kubebuilder:object:root=true
type WorkflowList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Workflow `json:"items"`
}
