// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"maps"
	"slices"
)

// overridable are the providers whose contents a step can override, each with the members that Novu knows of its override; nil:
// any. The lists are those of Novu's own package of shared constants, as of the middle of 2026; a recording shows slack, discord
// and pagerduty.
var overridable = map[string][]string{
	"slack": {"text", "reply_broadcast", "thread_ts", "icon_emoji", "username", "parse", "link_names", "metadata", "unfurl_links",
		"unfurl_media", "mrkdwn", "icon_url", "blocks", "attachments", "markdown_text"},
	"novu-slack": nil, "discord": nil, "msteams": nil, "webex-messaging": nil, "mattermost": nil, "ryver": nil, "zulip": nil,
	"grafana-on-call": nil, "getstream": nil, "rocket-chat": nil, "whatsapp-business": nil, "line": nil, "chat-webhook": nil,
	"telegram": nil, "sendblue": nil,
	"pagerduty": {"summary", "severity", "source", "timestamp", "component", "group", "class", "custom_details", "dedup_key",
		"event_action", "client", "client_url", "links", "images"},
	"opsgenie": {"message", "alias", "description", "priority", "tags", "details", "entity", "source", "user", "note", "responders",
		"visibleTo", "actions"},
	"tool-webhook": nil,
}

// CanOverride reports whether Novu keeps overrides for a provider.
func CanOverride(provider string) bool {
	_, known := overridable[provider]
	return known
}

// overrideIssues are about overrides in steps of a type that has none, for providers without them, and of what Novu does not know
// of a provider. That a provider is of another channel than the step is nothing that Novu complains about.
func overrideIssues(s Step) []Issue {
	var out []Issue
	report := func(i Issue) {
		i.Check = Overrides
		out = append(out, i)
	}
	for _, provider := range slices.Sorted(maps.Keys(s.Overrides)) {
		path := "providerOverrides." + provider
		if !CanOverride(provider) || (s.Type != "chat" && s.Type != "tool") {
			report(unsupported(path, provider))
			continue
		}
		override, ok := s.Overrides[provider].(object)
		if !ok {
			report(Issue{Field: path, Severity: Error, Type: MissingValue, Variable: path, Message: "must be object"})
		}
		for _, name := range sortedKeys(override) {
			if members := overridable[provider]; members != nil && !slices.Contains(members, name) {
				report(unsupported(path+"."+name, name))
			}
		}
	}
	return out
}
