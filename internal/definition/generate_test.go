// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
)

// The generators below make definitions as the API server lets them through: every block, every kind of value, odd
// texts, spellings of numbers that decoders like to change.

var (
	texts = rapid.OneOf(
		rapid.SampledFrom([]string{"x", "{{payload.a}}", "<p>é & ü</p>", "a\r\nb\t", "日本語 😀", "\u2028", `"quoted"`, "{", `{"a":1}`, " pad "}),
		rapid.StringN(1, 40, -1),
	)
	numbers = rapid.SampledFrom([]string{"0", "1", "-1", "1.0", "1e3", "0.10", "9007199254740991", "-0", "1E-7", "123.456"})
	keys    = rapid.SampledFrom([]string{"a", "b", "k.l", "with space", "type", "_id", "$ref-like", "é", "0"})
	ids     = rapid.SampledFrom([]string{"a", "b", "c", "step-one", "step_two", "Step.3", "mail", "wait"})
)

// jsonText is any JSON value, at most depth levels deep.
func jsonText(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return "null"
	case 1:
		return "true"
	case 2:
		return "false"
	case 3:
		return numbers.Draw(t, "number")
	case 4:
		return string(quote(texts.Draw(t, "text")))
	case 5:
		items := make([]string, rapid.IntRange(0, 3).Draw(t, "items"))
		for i := range items {
			items[i] = jsonText(t, depth-1)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return objectText(t, depth-1)
}

func objectText(t *rapid.T, depth int) string {
	var members []string
	for _, key := range rapid.SliceOfNDistinct(keys, 0, 4, rapid.ID).Draw(t, "keys") {
		members = append(members, string(quote(key))+" :"+jsonText(t, depth))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func openJSON(t *rapid.T) *apiextensionsv1.JSON {
	if rapid.Bool().Draw(t, "absent") {
		return nil
	}
	return &apiextensionsv1.JSON{Raw: []byte(objectText(t, 2))}
}

// optional draws a value in half of the cases.
func optional[T any](t *rapid.T, name string, draw func() T) T {
	var none T
	if rapid.Bool().Draw(t, "has "+name) {
		return draw()
	}
	return none
}

func maybe(t *rapid.T, name string) *bool {
	return rapid.Ptr(rapid.Bool(), true).Draw(t, name)
}

func genWorkflow(t *rapid.T, id string) (*v1alpha1.Workflow, WorkflowInputs) {
	in := WorkflowInputs{Bodies: map[string]string{}, LayoutIDs: map[string]string{"base": "default-layout"}}
	w := &v1alpha1.Workflow{Spec: v1alpha1.WorkflowSpec{
		WorkflowID:         id,
		Name:               texts.Draw(t, "name"),
		Description:        optional(t, "description", func() string { return texts.Draw(t, "description") }),
		Tags:               rapid.SliceOfNDistinct(rapid.StringN(1, 10, 64), 0, 4, rapid.ID).Draw(t, "tags"),
		Active:             maybe(t, "active"),
		Severity:           rapid.SampledFrom([]v1alpha1.Severity{"", "High", "Medium", "Low", "None"}).Draw(t, "severity"),
		PayloadSchema:      optional(t, "schema", func() *apiextensionsv1.JSON { return genSchema(t) }),
		ValidatePayload:    maybe(t, "validatePayload"),
		TranslationEnabled: maybe(t, "translationEnabled"),
		Preferences:        genPreferences(t),
	}}
	for _, stepID := range rapid.SliceOfNDistinct(ids, 0, 6, rapid.ID).Draw(t, "steps") {
		w.Spec.Steps = append(w.Spec.Steps, genStep(t, stepID, in))
	}
	return w, in
}

// genSchema draws schemas that a validator of JSON Schema takes.
func genSchema(t *rapid.T) *apiextensionsv1.JSON {
	var properties []string
	for _, key := range rapid.SliceOfNDistinct(keys, 0, 3, rapid.ID).Draw(t, "properties") {
		kind := rapid.SampledFrom([]string{"string", "number", "object"}).Draw(t, "type")
		properties = append(properties, fmt.Sprintf(`%s: {"type": %q, "default": %s}`, quote(key), kind, jsonText(t, 1)))
	}
	text := fmt.Sprintf(`{"type":"object", "properties":{%s},"additionalProperties":%t}`, strings.Join(properties, ","), rapid.Bool().Draw(t, "open"))
	return &apiextensionsv1.JSON{Raw: []byte(text)}
}

func genPreferences(t *rapid.T) *v1alpha1.WorkflowPreferences {
	record := func() *v1alpha1.ChannelPreferences {
		one := func(name string) *v1alpha1.ChannelSwitch {
			return optional(t, name, func() *v1alpha1.ChannelSwitch {
				return &v1alpha1.ChannelSwitch{Enabled: rapid.Bool().Draw(t, name)}
			})
		}
		return &v1alpha1.ChannelPreferences{
			All:      &v1alpha1.AllChannelsPreference{Enabled: maybe(t, "enabled"), ReadOnly: maybe(t, "readOnly")},
			Channels: &v1alpha1.ChannelSwitches{Email: one("email"), SMS: one("sms"), InApp: one("inApp"), Chat: one("chat"), Push: one("push")},
		}
	}
	return optional(t, "preferences", func() *v1alpha1.WorkflowPreferences {
		return &v1alpha1.WorkflowPreferences{User: optional(t, "user", record), Workflow: optional(t, "workflow", record)}
	})
}

func genStep(t *rapid.T, stepID string, in WorkflowInputs) v1alpha1.WorkflowStep {
	s := v1alpha1.WorkflowStep{StepID: stepID, Name: optional(t, "name", func() string { return texts.Draw(t, "name") }), Skip: openJSON(t)}
	amount, unit := int32(rapid.IntRange(1, 30).Draw(t, "amount")), v1alpha1.TimeUnitMinutes
	kinds := []v1alpha1.StepType{"InApp", "Email", "SMS", "Chat", "Push", "Tool", "Delay", "Digest", "Throttle", "HTTPRequest", "custom"}
	s.Type = rapid.SampledFrom(kinds).Draw(t, "type")
	switch s.Type {
	case v1alpha1.StepTypeInApp:
		s.InApp = &v1alpha1.InAppStep{Body: texts.Draw(t, "body"), Data: openJSON(t), DisableOutputSanitization: maybe(t, "sanitize")}
	case v1alpha1.StepTypeEmail:
		s.Email = genEmail(t, stepID, in)
	case v1alpha1.StepTypeSMS:
		s.SMS = &v1alpha1.BodyStep{Body: texts.Draw(t, "body")}
	case v1alpha1.StepTypeChat:
		s.Chat = &v1alpha1.BodyStep{BodyFrom: &v1alpha1.BodySource{}}
		in.Bodies[stepID] = texts.Draw(t, "body")
	case v1alpha1.StepTypePush:
		s.Push = &v1alpha1.PushStep{Subject: texts.Draw(t, "subject"), Body: texts.Draw(t, "body")}
	case v1alpha1.StepTypeDelay:
		s.Delay = &v1alpha1.DelayStep{DynamicKey: "payload.at", ExtendToSchedule: maybe(t, "extend")}
	case v1alpha1.StepTypeDigest:
		s.Digest = &v1alpha1.DigestStep{Amount: amount, Unit: unit, LookBackWindow: &v1alpha1.TimeWindow{Amount: amount, Unit: unit}}
	case v1alpha1.StepTypeThrottle:
		s.Throttle = &v1alpha1.ThrottleStep{DynamicKey: "payload.window", Threshold: amount}
	case v1alpha1.StepTypeHTTPRequest:
		s.HTTPRequest = &v1alpha1.HTTPRequestStep{Method: "POST", URL: "https://x.test", ResponseBodySchema: openJSON(t), Body: []v1alpha1.HTTPPair{{Key: "k", Value: texts.Draw(t, "value")}}}
	default:
		s.Controls = &apiextensionsv1.JSON{Raw: []byte(objectText(t, 3))}
	}
	return s
}

func genEmail(t *rapid.T, stepID string, in WorkflowInputs) *v1alpha1.EmailStep {
	e := &v1alpha1.EmailStep{
		Subject:    texts.Draw(t, "subject"),
		EditorType: rapid.SampledFrom([]v1alpha1.EditorType{"", "HTML", "Block"}).Draw(t, "editorType"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "layout") {
	case 0:
		e.Layout = &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutRef, Ref: &v1alpha1.LocalReference{Name: "base"}}
	case 1:
		e.Layout = &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutID, ID: "billing-layout"}
	case 2:
		e.Layout = &v1alpha1.EmailLayout{Type: v1alpha1.EmailLayoutNone}
	}
	text := rapid.OneOf(texts, rapid.Just(`{"type":"doc","content":[{"type":"paragraph"}]}`)).Draw(t, "body")
	if rapid.Bool().Draw(t, "by ConfigMap") {
		e.BodyFrom = &v1alpha1.BodySource{}
		in.Bodies[stepID] = text
	} else {
		e.Body = text
	}
	return e
}
