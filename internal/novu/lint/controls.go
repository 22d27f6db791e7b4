// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"maps"

	"novu-operator.dev/internal/novu/javascript"
)

// The control schemas of the step types, as JSON schemas (novu-api: "step controls"). Unknown keys are violations
// everywhere but in custom steps.

func stringOf(limits ...object) object {
	out := object{"type": "string"}
	for _, l := range limits {
		maps.Copy(out, l)
	}
	return out
}

func enum(values ...string) object { return stringOf(object{"enum": javascript.List(values)}) }

func constant(v string) object { return stringOf(object{"const": v}) }

// record is an object with exactly these members.
func record(properties object, required ...string) object {
	o := closed(properties)
	if len(required) > 0 {
		o["required"] = javascript.List(required)
	}
	return o
}

// and merges members into a copy of an object.
func and(o object, more object) object {
	out := object{}
	for _, m := range []object{o, more} {
		maps.Copy(out, m)
	}
	return out
}

const (
	linkPattern = `^(?:\{\{[^}]*\}\}.*|(?!mailto:)(?:https?:\/\/[^\s/$.?#][^\s{}]*(?:\{\{[^}]*\}\}[^\s{}]*)*)|\/[^\s{}]*(?:\{\{[^}]*\}\}[^\s{}]*)*)$`
	hookPattern = `^(?:\{\{[^}]*\}\}.*|https?:\/\/[^\s/$.?#][^\s{}]*(?:\{\{[^}]*\}\}[^\s{}]*)*)$`
)

var (
	anyObject  = object{"type": "object", "properties": object{}, "additionalProperties": object{}}
	boolean    = object{"type": "boolean"}
	atLeast1   = object{"type": "number", "minimum": float64(1)}
	notEmpty   = stringOf(object{"minLength": float64(1)})
	timeUnits  = []string{"seconds", "minutes", "hours", "days", "weeks", "months"}
	link       = stringOf(object{"pattern": linkPattern})
	redirectTo = record(object{"url": link, "target": enum("_self", "_blank", "_parent", "_top", "_unfencedTop")}, "url", "target")
	action     = record(object{"label": stringOf(), "redirect": redirectTo}, "label")
	lookBack   = record(object{"amount": atLeast1, "unit": enum(timeUnits...), "extendToSchedule": boolean}, "amount", "unit")
	pair       = record(object{"key": notEmpty, "value": notEmpty}, "key", "value")
)

func eitherOf(schemas ...object) object {
	list := make([]any, len(schemas))
	for i, s := range schemas {
		list[i] = s
	}
	return object{"anyOf": list}
}

func listOf(item object, most int) object {
	return object{"type": "array", "items": item, "maxItems": float64(most)}
}

func inAppControls() object {
	common := object{
		"skip": anyObject, "disableOutputSanitization": boolean, "avatar": link, "primaryAction": action,
		"secondaryAction": action, "data": anyObject, "redirect": redirectTo,
	}
	return eitherOf(
		record(and(common, object{"subject": notEmpty, "body": stringOf()}), "subject"),
		record(and(common, object{"subject": stringOf(), "body": notEmpty}), "body"),
	)
}

func delayControls() object {
	common := object{"skip": anyObject, "extendToSchedule": boolean}
	return eitherOf(
		record(and(common, object{"type": constant("regular"), "amount": atLeast1, "unit": enum(timeUnits...)}), "type", "amount", "unit"),
		record(and(common, object{"type": constant("timed"), "cron": notEmpty}), "type", "cron"),
		record(and(common, object{"type": constant("dynamic"), "dynamicKey": notEmpty}), "type", "dynamicKey"),
	)
}

func digestControls() object {
	common := object{"skip": anyObject, "extendToSchedule": boolean, "digestKey": stringOf()}
	return eitherOf(
		record(and(common, object{"type": enum("regular"), "amount": atLeast1, "unit": enum(timeUnits...), "lookBackWindow": lookBack}), "amount", "unit"),
		record(and(common, object{"type": enum("timed"), "cron": notEmpty}), "cron"),
	)
}

var emailControls = object{
	"skip": anyObject, "body": stringOf(), "editorType": enum("block", "html"), "subject": notEmpty,
	"disableOutputSanitization": boolean, "layoutId": object{"type": []any{"string", "null"}},
	"from": record(object{"email": stringOf(), "name": stringOf()}),
}

var textControls = object{"skip": anyObject, "body": stringOf()}

var controlSchemas = map[string]object{
	"in_app": inAppControls(),
	"email":  record(emailControls, "subject"),
	"sms":    record(textControls, "body"),
	"chat":   record(textControls, "body"),
	"push":   record(object{"skip": anyObject, "subject": stringOf(), "body": stringOf()}, "subject", "body"),
	"delay":  delayControls(),
	"digest": digestControls(),
	"throttle": record(object{
		"skip": anyObject, "type": enum("fixed", "dynamic"), "amount": atLeast1, "unit": enum("minutes", "hours", "days"),
		"dynamicKey": notEmpty, "threshold": atLeast1, "throttleKey": stringOf(),
	}),
	"custom":       open(),
	"http_request": record(and(requestControls, object{"body": listOf(pair, 100)}), "method", "url"),
}

// newerSchemas are those that came after 3.15, or changed.
var newerSchemas = map[string]object{
	"email": record(and(emailControls, object{
		"preheader": stringOf(), "replyTo": stringOf(), "useProviderDefaults": boolean,
	}), "subject"),
	"chat":         record(and(textControls, object{"editorType": enum("block", "text")}), "body"),
	"tool":         record(textControls, "body"),
	"http_request": record(and(requestControls, object{"body": eitherOf(stringOf(), listOf(pair, 100))}), "method", "url"),
}

var requestControls = object{
	"skip":               object{"type": "object", "additionalProperties": true},
	"method":             enum("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"),
	"url":                stringOf(object{"pattern": hookPattern, "minLength": float64(1), "maxLength": float64(2048)}),
	"headers":            listOf(pair, 50),
	"responseBodySchema": responseSchema, "enforceSchemaValidation": boolean, "continueOnFailure": boolean,
	"timeout": object{"type": "number", "minimum": float64(100), "maximum": float64(30000)},
}

var responseSchema = object{
	"type": "object", "additionalProperties": true,
	"properties": object{
		"type":       stringOf(),
		"properties": object{"type": "object", "additionalProperties": true},
		"required":   object{"type": "array", "items": stringOf()},
	},
}

var layoutControls = record(object{
	"email": record(object{"body": notEmpty, "editorType": enum("block", "html")}, "body"),
})
