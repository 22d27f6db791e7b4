// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"novu-operator.dev/api/v1alpha1"
)

// enum has Novu's spelling of each value of an enum of the API. Values that it does not have are spelled alike.
type enum[T ~string] map[T]string

// novu returns Novu's spelling.
func (e enum[T]) novu(value T) string { return orDefault(e[value], string(value)) }

// ours returns the spelling of manifests.
func (e enum[T]) ours(novu string) T {
	for value, theirs := range e {
		if theirs == novu {
			return value
		}
	}
	return T(novu)
}

var stepTypes = enum[v1alpha1.StepType]{
	v1alpha1.StepTypeInApp:       "in_app",
	v1alpha1.StepTypeEmail:       "email",
	v1alpha1.StepTypeSMS:         "sms",
	v1alpha1.StepTypeChat:        "chat",
	v1alpha1.StepTypePush:        "push",
	v1alpha1.StepTypeTool:        "tool",
	v1alpha1.StepTypeDelay:       "delay",
	v1alpha1.StepTypeDigest:      "digest",
	v1alpha1.StepTypeThrottle:    "throttle",
	v1alpha1.StepTypeHTTPRequest: "http_request",
}

// NovuType returns Novu's spelling of a step type.
func NovuType(t v1alpha1.StepType) string { return stepTypes.novu(t) }

var channels = enum[v1alpha1.Channel]{
	v1alpha1.ChannelInApp: "in_app",
	v1alpha1.ChannelEmail: "email",
	v1alpha1.ChannelSMS:   "sms",
	v1alpha1.ChannelChat:  "chat",
	v1alpha1.ChannelPush:  "push",
}

// NovuChannel returns Novu's spelling of a channel.
func NovuChannel(c v1alpha1.Channel) string { return channels.novu(c) }

var severities = enum[v1alpha1.Severity]{
	v1alpha1.SeverityHigh:   "high",
	v1alpha1.SeverityMedium: "medium",
	v1alpha1.SeverityLow:    "low",
	v1alpha1.SeverityNone:   "none",
}

var editorTypes = enum[v1alpha1.EditorType]{
	v1alpha1.EditorTypeHTML:  editorHTML,
	v1alpha1.EditorTypeBlock: editorBlock,
}

var timeUnits = enum[v1alpha1.TimeUnit]{
	v1alpha1.TimeUnitSeconds: "seconds",
	v1alpha1.TimeUnitMinutes: "minutes",
	v1alpha1.TimeUnitHours:   "hours",
	v1alpha1.TimeUnitDays:    "days",
	v1alpha1.TimeUnitWeeks:   "weeks",
	v1alpha1.TimeUnitMonths:  "months",
}

var throttleUnits = enum[v1alpha1.ThrottleUnit]{
	v1alpha1.ThrottleUnitMinutes: "minutes",
	v1alpha1.ThrottleUnitHours:   "hours",
	v1alpha1.ThrottleUnitDays:    "days",
}

var redirectTargets = enum[v1alpha1.RedirectTarget]{
	v1alpha1.RedirectTargetSelf:        "_self",
	v1alpha1.RedirectTargetBlank:       "_blank",
	v1alpha1.RedirectTargetParent:      "_parent",
	v1alpha1.RedirectTargetTop:         "_top",
	v1alpha1.RedirectTargetUnfencedTop: "_unfencedTop",
}

var ruleJoins = enum[v1alpha1.RuleJoin]{
	v1alpha1.RuleJoinAnd: "AND",
	v1alpha1.RuleJoinOr:  "OR",
}

// translation turns a value of a block into Novu's, and back. What it does not know stays.
type translation struct{ novu, ours func(any) any }

// spelledBy is the translation of the values of an enum.
func spelledBy[T ~string](e enum[T]) translation {
	return translation{
		novu: func(value any) any { return ofText(value, func(s string) string { return e.novu(T(s)) }) },
		ours: func(value any) any { return ofText(value, func(s string) string { return string(e.ours(s)) }) },
	}
}

func ofText(value any, translate func(string) string) any {
	if text, ok := value.(string); ok {
		return translate(text)
	}
	return value
}

// translations are of the values that a block has in another form than Novu, by the path of the value in the block.
var translations = map[v1alpha1.StepType]map[string]translation{
	v1alpha1.StepTypeInApp: {
		"redirect.target":                 spelledBy(redirectTargets),
		"primaryAction.redirect.target":   spelledBy(redirectTargets),
		"secondaryAction.redirect.target": spelledBy(redirectTargets),
	},
	v1alpha1.StepTypeEmail:    {"editorType": spelledBy(editorTypes)},
	v1alpha1.StepTypeDelay:    {"unit": spelledBy(timeUnits)},
	v1alpha1.StepTypeDigest:   {"unit": spelledBy(timeUnits), "lookBackWindow.unit": spelledBy(timeUnits)},
	v1alpha1.StepTypeThrottle: {"unit": spelledBy(throttleUnits)},

	v1alpha1.StepTypeHTTPRequest: {"timeout": {novu: milliseconds, ours: durationText}},
}

// milliseconds is a duration as Novu counts it.
func milliseconds(value any) any {
	text, _ := value.(string)
	d, err := time.ParseDuration(text)
	if err != nil {
		return value
	}
	return json.Number(strconv.FormatInt(d.Milliseconds(), 10))
}

// durationText is a number of milliseconds as a manifest writes it.
func durationText(value any) any {
	number, _ := value.(json.Number)
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil {
		return value
	}
	return (time.Duration(n) * time.Millisecond).String()
}

// translated returns the tree with the value at path translated, a copy where it has that value.
func translated(tree any, path string, translate func(any) any) any {
	if path == "" {
		return translate(tree)
	}
	object, ok := tree.(map[string]any)
	first, rest, _ := strings.Cut(path, ".")
	value, has := object[first]
	if !ok || !has {
		return tree
	}
	out := make(map[string]any, len(object))
	for key := range object {
		out[key] = object[key]
	}
	out[first] = translated(value, rest, translate)
	return out
}

// inManifest returns the control values of a step as a manifest would spell them.
func inManifest(novuType string, values any) any {
	for path, t := range translations[stepTypes.ours(novuType)] {
		values = translated(values, path, t.ours)
	}
	return values
}
