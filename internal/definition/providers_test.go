// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

func TestProviderAdvice(t *testing.T) {
	for _, tc := range []struct {
		provider string
		channel  v1alpha1.Channel
		want     string // a part; empty: nothing
	}{
		{"sendgrid", "Email", ""},
		{"novu", "InApp", ""},
		{"sendgird", "Email", "did you mean sendgrid?"},
		{"send-grid", "Email", "did you mean sendgrid?"},
		{"twillio", "SMS", "did you mean twilio?"},
		{"fcmm", "Push", "did you mean fcm?"},
		{"sendgrid", "SMS", "is a provider of channel Email, not of SMS"},
		{"novu", "Email", "is a provider of channel InApp, not of Email"},
		{"brevo", "SMS", "did you mean brevo-sms?"},
		{"our-own-gateway", "SMS", "check that this Novu has it"},
	} {
		i := &v1alpha1.Integration{Spec: v1alpha1.IntegrationSpec{ProviderID: tc.provider, Channel: tc.channel}}
		if got := ProviderAdvice(i); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s of %s: %q, want %q", tc.provider, tc.channel, got, tc.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "xyz", 3}, {"kitten", "sitting", 3}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
