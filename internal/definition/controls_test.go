// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"errors"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

var stepInputs = WorkflowInputs{
	Bodies:    map[string]string{"s": "from <b>ConfigMap</b> \"é\"\n"},
	LayoutIDs: map[string]string{"base": "base-layout"},
}

// What the blocks become. Texts are compared byte by byte: values arrive as written.
func TestControlValues(t *testing.T) {
	for _, test := range []struct{ name, step, novuType, want string }{
		{
			"in-app", `{"type":"InApp","inApp":{"subject":"S","body":"B","avatar":"/a.png","primaryAction":{"label":"L","redirect":
			{"url":"{{payload.u}}","target":"Self"}},"secondaryAction":{"label":"M"},"redirect":{"url":"/x"},"data":{"k":[1.0,null]},
			"disableOutputSanitization":false}}`, "in_app",
			`{"avatar":"/a.png","body":"B","data":{"k":[1.0,null]},"disableOutputSanitization":false,"primaryAction":` +
				`{"label":"L","redirect":{"target":"_self","url":"{{payload.u}}"}},"redirect":{"url":"/x"},` +
				`"secondaryAction":{"label":"M"},"subject":"S"}`,
		},
		{"in-app without subject", `{"type":"InApp","inApp":{"bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}}`, "in_app", `{"body":"from <b>ConfigMap</b> \"é\"\n"}`},
		{"email in HTML", `{"type":"Email","email":{"subject":"S","body":"<p>{{payload.a}}</p>","from":{"email":"a@b.c","name":"N"}}}`, "email",
			`{"body":"<p>{{payload.a}}</p>","editorType":"html","from":{"email":"a@b.c","name":"N"},"subject":"S"}`},
		{"email of the block editor", `{"type":"Email","email":{"subject":"S","body":" {\"type\":\"doc\",\"content\":[]}"}}`, "email",
			`{"body":" {\"type\":\"doc\",\"content\":[]}","editorType":"block","subject":"S"}`},
		{"a body that begins with a variable is HTML", `{"type":"Email","email":{"subject":"S","body":"{{payload.html}}"}}`, "email",
			`{"body":"{{payload.html}}","editorType":"html","subject":"S"}`},
		{"a body that is the word null is HTML", `{"type":"Email","email":{"subject":"S","body":"null"}}`, "email",
			`{"body":"null","editorType":"html","subject":"S"}`},
		{"email without body", `{"type":"Email","email":{"subject":"S"}}`, "email", `{"editorType":"html","subject":"S"}`},
		{"email with an editor type", `{"type":"Email","email":{"subject":"S","body":"x","editorType":"Block"}}`, "email",
			`{"body":"x","editorType":"block","subject":"S"}`},
		{"email with a body in controls", `{"type":"Email","email":{"subject":"S"},"controls":{"body":"{\"a\":1}"}}`, "email",
			`{"body":"{\"a\":1}","editorType":"block","subject":"S"}`},
		{"email with a Layout object", `{"type":"Email","email":{"subject":"S","body":"B","layout":{"type":"Ref","ref":{"name":"base"}}}}`, "email",
			`{"body":"B","editorType":"html","layoutId":"base-layout","subject":"S"}`},
		{"email with a layout of Novu", `{"type":"Email","email":{"subject":"S","body":"B","layout":{"type":"ID","id":"other"}}}`, "email",
			`{"body":"B","editorType":"html","layoutId":"other","subject":"S"}`},
		{"email without layout", `{"type":"Email","email":{"subject":"S","body":"B","layout":{"type":"None"}}}`, "email",
			`{"body":"B","editorType":"html","layoutId":null,"subject":"S"}`},
		{"email with the default layout", `{"type":"Email","email":{"subject":"S","body":"B","layout":{"type":"Default"}}}`, "email",
			`{"body":"B","editorType":"html","subject":"S"}`},
		{"sms", `{"type":"SMS","sms":{"body":"B"}}`, "sms", `{"body":"B"}`},
		{"sms from a ConfigMap", `{"type":"SMS","sms":{"bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}}`, "sms", `{"body":"from <b>ConfigMap</b> \"é\"\n"}`},
		{"chat", `{"type":"Chat","chat":{"body":"B"}}`, "chat", `{"body":"B"}`},
		{"push", `{"type":"Push","push":{"subject":"S","body":"B"}}`, "push", `{"body":"B","subject":"S"}`},
		{"regular delay", `{"type":"Delay","delay":{"amount":5,"unit":"Days","extendToSchedule":true}}`, "delay",
			`{"amount":5,"extendToSchedule":true,"type":"regular","unit":"days"}`},
		{"timed delay", `{"type":"Delay","delay":{"cron":"0 8 * * 1"}}`, "delay", `{"cron":"0 8 * * 1","type":"timed"}`},
		{"dynamic delay", `{"type":"Delay","delay":{"dynamicKey":"payload.at"}}`, "delay", `{"dynamicKey":"payload.at","type":"dynamic"}`},
		{"delay with a type of its own", `{"type":"Delay","delay":{"amount":1,"unit":"Hours"},"controls":{"type":"later"}}`, "delay",
			`{"amount":1,"type":"later","unit":"hours"}`},
		{"digest", `{"type":"Digest","digest":{"amount":10,"unit":"Minutes","digestKey":"payload.k","lookBackWindow":{"amount":30,"unit":"Minutes"}}}`, "digest",
			`{"amount":10,"digestKey":"payload.k","lookBackWindow":{"amount":30,"unit":"minutes"},"unit":"minutes"}`},
		{"timed digest", `{"type":"Digest","digest":{"cron":"0 8 * * 1"}}`, "digest", `{"cron":"0 8 * * 1"}`},
		{"fixed throttle", `{"type":"Throttle","throttle":{"amount":1,"unit":"Hours","threshold":2,"throttleKey":"payload.k"}}`, "throttle",
			`{"amount":1,"threshold":2,"throttleKey":"payload.k","unit":"hours"}`},
		{"dynamic throttle", `{"type":"Throttle","throttle":{"dynamicKey":"payload.w"}}`, "throttle", `{"dynamicKey":"payload.w","type":"dynamic"}`},
		{"http request", `{"type":"HTTPRequest","httpRequest":{"method":"POST","url":"https://x.test","headers":[{"key":"A","value":"b"}],
			"body":[{"key":"k","value":"v"}],"responseBodySchema":{"type":"object"},"enforceSchemaValidation":true,"continueOnFailure":false,"timeout":"5s"}}`, "http_request",
			`{"body":[{"key":"k","value":"v"}],"continueOnFailure":false,"enforceSchemaValidation":true,"headers":[{"key":"A","value":"b"}],` +
				`"method":"POST","responseBodySchema":{"type":"object"},"timeout":5000,"url":"https://x.test"}`},
		{"a type without block", `{"type":"Tool","controls":{"body":"x","n":{"deep":[null,{}]}}}`, "tool", `{"body":"x","n":{"deep":[null,{}]}}`},
		{"Novu's own form is left as it is", `{"type":"Email","controls":{"subject":"S","body":"B"}}`, "email", `{"body":"B","subject":"S"}`},
		{"numbers and escapes stay as written", `{"type":"custom","controls":{"a":12345678901234567890,"b":1.0,"c":1e3,"d":"\u00e9\ud83d\ude00<"}}`, "custom",
			`{"a":12345678901234567890,"b":1.0,"c":1e3,"d":"\u00e9\ud83d\ude00<"}`},
		{"skip", `{"type":"SMS","sms":{"body":"B"},"skip":{"==":[{"var":"payload.a"},1]}}`, "sms", `{"body":"B","skip":{"==":[{"var":"payload.a"},1]}}`},
		{"skip in controls", `{"type":"SMS","sms":{"body":"B"},"controls":{"skip":{"!":true}}}`, "sms", `{"body":"B","skip":{"!":true}}`},
		{"controls add to the block", `{"type":"SMS","sms":{"body":"B"},"controls":{"later":{"x":1}}}`, "sms", `{"body":"B","later":{"x":1}}`},
		{"controls that are null", `{"type":"SMS","sms":{"body":"B"},"controls":null,"skip":null}`, "sms", `{"body":"B"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			step := decode[v1alpha1.WorkflowStep](t, test.step)
			step.StepID = "s"
			got, err := steps([]v1alpha1.WorkflowStep{*step}, stepInputs)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Type != test.novuType || got[0].StepID != "s" || got[0].Name != "s" || got[0].ID != "" {
				t.Errorf("step is %+v", got[0])
			}
			if string(got[0].ControlValues) != test.want {
				t.Errorf("got  %s\nwant %s", got[0].ControlValues, test.want)
			}
		})
	}
}

func TestControlValuesRefused(t *testing.T) {
	for _, test := range []struct{ name, step, path, message string }{
		{
			"key in block and controls", `{"type":"Email","email":{"subject":"S"},"controls":{"subject":"T"}}`,
			"spec.steps[s].controls.subject", "this value is also set in the block email: set it in one place",
		},
		{
			"body from a ConfigMap and in controls", `{"type":"SMS","sms":{"bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}},"controls":{"body":"T"}}`,
			"spec.steps[s].controls.body", "this value is also set in the block sms: set it in one place",
		},
		{
			"no layout and a layout in controls", `{"type":"Email","email":{"subject":"S","layout":{"type":"None"}},"controls":{"layoutId":"x"}}`,
			"spec.steps[s].controls.layoutId", "this value is also set in the block email: set it in one place",
		},
		{
			"skip twice", `{"type":"custom","skip":{},"controls":{"skip":{}}}`,
			"spec.steps[s].controls.skip", "this value is also set by the step's skip: set it in one place",
		},
		{
			"block of another type", `{"type":"SMS","email":{"subject":"S"}}`, "spec.steps[s].email",
			"this block belongs to steps of type Email, the step is of type SMS: use the block that is named like the type",
		},
		{
			"unknown Layout", `{"type":"Email","email":{"subject":"S","layout":{"type":"Ref","ref":{"name":"nope"}}}}`,
			"spec.steps[s].email.layout.ref", `there is no Layout "nope": create it in the same namespace`,
		},
		{"controls is a list", `{"type":"custom","controls":[1]}`, "spec.steps[s].controls", "it must be an object: write keys and values"},
		{"skip is a text", `{"type":"custom","skip":"x","controls":{}}`, "spec.steps[s].skip", "it must be an object: write keys and values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			step := decode[v1alpha1.WorkflowStep](t, test.step)
			step.StepID = "s"
			_, err := steps([]v1alpha1.WorkflowStep{*step}, stepInputs)
			wantInvalid(t, err, test.path, test.message)
		})
	}
}

func TestBodyNotFound(t *testing.T) {
	step := decode[v1alpha1.WorkflowStep](t, `{"stepID":"t","type":"Push","push":{"subject":"S","bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}}`)
	_, err := steps([]v1alpha1.WorkflowStep{*step}, stepInputs)
	wantInvalid(t, err, "spec.steps[t].push.bodyFrom", "the body was not found: create the ConfigMap and the key that it names")
}

func TestMalformedJSON(t *testing.T) {
	step := decode[v1alpha1.WorkflowStep](t, `{"stepID":"s","type":"InApp","inApp":{"subject":"S","data":{}},"controls":{},"skip":{}}`)
	for _, test := range []struct {
		path string
		raw  *[]byte
	}{
		{"spec.steps[s].controls", &step.Controls.Raw},
		{"spec.steps[s].skip", &step.Skip.Raw},
		{"spec.steps[s].inApp", &step.InApp.Data.Raw},
	} {
		*test.raw = []byte(`{"a":`)
		_, err := steps([]v1alpha1.WorkflowStep{*step}, stepInputs)
		var bad *InvalidError
		if !errors.As(err, &bad) || bad.Path != test.path {
			t.Errorf("error is %v, want one of %s", err, test.path)
		}
		*test.raw = []byte(`{}`)
	}
}
