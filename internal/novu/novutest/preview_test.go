// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"testing"
)

// TestPreviewStep: outputs of templates are filled in; a broken template empties the preview, but is no error.
func TestPreviewStep(t *testing.T) {
	tests := []struct {
		name, step   string
		give         object // of the request
		want         object
		firstName, x any // of the payload in the answer
	}{
		{"stored values", "text", object{}, object{"body": "John: example"}, "John", "example"},
		{"payload", "text", object{"previewPayload": object{"subscriber": object{"firstName": "Ada", "shoe": 5}, "payload": object{"x": "y", "z": 1}}},
			object{"body": "Ada: y"}, "Ada", "y"},
		{"other values", "text", object{"controlValues": object{"body": "{{ env.name | upcase }} {{steps.mail.x}}."}}, object{"body": "Development ."},
			"John", "example"},
		{"broken", "text", object{"controlValues": object{"body": "{{"}}, object{}, "John", "example"},
		{"unknown filter", "text", object{"controlValues": object{"body": "{{payload.x | nofilter}}"}}, object{}, "John", "example"},
		{"e-mail", "mail", object{}, object{"subject": "s", "body": "<html><body>[b]" + branding + "</body></html>"}, "John", "example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newer(t)
			api.do("POST", "/v2/layouts", object{"layoutId": "frame", "name": "Frame"}).want(http.StatusCreated)
			api.do("PUT", "/v2/layouts/frame", object{"name": "Frame", "controlValues": object{"email": object{
				"body": "<html><body>[{{content}}]</body></html>", "editorType": "html"}}}).want(http.StatusOK)
			body := newWorkflow("welcome",
				newStep("mail", "email", object{"subject": "s", "body": "b", "editorType": "html", "layoutId": "frame"}),
				newStep("text", "sms", object{"body": "{{subscriber.firstName}}: {{payload.x}}", "skip": object{"==": []any{1, 1}}}))
			body["payloadSchema"] = object{"type": "object", "properties": object{"x": object{"type": "string", "default": "example"}}}
			api.create(body)
			got := api.do("POST", "/v2/workflows/welcome/step/"+tt.step+"/preview", tt.give).want(http.StatusCreated)
			got.is("data.result.preview", tt.want).is("data.previewPayloadExample.subscriber.firstName", tt.firstName).
				is("data.previewPayloadExample.payload.x", tt.x).is("data.schema.properties.payload", body["payloadSchema"])
		})
	}
}

func TestPreviewPaths(t *testing.T) {
	api := newer(t)
	api.create(newWorkflow("welcome", mail("mail")))
	api.do("POST", "/v2/workflows/nope/step/mail/preview", object{}).want(http.StatusNotFound).is("workflowId", "nope")
	api.do("POST", "/v2/workflows/welcome/step/nope/preview", object{}).want(http.StatusBadRequest).is("message", "No step found")
	api.do("POST", "/v2/workflows/welcome/step/mail/preview", object{"controlValues": 1}).want(http.StatusUnprocessableEntity)
	api.do("POST", "/v2/layouts/nope/preview", object{}).want(http.StatusNotFound)
}

// TestPreviewLayout: where the contents will be, there is a box; and contents that are not stored can be tried.
func TestPreviewLayout(t *testing.T) {
	for _, release := range Releases() {
		api := dev(t, Options{Release: release})
		api.do("POST", "/v2/layouts", object{"layoutId": "frame", "name": "Frame"}).want(http.StatusCreated)
		page := object{"email": object{"body": "<b>{{subscriber.firstName}}</b>{{content}}", "editorType": "html"}}
		got := api.do("POST", "/v2/layouts/frame/preview", object{"controlValues": page}).want(http.StatusCreated)
		got.is("data.result.preview.body", "<b>John</b>"+placeholder+branding)
		if actor := got.get("data.previewPayloadExample.actor"); (actor != nil) != (release == Release319) {
			t.Errorf("%s: the actor is %v", release, actor)
		}
	}
}
