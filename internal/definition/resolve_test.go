// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"errors"
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "team", Name: name} }

// inputsOfTeam is what the objects of the tests below refer to.
func inputsOfTeam() Inputs {
	return Inputs{
		ConfigMaps: map[string]*corev1.ConfigMap{"texts": {ObjectMeta: named("texts"),
			Data:       map[string]string{"sms": "\ufeffHi\n", "page": "<html>{{content}}</html>"},
			BinaryData: map[string][]byte{"picture": {0xff, 0xd8}, "packed": []byte("text")}}},
		Secrets: map[string]*corev1.Secret{
			"mail": {ObjectMeta: named("mail"), Data: map[string][]byte{"apiKey": []byte("SG.abc\n"), "empty": {}, "raw": {0xff}}},
			"all":  {ObjectMeta: named("all"), Data: map[string][]byte{"user": []byte("u"), "password": []byte("p ")}},
		},
		Layouts: map[string]*v1alpha1.Layout{"base": {ObjectMeta: named("base"), Spec: v1alpha1.LayoutSpec{LayoutID: "brand"}}},
	}
}

func smsFrom(configMap, key string) *v1alpha1.Workflow {
	from := &v1alpha1.BodySource{ConfigMapKeyRef: v1alpha1.ConfigMapKeyReference{Name: configMap, Key: key}}
	return &v1alpha1.Workflow{ObjectMeta: named("welcome"), Spec: v1alpha1.WorkflowSpec{Name: "N", Steps: []v1alpha1.WorkflowStep{
		{StepID: "text", Type: v1alpha1.StepTypeSMS, SMS: &v1alpha1.BodyStep{BodyFrom: from}}}}}
}

func mailWith(layout string) *v1alpha1.Workflow {
	return &v1alpha1.Workflow{ObjectMeta: named("welcome"), Spec: v1alpha1.WorkflowSpec{Name: "N", Steps: []v1alpha1.WorkflowStep{
		{StepID: "mail", Type: v1alpha1.StepTypeEmail, Email: &v1alpha1.EmailStep{
			Subject: "S", Body: "<p>b</p>", Layout: &v1alpha1.EmailLayout{
				Type: v1alpha1.EmailLayoutRef, Ref: &v1alpha1.LocalReference{Name: layout},
			}}}}}}
}

func senderFrom(sources ...v1alpha1.CredentialsSource) *v1alpha1.Integration {
	return &v1alpha1.Integration{ObjectMeta: named("sender"), Spec: v1alpha1.IntegrationSpec{
		ProviderID: "sendgrid", Channel: v1alpha1.ChannelEmail, CredentialsFrom: sources}}
}

func keyOf(secret, key string) v1alpha1.CredentialsSource {
	return v1alpha1.CredentialsSource{Credential: key, SecretKeyRef: &v1alpha1.KeyReference{Name: secret, Key: key}}
}

