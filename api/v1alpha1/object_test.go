// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	want := Policies{
		EnvironmentRef: EnvironmentReference{Name: "development", Namespace: "shared"},
		Adoption:       AdoptionPolicyRefuse, Deletion: DeletionPolicyDelete, Drift: DriftPolicyDetect, Suspend: true,
	}
	for kind, got := range map[string]Policies{
		WorkflowKind: (&Workflow{Spec: WorkflowSpec{
			EnvironmentRef: want.EnvironmentRef, AdoptionPolicy: want.Adoption, DeletionPolicy: want.Deletion, DriftPolicy: want.Drift, Suspend: new(true),
		}}).Policies(),
		LayoutKind: (&Layout{Spec: LayoutSpec{
			EnvironmentRef: want.EnvironmentRef, AdoptionPolicy: want.Adoption, DeletionPolicy: want.Deletion, DriftPolicy: want.Drift, Suspend: new(true),
		}}).Policies(),
		IntegrationKind: (&Integration{Spec: IntegrationSpec{
			EnvironmentRef: want.EnvironmentRef, AdoptionPolicy: want.Adoption, DeletionPolicy: want.Deletion, DriftPolicy: want.Drift, Suspend: new(true),
		}}).Policies(),
	} {
		if got != want {
			t.Errorf("%s: got %+v, want %+v", kind, got, want)
		}
	}
}

// What the kinds share is a part of their status, not a copy of it.
func TestSyncIsPartOfStatus(t *testing.T) {
	t.Parallel()
	workflow, layout, integration := &Workflow{}, &Layout{}, &Integration{}
	workflow.Sync().Revision, layout.Sync().Revision, integration.Sync().Revision = "w", "l", "i"
	*integration.SecretsHash() = "hash"
	if workflow.Status.Revision != "w" || layout.Status.Revision != "l" || integration.Status.Revision != "i" || integration.Status.CredentialsHash != "hash" {
		t.Errorf("got %+v, %+v, %+v", workflow.Status, layout.Status, integration.Status)
	}
}

func TestGetConditions(t *testing.T) {
	t.Parallel()
	ready := []metav1.Condition{{Type: ConditionReady, Status: metav1.ConditionTrue}}
	for kind, o := range map[string]Object{
		EnvironmentKind: &Environment{Status: EnvironmentStatus{Conditions: ready}},
		WorkflowKind:    &Workflow{Status: WorkflowStatus{SyncStatus: SyncStatus{Conditions: ready}}},
		LayoutKind:      &Layout{Status: LayoutStatus{SyncStatus: SyncStatus{Conditions: ready}}},
		IntegrationKind: &Integration{Status: IntegrationStatus{SyncStatus: SyncStatus{Conditions: ready}}},
		PromotionKind:   &Promotion{Status: PromotionStatus{Conditions: ready}},
	} {
		if !slices.Equal(o.GetConditions(), ready) {
			t.Errorf("%s: got %+v", kind, o.GetConditions())
		}
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	meta := metav1.ObjectMeta{Name: "a"}
	for _, tc := range []struct {
		what   string
		object interface{ Claim() string }
		want   string
	}{
		{"workflow", &Workflow{ObjectMeta: meta, Spec: WorkflowSpec{WorkflowID: "b"}}, "b"},
		{"layout", &Layout{ObjectMeta: meta}, "a"},
		{"integration", &Integration{ObjectMeta: meta, Spec: IntegrationSpec{ProviderID: "sendgrid", Channel: ChannelEmail}}, "a"},
		{"the one Inbox", &Integration{ObjectMeta: meta, Spec: IntegrationSpec{ProviderID: "novu", Channel: ChannelInApp, Identifier: "b"}}, "provider novu"},
		{"Novu's provider on another channel", &Integration{ObjectMeta: meta, Spec: IntegrationSpec{ProviderID: "novu", Channel: ChannelChat}}, "a"},
	} {
		if got := tc.object.Claim(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.what, got, tc.want)
		}
	}
}

func TestEveryKindIsInTheScheme(t *testing.T) {
	t.Parallel()
	scheme := runtime.NewScheme()
	if err := AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{EnvironmentKind, WorkflowKind, LayoutKind, IntegrationKind, PromotionKind} {
		for _, name := range []string{kind, kind + "List"} {
			if _, err := scheme.New(GroupVersion.WithKind(name)); err != nil {
				t.Error(err)
			}
		}
	}
}
