// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

const fromConfigMap = "bodyFrom: {configMapKeyRef: {name: texts, key: body}}"

func TestMessageStepRules(t *testing.T) {
	t.Parallel()
	for stepType, subject := range map[v1alpha1.StepType]string{"SMS": "", "Chat": "", "Push": "subject: Hello, "} {
		checkRules(t, []rule{{
			name: string(stepType) + " body xor bodyFrom", manifest: stepManifest(stepType), at: "spec.steps[0]." + blockName(stepType),
			refused:  []string{"{" + subject + "body: hi, " + fromConfigMap + "}", "{" + subject + "body: null}"},
			accepted: []string{"{" + subject + "body: hi}", "{" + subject + fromConfigMap + "}"},
			want:     "set either body or bodyFrom",
		}})
	}
	checkRules(t, []rule{{
		name: "push subject", manifest: stepManifest("Push"), at: "spec.steps[0].push",
		refused: []string{"{body: hi}"}, accepted: []string{"{subject: hi, body: hi}"},
		want: "spec.steps[0].push.subject: Required value",
	}, {
		name: "inApp content", manifest: stepManifest("InApp"), at: "spec.steps[0].inApp",
		refused:  []string{"{}", "{avatar: /a.png}", "{data: {a: 1}}"},
		accepted: []string{"{subject: hi}", "{body: hi}", "{" + fromConfigMap + "}"},
		want:     "an InApp step needs a subject or a body",
	}, {
		name: "inApp body and bodyFrom", manifest: stepManifest("InApp"), at: "spec.steps[0].inApp",
		refused:  []string{"{body: hi, " + fromConfigMap + "}"},
		accepted: []string{"{subject: hi, " + fromConfigMap + "}"},
		want:     "set either body or bodyFrom",
	}, {
		name: "inApp action", manifest: stepManifest("InApp"), at: "spec.steps[0].inApp",
		refused:  []string{"{body: hi, primaryAction: {redirect: {url: /a}}}", "{body: hi, primaryAction: {}}"},
		accepted: []string{"{body: hi, primaryAction: {label: Go, redirect: {url: /a}}}"},
		want:     "primaryAction.label: Required value",
	}, {
		name: "redirect target", manifest: stepManifest("InApp"), at: "spec.steps[0].inApp",
		refused:  []string{"{body: hi, redirect: {url: /a, target: _blank}}"},
		accepted: []string{"{body: hi, redirect: {url: /a, target: Blank}}"},
		want:     `supported values: "Self", "Blank", "Parent", "Top", "UnfencedTop"`,
	}, {
		name: "inApp data", manifest: stepManifest("InApp"), at: "spec.steps[0].inApp",
		refused:  []string{"{body: hi, data: [1]}"},
		accepted: []string{"{body: hi, data: {a: [1, {b: null}]}}"},
		want:     "spec.steps[0].inApp.data in body must be of type object",
	}})
}

func TestEmailStepRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "subject", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused: []string{"{body: hi}"}, accepted: []string{"{subject: hi}"},
		want: "spec.steps[0].email.subject: Required value",
	}, {
		name: "body and bodyFrom", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused:  []string{"{subject: hi, body: hi, " + fromConfigMap + "}"},
		accepted: []string{"{subject: hi, " + fromConfigMap + "}"},
		want:     "set either body or bodyFrom",
	}, {
		name: "layout ref", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused: []string{
			"{subject: hi, layout: {type: Ref}}",
			"{subject: hi, layout: {type: None, ref: {name: base}}}", "{subject: hi, layout: {type: Default, ref: {name: base}}}",
		},
		accepted: []string{"{subject: hi, layout: {type: Ref, ref: {name: base}}}", "{subject: hi, layout: {type: None}}", "{subject: hi, layout: {type: Default}}"},
		want:     "a layout of type Ref needs ref, the name of a Layout object, and no other type has it",
	}, {
		name: "layout id", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused: []string{
			"{subject: hi, layout: {type: ID}}", "{subject: hi, layout: {type: None, id: base}}",
			"{subject: hi, layout: {type: Ref, ref: {name: base}, id: base}}",
		},
		accepted: []string{"{subject: hi, layout: {type: ID, id: base}}"},
		want:     "a layout of type ID needs id, the layout's identifier in Novu, and no other type has it",
	}, {
		name: "layout type", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused:  []string{"{subject: hi, layout: {type: default}}"},
		accepted: []string{"{subject: hi}"},
		want:     `supported values: "Default", "None", "Ref", "ID"`,
	}, {
		name: "editorType", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused:  []string{"{subject: hi, editorType: markdown}"},
		accepted: []string{"{subject: hi, editorType: HTML}", "{subject: hi, editorType: Block}"},
		want:     `supported values: "HTML", "Block"`,
	}, {
		name: "block editor", manifest: stepManifest("Email"), at: "spec.steps[0].email",
		refused:  []string{`{subject: hi, editorType: Block, body: "<p>hi</p>"}`},
		accepted: []string{`{subject: hi, editorType: Block, body: "{\"type\": \"doc\"}"}`, `{subject: hi, editorType: HTML, body: "<p>hi</p>"}`, `{subject: hi, body: "<p>hi</p>"}`},
		want:     "editorType Block takes the block editor's JSON as body, which begins with '{': for HTML write editorType: HTML",
	}})
}

func TestLayoutRules(t *testing.T) {
	t.Parallel()
	const block = `"{\"type\": \"doc\", \"content\": [{\"type\": \"variable\", \"attrs\": {\"id\": \"content\"}}]}"`
	checkRules(t, []rule{{
		name: "body xor bodyFrom", manifest: layoutManifest, at: "spec",
		refused:  []string{"{" + fromConfigMap + "}", "{body: null}"},
		accepted: []string{"{}", "{body: null, " + fromConfigMap + "}"},
		want:     "spec: Invalid value: set either body or bodyFrom",
	}, {
		name: "no place for the e-mail", manifest: layoutManifest, at: "spec.body",
		refused:  []string{"<html><body>no slot</body></html>", `"<html><style>a {content: none}</style><body>{{subject}}</body></html>"`, `"{}"`},
		accepted: []string{`"<html><body>{{ content }}</body></html>"`, `"<html><body>{{- content | upcase }}</body></html>"`, block},
		want:     "body must contain the variable content, which the e-mail takes the place of: {{content}}",
	}, {
		name: "not a document", manifest: layoutManifest, at: "spec.body",
		refused: []string{`"{{content}}"`, `"<div>{{content}}</div>"`, `"<html>{{content}}</html>"`, `"<html><body>{{content}}"`},
		accepted: []string{
			`"<!DOCTYPE html>\n<html lang=\"en\">\n<body class=\"a\">\n{{content}}\n</body>\n</html>\n"`, block,
			`"<HTML><BODY>{{content}}</BODY></HTML>"`,
		},
		want: "an HTML body must be a whole document: <html><body>{{content}}</body></html>",
	}, {
		name: "block editor", manifest: layoutManifest, at: "spec",
		refused:  []string{`{editorType: Block}`},
		accepted: []string{`{editorType: Block, body: ` + block + `}`, `{body: "\n {\"id\": \"content\"}"}`, `{editorType: HTML}`},
		want:     "editorType Block takes the block editor's JSON as body, which begins with '{': for HTML write editorType: HTML",
	}, {
		name: "size of the body", manifest: layoutManifest, at: "spec.body",
		refused: []string{document(524289)}, accepted: []string{document(524288)},
		want: "spec.body: Too long: may not be more than 524288 bytes",
	}, {
		name: "name", manifest: layoutManifest, at: "spec.name",
		refused: []string{long(129)}, accepted: []string{long(128)},
		want: "spec.name: Too long: may not be more than 128 bytes",
	}})
}

// document is a layout's body of n characters.
func document(n int) string {
	const start, end = "<html><body>{{content}}", "</body></html>"
	return start + long(n-len(start)-len(end)) + end
}
