// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

func layout(changes ...func(*v1alpha1.Layout)) client.Object {
	l := &v1alpha1.Layout{}
	l.Status.ID, l.Status.EnvironmentID = "l1", "e1"
	for _, change := range changes {
		change(l)
	}
	return l
}

func integration(changes ...func(*v1alpha1.Integration)) client.Object {
	i := &v1alpha1.Integration{}
	i.Spec.Channel, i.Status.ID, i.Status.Active = v1alpha1.ChannelEmail, "i1", new(true)
	for _, change := range changes {
		change(i)
	}
	return i
}

// Only changes that concern other objects wake them.
func TestChangesThatConcernOthers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changed       func(before, after client.Object) bool
		before, after client.Object
		want          bool
	}{
		"a layout is made":          {layoutMade, layout(func(l *v1alpha1.Layout) { l.Status.ID = "" }), layout(), true},
		"a layout is made again":    {layoutMade, layout(), layout(func(l *v1alpha1.Layout) { l.Status.ID = "l2" }), true},
		"a layout is gone":          {layoutMade, layout(), layout(func(l *v1alpha1.Layout) { l.Status.ID = "" }), false},
		"a layout stays":            {layoutMade, layout(), layout(), false},
		"a layout has gone":         {syncChanged, layout(), layout(func(l *v1alpha1.Layout) { l.Status.ID = "" }), true},
		"a layout has moved":        {syncChanged, layout(), layout(func(l *v1alpha1.Layout) { l.Status.EnvironmentID = "e2" }), true},
		"a layout is as it was":     {syncChanged, layout(), layout(), false},
		"a layout is the default":   {defaultChanged, layout(), layout(func(l *v1alpha1.Layout) { l.Status.Default = new(true) }), true},
		"a layout has another spec": {defaultChanged, layout(), layout(func(l *v1alpha1.Layout) { l.Generation = 2 }), true},
		"no other default":          {defaultChanged, layout(), layout(), false},
		"it delivers no longer":     {deliveryChanged, integration(), integration(func(i *v1alpha1.Integration) { i.Status.Active = new(false) }), true},
		"it is the primary one":     {deliveryChanged, integration(), integration(func(i *v1alpha1.Integration) { i.Status.Primary = new(true) }), true},
		"it delivers as before":     {deliveryChanged, integration(), integration(func(i *v1alpha1.Integration) { i.Status.Revision = "r2" }), false},
		"it claims another place":   {claimChanged, integration(), integration(func(i *v1alpha1.Integration) { i.Status.EnvironmentID = "e2" }), true},
		"it claims the same":        {claimChanged, integration(), integration(), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.changed(test.before, test.after); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Of e-mail and SMS Novu uses the primary integration alone, of other channels every one.
func TestDelivers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		channel v1alpha1.Channel
		primary bool
		want    bool
	}{
		"e-mail, primary":    {v1alpha1.ChannelEmail, true, true},
		"e-mail, another":    {v1alpha1.ChannelEmail, false, false},
		"SMS, another":       {v1alpha1.ChannelSMS, false, false},
		"push, one of many":  {v1alpha1.ChannelPush, false, true},
		"inbox, one of many": {v1alpha1.ChannelInApp, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := &v1alpha1.Integration{}
			i.Spec.Channel, i.Status.Primary = test.channel, &test.primary
			if got := delivers(i); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
