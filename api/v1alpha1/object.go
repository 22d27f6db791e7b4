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
