// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Channel that an integration delivers through.
//
// +kubebuilder:validation:Enum=InApp;Email;SMS;Chat;Push
type Channel string

// Values of Channel.
const (
	ChannelInApp Channel = "InApp"
	ChannelEmail Channel = "Email"
	ChannelSMS   Channel = "SMS"
	ChannelChat  Channel = "Chat"
	ChannelPush  Channel = "Push"
)

// IntegrationSpec is the desired state of one provider integration.
//
// +kubebuilder:validation:XValidation:rule="!has(self.primary) || !self.primary || self.channel in ['Email', 'SMS']",message="only Email and SMS integrations can be primary: remove primary"
// +kubebuilder:validation:XValidation:rule="!has(self.primary) || !self.primary || !has(self.rules) || self.rules.size() == 0",message="a primary integration has no rules, Novu drops one or the other: remove rules or primary"
// +kubebuilder:validation:XValidation:rule="!has(self.primary) || !self.primary || !has(self.active) || self.active",message="a primary integration is active: remove active: false or primary"
type IntegrationSpec struct {
	// environmentRef names the Environment to write to. It cannot change. Integrations are never promoted: a promotion
	// target may be named here, too.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="environmentRef is immutable: create a new Integration for another Environment"
	EnvironmentRef EnvironmentReference `json:"environmentRef,omitempty,omitzero"`

	// providerID is Novu's id of the provider, for example `sendgrid`, `twilio`, `fcm`, `slack`. It cannot change.
	//
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]+(-[a-z0-9]+)*$')",message="providerID is Novu's id of the provider, in lower case, for example sendgrid, twilio, fcm or slack"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="providerID is immutable: create a new Integration for another provider"
	// +kubebuilder:validation:MinLength=1
	ProviderID string `json:"providerID,omitempty"`

	// channel of the provider. It cannot change.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="channel is immutable: create a new Integration for another channel"
	Channel Channel `json:"channel,omitempty"`

	// identifier of the integration in its environment, at most 253 characters. Defaults to metadata.name. It cannot change.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Identifier string `json:"identifier,omitempty"`

	// name that people see in Novu, at most 128 characters. Defaults to the identifier.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// active lets Novu deliver through this integration. Defaults to true.
	//
	// +optional
	Active *bool `json:"active,omitempty"`

	// primary makes this the integration that Email or SMS steps use; no other channel has a primary one. Defaults to false, which
	// leaves Novu's own choice alone: Novu cannot take the mark from an integration except by giving it to another one.
	//
	// +optional
	Primary *bool `json:"primary,omitempty"`

	// rules under which Novu uses the integration, in groups, at most 32; Novu calls them conditions. Without rules it is
	// always used.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Rules []IntegrationRuleGroup `json:"rules,omitempty"`

	// configurations of the integration, in Novu's own form, for example `inboundWebhookEnabled`; at most 512 KiB. Those that are
	// not named here stay in Novu as they are.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Configurations *apiextensionsv1.JSON `json:"configurations,omitempty"`

	// credentials that are not secret, by the provider's names, for example `from` or `senderName`; at most 512 KiB. Numbers are
	// sent as the strings that Novu expects, `true` and `false` as booleans where Novu expects them.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Credentials *apiextensionsv1.JSON `json:"credentials,omitempty"`

	// credentialsFrom takes credentials from Secrets in the same namespace, at most 32. A later entry overrides an earlier one, and
	// all override credentials. A change of a Secret is noticed at once. Values are UTF-8 text. A byte order mark is left out, and
	// so is white space at the end of a value of one line; values of several lines, such as PEM or JSON, are otherwise kept as they
	// are.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	CredentialsFrom []CredentialsSource `json:"credentialsFrom,omitempty"`

	// adoptionPolicy says what happens when Novu already holds an integration of this identifier that was never written
	// from this object. Adopt writes it, Refuse leaves it alone and says so. Defaults to Adopt.
	//
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// deletionPolicy says what happens to the integration in Novu when this object is deleted: Retain leaves it there, Delete
	// deletes it, too. Defaults to what the operator is started with, which is Retain unless its administrator says otherwise.
	//
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// driftPolicy says what happens when the integration is edited in Novu: Correct writes it again, Detect only reports it, Ignore
	// does neither. Defaults to the Environment's driftPolicy.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// suspend stops every call to Novu for this object until it is false again. Defaults to false.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// RuleJoin joins the rules of a group: all must hold (And), or one of them (Or).
