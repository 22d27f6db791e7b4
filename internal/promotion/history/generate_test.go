// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"encoding/json"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"novu-operator.dev/internal/novu"
)

var (
	anyText = rapid.OneOf(
		rapid.SampledFrom([]string{"", "x", "{{payload.a}}", "<p>é & ü</p>", "a\r\nb\t", "日本語 😀", "\u2028", `"quoted"`, "{", " pad "}),
		rapid.String(),
	)
	anyNumber = rapid.SampledFrom([]string{"0", "1", "1.0", "1e3", "0.10", "9007199254740993", "-0", "1E-7", "123.456"})
)

// anyJSON is a value at most depth levels deep, with odd white space.
func anyJSON(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "word")
	case 1:
		return anyNumber.Draw(t, "number")
	case 2:
		return strconv.QuoteToASCII(strings.ToValidUTF8(rapid.StringMatching(`[a-z<>& ]*`).Draw(t, "plain"), ""))
	case 3:
		quoted, _ := json.Marshal(anyText.Draw(t, "text"))
		return string(quoted)
	case 4:
		items := make([]string, rapid.IntRange(0, 3).Draw(t, "items"))
		for i := range items {
			items[i] = anyJSON(t, depth-1)
		}
		return "[ " + strings.Join(items, ",\n") + "]"
	}
	return anyObject(t, depth-1)
}

func anyObject(t *rapid.T, depth int) string {
	var members []string
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "é", "_id", "with space"}), 0, 3, rapid.ID).Draw(t, "keys") {
		members = append(members, strconv.Quote(key)+" : "+anyJSON(t, depth))
	}
	return "{" + strings.Join(members, ", ") + " }"
}

// anyRaw is an object, nothing, or null.
func anyRaw(t *rapid.T) json.RawMessage {
	switch rapid.IntRange(0, 3).Draw(t, "raw") {
	case 0:
		return nil
	case 1:
		return json.RawMessage("null")
	}
	return json.RawMessage(anyObject(t, 3))
}

func anyPreference(t *rapid.T) *novu.Preference {
	if rapid.Bool().Draw(t, "no preference") {
		return nil
	}
	p := novu.DefaultPreference()
	p.All.Enabled, p.All.ReadOnly = rapid.Bool().Draw(t, "enabled"), rapid.Bool().Draw(t, "readOnly")
	p.Channels["sms"] = novu.ChannelPreference{Enabled: rapid.Bool().Draw(t, "sms")}
	return p
}

func anyWorkflow(t *rapid.T) *Definition {
	r := &novu.WorkflowRequest{
		WorkflowID: "order", Name: anyText.Draw(t, "name"), Description: anyText.Draw(t, "description"),
		Tags:   rapid.SliceOfDistinct(anyText, rapid.ID).Draw(t, "tags"),
		Active: rapid.Bool().Draw(t, "active"), Severity: rapid.SampledFrom([]string{"", "high", "none"}).Draw(t, "severity"),
		ValidatePayload: rapid.Bool().Draw(t, "validate"), PayloadSchema: anyRaw(t),
		IsTranslationEnabled: rapid.Bool().Draw(t, "translated"),
		Preferences:          novu.PreferencesRequest{User: anyPreference(t), Workflow: anyPreference(t)},
	}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "Step.3"}), 0, 4, rapid.ID).Draw(t, "steps") {
		r.Steps = append(r.Steps, novu.StepRequest{
			StepID: id, Name: anyText.Draw(t, "step"), Type: rapid.SampledFrom([]string{"email", "sms", "custom"}).Draw(t, "type"),
			ControlValues: anyRaw(t),
		})
	}
	return OfWorkflow(r)
}
