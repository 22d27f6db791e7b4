// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "novu-operator.dev", Version: "v1alpha1"}

var (
	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme registers the kinds of this package with a scheme.
	AddToScheme = schemeBuilder.AddToScheme
)

// Names of the kinds, as they appear in manifests and in condition messages.
const (
	EnvironmentKind = "Environment"
	WorkflowKind    = "Workflow"
	LayoutKind      = "Layout"
	IntegrationKind = "Integration"
	PromotionKind   = "Promotion"
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Environment{}, &EnvironmentList{},
		&Workflow{}, &WorkflowList{},
		&Layout{}, &LayoutList{},
		&Integration{}, &IntegrationList{},
		&Promotion{}, &PromotionList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
