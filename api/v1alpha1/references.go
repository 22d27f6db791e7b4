package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// EnvironmentReference names an Environment object.
type EnvironmentReference struct {
	// name of the Environment.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// namespace of the Environment. When empty it is the namespace of the object that refers to it. An Environment in
	// another namespace must allow this one in its spec.allowedNamespaces.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
}

// LocalReference names an object in the namespace of the object that refers to it.
type LocalReference struct {
	// name of the object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// KeyReference names one key of a Secret or ConfigMap in the namespace of the object that refers to it.
type KeyReference struct {
	// name of the Secret or ConfigMap.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// key inside its data.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// SecretKeyReference names the key of a Secret that holds Novu's API secret key.
type SecretKeyReference struct {
	// name of the Secret. It must be in the namespace of the Environment.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// key inside the Secret's data. When empty it is `secretKey`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// BodySource says where a body that is too large for a manifest comes from.
type BodySource struct {
	// configMapKeyRef names the key of a ConfigMap in the same namespace. A change of the ConfigMap is noticed at once.
	//
	// +required
	ConfigMapKeyRef KeyReference `json:"configMapKeyRef"`
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
	// from is `Same` (only the Environment's own namespace), `All`, or `Selector`.
	//
	// +required
	From NamespacesFrom `json:"from"`

	// selector matches the labels of the namespaces that may refer to the Environment.
	//
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}
