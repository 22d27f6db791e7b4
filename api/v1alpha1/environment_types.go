// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// EnvironmentSpec is how to reach one Novu environment and what may be written to it. The rules about values that may
// hold a secret by mistake are here and not on the field, because the API server's answer then does not repeat the value.
//
// +kubebuilder:validation:XValidation:rule="!has(self.apiURL) || (self.apiURL.matches('^[^\\\\s]+$') && isURL(self.apiURL) && url(self.apiURL).getScheme() in ['http', 'https'] && url(self.apiURL).getHostname().size() > 0)",fieldPath=".apiURL",message="apiURL must be an absolute http or https URL such as https://eu.api.novu.co"
// +kubebuilder:validation:XValidation:rule="!has(self.apiURL) || !self.apiURL.matches('/v[0-9]+/*$')",fieldPath=".apiURL",message="leave the version out of apiURL: write https://api.novu.co, not https://api.novu.co/v1"
// +kubebuilder:validation:XValidation:rule="!has(self.apiURL) || !isURL(self.apiURL) || url(self.apiURL).getPort().size() == 0 || (url(self.apiURL).getPort().size() <= 5 && int(url(self.apiURL).getPort()) <= 65535)",fieldPath=".apiURL",message="the port of apiURL must be at most 65535"
// +kubebuilder:validation:XValidation:rule="!has(self.apiURL) || !self.apiURL.matches('[?#@]')",fieldPath=".apiURL",message="apiURL takes no user, query or fragment; the key belongs into the Secret that secretKeyRef names"
// +kubebuilder:validation:XValidation:rule="!has(self.caBundle) || self.caBundle.contains('-----BEGIN CERTIFICATE-----')",fieldPath=".caBundle",message="caBundle must hold PEM certificates, as text and not base64 encoded once more: -----BEGIN CERTIFICATE-----"
// +kubebuilder:validation:XValidation:rule="!has(self.caBundle) || !self.caBundle.contains('PRIVATE KEY-----')",fieldPath=".caBundle",message="caBundle takes certificates only: remove the private key, and replace it wherever it is in use"
// +kubebuilder:validation:XValidation:rule="!(has(self.caBundle) && has(self.caBundleRef))",message="set either caBundle or caBundleRef"
type EnvironmentSpec struct {
	// apiURL is the address of Novu's API: scheme, host, optional port and path prefix, without the version (`/v1`,
	// `/v2`). Defaults to `https://api.novu.co`, Novu's cloud in the US; the EU cloud is `https://eu.api.novu.co`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	APIURL string `json:"apiURL,omitempty"`

	// caBundle holds PEM certificates that Novu's server certificate is checked against, in addition to the system's own, at most
	// 262,144 characters. Set it or caBundleRef, not both.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	CABundle string `json:"caBundle,omitempty"`

	// caBundleRef takes the certificates from a key of a ConfigMap in the same namespace instead. A change of the ConfigMap is
	// noticed at once.
	//
	// +optional
	CABundleRef *ConfigMapKeyReference `json:"caBundleRef,omitempty"`

	// secretKeyRef names the Secret, in the same namespace, with the API secret key of the Novu environment. The key alone selects
	// the environment. A change of the Secret is noticed at once.
	//
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef,omitempty,omitzero"`

	// environmentName is the name that the environment has in Novu, for example `Production`, at most 128 characters. When set, a
	// key that belongs to another environment is refused. Without it and environmentID, the environment that the first key belongs
	// to counts.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	EnvironmentName string `json:"environmentName,omitempty"`

	// environmentID is the id that the environment has in Novu (24 hexadecimal digits). When set, a key that belongs
	// to another environment is refused. Without it and environmentName, the environment that the first key belongs to counts.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{24}$')",message="environmentID is Novu's id of the environment, 24 hexadecimal digits; remove it to take the environment that the key belongs to"
	EnvironmentID string `json:"environmentID,omitempty"`

	// allowedNamespaces are the namespaces from which objects may refer to this Environment. Defaults to its own.
	//
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`

	// interval between two polls of what Novu holds, 30s to 24h; `0s` polls only when the annotation
	// novu-operator.dev/requested-at asks for it. Defaults to 10m.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,9})?(ms|s|m|h))+$') && (duration(self) == duration('0s') || duration(self) >= duration('30s') && duration(self) <= duration('24h'))",message="interval must be 0s (never) or between 30s and 24h, for example 10m"
	Interval *metav1.Duration `json:"interval,omitempty"`

	// suspend stops every call to this environment until it is false again. Conditions keep their last state. Defaults to false.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// driftPolicy of the Workflows, Layouts and Integrations that do not set their own, which says what happens when what they
	// describe is changed in Novu: Correct writes it again, Detect only reports it, Ignore does neither. Defaults to Correct.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// promotionPolicy makes this environment a target of Promotions and read-only for Workflow and Layout objects. Defaults to
	// none: objects write to this environment, and nothing is promoted into it.
	//
	// +optional
	PromotionPolicy *PromotionPolicy `json:"promotionPolicy,omitempty"`
}

// RateLimitStatus is a rate limit that Novu's headers last announced.
type RateLimitStatus struct {
	// category of routes that share the limit: `configuration` (workflows, layouts) or `global` (integrations,
	// environments).
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Category string `json:"category,omitempty"`

	// limit is the number of requests in one window.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Limit int32 `json:"limit,omitempty"`

	// burst is the number of requests that may be made at once.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Burst int32 `json:"burst,omitempty"`

	// windowSeconds is the length of the window, in seconds.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	WindowSeconds int32 `json:"windowSeconds,omitempty"`
}

// CountedKind is a kind of objects that refer to an Environment.
//
// +kubebuilder:validation:Enum=Workflow;Layout;Integration
type CountedKind string

// Values of CountedKind.
const (
	CountedWorkflow    CountedKind = "Workflow"
	CountedLayout      CountedKind = "Layout"
	CountedIntegration CountedKind = "Integration"
)

// KindCount counts what a Novu environment holds of one kind, and the Kubernetes objects of that kind that refer to the Environment.
type KindCount struct {
	// kind that is counted.
	//
	// +required
	Kind CountedKind `json:"kind,omitempty"`

	// total is the number in Novu.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total"`

	// managed is the number in Novu that an object describes.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Managed int32 `json:"managed"`

	// unmanaged is the number in Novu that no object describes.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Unmanaged int32 `json:"unmanaged"`

	// notReady is the number of objects that are not Ready.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	NotReady int32 `json:"notReady"`

	// drifted is the number of objects whose counterpart in Novu was changed there and left so.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Drifted int32 `json:"drifted"`
}

