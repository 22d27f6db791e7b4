// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package view is how the operator sees Workflows, Layouts and Integrations alike: by the fields that the three kinds share.
// The API types have no methods for that, because they are for those who import them.
package view

import (
	"cmp"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
)

// Object is a Workflow, a Layout or an Integration.
type Object interface {
	v1alpha1.Object

	// EffectiveID is the identifier in Novu.
	EffectiveID() string
}

// View is what the operator sees of an object. Policies are as the user wrote them, and may be empty.
type View struct {
	EnvironmentRef v1alpha1.EnvironmentReference
	AdoptionPolicy v1alpha1.AdoptionPolicy
	DeletionPolicy v1alpha1.DeletionPolicy
	DriftPolicy    v1alpha1.DriftPolicy
	Suspend        bool
	// Claim is what only one object of a kind may manage in one Novu environment.
	Claim string
	// Status is the part of the object's status that the three kinds share.
	Status *v1alpha1.SyncStatus
	// Secrets is what the object's status remembers of secrets; nil for a kind that sends none.
	Secrets *Secrets
}

// Secrets points to what an object's status remembers of the secrets that were last written.
type Secrets struct {
	// Hash is a keyed hash of them.
	Hash *string
	// Version is a hash of the versions of the Secrets that they came from.
	Version *string
}

// Of is the view of a Workflow, a Layout or an Integration. It shares the object's status.
func Of(o metav1.Object) View {
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		s := &o.Spec
		return View{
			EnvironmentRef: s.EnvironmentRef, AdoptionPolicy: s.AdoptionPolicy, DeletionPolicy: s.DeletionPolicy,
			DriftPolicy: s.DriftPolicy, Suspend: ptr.Deref(s.Suspend, false),
			Claim: o.EffectiveID(), Status: &o.Status.SyncStatus,
		}
	case *v1alpha1.Layout:
		s := &o.Spec
		return View{
			EnvironmentRef: s.EnvironmentRef, AdoptionPolicy: s.AdoptionPolicy, DeletionPolicy: s.DeletionPolicy,
			DriftPolicy: s.DriftPolicy, Suspend: ptr.Deref(s.Suspend, false),
			Claim: o.EffectiveID(), Status: &o.Status.SyncStatus,
		}
	case *v1alpha1.Integration:
		s := &o.Spec
		return View{
			EnvironmentRef: s.EnvironmentRef, AdoptionPolicy: s.AdoptionPolicy, DeletionPolicy: s.DeletionPolicy,
			DriftPolicy: s.DriftPolicy, Suspend: ptr.Deref(s.Suspend, false),
			Claim: claimOf(o), Status: &o.Status.SyncStatus,
			Secrets: &Secrets{Hash: &o.Status.CredentialsHash, Version: &o.Status.CredentialsVersion},
		}
	}
	panic(fmt.Sprintf("%T is not kept in Novu", o))
}

// claimOf is the identifier, or the Inbox, of which Novu keeps one under an identifier of its own.
func claimOf(i *v1alpha1.Integration) string {
	if i.IsInbox() {
		return "provider " + v1alpha1.InboxProvider
	}
	return i.EffectiveID()
}

// Status is the part of an object's status that the three kinds share.
func Status(o metav1.Object) *v1alpha1.SyncStatus { return Of(o).Status }

// EffectiveDriftPolicy is the object's own, or that of its Environment.
func EffectiveDriftPolicy(o metav1.Object, environment v1alpha1.DriftPolicy) v1alpha1.DriftPolicy {
	return cmp.Or(Of(o).DriftPolicy, environment)
}

// Environment is the Environment that an object refers to.
func Environment(o metav1.Object) types.NamespacedName {
	return Of(o).EnvironmentRef.In(o.GetNamespace())
}
