// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AdoptionPolicy says what happens when the object already exists in Novu and was not made by the operator.
//
// +kubebuilder:validation:Enum=Adopt;Refuse
type AdoptionPolicy string

// Values of AdoptionPolicy.
const (
	// AdoptionPolicyAdopt writes the existing object (update first). It is the default.
	AdoptionPolicyAdopt AdoptionPolicy = "Adopt"
	// AdoptionPolicyRefuse leaves the existing object alone and says so.
	AdoptionPolicyRefuse AdoptionPolicy = "Refuse"
)

// DeletionPolicy says what happens in Novu when the Kubernetes object is deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

// Values of DeletionPolicy.
const (
	// DeletionPolicyRetain leaves Novu untouched. It is the default, unless the operator is started with another one.
	DeletionPolicyRetain DeletionPolicy = "Retain"
	// DeletionPolicyDelete deletes the object in this Novu environment.
	DeletionPolicyDelete DeletionPolicy = "Delete"
)

// DriftPolicy says what happens when what Novu holds is changed out of band.
//
// +kubebuilder:validation:Enum=Correct;Detect;Ignore
type DriftPolicy string

// Values of DriftPolicy.
const (
	// DriftPolicyCorrect writes the definition again. It is the default, except in spec.promotionPolicy.
	DriftPolicyCorrect DriftPolicy = "Correct"
	// DriftPolicyDetect reports the difference and writes nothing until spec changes. It is the default in spec.promotionPolicy.
	DriftPolicyDetect DriftPolicy = "Detect"
	// DriftPolicyIgnore neither reports nor corrects.
	DriftPolicyIgnore DriftPolicy = "Ignore"
)

// Annotations that users may set.
const (
	// ForceDetachAnnotation set to "true" on an object that is being deleted removes the operator's finalizer without
	// calling Novu. What exists in Novu stays there.
	ForceDetachAnnotation = "novu-operator.dev/force-detach"
	// ForceDeleteAnnotation set to "true" on a Layout has it deleted in Novu although workflows use it. Novu removes it from
	// them silently.
	ForceDeleteAnnotation = "novu-operator.dev/force-delete"
	// RequestedAtAnnotation asks for a full comparison with Novu now; any new value counts.
	RequestedAtAnnotation = "novu-operator.dev/requested-at"
	// ResumeAnnotation on a promotion target lifts the hold whose status.hold.uid it names, and no other: the annotation may
	// stay. With the UID of the last automatic Promotion, which has failed or was aborted, the same is tried again.
	// What lifts a freeze that outlasts its Environment is in the message of the condition Frozen.
	ResumeAnnotation = "novu-operator.dev/resume"
)

// MemoryAnnotation on a Workflow, Layout or Integration is the operator's own: what it could not find out again by looking at
// Novu if status were lost, because Novu does not show credentials, or gives a definition a form of its own.
const MemoryAnnotation = "novu-operator.dev/remembered"

// AttemptAnnotation on a Promotion is the operator's own: which attempt it is, and how that has ended. Backups keep it, so
// that a Promotion that is restored without its status is not carried out again.
const AttemptAnnotation = "novu-operator.dev/attempt"

// Finalizer is set on objects with deletionPolicy Delete, and on an Environment while such objects need it.
const Finalizer = "novu-operator.dev/finalizer"