// TargetCounts compares a promotion target with its source, and with what promotions brought to it. It counts workflows and layouts
// together: integrations are not promoted.
type TargetCounts struct {
	// promoted is the number in Novu that promotions brought there.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Promoted int32 `json:"promoted"`

	// unmanaged is the number in Novu that no promotion brought there.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Unmanaged int32 `json:"unmanaged"`

	// pending is the number of objects of the source whose current revision is not live in the target.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Pending int32 `json:"pending"`

	// drifted is the number of those that promotions brought there and that were changed in Novu afterwards.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Drifted int32 `json:"drifted"`

	// faulty is the number of active workflows that promotions brought there and that Novu reports errors in. Novu checks a
	// workflow only when it is written: if the cause is gone, promote again, or set promotionPolicy.driftPolicy to Correct.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Faulty int32 `json:"faulty"`
}

// EnvironmentStatus is what the operator knows about a Novu environment.
//
// +kubebuilder:validation:MinProperties=1
type EnvironmentStatus struct {
	// conditions are Ready, and Reconciling or Stalled while true. A promotion target has Drifted and Protected as well,
	// and Frozen while a freeze outlasts the Environment that stated it.
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

	// environmentID is Novu's id of the environment that the key belongs to.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	EnvironmentID string `json:"environmentID,omitempty"`

	// environmentName is the environment's name in Novu.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	EnvironmentName string `json:"environmentName,omitempty"`

	// environmentType is Novu's type of the environment, `dev` or `prod`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	EnvironmentType string `json:"environmentType,omitempty"`

	// applicationIdentifier is the public identifier that the Inbox component takes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	ApplicationIdentifier string `json:"applicationIdentifier,omitempty"`

	// organizationID is Novu's id of the organization that owns the environment.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	OrganizationID string `json:"organizationID,omitempty"`

	// rateLimits that Novu last announced. Empty when the installation announces none.
	//
	// +optional
	// +listType=map
	// +listMapKey=category
	// +kubebuilder:validation:MaxItems=8
	RateLimits []RateLimitStatus `json:"rateLimits,omitempty"`

	// counts of what Novu holds, by kind.
	//
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MaxItems=8
	Counts []KindCount `json:"counts,omitempty"`

	// target compares a promotion target with its source. An Environment that is no target has none.
	//
	// +optional
	Target *TargetCounts `json:"target,omitempty"`

	// lastHandledRequest is the value of the annotation novu-operator.dev/requested-at that was last acted on.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	LastHandledRequest string `json:"lastHandledRequest,omitempty"`

	// activePromotionRef names the Promotion that is writing to this environment now.
	//
	// +optional
	ActivePromotionRef *PromotionReference `json:"activePromotionRef,omitempty"`

	// hold stops automatic promotion into this environment. A rollback sets it, so that the rollback is not undone.
	//
	// +optional
	Hold *PromotionHold `json:"hold,omitempty"`

	// freeze that an earlier Environment of this name, of the same Novu environment, was under when it was deleted. It stays in
	// force until it is over or lifted; see the condition Frozen.
	//
	// +optional
	Freeze *KeptFreeze `json:"freeze,omitempty"`
}

