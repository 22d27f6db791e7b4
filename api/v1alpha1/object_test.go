// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"encoding/json"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

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

// A status says nothing of what is not set in it: several owners apply parts of one, and a zero would belong to all of them.
func TestEmptyStatusSaysNothing(t *testing.T) {
	t.Parallel()
	for kind, status := range map[string]any{
		EnvironmentKind: EnvironmentStatus{}, WorkflowKind: WorkflowStatus{}, LayoutKind: LayoutStatus{},
		IntegrationKind: IntegrationStatus{}, PromotionKind: PromotionStatus{},
	} {
		if text, err := json.Marshal(status); err != nil || string(text) != "{}" {
			t.Errorf("%s: got %s, %v", kind, text, err)
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
