// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// emptyDocument is what an absent e-mail body is checked as.
const emptyDocument = `{"type":"doc","content":[{"type":"paragraph"}]}`

// sanitized is the copy of control values that is checked against the schema. With origin "novu-cloud" it has only
// the known members, without nulls and empty texts; otherwise empty texts become null and all else stays. Values that
// Novu's code trips over stay as they are.
func (b *rulebook) sanitized(values object, kind, origin string) object {
	if values == nil || origin != OriginCloud {
		out, _ := blankToNull(values).(object)
		return out
	}
	switch kind {
	case "in_app":
		if !redirectsAreSafe(values) {
			return values
		}
		return sanitizeInApp(values)
	case "email":
		return sanitizeEmail(values, b.email)
	case "sms", "tool":
		return sanitizeText(values)
	case "chat":
		return sanitizeText(values, b.chat...)
	case "push":
		return withoutNulls(object{"subject": textOrNil(values["subject"]), "body": textOrNil(values["body"]), "skip": values["skip"]})
	case "digest":
		return sanitizeDigest(values)
	case "delay":
		return sanitizeDelay(values)
	}
	return withoutNulls(values)
}

// redirectsAreSafe tells whether no redirect that would be looked at has a URL that is neither text nor nothing.
func redirectsAreSafe(values object) bool {
	redirects := []any{values["redirect"]}
	for _, n := range []string{"primaryAction", "secondaryAction"} {
		if a, _ := values[n].(object); !javascript.Falsy(a["label"]) {
			redirects = append(redirects, a["redirect"])
		}
	}
	return !slices.ContainsFunc(redirects, func(v any) bool {
		r, _ := v.(object)
		url := r["url"]
		list, isList := url.([]any)
		_, isText := url.(string)
		return !javascript.Falsy(url) && !isText && (!isList || len(list) > 0)
	})
}

func pick(values object, names ...string) object {
	out := object{}
	for _, n := range names {
		if v, ok := values[n]; ok {
			out[n] = v
		}
	}
	return out
}

// isEmpty is lodash's: anything but a text, list or object with content is empty, numbers included.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case object:
		return len(v) == 0
	}
	return true
}

func textOrNil(v any) any {
	if isEmpty(v) {
		return nil
	}
	return v
}

func orElse(v, fallback any) any {
	if isEmpty(v) {
		return fallback
	}
	return v
}

func sanitizeInApp(values object) object {
	out := pick(values, "data", "skip", "disableOutputSanitization")
	for _, n := range []string{"subject", "body", "avatar"} {
		out[n] = textOrNil(values[n])
	}
	for _, n := range []string{"primaryAction", "secondaryAction"} {
		a, _ := values[n].(object)
		if !javascript.Falsy(a["label"]) {
			out[n] = object{"label": a["label"], "redirect": sanitizeRedirect(a["redirect"])}
		}
	}
	if !javascript.Falsy(values["redirect"]) {
		out["redirect"] = sanitizeRedirect(values["redirect"])
	}
	return withoutNulls(out)
}

func sanitizeRedirect(v any) any {
	r, _ := v.(object)
	url, ok := r["url"].(string)
	if !ok || url == "" {
		return nil
	}
	target := r["target"]
	switch {
	case target != nil:
	case strings.HasPrefix(url, "/"):
		target = "_self"
	default:
		target = "_blank"
	}
	return object{"url": url, "target": target}
}

// sanitizeText keeps a body, a condition and more.
func sanitizeText(values object, more ...string) object {
	out := pick(values, more...)
	out["body"], out["skip"] = textOrNil(values["body"]), values["skip"]
	return withoutNulls(out)
}

func sanitizeEmail(values object, more []string) object {
	out := pick(values, append(more, "editorType", "skip", "disableOutputSanitization", "layoutId", "from")...)
	out["subject"] = orElse(values["subject"], " ")
	out["body"] = orElse(values["body"], emptyDocument)
	return withoutNulls(out)
}

func sanitizeDigest(values object) object {
	if !isEmpty(values["cron"]) {
		return withoutNulls(pick(values, "type", "cron", "digestKey", "skip", "extendToSchedule"))
	}
	out := pick(values, "type", "unit", "digestKey", "skip", "extendToSchedule")
	putAmount(out, values["amount"])
	if !javascript.Falsy(values["lookBackWindow"]) {
		given, _ := values["lookBackWindow"].(object)
		window := pick(given, "unit")
		putAmount(window, given["amount"])
		out["lookBackWindow"] = window
	}
	return withoutNulls(out)
}

func sanitizeDelay(values object) object {
	switch {
	case !isEmpty(values["cron"]):
		return withoutNulls(pick(values, "type", "cron", "skip", "extendToSchedule"))
	case !isEmpty(values["dynamicKey"]):
		return withoutNulls(pick(values, "type", "dynamicKey", "skip", "extendToSchedule"))
	}
	out := pick(values, "type", "unit", "skip", "extendToSchedule")
	putAmount(out, values["amount"])
	return withoutNulls(out)
}

var leadingInteger = regexp.MustCompile(`^\s*([+-]?\d+)`)

// putAmount takes a number, or the number that a text begins with. A list that begins with one passes for a number.
func putAmount(out object, v any) {
	switch v := v.(type) {
	case float64:
		out["amount"] = v
	case string:
		if m := leadingInteger.FindStringSubmatch(v); m != nil {
			f, err := strconv.ParseFloat(m[1], 64)
			if err == nil && !math.IsInf(f, 0) {
				out["amount"] = f
			}
		}
	case []any:
		if leadingInteger.MatchString(javascript.String(v)) {
			out["amount"] = v
		}
	}
}

// withoutNulls drops members that are null, on every level.
func withoutNulls(o object) object {
	out := object{}
	for k, v := range o {
		switch v := v.(type) {
		case nil:
		case object:
			out[k] = withoutNulls(v)
		case []any:
			list := make([]any, len(v))
			for i, x := range v {
				if below, ok := x.(object); ok {
					x = withoutNulls(below)
				}
				list[i] = x
			}
			out[k] = list
		default:
			out[k] = v
		}
	}
	return out
}

// blankToNull replaces texts without a visible character.
func blankToNull(v any) any {
	switch v := v.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = blankToNull(x)
		}
		return out
	case object:
		out := object{}
		for k, x := range v {
			out[k] = blankToNull(x)
		}
		return out
	}
	return v
}