//
// +kubebuilder:validation:Enum=And;Or
type RuleJoin string

// Values of RuleJoin.
const (
	RuleJoinAnd RuleJoin = "And"
	RuleJoinOr  RuleJoin = "Or"
)

// GroupOutcome is whether the rules of a group must match.
//
// +kubebuilder:validation:Enum=Matched;NotMatched
type GroupOutcome string

// Values of GroupOutcome.
const (
	GroupOutcomeMatched    GroupOutcome = "Matched"
	GroupOutcomeNotMatched GroupOutcome = "NotMatched"
)

// RuleType is the type of a group of rules in Novu.
//
// +kubebuilder:validation:Enum=Boolean;Text;Date;Number;Statement;List;MultiList;Group
type RuleType string

// Values of RuleType.
const (
	RuleTypeBoolean   RuleType = "Boolean"
	RuleTypeText      RuleType = "Text"
	RuleTypeDate      RuleType = "Date"
	RuleTypeNumber    RuleType = "Number"
	RuleTypeStatement RuleType = "Statement"
	RuleTypeList      RuleType = "List"
	RuleTypeMultiList RuleType = "MultiList"
	RuleTypeGroup     RuleType = "Group"
)

// RuleOperator compares a field with a value.
//
// +kubebuilder:validation:Enum=Larger;Smaller;LargerEqual;SmallerEqual;Equal;NotEqual;AllIn;AnyIn;NotIn;Between;NotBetween;Like;NotLike;In
type RuleOperator string

// Values of RuleOperator.
const (
	RuleOperatorLarger       RuleOperator = "Larger"
	RuleOperatorSmaller      RuleOperator = "Smaller"
	RuleOperatorLargerEqual  RuleOperator = "LargerEqual"
	RuleOperatorSmallerEqual RuleOperator = "SmallerEqual"
	RuleOperatorEqual        RuleOperator = "Equal"
	RuleOperatorNotEqual     RuleOperator = "NotEqual"
	RuleOperatorAllIn        RuleOperator = "AllIn"
	RuleOperatorAnyIn        RuleOperator = "AnyIn"
	RuleOperatorNotIn        RuleOperator = "NotIn"
	RuleOperatorBetween      RuleOperator = "Between"
	RuleOperatorNotBetween   RuleOperator = "NotBetween"
	RuleOperatorLike         RuleOperator = "Like"
	RuleOperatorNotLike      RuleOperator = "NotLike"
	RuleOperatorIn           RuleOperator = "In"
)

// IntegrationRuleGroup is a group of rules under which an integration is used.
type IntegrationRuleGroup struct {
	// appliesWhen is whether the rules must match (Matched) or must not (NotMatched) for Novu to use the integration. Defaults to
	// Matched.
	//
	// +optional
	AppliesWhen GroupOutcome `json:"appliesWhen,omitempty"`

	// type of the group in Novu: Boolean, Text, Date, Number, Statement, List, MultiList or Group. Defaults to none: Novu is not
	// told one.
	//
	// +optional
	Type RuleType `json:"type,omitempty"`

	// join is And if all children must hold, Or if one is enough. Defaults to none: Novu is not told one.
	//
	// +optional
	Join RuleJoin `json:"join,omitempty"`

	// children are the rules of the group, at most 32.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Children []IntegrationRule `json:"children,omitempty"`
}

