// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// What Novu takes without a word and does not do is said, though the object is ready.
func TestAdviceAboutWhatNovuIgnores(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(strings.Replace(orderShipped, "spec:", "spec:\n  translationEnabled: true", 1))
	s.YAML(strings.Replace(brand, "spec:", "spec:\n  translationEnabled: true", 1))
	s.Secret("sendgrid", map[string]string{"apiKey": "SG.very-secret-value"})
	s.YAML(strings.Replace(sendgrid, "providerID: sendgrid", "providerID: sendgird", 1))
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	for name, tc := range map[string]struct {
		object v1alpha1.Object
		want   string
	}{
		"order-shipped": {&v1alpha1.Workflow{}, "ignores spec.translationEnabled"},
		"brand":         {&v1alpha1.Layout{}, "ignores spec.translationEnabled"},
		"sendgrid":      {&v1alpha1.Integration{}, "did you mean sendgrid?"},
	} {
		condition := s.Condition(tc.object, name, v1alpha1.ConditionReady, "True", "")
		if !strings.Contains(condition.Message, tc.want) {
			t.Errorf("%s: %q does not contain %q", name, condition.Message, tc.want)
		}
	}
	edited(s, orderShipped, "order-shipped")
	if got := s.Condition(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ConditionReady, "True", ""); strings.Contains(got.Message, "ignores") {
		t.Errorf("it is still said: %q", got.Message)
	}
}

// A refusal is told once as a whole, in the words of the manifest.
func TestLongRefusalIsToldOnce(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Status: http.StatusUnprocessableEntity, Body: []byte(
		`{"statusCode":422,"message":"Validation failed for UpsertWorkflowCommand: workflowDto.steps.0.type: and so on","errors":{` +
			`"workflowDto.steps.0.type":{"messages":["type must be one of the following values: in_app, email, sms, chat, push, digest, trigger, delay, throttle, custom, http_request"]},` +
			`"workflowDto.steps.1.type":{"messages":["type must be one of the following values: in_app, email, sms, chat, push, digest, trigger, delay, throttle, custom, http_request"]}}}`)})
	s.YAML(orderShipped)
	message := s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonRejected)
	for _, want := range []string{"spec.steps[0].type: this Novu has no such step type; it has InApp, Email", "spec.steps[1].type"} {
		if !strings.Contains(message, want) {
			t.Errorf("%q does not contain %q", message, want)
		}
	}
	w := &v1alpha1.Workflow{}
	s.Must(s.Get(s.Context(), s.Key("order-shipped"), w))
	for _, kind := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionSynced} {
		c := apimeta.FindStatusCondition(w.Status.Conditions, kind)
		if c == nil || !strings.HasSuffix(c.Message, "(see the condition Ready)") || len(c.Message) > 200 {
			t.Errorf("%s is %+v", kind, c)
		}
	}
}
