// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

// document is what the block editor stores.
const document = `{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\"}]}`

func TestCompareEmailThatNovuRewrites(t *testing.T) {
	for _, test := range []struct {
		name, want, have string
		differences      []v1alpha1.Difference
	}{
		{"block editor without a document", `{"editorType":"block","body":"plain"}`, `{"editorType":"block","body":""}`, nil},
		{"block editor with other JSON", `{"editorType":"block","body":"{\"a\":1}"}`, `{"editorType":"block","body":""}`, nil},
		{"block editor with a document that lost its text", `{"editorType":"block","body":"` + document + `"}`, `{"editorType":"block","body":""}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `""`, To: `"` + document + `"`}}},
		{"block editor with another text", `{"editorType":"block","body":"plain"}`, `{"editorType":"block","body":"other"}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `"other"`, To: `"plain"`}}},
		{"HTML that lost its text", `{"editorType":"html","body":"plain"}`, `{"editorType":"html","body":""}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `""`, To: `"plain"`}}},
		{"a document rendered to HTML", `{"editorType":"html","body":"` + document + `"}`, `{"editorType":"html","body":"<html>\n</html>"}`, nil},
		{"a document that is stored as it is", `{"editorType":"html","body":"` + document + `"}`, `{"editorType":"html","body":"` + document + `"}`, nil},
		{"a document and no HTML", `{"editorType":"html","body":"` + document + `"}`, `{"editorType":"html","body":"gone"}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `"gone"`, To: `"` + document + `"`}}},
		{"no editor type", `{"body":"plain"}`, `{"body":""}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `""`, To: `"plain"`}}},
		{"a body that is no text", `{"editorType":"block","body":1}`, `{"editorType":"block","body":""}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.body", From: `""`, To: `1`}}},
		{"layout by internal id", `{"layoutId":"65f0c0ffee0000000000dead"}`, `{"layoutId":"base"}`, nil},
		{"layout by another internal id", `{"layoutId":"65f0c0ffee0000000000dead"}`, `{"layoutId":"65f0c0ffee0000000000beef"}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.layout", From: `"65f0c0ffee0000000000beef"`, To: `"65f0c0ffee0000000000dead"`}}},
		{"layout by identifier", `{"layoutId":"mine"}`, `{"layoutId":"base"}`,
			[]v1alpha1.Difference{{Path: "steps[mail].email.layout", From: `"base"`, To: `"mine"`}}},
		{"no layout and the default one", `{"layoutId":null}`, `{}`, []v1alpha1.Difference{{Path: "steps[mail].email.layout", To: "null"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, have := base(), stored(base())
			want.Steps[0].ControlValues = json.RawMessage(test.want)
			have.Steps[0].ControlValues = json.RawMessage(test.have)
			sameDifferences(t, CompareWorkflow(want, have), test.differences)
		})
	}
}

func TestOnlyEmailsAreRewritten(t *testing.T) {
	want, have := base(), stored(base())
	want.Steps[2].ControlValues = json.RawMessage(`{"editorType":"block","body":"plain"}`)
	have.Steps[2].ControlValues = json.RawMessage(`{"editorType":"block","body":""}`)
	sameDifferences(t, CompareWorkflow(want, have), []v1alpha1.Difference{
		{Path: "steps[text].sms.body", From: `""`, To: `"plain"`},
	})
}

func TestIsEditorDocument(t *testing.T) {
	for body, want := range map[string]bool{
		`{"type":"doc","content":[]}`: true, ` {"content":[{}],"type":"doc","x":1} `: true,
		`{"type":"doc"}`: false, `{"type":"doc","content":null}`: false, `{"type":"doc","content":{}}`: false,
		`{"type":"page","content":[]}`: false, `[]`: false, `"doc"`: false, `<p>`: false, ``: false, `null`: false,
		`{"type":"doc","content":[]} x`: false,
	} {
		if got := isEditorDocument(body); got != want {
			t.Errorf("isEditorDocument(%s) = %t", body, got)
		}
	}
}
