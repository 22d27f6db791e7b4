// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SyncStatus is the part of status that Workflow, Layout and Integration share.
type SyncStatus struct {
	// conditions are Ready, Synced, ReferencesResolved, Valid, Drifted, and Reconciling or Stalled while true.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=32
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of spec that this status describes.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// id is Novu's internal id of the object.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	ID string `json:"id,omitempty"`

	// environmentID is Novu's id of the environment that the object was written to.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	EnvironmentID string `json:"environmentID,omitempty"`

	// revision is the SHA-256 of the definition that was last written to Novu, as 64 hex digits. Secret values are not part
	// of it.
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

	// revisionTime is when this revision was first written to Novu.
	//
	// +optional
	RevisionTime *metav1.Time `json:"revisionTime,omitempty"`

	// remoteUpdatedAt is Novu's own time of the last change that the operator has seen, as Novu sent it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	RemoteUpdatedAt string `json:"remoteUpdatedAt,omitempty"`

	// remoteHash is the SHA-256 of what Novu answered to the last write, or held when it was found equal. As long as
	// Novu holds exactly that, it was not changed by hand, whatever Novu made of what was sent.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	RemoteHash string `json:"remoteHash,omitempty"`

	// driftPolicy that the last comparison with Novu was made under.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// differences between what Novu holds and what spec describes, at most 20.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Differences []Difference `json:"differences,omitempty"`

	// ignored are fields of spec that this Novu installation accepted but did not keep, at most 16. They are not drift, and have no
	// effect there.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=64
	Ignored []string `json:"ignored,omitempty"`

	// correction is the SHA-256 of the differences that were last corrected.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Correction string `json:"correction,omitempty"`

	// unconvergedWrites counts how often the same correction was written and undone again by another writer, or by Novu.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	UnconvergedWrites int32 `json:"unconvergedWrites,omitempty"`

	// corrections are set when the operator has written over changes of another writer, until a poll finds no further change.
	// While they are set, the condition Drifted is True with the reason DriftCorrected.
	//
	// +optional
	Corrections *Corrections `json:"corrections,omitempty"`

	// creating is true when the operator was about to write the object for the first time, so that it recognises its own object in
	// Novu after a crash. Only adoptionPolicy Refuse and deletionPolicy Delete go by it.
	//
	// +optional
	Creating bool `json:"creating,omitempty"`

	// lastHandledRequest is the value of the annotation novu-operator.dev/requested-at that was last acted on.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	LastHandledRequest string `json:"lastHandledRequest,omitempty"`
}

// Corrections are writes over changes of another writer: a user with the dashboard, a script, or a second operator.
type Corrections struct {
	// count is how often the definition was written again.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	Count int32 `json:"count,omitempty"`

	// sinceTime is when it was written again for the first time.
	//
	// +required
	SinceTime metav1.Time `json:"sinceTime,omitempty,omitzero"`

	// by is who made the last change that was overwritten, if Novu says so.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	By string `json:"by,omitempty"`

	// change is what the last change that was overwritten was about.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Change string `json:"change,omitempty"`
}
