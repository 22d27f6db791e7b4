// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

const (
	workflowChannels = "preferences.workflow.channels."
	userChannels     = "preferences.user.channels."
	overridesField   = "providerOverrides"
	maxUnmanaged     = 64 // of one workflow: it has at most twenty steps
)

// Unmanaged lists what the workflow in Novu holds and no manifest can express, in the spelling of a manifest that could.
// Novu keeps some of it when an update leaves it out; channels it switches on again, so that those which are off are
// listed and sent. A user record that says nothing else is not [WorkflowFrom]'s.
func Unmanaged(have *novu.Workflow) []v1alpha1.UnmanagedField {
	list := otherChannels(nil, workflowChannels, have.Preferences.Default)
	list = otherChannels(list, userChannels, have.Preferences.User)
	if have.Agent != nil {
		list = append(list, unmanaged("agent", have.Agent))
	}
	for _, s := range have.Steps {
		if overrides, _ := tree(s.ProviderOverrides).(map[string]any); len(overrides) > 0 {
			list = append(list, unmanaged(stepPath(s.StepID)+"."+overridesField, s.ProviderOverrides))
		}
	}
	return list[:min(len(list), maxUnmanaged)]
}

func unmanaged(path string, raw json.RawMessage) v1alpha1.UnmanagedField {
	return v1alpha1.UnmanagedField{Path: cut(path), Value: cut(string(raw))}
}

// otherChannels adds the channels that are off and that no manifest names.
func otherChannels(list []v1alpha1.UnmanagedField, prefix string, p *novu.Preference) []v1alpha1.UnmanagedField {
	if p == nil {
		return list
	}
	known := novu.DefaultPreference().Channels
	for _, channel := range sortedKeys(p.Channels) {
		if _, ours := known[channel]; !ours && !p.Channels[channel].Enabled {
			list = append(list, v1alpha1.UnmanagedField{Path: cut(prefix + channel), Value: `{"enabled":false}`})
		}
	}
	return list
}

// Onto returns a copy of the request for a workflow that Novu holds: its steps carry internal ids as by [BindSteps], and
// what no manifest can express stays as it is.
func Onto(want *novu.WorkflowRequest, have *novu.Workflow) *novu.WorkflowRequest {
	return keepChannels(BindSteps(want, have.Steps), Unmanaged(have))
}

// OntoStatus is [Onto] from what an object's status remembers.
func OntoStatus(want *novu.WorkflowRequest, steps []v1alpha1.StepStatus, unmanaged []v1alpha1.UnmanagedField) *novu.WorkflowRequest {
	return keepChannels(BindStepIDs(want, steps), unmanaged)
}

// keepChannels switches channels off that are off in Novu and that the request does not name.
func keepChannels(r *novu.WorkflowRequest, unmanaged []v1alpha1.UnmanagedField) *novu.WorkflowRequest {
	for _, field := range unmanaged {
		if channel, ok := strings.CutPrefix(field.Path, workflowChannels); ok {
			r.Preferences.Workflow = withoutChannel(r.Preferences.Workflow, channel)
		}
		if channel, ok := strings.CutPrefix(field.Path, userChannels); ok {
			r.Preferences.User = withoutChannel(r.Preferences.User, channel)
		}
	}
	return r
}

// withoutChannel is a copy of a record with one more channel, which is off.
func withoutChannel(p *novu.Preference, channel string) *novu.Preference {
	if p == nil {
		p = novu.DefaultPreference()
	}
	out := *p
	out.Channels = maps.Clone(p.Channels)
	out.Channels[channel] = novu.ChannelPreference{}
	return &out
}

// userRecord is a user record as a manifest can express it. One that only switches other channels off is none.
func userRecord(p *novu.Preference) *novu.Preference {
	known := knownChannels(p)
	if len(otherChannels(nil, "", p)) > 0 && reflect.DeepEqual(known, novu.DefaultPreference()) {
		return nil
	}
	return known
}

// UnmanagedSummary names what no manifest can express and is left as it is; empty if there is nothing.
func UnmanagedSummary(list []v1alpha1.UnmanagedField) string {
	if len(list) == 0 {
		return ""
	}
	paths := make([]string, len(list))
	for i, field := range list {
		paths[i] = field.Path
	}
	const most = 5
	more := ""
	if len(paths) > most {
		paths, more = slices.Clone(paths[:most]), ", …"
	}
	return "Left in Novu as it is, because no manifest can express it: " + strings.Join(paths, ", ") + more
}

// KeepConfigurations returns a copy of the request in which configurations that the object does not set, and never did,
// stay as Novu holds them: Novu replaces them as a whole, and stores some of its own among them. managed are the names
// that were set before.
func KeepConfigurations(want *novu.IntegrationRequest, have *novu.Integration, managed []string) *novu.IntegrationRequest {
	held, _ := tree(have.Configurations).(map[string]any)
	if want.Configurations == nil || len(held) == 0 {
		return want
	}
	out := *want
	out.Configurations = maps.Clone(held)
	for _, name := range managed {
		delete(out.Configurations, name)
	}
	maps.Copy(out.Configurations, want.Configurations)
	return &out
}

// ConfigurationNames are the names of the configurations that an object sets.
func ConfigurationNames(i *v1alpha1.Integration) []string {
	if i.Spec.Configurations == nil {
		return nil
	}
	set, _ := tree(i.Spec.Configurations.Raw).(map[string]any)
	names := slices.DeleteFunc(sortedKeys(set), func(name string) bool { return len(name) > maxNameBytes })
	return names[:min(len(names), maxConfigurations)]
}

// What status remembers is bounded. Novu knows about ten, all of them short.
const (
	maxConfigurations = 64
	maxNameBytes      = 253
)
