// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is an object of any of the five kinds.
//
// +kubebuilder:object:generate=false
type Object interface {
	metav1.Object
	runtime.Object

	// GetConditions returns the conditions in status.
	GetConditions() []metav1.Condition
}

var _ = []Object{&Environment{}, &Workflow{}, &Layout{}, &Integration{}, &Promotion{}}

// GetConditions returns the conditions in status.
func (e *Environment) GetConditions() []metav1.Condition { return e.Status.Conditions }

// GetConditions returns the conditions in status.
func (w *Workflow) GetConditions() []metav1.Condition { return w.Status.Conditions }

// GetConditions returns the conditions in status.
func (l *Layout) GetConditions() []metav1.Condition { return l.Status.Conditions }

// GetConditions returns the conditions in status.
func (i *Integration) GetConditions() []metav1.Condition { return i.Status.Conditions }

// GetConditions returns the conditions in status.
func (p *Promotion) GetConditions() []metav1.Condition { return p.Status.Conditions }

// Policies are the fields of spec that Workflow, Layout and Integration share, as the user wrote them.
//
// +kubebuilder:object:generate=false
type Policies struct {
	EnvironmentRef EnvironmentReference
	Adoption       AdoptionPolicy
	Deletion       DeletionPolicy
	Drift          DriftPolicy
	Suspend        bool
}

// Policies of the workflow.
func (w *Workflow) Policies() Policies {
	s := &w.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, isTrue(s.Suspend)}
}

// Policies of the layout.
func (l *Layout) Policies() Policies {
	s := &l.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, isTrue(s.Suspend)}
}

// Policies of the integration.
func (i *Integration) Policies() Policies {
	s := &i.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, isTrue(s.Suspend)}
}

// Sync is the part of status that the three kinds share.
func (w *Workflow) Sync() *SyncStatus { return &w.Status.SyncStatus }

// Sync is the part of status that the three kinds share.
func (l *Layout) Sync() *SyncStatus { return &l.Status.SyncStatus }

// Sync is the part of status that the three kinds share.
func (i *Integration) Sync() *SyncStatus { return &i.Status.SyncStatus }

// SecretsHash is the keyed hash of the credentials that were last written.
func (i *Integration) SecretsHash() *string { return &i.Status.CredentialsHash }

// SecretsVersion is where the hash of the versions of the Secrets is remembered that those came from.
func (i *Integration) SecretsVersion() *string { return &i.Status.CredentialsVersion }

// Claim is what only one object may manage in one Novu environment: the workflowID.
func (w *Workflow) Claim() string { return w.EffectiveID() }

// Claim is what only one object may manage in one Novu environment: the layoutID.
func (l *Layout) Claim() string { return l.EffectiveID() }

// Claim is what only one object may manage in one Novu environment: the identifier, or the Inbox, of which Novu keeps one
// under an identifier of its own.
func (i *Integration) Claim() string {
	if i.IsInbox() {
		return "provider " + InboxProvider
	}
	return i.EffectiveID()
}

// InboxProvider is the provider of the one in-app integration that every Novu environment has from the start.
const InboxProvider = "novu"

// IsInbox reports whether this is the in-app integration that every Novu environment has from the start.
func (i *Integration) IsInbox() bool {
	return i.Spec.ProviderID == InboxProvider && i.Spec.Channel == ChannelInApp
}

func isTrue(b *bool) bool { return b != nil && *b }

// IsPrimary reports whether Novu was last seen to hold the integration as the primary one of its channel.
func (i *Integration) IsPrimary() bool { return isTrue(i.Status.Primary) }

// IsActive reports whether Novu was last seen to deliver through the integration.
func (i *Integration) IsActive() bool { return isTrue(i.Status.Active) }

// WantsPrimary reports whether the integration is to be the primary one of its channel.
func (i *Integration) WantsPrimary() bool { return i.Spec.Primary != nil && *i.Spec.Primary }
