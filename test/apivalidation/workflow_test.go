// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"strconv"
	"testing"
)

func TestWorkflowRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "name length", manifest: workflowManifest, at: "spec.name",
		refused: []string{long(129)}, accepted: []string{long(128), "a"},
		want: "spec.name: Too long: may not be more than 128 bytes",
	}, {
		name: "empty name", manifest: workflowManifest, at: "spec.name",
		refused: []string{`""`}, accepted: []string{"a"},
		want: "spec.name in body should be at least 1 chars long",
	}, {
		name: "no name", manifest: workflowManifest, at: "spec.name",
		refused: []string{"null"}, accepted: []string{"a"}, want: "spec.name: Required value",
	}, {
		name: "description", manifest: workflowManifest, at: "spec.description",
		refused: []string{long(257)}, accepted: []string{long(256), "null"},
		want: "spec.description: Too long: may not be more than 256 bytes",
	}, {
		name: "number of tags", manifest: workflowManifest, at: "spec.tags",
		refused: []string{list(17, "tag-%d")}, accepted: []string{list(16, "tag-%d"), "[]"},
		want: "spec.tags: Too many: 17: must have at most 16 items",
	}, {
		name: "length of a tag", manifest: workflowManifest, at: "spec.tags",
		refused: []string{"[" + long(65) + "]"}, accepted: []string{"[" + long(64) + "]"},
		want: "spec.tags[0]: Too long: may not be more than 64 bytes",
	}, {
		name: "empty tag", manifest: workflowManifest, at: "spec.tags",
		refused: []string{`[a, ""]`}, accepted: []string{"[a, b]"},
		want: "spec.tags[1] in body should be at least 1 chars long",
	}, {
		name: "tag twice", manifest: workflowManifest, at: "spec.tags",
		refused: []string{"[a, b, a]"}, accepted: []string{"[a, b, A]"},
		want: `spec.tags[2]: Duplicate value: "a"`,
	}, {
		name: "severity", manifest: workflowManifest, at: "spec.severity",
		refused: []string{"Critical", "high"}, accepted: []string{"High", "Medium", "Low", "None"},
		want: `supported values: "High", "Medium", "Low", "None"`,
	}, {
		name: "payloadSchema", manifest: workflowManifest, at: "spec.payloadSchema",
		refused: []string{"[]", "text", "true"}, accepted: []string{`{type: object, properties: {a: {type: string}}}`, "{}"},
		want: "spec.payloadSchema in body must be of type object",
	}, {
		name: "deletion policy", manifest: workflowManifest, at: "spec.deletionPolicy",
		refused: []string{"Keep"}, accepted: []string{"Retain", "Delete"}, want: `supported values: "Retain", "Delete"`,
	}, {
		name: "adoption policy", manifest: workflowManifest, at: "spec.adoptionPolicy",
		refused: []string{"adopt"}, accepted: []string{"Adopt", "Refuse"}, want: `supported values: "Adopt", "Refuse"`,
	}, {
		name: "channel preference", manifest: workflowManifest, at: "spec.preferences",
		refused:  []string{`{workflow: {channels: {email: {}}}}`, `{user: {channels: {email: {enabled: null}}}}`},
		accepted: []string{`{workflow: {channels: {email: {enabled: false}}}, user: {all: {readOnly: true}}}`},
		want:     "channels.email.enabled: Required value",
	}})
}

