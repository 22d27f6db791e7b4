// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "testing"

func TestChannels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		channel, needs  string
		active, primary bool
	}{
		{channel: "email", needs: "active primary email", primary: true},
		{channel: "sms", needs: "active primary sms", primary: true},
		{channel: "chat", needs: "active chat", primary: true, active: true},
		{channel: "push", needs: "active push", primary: true, active: true},
		{channel: "in_app", primary: true, active: true},
		{channel: "delay", primary: true, active: true},
	} {
		if got := Needs(tt.channel); got != tt.needs {
			t.Errorf("a step of %s needs %q, want %q", tt.channel, got, tt.needs)
		}
		if got := Delivers(tt.channel, true, true); got != tt.primary {
			t.Errorf("%s: the primary integration delivers: %v", tt.channel, got)
		}
		if got := Delivers(tt.channel, true, false); got != tt.active {
			t.Errorf("%s: another integration delivers: %v", tt.channel, got)
		}
		if Delivers(tt.channel, false, true) {
			t.Errorf("%s: an integration that is switched off delivers", tt.channel)
		}
	}
}
