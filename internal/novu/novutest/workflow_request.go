// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"regexp"
	"slices"

	"novu-operator.dev/internal/novu/javascript"
	"novu-operator.dev/internal/novu/lint"
)

const (
	maxName        = 128
	maxDescription = 256
	maxTag         = 64
	maxTags        = 16
)

var (
	severities = []string{"high", "medium", "low", "none"}
	origins    = []string{originCloud, originCloudV1, originExternal}
	sources    = []string{
		"template_store", "editor", "notification_directory", "onboarding_digest_demo", "onboarding_in_app",
		"empty_state", "dropdown", "onboarding_get_started", "bridge", "dashboard", "ai",
	}

	identifierForm = regexp.MustCompile(`^[a-zA-Z0-9]+(?:[-_.][a-zA-Z0-9]+)*$`)
)

const (
	originCloud    = lint.OriginCloud
	originCloudV1  = "novu-cloud-v1"
	originExternal = "external"
)

// isIdentifier wants a slug; a value that is no string fails both this rule and isString.
var isIdentifier = rule{
	"$p must be a valid slug format (letters, numbers, hyphens, dot and underscores only)",
	func(v any, _ bool) bool { s, ok := v.(string); return ok && identifierForm.MatchString(s) },
}

var isSchema = rule{"payloadSchema must be a valid JSON schema", func(v any, _ bool) bool {
	return javascript.Falsy(v) || lint.IsJSONSchema(v)
}}

// commonFields are the properties that creation and update share.
var commonFields = []field{
	{name: "name", rules: []rule{isString}},
	{name: "description", optional: true, rules: []rule{isString}},
	{name: "tags", optional: true, rules: []rule{eachString, isArray}},
	{name: "active", optional: true, rules: []rule{isBool}},
	{name: "validatePayload", optional: true, rules: []rule{isBool}},
	{name: "payloadSchema", optional: true, rules: []rule{isSchema}},
	{name: "isTranslationEnabled", optional: true, rules: []rule{isBool}},
}

// preferenceSet is one set of preferences as the update request checks it; members that are absent have defaults.
func preferenceSet(name string) field {
	return field{name: name, optional: true, nested: members(
		field{name: "all", nested: preferenceFlags},
		field{name: "channels", nested: members(field{name: "enabled", rules: []rule{optionalBool}})},
	)}
}

var patchFields = []field{
	{name: "active", optional: true, rules: []rule{isBool}},
	{name: "name", optional: true, rules: []rule{isString}},
	{name: "description", optional: true, rules: []rule{isString}},
	{name: "tags", optional: true, rules: []rule{eachString, isArray}},
	{name: "payloadSchema", optional: true, rules: []rule{isSchema}},
	{name: "validatePayload", optional: true, rules: []rule{isBool}},
	{name: "isTranslationEnabled", optional: true, rules: []rule{isBool}},
}

var maxTagsRule = rule{"tags must contain no more than 16 elements", func(v any, _ bool) bool {
	list, ok := v.([]any)
	return ok && len(list) <= maxTags
}}

// upsertFields are checked by the command that creation, update and sync share.
func upsertFields(stepTypes []string) []field {
	return []field{
		{name: "workflowId", optional: true, rules: []rule{isString}},
		{name: "steps", each: true, nested: func(path []string, o object) []violation {
			return check(path, o, []field{
				{name: "name", rules: slices.Concat([]rule{isDefined}, length(1, maxName), []rule{isNotEmpty, isString})},
				{name: "type", rules: []rule{isDefined, isNotEmpty, oneOf(stepTypes...)}},
			})
		}},
		{name: "preferences", optional: true, nested: members(upsertPreferences("user"), upsertPreferences("workflow"))},
		{name: "name", rules: slices.Concat(length(1, maxName), []rule{isNotEmpty})},
		{name: "tags", optional: true, rules: []rule{maxTagsRule}},
		{name: "__source", optional: true, rules: []rule{oneOf(sources...)}},
	}
}

func upsertPreferences(name string) field {
	return field{name: name, optional: true, nested: members(
		field{name: "all", nested: preferenceFlags},
		field{name: "channels", rules: []rule{isObject}, nested: anyMember, each: true},
	)}
}

func anyMember([]string, object) []violation { return nil }

func preferenceFlags(path []string, o object) []violation {
	return check(path, o, []field{
		{name: "enabled", rules: []rule{optionalBool}},
		{name: "readOnly", rules: []rule{optionalBool}},
	})
}

// optionalBool: the members have defaults, so only a value of another type is wrong.
var optionalBool = rule{"$p must be a boolean value", func(v any, given bool) bool {
	_, ok := v.(bool)
	return ok || !given
}}

var (
	tagsUnique = rule{"All $p's elements must be unique", func(v any, _ bool) bool { return isUnique(v) }}
	tagLengths = rule{"each value in $p must be longer than or equal to 1 and shorter than or equal to 64 characters",
		func(v any, _ bool) bool { return every(v, rule{ok: tagFits}) }}
)

func tagFits(v any, _ bool) bool {
	s, ok := v.(string)
	return ok && s != "" && utf16Len(s) <= maxTag
}

func isUnique(v any) bool {
	list, ok := v.([]any)
	seen := map[any]bool{}
	for _, x := range list {
		if seen[x] {
			return false
		}
		seen[x] = true
	}
	return ok
}

// storeFields are checked by the last layer, after the issues of the steps have been computed.
func storeFields(channels []string) []field {
	return []field{
		{name: "name", rules: length(1, maxName)},
		{name: "description", optional: true, rules: length(0, maxDescription)},
		{name: "tags", optional: true, rules: []rule{tagLengths, tagsUnique}},
		storePreferences("userPreferences", channels),
		storePreferences("defaultPreferences", channels),
	}
}

func storePreferences(name string, channels []string) field {
	var perChannel []field
	for _, ch := range channels {
		perChannel = append(perChannel, field{name: ch, rules: []rule{isObject},
			nested: members(field{name: "enabled", rules: []rule{isBool}})})
	}
	return field{name: name, optional: true, rules: []rule{isObject}, nested: members(
		field{name: "all", rules: []rule{isObject}, nested: preferenceFlags},
		field{name: "channels", rules: []rule{isObject}, nested: members(perChannel...)},
	)}
}
