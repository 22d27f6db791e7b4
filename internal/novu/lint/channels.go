// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "slices"

// channel is one that Novu delivers messages through.
type channel struct {
	name string
	// primary reports whether Novu delivers through the primary integration alone.
	primary bool
	// provided reports whether an environment has an integration from the beginning.
	provided bool
}

// channels of Novu. Facts: the recordings of integrations, and what Novu reports about steps without an integration.
var channels = []channel{
	{name: "email", primary: true},
	{name: "sms", primary: true},
	{name: "in_app", provided: true},
	{name: "push"},
	{name: "chat"},
}

func channelOf(name string) channel {
	if at := slices.IndexFunc(channels, func(c channel) bool { return c.name == name }); at >= 0 {
		return channels[at]
	}
	return channel{provided: true} // a type of step that sends nothing needs none
}

// Channels are the names of all channels.
func Channels() []string {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = c.name
	}
	return names
}

// HasPrimary reports whether one integration of a channel is the primary one, which alone delivers.
func HasPrimary(channel string) bool { return channelOf(channel).primary }

// Delivers reports whether Novu delivers a channel's messages through an integration.
func Delivers(channel string, active, primary bool) bool {
	return active && (primary || !HasPrimary(channel))
}

// Needs is what a step of the type needs before Novu delivers it, such as "active primary email"; empty: nothing that has to
// be made.
func Needs(stepType string) string {
	c := channelOf(stepType)
	switch {
	case c.provided:
		return ""
	case c.primary:
		return "active primary " + c.name
	}
	return "active " + c.name
}
