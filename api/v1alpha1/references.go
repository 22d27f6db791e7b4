// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// EnvironmentReference names an Environment object.
type EnvironmentReference struct {
	// name of the Environment.
	//
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of an Environment object (lower case letters, digits, '-' and '.'), not the name that the environment has in Novu"
	// +kubebuilder:validation:MinLength=1
	Name string `json:"name,omitempty"`

	// namespace of the Environment. Defaults to the namespace of the object that refers to it. An Environment in another
	// namespace must allow this one in its spec.allowedNamespaces.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Label().validate(self).hasValue()",message="write the name of a namespace: lower case letters, digits and '-'"
	// +kubebuilder:validation:MinLength=1
	Namespace string `json:"namespace,omitempty"`
}

// LocalReference names an object in the namespace of the object that refers to it.
type LocalReference struct {
	// name of the object.
	//
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the object: lower case letters, digits, '-' and '.'"
	// +kubebuilder:validation:MinLength=1
	Name string `json:"name,omitempty"`
}

// ConfigMapKeyReference names one key of a ConfigMap in the namespace of the object that refers to it.
type ConfigMapKeyReference struct {
	// name of the ConfigMap.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the ConfigMap: lower case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`

	// key in its data.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="write a key of the data: letters, digits, '-', '_' and '.'"
	Key string `json:"key,omitempty"`
}

// KeyReference names one key of a Secret in the namespace of the object that refers to it.
type KeyReference struct {
	// name of the Secret.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the Secret: lower case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`

	// key in its data.
	//
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="write a key of the data: letters, digits, '-', '_' and '.'"
	// +kubebuilder:validation:MinLength=1
	Key string `json:"key,omitempty"`
}

// SecretKeyReference names the key of a Secret that holds Novu's API secret key.
type SecretKeyReference struct {
	// name of the Secret. It must be in the namespace of the Environment.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Subdomain().validate(self).hasValue()",message="write metadata.name of the Secret: lower case letters, digits, '-' and '.'"
	Name string `json:"name,omitempty"`

	// key in the Secret's data. Defaults to `secretKey`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="write a key of the data: letters, digits, '-', '_' and '.'"
	Key string `json:"key,omitempty"`
}

// PromotionReference names a Promotion, which may have been deleted.
type PromotionReference struct {
	// namespace of the Promotion.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the Promotion.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// BodySource says where a body that is too large for a manifest comes from.
type BodySource struct {
	// configMapKeyRef names the key of a ConfigMap in the same namespace. A change of the ConfigMap is noticed at once.
	//
	// +required
	ConfigMapKeyRef ConfigMapKeyReference `json:"configMapKeyRef,omitempty,omitzero"`
}

// NamespacesFrom says which namespaces an Environment may be referenced from.
//
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

// Values of NamespacesFrom.
const (
	NamespacesFromSame     NamespacesFrom = "Same"
	NamespacesFromAll      NamespacesFrom = "All"
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces is the Environment's half of the handshake that lets objects of other namespaces refer to it, in
// the manner of the Gateway API's allowedRoutes.
//
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="from: Selector needs a selector, and only it may have one"
type AllowedNamespaces struct {
	// from is `Same` (only the Environment's own namespace), `All` (every namespace), or `Selector` (the namespaces that selector
	// matches, and its own).
	//
	// +required
	From NamespacesFrom `json:"from,omitempty"`

	// selector matches the labels of the namespaces whose objects may refer to the Environment. Only `Selector` has one.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator is In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="operators In and NotIn need values; Exists and DoesNotExist take none"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}
