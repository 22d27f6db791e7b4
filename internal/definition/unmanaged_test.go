// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// record is a record of preferences with a channel that no manifest names.
func record(tool, email bool) *novu.Preference {
	p := novu.DefaultPreference()
	p.Channels["tool"] = novu.ChannelPreference{Enabled: tool}
	p.Channels["email"] = novu.ChannelPreference{Enabled: email}
	return p
}

func TestUnmanaged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*novu.Workflow)
		want   []string
	}{
		"nothing":              {func(*novu.Workflow) {}, nil},
		"a channel that is on": {func(h *novu.Workflow) { h.Preferences.Default = record(true, false) }, nil},
		"a channel that is off": {func(h *novu.Workflow) { h.Preferences.Default = record(false, true) },
			[]string{"preferences.workflow.channels.tool"}},
		"off for users": {func(h *novu.Workflow) { h.Preferences.User = record(false, false) },
			[]string{"preferences.user.channels.tool"}},
		"overrides":       {func(h *novu.Workflow) { h.Steps[0].ProviderOverrides = json.RawMessage(`{"slack":{}}`) }, []string{"steps[mail].providerOverrides"}},
		"empty overrides": {func(h *novu.Workflow) { h.Steps[0].ProviderOverrides = json.RawMessage(`{}`) }, nil},
		"an agent":        {func(h *novu.Workflow) { h.Agent = json.RawMessage(`{"identifier":"x"}`) }, []string{"agent"}},
	} {
		have := stored(base())
		test.change(have)
		var got []string
		for _, field := range Unmanaged(have) {
			got = append(got, field.Path)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// What no manifest can express is no difference, and survives a write, also from what status remembers.
func TestOntoKeepsChannels(t *testing.T) {
	have := stored(base())
	have.Preferences.Default, have.Preferences.User = record(false, true), record(false, true)
	if d := CompareWorkflow(base(), have); len(d) > 0 {
		t.Errorf("differences %+v", d)
	}
	for name, request := range map[string]*novu.WorkflowRequest{
		"from Novu":   Onto(base(), have),
		"from status": OntoStatus(base(), StepStatuses(have), Unmanaged(have)),
	} {
		for which, p := range map[string]*novu.Preference{"workflow": request.Preferences.Workflow, "user": request.Preferences.User} {
			if p == nil || p.Channels["tool"].Enabled || !p.Channels["email"].Enabled || len(p.Channels) != 6 {
				t.Errorf("%s: the record %s is %+v", name, which, p)
			}
		}
		if request.Steps[0].ID == "" {
			t.Errorf("%s: the steps have no ids", name)
		}
	}
	if _, changed := base().Preferences.Workflow.Channels["tool"]; changed {
		t.Error("the request itself was changed")
	}
	have.Preferences.User = record(false, false)
	if d := CompareWorkflow(base(), have); len(d) != 1 || d[0].Path != "preferences.user" {
		t.Errorf("a user record that says more: %+v", d)
	}
}

func TestUnmanagedSummaryIsShort(t *testing.T) {
	var list []v1alpha1.UnmanagedField
	for i := range 8 {
		list = append(list, v1alpha1.UnmanagedField{Path: fmt.Sprintf("steps[s%d].providerOverrides", i)})
	}
	const want = "Left in Novu as it is, because no manifest can express it: steps[s0].providerOverrides, steps[s1].providerOverrides, " +
		"steps[s2].providerOverrides, steps[s3].providerOverrides, steps[s4].providerOverrides, …"
	if got := UnmanagedSummary(list); got != want {
		t.Errorf("got %q", got)
	}
}