// IntegrationRule is one rule of an IntegrationRuleGroup.
type IntegrationRule struct {
	// source is where the rule finds the field, for example `tenant`, `payload` or `subscriber`. Novu's API calls it on,
	// a word that YAML may read as true.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Source string `json:"source,omitempty"`

	// field of the source whose value is compared, for example `plan`.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Field string `json:"field,omitempty"`

	// operator that compares, for example Equal.
	//
	// +required
	Operator RuleOperator `json:"operator,omitempty"`

	// value to compare with, as text.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Value string `json:"value,omitempty"`
}

// CredentialsSource takes credentials from a Secret: all of its keys, or one.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) != has(self.secretKeyRef)",message="set either secretRef (every key of a Secret) or credential with secretKeyRef (one key)"
// +kubebuilder:validation:XValidation:rule="has(self.credential) == has(self.secretKeyRef)",message="credential and secretKeyRef belong together"
type CredentialsSource struct {
	// secretRef takes every key of the Secret as the credential of that name.
	//
	// +optional
	SecretRef *LocalReference `json:"secretRef,omitempty"`

	// credential is the provider's name of the credential that secretKeyRef holds, for example `apiKey`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Credential string `json:"credential,omitempty"`

	// secretKeyRef names one key of a Secret.
	//
	// +optional
	SecretKeyRef *KeyReference `json:"secretKeyRef,omitempty"`
}

// IntegrationStatus is what Novu holds and says about the integration.
//
// +kubebuilder:validation:MinProperties=1
type IntegrationStatus struct {
	SyncStatus `json:",inline"`

	// identifier that this object manages.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Identifier string `json:"identifier,omitempty"`

	// active as Novu holds it.
	//
	// +optional
	Active *bool `json:"active,omitempty"`

	// primary as Novu holds it.
	//
	// +optional
	Primary *bool `json:"primary,omitempty"`

	// configurations are the names of the configurations that were last written, at most 64. Others that Novu holds are left as
	// they are.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	Configurations []string `json:"configurations,omitempty"`

	// priority of the integration in its channel. Novu changes it when another integration of the channel is written.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Priority int32 `json:"priority,omitempty"`

	// credentialsUpdatedAt is Novu's own time of the change up to which the credentials there are known to be those that
	// were written. Where Novu shows no credentials, a later change may have replaced them.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	CredentialsUpdatedAt string `json:"credentialsUpdatedAt,omitempty"`

	// credentialsHash is a keyed hash of the credentials that were last written. The key is the environment's API
	// secret key, so that the hash tells nothing to those who can only read it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	CredentialsHash string `json:"credentialsHash,omitempty"`

	// credentialsVersion is the SHA-256 of the versions of the Secrets that these credentials were read from. As long as
	// it stays, so do the credentials, even if the hash above gets another key because the environment's is rotated.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	CredentialsVersion string `json:"credentialsVersion,omitempty"`
}

// Integration is one provider integration with its credentials in one Novu environment. It is never promoted. Its
// identity in Novu is the identifier within the environment.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nint,categories=novu
// +kubebuilder:validation:XValidation:rule="(has(self.spec.identifier) ? self.spec.identifier : self.metadata.name) == (has(oldSelf.spec.identifier) ? oldSelf.spec.identifier : oldSelf.metadata.name)",fieldPath=".spec.identifier",message="identifier is immutable: create a new Integration for another identifier"
// +kubebuilder:printcolumn:name="Environment",type=string,JSONPath=`.spec.environmentRef.name`
// +kubebuilder:printcolumn:name="Channel",type=string,JSONPath=`.spec.channel`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.providerID`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Primary",type=boolean,JSONPath=`.status.primary`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Identifier",type=string,JSONPath=`.status.identifier`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.environmentRef.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.providerID`
// +kubebuilder:selectablefield:JSONPath=`.spec.channel`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/integrations/overview",description="Integrations in Novu"
type Integration struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the object's metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	//
	// +required
	Spec IntegrationSpec `json:"spec,omitempty,omitzero"`

	// status is the observed state.
	//
	// +optional
	Status IntegrationStatus `json:"status,omitempty,omitzero"`
}

// IntegrationList is a list of Integrations.
//
// +kubebuilder:object:root=true
type IntegrationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Integration `json:"items"`
}
