// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"maps"
	"slices"
)

// overridesOf are the providers whose contents a step of a type can override, each with the members that Novu knows of its
// override; nil: any. The lists are those of Novu's own package of shared constants, as of the middle of 2026; a recording shows
// slack, discord and pagerduty.
var overridesOf = map[string]map[string][]string{
	"chat": {
		"slack": {"text", "reply_broadcast", "thread_ts", "icon_emoji", "username", "parse", "link_names", "metadata", "unfurl_links",
			"unfurl_media", "mrkdwn", "icon_url", "blocks", "attachments", "markdown_text"},
		"novu-slack": nil, "discord": nil, "msteams": nil, "webex-messaging": nil, "mattermost": nil, "ryver": nil, "zulip": nil,
		"grafana-on-call": nil, "getstream": nil, "rocket-chat": nil, "whatsapp-business": nil, "line": nil, "chat-webhook": nil,
		"telegram": nil, "sendblue": nil,
	},
	"tool": {
		"pagerduty": {"summary", "severity", "source", "timestamp", "component", "group", "class", "custom_details", "dedup_key",
			"event_action", "client", "client_url", "links", "images"},
		"opsgenie": {"message", "alias", "description", "priority", "tags", "details", "entity", "source", "user", "note", "responders",
			"visibleTo", "actions"},
		"tool-webhook": nil,
	},
}

// CanOverride reports whether Novu keeps overrides for a provider, in steps of any type.
func CanOverride(provider string) bool {
	for _, providers := range overridesOf {
		if _, known := providers[provider]; known {
			return true
		}
	}
	return false
}

// overrideIssues are about overrides for providers that the step's channel does not have, and members that they do not have.
func overrideIssues(s Step) []Issue {
	var out []Issue
	complain := func(path, property string) {
		i := unsupported("providerOverrides."+path, property)
		i.Check = Overrides
		out = append(out, i)
	}
	for _, provider := range slices.Sorted(maps.Keys(s.Overrides)) {
		members, supported := overridesOf[s.Type][provider]
		if !supported {
			complain(provider, provider)
			continue
		}
		override, _ := s.Overrides[provider].(object)
		for _, name := range sortedKeys(override) {
			if members != nil && !slices.Contains(members, name) {
				complain(provider+"."+name, name)
			}
		}
	}
	return out
}