func TestStepListRules(t *testing.T) {
	t.Parallel()
	const sms = "{stepID: s%d, type: SMS, sms: {body: hi}}"
	checkRules(t, []rule{{
		name: "number of steps", manifest: workflowManifest, at: "spec.steps",
		refused: []string{list(21, sms)}, accepted: []string{list(20, sms), "[]", "null"},
		want: "spec.steps: Too many: 21: must have at most 20 items",
	}, {
		name: "stepID twice", manifest: workflowManifest, at: "spec.steps",
		refused: []string{
			"[{stepID: a, type: SMS, sms: {body: hi}}, {stepID: a, type: SMS, sms: {body: ho}}]",
			"[{stepID: a, type: SMS, sms: {body: hi}}, {stepID: b, type: SMS, sms: {body: hi}}, {stepID: a, type: custom, controls: {}}]",
		},
		accepted: []string{"[{stepID: a, type: SMS, sms: {body: hi}}, {stepID: A, type: SMS, sms: {body: hi}}]"},
		want:     "spec.steps: Invalid value: every step needs a stepID of its own: rename the step that repeats one",
	}, {
		name: "stepID", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{`{stepID: "has space", sms: {body: hi}}`, `{stepID: -a, sms: {body: hi}}`, `{stepID: a--b, sms: {body: hi}}`},
		accepted: []string{`{stepID: a_b.c-D, sms: {body: hi}}`, `{stepID: sendwelcomesmstouser, sms: {body: hi}}`},
		want:     "stepID must be letters and digits, joined by single '-', '_' or '.'",
	}, {
		name: "length of a step's name", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{"{sms: {body: hi}, name: " + long(129) + "}"},
		accepted: []string{"{sms: {body: hi}, name: " + long(128) + "}"},
		want:     "spec.steps[0].name: Too long: may not be more than 128 bytes",
	}, {
		name: "length of a stepID", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{"{sms: {body: hi}, stepID: " + long(129) + "}"},
		accepted: []string{"{sms: {body: hi}, stepID: " + long(128) + "}"},
		want:     "spec.steps[0].stepID: Too long: may not be more than 128 bytes",
	}, {
		name: "skip", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{`{sms: {body: hi}, skip: payload.late}`, `{sms: {body: hi}, skip: [true]}`},
		accepted: []string{`{sms: {body: hi}, skip: {"==": [{var: payload.late}, true]}}`},
		want:     "spec.steps[0].skip in body must be of type object",
	}})
}

// Every block with every other type is refused, and said to be in the wrong place.
func TestStepUnion(t *testing.T) {
	t.Parallel()
	types := []string{"custom", "Tool"}
	for stepType := range blocks {
		types = append(types, string(stepType))
	}
	var rules []rule
	for block, value := range blocks {
		r := rule{
			name: string(block), manifest: stepManifest(block), at: "spec.steps[0]",
			accepted: []string{"{" + blockName(block) + ": " + value + "}"},
			want: "spec.steps[0]: Invalid value: the block " + blockName(block) + " belongs to type " + string(block) +
				" only: use the block that is named like the type",
		}
		for _, stepType := range types {
			if stepType != string(block) {
				r.refused = append(r.refused, "{type: "+strconv.Quote(stepType)+", "+blockName(block)+": "+value+"}")
			}
		}
		rules = append(rules, r)
	}
	checkRules(t, rules)
}

func TestStepTypes(t *testing.T) {
	t.Parallel()
	var without, emptyControls, controlsOnly []string
	for stepType := range blocks {
		without = append(without, "{type: "+string(stepType)+"}")
		emptyControls = append(emptyControls, "{type: "+string(stepType)+", controls: {}}")
		controlsOnly = append(controlsOnly, "{type: "+string(stepType)+", controls: {body: hi}}")
	}
	checkRules(t, []rule{{
		name: "neither block nor controls", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  append(append(without, emptyControls...), "{type: Tool}"),
		accepted: append(controlsOnly, "{sms: {body: hi}, controls: {}}"),
		want:     "spec.steps[0]: Invalid value: a step needs the block that is named like its type, or controls; controls of a type that has a block cannot be empty",
	}, {
		name: "types of the future", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{`{type: custom, controls: []}`, `{type: Tool, controls: text}`},
		accepted: []string{`{type: custom, controls: {}}`, `{type: Tool, controls: {body: hi, nested: [1, {a: null}]}}`, `{type: some_thing2, controls: {a: 1}}`},
		want:     "spec.steps[0].controls in body must be of type object",
	}, {
		name: "Novu's own spelling", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused: []string{`{type: in_app, controls: {a: 1}}`, `{type: http_request, controls: {a: 1}}`, `{type: trigger, controls: {a: 1}}`, `{type: inapp, controls: {a: 1}}`,
			`{type: "email", controls: {a: 1}}`, `{type: "tool", controls: {a: 1}}`},
		accepted: []string{`{type: InApp, controls: {a: 1}}`, `{type: HTTPRequest, controls: {a: 1}}`},
		want:     "write InApp for Novu's in_app, HTTPRequest for http_request, Email for email, and so on; a trigger is not a step",
	}, {
		name: "no type at all", manifest: stepManifest("SMS"), at: "spec.steps[0]",
		refused:  []string{`{type: Mail, controls: {a: 1}}`, `{type: "e-mail", controls: {a: 1}}`, `{type: "http request", controls: {a: 1}}`},
		accepted: []string{`{type: Email, controls: {a: 1}}`},
		want:     "type is InApp, Email, SMS, Chat, Push, Tool, Delay, Digest, Throttle or HTTPRequest, or one of Novu's other step types in Novu's spelling",
	}})
}