// Environment is the connection to one Novu environment: its address, its key, and the rules for what is written to it.
// Its identity in Novu is the environment that the secret key belongs to.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nenv,categories=novu
// +kubebuilder:validation:XValidation:rule="!has(self.spec.promotionPolicy) || has(self.spec.promotionPolicy.sourceRef.namespace) || self.spec.promotionPolicy.sourceRef.name != self.metadata.name",fieldPath=".spec.promotionPolicy.sourceRef.name",message="an Environment is not promoted from itself: name the Environment that comes before it"
// +kubebuilder:printcolumn:name="Novu",type=string,JSONPath=`.status.environmentName`,description="Name of the environment in Novu"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Source",type=string,JSONPath=`.spec.promotionPolicy.sourceRef.name`,description="Environment that is promoted from"
// +kubebuilder:printcolumn:name="Hold",type=string,JSONPath=`.status.hold.promotionRef.name`,description="Rollback that stops automatic promotion"
// +kubebuilder:printcolumn:name="Workflows",type=integer,JSONPath=`.status.counts[?(@.kind=="Workflow")].total`,description="Workflows in Novu"
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.target.pending`,description="Objects of the source whose current revision is not live in this target"
// +kubebuilder:printcolumn:name="Drifted",type=integer,JSONPath=`.status.target.drifted`,description="Changed in Novu since it was promoted to this target"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Frozen",type=string,JSONPath=`.spec.promotionPolicy.freeze.reason`,priority=1
// +kubebuilder:printcolumn:name="Not ready",type=integer,JSONPath=`.status.counts[?(@.kind=="Workflow")].notReady`,description="Workflow objects that are not Ready",priority=1
// +kubebuilder:printcolumn:name="Application",type=string,JSONPath=`.status.applicationIdentifier`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.secretKeyRef.name`
// +kubebuilder:externalDocs:url="https://docs.novu.co/platform/developer/environments",description="Environments in Novu"
type Environment struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the object's metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	//
	// +required
	Spec EnvironmentSpec `json:"spec,omitempty,omitzero"`

	// status is the observed state.
	//
	// +optional
	Status EnvironmentStatus `json:"status,omitempty,omitzero"`
}

// EnvironmentList is a list of Environments.
//
// +kubebuilder:object:root=true
type EnvironmentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Environment `json:"items"`
}
