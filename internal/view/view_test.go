// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/view"
)

// object of each kind, with the same fields.
var objects = map[string]view.Object{
	"Workflow": &v1alpha1.Workflow{ObjectMeta: named, Spec: v1alpha1.WorkflowSpec{
		EnvironmentRef: ref, AdoptionPolicy: "Refuse", DeletionPolicy: "Delete", DriftPolicy: "Detect", Suspend: new(true),
	}},
	"Layout": &v1alpha1.Layout{ObjectMeta: named, Spec: v1alpha1.LayoutSpec{
		EnvironmentRef: ref, AdoptionPolicy: "Refuse", DeletionPolicy: "Delete", DriftPolicy: "Detect", Suspend: new(true),
	}},
	"Integration": &v1alpha1.Integration{ObjectMeta: named, Spec: v1alpha1.IntegrationSpec{
		EnvironmentRef: ref, AdoptionPolicy: "Refuse", DeletionPolicy: "Delete", DriftPolicy: "Detect", Suspend: new(true),
	}},
}

var (
	named = metav1.ObjectMeta{Namespace: "shop", Name: "order"}
	ref   = v1alpha1.EnvironmentReference{Name: "dev"}
)

func TestOf(t *testing.T) {
	for kind, o := range objects {
		t.Run(kind, func(t *testing.T) {
			got := view.Of(o)
			if got.Status != view.Status(o) || (got.Secrets != nil) != (kind == "Integration") {
				t.Errorf("status %p, secrets %v", got.Status, got.Secrets)
			}
			got.Status.ID = "internal"
			if view.Status(o).ID != "internal" {
				t.Error("the status is not the object's own")
			}
			if key := view.Environment(o); key != (types.NamespacedName{Namespace: "shop", Name: "dev"}) {
				t.Errorf("it refers to %s", key)
			}
			got.Status, got.Secrets = nil, nil
			want := view.View{EnvironmentRef: ref, AdoptionPolicy: "Refuse", DeletionPolicy: "Delete", DriftPolicy: "Detect", Suspend: true, Claim: "order"}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestEveryKindIsSeen: a new kind that has an identifier in Novu needs a view, too.
func TestEveryKindIsSeen(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for kind := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		o, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		if o, kept := o.(view.Object); kept && (objects[kind] == nil || view.Of(o).Status == nil) {
			t.Errorf("there is no view of %s", kind)
		}
	}
}

func TestClaim(t *testing.T) {
	meta := metav1.ObjectMeta{Name: "a"}
	for what, tc := range map[string]struct {
		object view.Object
		want   string
	}{
		"workflow":    {&v1alpha1.Workflow{ObjectMeta: meta, Spec: v1alpha1.WorkflowSpec{WorkflowID: "b"}}, "b"},
		"layout":      {&v1alpha1.Layout{ObjectMeta: meta}, "a"},
		"integration": {&v1alpha1.Integration{ObjectMeta: meta, Spec: v1alpha1.IntegrationSpec{ProviderID: "sendgrid", Channel: v1alpha1.ChannelEmail}}, "a"},
		"the one Inbox": {&v1alpha1.Integration{ObjectMeta: meta, Spec: v1alpha1.IntegrationSpec{
			ProviderID: v1alpha1.InboxProvider, Channel: v1alpha1.ChannelInApp, Identifier: "b",
		}}, "provider novu"},
		"Novu's provider on another channel": {&v1alpha1.Integration{ObjectMeta: meta, Spec: v1alpha1.IntegrationSpec{
			ProviderID: v1alpha1.InboxProvider, Channel: v1alpha1.ChannelChat,
		}}, "a"},
	} {
		if got := view.Of(tc.object).Claim; got != tc.want {
			t.Errorf("%s: got %q, want %q", what, got, tc.want)
		}
	}
}
