// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
)

// providers are the ids by Novu's channel: those of the package @novu/shared 2.10.0, and of newer ones emailjs, ruach-sms,
// grafana and novu-web-chat. The list moves with Novu, so it is for advice only: Novu stores any id, and so do we.
var providers = map[string][]string{
	"email": {
		"anypost", "braze", "email-webhook", "emailjs", "infobip-email", "mailersend", "mailgun", "mailjet",
		"mailtrap", "mandrill", "netcore", "nodemailer", "novu-email", "novu-email-agent", "outlook365", "plunk",
		"postmark", "resend", "sendgrid", "sendinblue", "ses", "sparkpost",
	},
	"sms": {
		"africas-talking", "afro-message", "azure-sms", "bandwidth", "brevo-sms", "bulk-sms", "burst-sms",
		"clickatell", "clicksend", "cm-telecom", "eazy-sms", "firetext", "forty-six-elks", "generic-sms", "gupshup",
		"imedia", "infobip-sms", "isend-sms", "isendpro-sms", "kannel", "maqsam", "messagebird", "mobishastra",
		"nexmo", "novu-sms", "plivo", "ring-central", "ruach-sms", "sendchamp", "simpletexting", "sinch",
		"sms-central", "sms77", "smsmode", "sns", "telnyx", "termii", "twilio", "unifonic",
	},
	"chat": {
		"chat-webhook", "discord", "getstream", "grafana-on-call", "line", "mattermost", "msteams", "novu-slack",
		"novu-web-chat", "rocket-chat", "ryver", "sendblue", "slack", "telegram", "webex-messaging",
		"whatsapp-business", "zulip",
	},
	"push": {
		"apns", "appio", "expo", "fcm", "one-signal", "push-webhook", "pusher-beams", "pushpad",
	},
	"in_app": {
		"novu",
	},
	"tool": {
		"grafana", "opsgenie", "pagerduty", "tool-webhook",
	},
}

// ProviderAdvice is a warning about a provider that Novu most likely does not know, with those that may be meant; empty if
// there is nothing to say. Novu stores an integration of any provider and fails when it first sends through it.
func ProviderAdvice(i *v1alpha1.Integration) string {
	id, channel := i.Spec.ProviderID, channels.novu(i.Spec.Channel)
	home := channelOf(id)
	switch {
	case home == channel:
		return ""
	case home != "":
		return fmt.Sprintf("providerID %s is a provider of channel %s, not of %s: create a new Integration with the right one, or Novu cannot send through it",
			id, channels.ours(home), channels.ours(channel))
	}
	if near := nearest(id, providers[channel]); len(near) > 0 {
		return fmt.Sprintf("providerID %s is no provider that the operator knows, and Novu stores it unchecked: did you mean %s?", id, strings.Join(near, " or "))
	}
	return fmt.Sprintf("providerID %s is no provider that the operator knows, and Novu stores it unchecked: check that this Novu has it", id)
}

func channelOf(provider string) string {
	for channel, ids := range providers {
		if slices.Contains(ids, provider) {
			return channel
		}
	}
	return ""
}

// maxNear bounds how many ids are suggested.
const maxNear = 3

// nearest are the ids that take fewest changes to become what was written, if those are few beside its length, and those
// that begin with it or that it begins with.
func nearest(id string, known []string) []string {
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	for _, other := range known {
		d := distance(id, other)
		switch {
		case d <= max(1, len(id)/3):
		case len(id) >= 3 && (strings.HasPrefix(other, id) || strings.HasPrefix(id, other)):
		default:
			continue
		}
		near = append(near, candidate{other, d})
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var ids []string
	for _, c := range near[:min(len(near), maxNear)] {
		ids = append(ids, c.id)
	}
	return ids
}

// distance is how many letters must be inserted, removed, replaced or swapped with the next one.
func distance(a, b string) int {
	var before, last []int
	current := make([]int, len(b)+1)
	for j := range current {
		current[j] = j
	}
	for i := range len(a) {
		before, last, current = last, current, make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			current[j+1] = min(last[j+1]+1, current[j]+1, last[j]+differs(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
	}
	return current[len(b)]
}

func differs(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
