// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// LayoutSpec is the desired definition of one e-mail layout.
//
// +kubebuilder:validation:XValidation:rule="!has(self.body) || self.body.matches('[{][{]-? *content') || (self.body.matches('^[\\\\s]*[{][^{%]') && self.body.contains('content'))",message="body must contain the variable content, which the e-mail takes the place of: {{content}}"
// +kubebuilder:validation:XValidation:rule="!has(self.body) || (has(self.editorType) ? self.editorType == 'Block' : self.body.matches('^[\\\\s]*[{][^{%]')) || self.body.matches('(?is)<html.*<body.*</body>.*</html>')",message="an HTML body must be a whole document: <html><body>{{content}}</body></html>"
// +kubebuilder:validation:XValidation:rule="!has(self.editorType) || self.editorType != 'Block' || !has(self.body) || self.body.matches('^[\\\\s]*[{][^{%]')",message="editorType Block takes the block editor's JSON as body, which begins with '{': for HTML write editorType: HTML"
// +kubebuilder:validation:XValidation:rule="has(self.body) != has(self.bodyFrom)",message="set either body or bodyFrom"
type LayoutSpec struct {
	// environmentRef names the Environment to write to. It cannot change: to move a layout, create another object.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="environmentRef is immutable: create a new Layout for another Environment"
	EnvironmentRef EnvironmentReference `json:"environmentRef,omitempty,omitzero"`

	// layoutID is the identifier that e-mail steps name, at most 253 characters. Defaults to metadata.name. It cannot change.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	LayoutID string `json:"layoutID,omitempty"`

	// name that people see in Novu, at most 128 characters.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// body is a whole HTML document, or the block editor's JSON as a string; see editorType. It must contain the
	// variable `content`, where the e-mail goes. At most 524,288 characters. Set it or bodyFrom.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=524288
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap instead.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`

	// editorType is what body is: HTML, or Block for the block editor's JSON. Defaults to Block if body is a JSON object,
	// else to HTML.
	//
	// +optional
	EditorType EditorType `json:"editorType,omitempty"`

	// translationEnabled turns translations on where the Novu installation offers them. Others ignore it, which
	// status.ignored shows. Defaults to false.
	//
	// +optional
	TranslationEnabled *bool `json:"translationEnabled,omitempty"`

	// default is whether Novu uses this layout for e-mails that name none. Novu makes the first layout of an environment its
	// default and has no way to change that. So a layout with true is created before all others, and one with false only after
	// another has become the default. Where Novu has already decided otherwise, the layout is written but not Ready. Defaults to
	// whatever Novu has decided; see status.default.
	//
	// +optional
	Default *bool `json:"default,omitempty"`

	// adoptionPolicy says what happens when Novu already holds a layout of this id that was never written from this
	// object. Adopt writes it, Refuse leaves it alone and says so. Defaults to Adopt.
	//
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// deletionPolicy says what happens to the layout in Novu when this object is deleted: Retain leaves it there, Delete
	// deletes it, too. Defaults to what the operator is started with, which is Retain unless its administrator says otherwise.
	//
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// driftPolicy says what happens when the layout is edited in Novu: Correct writes it again, Detect only reports it, Ignore
	// does neither. Defaults to the Environment's driftPolicy.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// suspend stops every call to Novu for this object until it is false again. Defaults to false.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// LayoutStatus is what Novu holds and says about the layout.
//
// +kubebuilder:validation:MinProperties=1
type LayoutStatus struct {
	SyncStatus `json:",inline"`

	// layoutID that this object manages.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	LayoutID string `json:"layoutID,omitempty"`

	// default reports whether Novu uses this layout for e-mails that name none.
	//
	// +optional
	Default *bool `json:"default,omitempty"`

	// environments lists which revision is live in which promotion target.
	//
	// +optional
	// +listType=map
	// +listMapKey=environment
	// +listMapKey=namespace
	// +kubebuilder:validation:MaxItems=1024
	Environments []LiveRevision `json:"environments,omitempty"`
}

// Layout is the desired definition of one e-mail layout in a writable Novu environment. Its identity in Novu is the
// layoutID.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nlay,categories=novu
// +kubebuilder:validation:XValidation:rule="(has(self.spec.layoutID) ? self.spec.layoutID : self.metadata.name) == (has(oldSelf.spec.layoutID) ? oldSelf.spec.layoutID : oldSelf.metadata.name)",fieldPath=".spec.layoutID",message="layoutID is immutable: create a new Layout for another id"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.layoutID) ? self.spec.layoutID : self.metadata.name).matches('^[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*$')",fieldPath=".spec.layoutID",message="layoutID (metadata.name when not set) must be letters and digits, joined by single '-', '_' or '.'"
// +kubebuilder:validation:XValidation:rule="!(has(self.spec.layoutID) ? self.spec.layoutID : self.metadata.name).matches('[0-9a-zA-Z]{16}$')",fieldPath=".spec.layoutID",message="Novu cannot address a layoutID (metadata.name when not set) whose last 16 characters are all letters and digits, it takes them for an internal id: put a '-', '_' or '.' among them"
// +kubebuilder:printcolumn:name="Layout",type=string,JSONPath=`.status.layoutID`,description="Identifier that e-mail steps name"
// +kubebuilder:printcolumn:name="Environment",type=string,JSONPath=`.spec.environmentRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Revision",type=string,JSONPath=`.status.shortRevision`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.environmentRef.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.layoutID`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/workflow/layouts",description="Layouts in Novu"
type Layout struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the object's metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	//
	// +required
	Spec LayoutSpec `json:"spec,omitempty,omitzero"`

	// status is the observed state.
	//
	// +optional
	Status LayoutStatus `json:"status,omitempty,omitzero"`
}

// LayoutList is a list of Layouts.
//
// +kubebuilder:object:root=true
type LayoutList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Layout `json:"items"`
}