func TestResolve(t *testing.T) {
	layout := &v1alpha1.Layout{ObjectMeta: named("base"), Spec: v1alpha1.LayoutSpec{Name: "Base",
		BodyFrom: &v1alpha1.BodySource{ConfigMapKeyRef: v1alpha1.ConfigMapKeyReference{Name: "texts", Key: "page"}}}}
	all := v1alpha1.CredentialsSource{SecretRef: &v1alpha1.LocalReference{Name: "all"}}
	tests := []struct {
		name   string
		object Object
		want   string // what the resolved part of the definition holds
		part   func(Definition) string
	}{
		{"body", smsFrom("texts", "sms"), `{"body":"Hi\n"}`, func(d Definition) string { return string(d.Workflow.Steps[0].ControlValues) }},
		{"body of binary data", smsFrom("texts", "packed"), `{"body":"text"}`,
			func(d Definition) string { return string(d.Workflow.Steps[0].ControlValues) }},
		{"layout", mailWith("base"), `{"body":"<p>b</p>","editorType":"html","layoutId":"brand","subject":"S"}`,
			func(d Definition) string { return string(canonical(tree(d.Workflow.Steps[0].ControlValues))) }},
		{"body of a layout", layout, "<html>{{content}}</html>", func(d Definition) string { return d.Layout.Email.Body }},
		{"credentials", senderFrom(all, keyOf("mail", "apiKey")), `{"apiKey":"SG.abc","password":"p","user":"u"}`,
			func(d Definition) string { return string(canonical(d.Integration.Credentials)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Resolve(tt.object, inputsOfTeam())
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.part(d); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
	whole := v1alpha1.CredentialsSource{SecretRef: &v1alpha1.LocalReference{Name: "mail"}}
	tests := []struct {
		name   string
		object Object
		want   ReferenceError
		reason string
	}{
		{"no ConfigMap", smsFrom("nope", "sms"), ReferenceError{"ConfigMap", "team", "nope", "", NotFound}, v1alpha1.ReasonConfigMapNotFound},
		{"no key of a ConfigMap", smsFrom("texts", "x"), ReferenceError{"ConfigMap", "team", "texts", "x", KeyMissing}, v1alpha1.ReasonConfigMapKeyMissing},
		{"no text in a ConfigMap", smsFrom("texts", "picture"), ReferenceError{"ConfigMap", "team", "texts", "picture", NotText}, v1alpha1.ReasonNotText},
		{"no Layout", mailWith("nope"), ReferenceError{"Layout", "team", "nope", "", NotFound}, v1alpha1.ReasonLayoutNotFound},
		{"no Secret", senderFrom(keyOf("nope", "k")), ReferenceError{"Secret", "team", "nope", "", NotFound}, v1alpha1.ReasonSecretNotFound},
		{"no key of a Secret", senderFrom(keyOf("mail", "k")), ReferenceError{"Secret", "team", "mail", "k", KeyMissing}, v1alpha1.ReasonSecretKeyMissing},
		{"empty key of a Secret", senderFrom(keyOf("mail", "empty")), ReferenceError{"Secret", "team", "mail", "empty", KeyMissing}, v1alpha1.ReasonSecretKeyMissing},
		{"no text in a Secret", senderFrom(whole), ReferenceError{"Secret", "team", "mail", "raw", NotText}, v1alpha1.ReasonNotText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Resolve(tt.object, inputsOfTeam())
			var got *ReferenceError
			if !errors.As(err, &got) || *got != tt.want || got.Reason() != tt.reason {
				t.Errorf("error %#v (%v), want %#v", err, err, tt.want)
			}
		})
	}
	_, err := Resolve(&v1alpha1.Layout{ObjectMeta: named("base")}, Inputs{})
	wantInvalid(t, err, "spec.body", "the layout is empty: set body, or bodyFrom to a ConfigMap key that holds one")
	if _, err := Resolve(&corev1.Secret{}, Inputs{}); err == nil {
		t.Error("a Secret has a definition in Novu")
	}
}

// TestReferencesOf: what is read beforehand is all that Resolve asks for.
func TestReferencesOf(t *testing.T) {
	workflow := smsFrom("texts", "sms")
	workflow.Spec.Steps = append(workflow.Spec.Steps, append(mailWith("base").Spec.Steps, smsFrom("a", "b").Spec.Steps...)...)
	for _, tt := range []struct {
		object Object
		want   References
	}{
		{workflow, References{ConfigMaps: []string{"a", "texts"}, Layouts: []string{"base"}}},
		{senderFrom(keyOf("mail", "apiKey"), keyOf("mail", "user"), keyOf("all", "user")), References{Secrets: []string{"all", "mail"}}},
		{&v1alpha1.Layout{}, References{}},
	} {
		if got := ReferencesOf(tt.object); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%T: got %+v, want %+v", tt.object, got, tt.want)
		}
	}
}
