// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "novu-operator.dev/internal/novu/lint"

// Preferences are a workflow's two records of channel preferences as Novu returns
// them: the one that users of the dashboard set, nil if there is none, and the default.
type Preferences struct {
	User    *Preference `json:"user"`
	Default *Preference `json:"default"`
}

// Preference says which channels a workflow may use.
type Preference struct {
	All      PreferenceAll                `json:"all"`
	Channels map[string]ChannelPreference `json:"channels"`
}

// PreferenceAll applies to channels without a word of their own; ReadOnly keeps
// subscribers from changing it.
type PreferenceAll struct {
	Enabled  bool `json:"enabled"`
	ReadOnly bool `json:"readOnly"`
}

// ChannelPreference turns one channel on or off.
type ChannelPreference struct {
	Enabled bool `json:"enabled"`
}

// DefaultPreference returns what Novu uses when nothing is set: every channel on.
// A preference that is sent must name all five channels, else Novu answers 422.
func DefaultPreference() *Preference {
	p := &Preference{All: PreferenceAll{Enabled: true}, Channels: map[string]ChannelPreference{}}
	for _, channel := range lint.Channels() {
		p.Channels[channel] = ChannelPreference{Enabled: true}
	}
	return p
}
