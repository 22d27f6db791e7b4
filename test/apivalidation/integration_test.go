// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import "testing"

func TestIntegrationRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "primary on a channel without primaries", manifest: integrationManifest, at: "spec", createOnly: true,
		refused:  []string{"{primary: true, channel: Chat}", "{primary: true, channel: Push}", "{primary: true, channel: InApp}"},
		accepted: []string{"{primary: true}", "{primary: true, channel: SMS}", "{primary: false, channel: Chat}"},
		want:     "only Email and SMS integrations can be primary: remove primary",
	}, {
		name: "primary with rules", manifest: integrationManifest, at: "spec",
		refused: []string{"{primary: true, rules: [{join: And, children: [{source: tenant, field: identifier, operator: Equal, value: a}]}]}"},
		accepted: []string{
			"{primary: false, rules: [{join: And, children: [{source: tenant, field: identifier, operator: Equal, value: a}]}]}",
			"{primary: true, rules: []}", "{rules: [{join: Or, appliesWhen: NotMatched}]}",
		},
		want: "a primary integration has no rules, Novu drops one or the other: remove rules or primary",
	}, {
		name: "inactive primary", manifest: integrationManifest, at: "spec",
		refused:  []string{"{primary: true, active: false}"},
		accepted: []string{"{primary: true, active: true}", "{primary: false, active: false}", "{active: false}"},
		want:     "a primary integration is active: remove active: false or primary",
	}, {
		name: "channel", manifest: integrationManifest, at: "spec.channel", createOnly: true,
		refused: []string{"in_app", "email", "Fax"}, accepted: []string{"InApp", "Email", "SMS", "Chat", "Push"},
		want: `supported values: "InApp", "Email", "SMS", "Chat", "Push"`,
	}, {
		name: "providerID", manifest: integrationManifest, at: "spec.providerID", createOnly: true,
		refused: []string{"SendGrid", "send grid"}, accepted: []string{"sendgrid", "infobip-sms", "sms77"},
		want: "spec.providerID: Invalid value: ",
	}, {
		name: "name", manifest: integrationManifest, at: "spec.name",
		refused: []string{long(129)}, accepted: []string{long(128)}, want: "spec.name: Too long: may not be more than 128 bytes",
	}, {
		name: "credentials", manifest: integrationManifest, at: "spec.credentials",
		refused: []string{"[a]", "a"}, accepted: []string{"{from: a@example.test, port: 25, secure: true}"},
		want: "spec.credentials in body must be of type object",
	}, {
		name: "configurations", manifest: integrationManifest, at: "spec.configurations",
		refused: []string{"[a]"}, accepted: []string{"{inboundWebhookEnabled: true}"},
		want: "spec.configurations in body must be of type object",
	}})
}

func TestCredentialsFromRules(t *testing.T) {
	t.Parallel()
	const key = "secretKeyRef: {name: novu, key: apiKey}"
	checkRules(t, []rule{{
		name: "whole Secret xor key", manifest: integrationManifest, at: "spec.credentialsFrom",
		refused:  []string{"[{}]", "[{secretRef: {name: novu}, credential: apiKey, " + key + "}]"},
		accepted: []string{"[{secretRef: {name: novu}}]", "[{credential: apiKey, " + key + "}]", "[]"},
		want:     "set either secretRef (every key of a Secret) or credential with secretKeyRef (one key)",
	}, {
		name: "credential belongs to the key", manifest: integrationManifest, at: "spec.credentialsFrom",
		refused:  []string{"[{" + key + "}]", "[{secretRef: {name: novu}, credential: apiKey}]"},
		accepted: []string{"[{credential: apiKey, " + key + "}, {secretRef: {name: novu}}]"},
		want:     "spec.credentialsFrom[0]: Invalid value: credential and secretKeyRef belong together",
	}, {
		name: "number of sources", manifest: integrationManifest, at: "spec.credentialsFrom",
		refused:  []string{list(33, "{secretRef: {name: s%d}}")},
		accepted: []string{list(32, "{secretRef: {name: s%d}}")},
		want:     "spec.credentialsFrom: Too many: 33: must have at most 32 items",
	}})
}
