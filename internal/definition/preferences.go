// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// preferences turns the object's form into Novu's. A record that is sent names all
// five channels, else Novu refuses it.
func preferences(p *v1alpha1.WorkflowPreferences) novu.PreferencesRequest {
	if p == nil {
		return novu.PreferencesRequest{Workflow: novu.DefaultPreference()}
	}
	r := novu.PreferencesRequest{Workflow: preference(p.Workflow)}
	if p.User != nil {
		r.User = preference(p.User)
	}
	return r
}

// preference fills what is not set with Novu's default, which is on.
func preference(p *v1alpha1.ChannelPreferences) *novu.Preference {
	out := novu.DefaultPreference()
	if p == nil {
		return out
	}
	if p.All != nil {
		out.All.Enabled = p.All.Enabled == nil || *p.All.Enabled
		out.All.ReadOnly = isTrue(p.All.ReadOnly)
	}
	if p.Channels != nil {
		for channel, s := range switches(p.Channels) {
			if s != nil {
				out.Channels[channel] = novu.ChannelPreference{Enabled: s.Enabled}
			}
		}
	}
	return out
}

// switches names the channels as Novu does.
func switches(c *v1alpha1.ChannelSwitches) map[string]*v1alpha1.ChannelSwitch {
	return map[string]*v1alpha1.ChannelSwitch{
		"email": c.Email, "sms": c.SMS, "in_app": c.InApp, "chat": c.Chat, "push": c.Push,
	}
}

// knownChannels copies a record of Novu's with the five channels that a request can
// name: those that Novu leaves out are on, others are dropped.
func knownChannels(p *novu.Preference) *novu.Preference {
	if p == nil {
		return nil
	}
	out := novu.DefaultPreference()
	out.All = p.All
	for channel := range out.Channels {
		if stored, ok := p.Channels[channel]; ok {
			out.Channels[channel] = stored
		}
	}
	return out
}

// preferenceTree is a record with the five channels that a request can name.
func preferenceTree(p *novu.Preference) any {
	known := knownChannels(p)
	if known == nil {
		return nil
	}
	channels := make(map[string]any, len(known.Channels))
	for channel, s := range known.Channels {
		channels[channel] = map[string]any{"enabled": s.Enabled}
	}
	return map[string]any{
		"all":      map[string]any{"enabled": known.All.Enabled, "readOnly": known.All.ReadOnly},
		"channels": channels,
	}
}
