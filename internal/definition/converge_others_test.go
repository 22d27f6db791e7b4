// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// A layout takes two calls the first time, since Novu ignores the content on creation, and one from then on.
func TestLayoutsConverge(t *testing.T) {
	_, c := server(t, novutest.Options{})
	for _, test := range []struct{ id, body string }{
		{"html-1", page},
		{"html-2", "<!doctype html>\r\n<html lang='de'><head><style>a{b:c}</style></head><body>Grüße {{content}} {{subscriber.firstName}}</body></html>\n"},
		{"block-1", `{"type":"doc","content":[{"type":"variable","attrs":{"id":"content","label":null,"fallback":null,"required":false}}]}`},
	} {
		l := &v1alpha1.Layout{Spec: v1alpha1.LayoutSpec{LayoutID: test.id, Name: "Layout " + test.id, Body: test.body, TranslationEnabled: new(bool)}}
		*l.Spec.TranslationEnabled = true
		want, err := Layout(l, "")
		if err != nil {
			t.Fatal(err)
		}
		made, err := c.CreateLayout(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if len(CompareLayout(want, made)) == 0 {
			t.Errorf("%s: the empty layout counts as the wanted one", test.id)
		}
		got, err := c.UpdateLayout(t.Context(), test.id, want)
		if err != nil {
			t.Fatal(err)
		}
		sameDifferences(t, CompareLayout(want, got), nil)
		again, err := c.UpdateLayout(t.Context(), test.id, LayoutFrom(got))
		if err != nil {
			t.Fatal(err)
		}
		sameDifferences(t, CompareLayout(want, again), nil)
		if a, b := LayoutFingerprint(got), LayoutFingerprint(again); a != b {
			t.Errorf("%s: fingerprint was %s, is %s", test.id, a, b)
		}
	}
}

const integrations = `[
	{"providerID":"sendgrid","channel":"Email","credentials":{"from":"a@b.c","senderName":"L"},"primary":true},
	{"providerID":"nodemailer","channel":"Email","identifier":"smtp","name":"SMTP","credentials":{"host":"h","port":587,"secure":"true",
		"requireTls":false,"ignoreTls":true,"tlsOptions":{"rejectUnauthorized":false},"from":"a@b.c"},
		"rules":[{"join":"And","children":[{"source":"tenant","field":"identifier","operator":"Equal","value":"acme"}]}]},
	{"providerID":"twilio","channel":"SMS","credentials":{"accountSid":"AC1","from":"+1"},"primary":true},
	{"providerID":"slack","channel":"Chat","credentials":{"applicationId":"A","clientId":"c","redirectUrl":"https://x.test"},"active":false},
	{"providerID":"fcm","channel":"Push","configurations":{"inboundWebhookEnabled":true}},
	{"providerID":"email-webhook","channel":"Email","credentials":{"webhookUrl":"http://x.test"},"rules":[{"appliesWhen":"NotMatched","type":"Group","join":"Or"}]}
]`

// Each integration is what is wanted after one write, whether Novu shows credentials or not; a changed Secret is a
// difference until it is written.
func TestIntegrationsConverge(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		_, c := server(t, novutest.Options{HideCredentials: hidden})
		for i, spec := range tree([]byte(integrations)).([]any) {
			spec.(body)["environmentRef"] = body{"name": "dev"}
			object := &v1alpha1.Integration{Spec: *decode[v1alpha1.IntegrationSpec](t, render(spec))}
			object.Name = "object-" + string(rune('a'+i))
			want, err := Integration(object, map[string]string{"secretKey": "hunter2"})
			if err != nil {
				t.Fatal(err)
			}
			made, err := c.CreateIntegration(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			if object.Spec.Primary != nil {
				if made, err = c.SetPrimaryIntegration(t.Context(), made.ID); err != nil {
					t.Fatal(err)
				}
			}
			expect := Expectation{Primary: object.Spec.Primary, CredentialsWritten: true}
			sameDifferences(t, CompareIntegration(want, made, expect), nil)

			rotated, err := Integration(object, map[string]string{"secretKey": "hunter3"})
			if err != nil {
				t.Fatal(err)
			}
			d := CompareIntegration(rotated, made, Expectation{Primary: object.Spec.Primary})
			if len(d) != 1 || !strings.HasPrefix(d[0].Path, "credentials") || strings.Contains(lines(d), "hunter") {
				t.Errorf("%s, hidden %t: after the Secret changed:\n%s", object.Name, hidden, lines(d))
			}
			again, err := c.UpdateIntegration(t.Context(), made.ID, rotated)
			if err != nil {
				t.Fatal(err)
			}
			sameDifferences(t, CompareIntegration(rotated, again, expect), nil)
			if a, b := IntegrationFingerprint(made), IntegrationFingerprint(again); a != b {
				t.Errorf("%s: fingerprint was %s, is %s", object.Name, a, b)
			}
		}
	}
}

// No credential reaches a difference, an error, a revision or a fingerprint.
func TestNoCredentialIsShown(t *testing.T) {
	const secret = "hunter2-hunter2"
	names := []string{"apiKey", "secure", "tlsOptions", "hmac", "serviceAccount", "unknown", "a b"}
	rapid.Check(t, func(t *rapid.T) {
		secrets := map[string]string{}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "names") {
			secrets[name] = rapid.SampledFrom([]string{secret, "true", `{"ca":"` + secret + `"}`, `{"ca":` + secret}).Draw(t, "value")
		}
		i := &v1alpha1.Integration{Spec: v1alpha1.IntegrationSpec{ProviderID: "p", Channel: "email"}}
		want, err := Integration(i, secrets)
		if err != nil {
			if strings.Contains(err.Error(), secret) {
				t.Fatalf("the error shows a credential: %v", err)
			}
			return
		}
		have := &novu.Integration{Credentials: novu.Fingerprints{"apiKey": {}, "more": {}}}
		for _, d := range CompareIntegration(want, have, Expectation{}) {
			if strings.Contains(d.Path+d.From+d.To, secret) {
				t.Fatalf("a difference shows a credential: %+v", d)
			}
		}
		without := *want
		without.Credentials = nil
		if Revision(want) != Revision(&without) || IntegrationRevision(i) == "" {
			t.Fatal("the revision depends on a credential")
		}
	})
}
