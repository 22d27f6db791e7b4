// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the kinds of the API group novu-operator.dev: Environment, Workflow, Layout, Integration
// and Promotion.
//
// Three rules hold for every kind. The operator never writes spec. No field that a user writes has a default in the
// CRD, because a default would appear in the live object and GitOps tools would report it forever; defaults are
// applied by the Effective… methods of this package and named in the field's comment. Every result is a condition.
//
// +kubebuilder:object:generate=true
// +groupName=novu-operator.dev
package v1alpha1
