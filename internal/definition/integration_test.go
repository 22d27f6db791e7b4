// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

func integrationOf(t *testing.T, spec string) *v1alpha1.Integration {
	i := &v1alpha1.Integration{Spec: *decode[v1alpha1.IntegrationSpec](t, `{`+environment+`,`+spec+`}`)}
	i.Name = "from-metadata"
	return i
}

func TestIntegration(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		secrets    map[string]string
		want       novu.IntegrationRequest
	}{
		{
			"least", `"providerID":"novu","channel":"InApp"`, nil,
			novu.IntegrationRequest{
				ProviderID: "novu", Channel: "in_app", Name: "from-metadata", Identifier: "from-metadata", Active: true,
				Conditions: json.RawMessage(`[]`),
			},
		},
		{
			"everything", `"providerID":"sendgrid","channel":"Email","identifier":"sg","name":"Send","active":false,
			"credentials":{"from":"a@b.c"},"credentialsFrom":[{"secretRef":{"name":"s"}}],"configurations":{"inboundWebhookEnabled":true,"n":1.0},
			"rules":[{"appliesWhen":"Matched","type":"Group","join":"And","children":[{"source":"tenant","field":"identifier","operator":"Equal","value":"acme"}]}]`,
			map[string]string{"apiKey": "k"},
			novu.IntegrationRequest{
				ProviderID: "sendgrid", Channel: "email", Name: "Send", Identifier: "sg",
				Credentials:    map[string]any{"from": "a@b.c", "apiKey": "k"},
				Configurations: map[string]any{"inboundWebhookEnabled": true, "n": json.Number("1.0")},
				Conditions: json.RawMessage(`[{"type":"GROUP","value":"AND","children":` +
					`[{"on":"tenant","field":"identifier","operator":"EQUAL","value":"acme"}]}]`),
			},
		},
		{
			"name from the identifier", `"providerID":"slack","channel":"Chat","identifier":"sl"`, nil,
			novu.IntegrationRequest{ProviderID: "slack", Channel: "chat", Name: "sl", Identifier: "sl", Active: true, Conditions: json.RawMessage(`[]`)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Integration(integrationOf(t, test.spec), test.secrets)
			if err != nil || !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
	_, err := Integration(integrationOf(t, `"providerID":"novu","channel":"InApp","configurations":[]`), nil)
	wantInvalid(t, err, "spec.configurations", "it must be an object: write keys and values")
}

const storedIntegration = `{"_id":"1","_environmentId":"2","providerId":"nodemailer","channel":"email","name":"N","identifier":"i","active":true,
	"primary":true,"priority":7,"conditions":[{"isNegated":false,"type":"GROUP","value":"AND","children":[{"field":"f","value":"v","operator":"EQUAL",
	"on":"tenant","_id":"9","id":"9"}],"_id":"8","id":"8"}],"configurations":{"inboundWebhookEnabled":true,"inboundWebhookSigningKey":"top-secret-1",
	"pushResources":false},"updatedAt":"2026-01-01T00:00:00.000Z"}`

func wantedIntegration() *novu.IntegrationRequest {
	return &novu.IntegrationRequest{
		ProviderID: "nodemailer", Channel: "email", Name: "N", Identifier: "i", Active: true,
		Conditions: json.RawMessage(`[{"type":"GROUP","value":"AND","children":[{"on":"tenant","field":"f","operator":"EQUAL","value":"v"}]}]`),
	}
}

func TestCompareIntegration(t *testing.T) {
	yes, no := true, false
	for _, test := range []struct {
		name    string
		change  func(*novu.IntegrationRequest, *novu.Integration)
		primary *bool
		want    []v1alpha1.Difference
	}{
		{"nothing, with Novu's ids in the conditions", func(*novu.IntegrationRequest, *novu.Integration) {}, nil, nil},
		{"what a definition cannot say", func(_ *novu.IntegrationRequest, h *novu.Integration) {
			h.ID, h.EnvironmentID, h.Priority, h.UpdatedAt = "x", "x", 0, "later"
		}, nil, nil},
		{"primary as wanted", func(*novu.IntegrationRequest, *novu.Integration) {}, &yes, nil},
		{"primary and not wanted", func(*novu.IntegrationRequest, *novu.Integration) {}, &no,
			[]v1alpha1.Difference{{Path: "primary", From: "true", To: "false"}}},
		{"not primary", func(_ *novu.IntegrationRequest, h *novu.Integration) { h.Primary = false }, &yes,
			[]v1alpha1.Difference{{Path: "primary", From: "false", To: "true"}}},
		{"every field", func(_ *novu.IntegrationRequest, h *novu.Integration) {
			h.ProviderID, h.Channel, h.Name, h.Identifier, h.Active = "ses", "sms", "M", "j", false
			h.Conditions = json.RawMessage(`[{"isNegated":true,"type":"GROUP","value":"OR","children":[]}]`)
		}, nil, []v1alpha1.Difference{
			{Path: "providerID", From: `"ses"`, To: `"nodemailer"`}, {Path: "channel", From: `"SMS"`, To: `"Email"`},
			{Path: "name", From: `"M"`, To: `"N"`}, {Path: "identifier", From: `"j"`, To: `"i"`}, {Path: "active", From: "false", To: "true"},
			{Path: "rules[0].appliesWhen", From: `"NotMatched"`},
			{Path: "rules[0].children", To: `[{"field":"f","operator":"Equal","source":"tenant","value":"v"}]`},
			{Path: "rules[0].join", From: `"Or"`, To: `"And"`},
		}},
		{"rules that were added in Novu", func(w *novu.IntegrationRequest, _ *novu.Integration) { w.Conditions = json.RawMessage(`[]`) }, nil,
			[]v1alpha1.Difference{{Path: "rules[0]", From: `{"children":[{"field":"f","operator":"Equal","source":"tenant","value":"v"}],"join":"And","type":"Group"}`}}},
		{"no rules", func(w *novu.IntegrationRequest, h *novu.Integration) {
			w.Conditions, h.Conditions = json.RawMessage(`[]`), nil
		}, nil, nil},
		{"configurations as wanted, and more of Novu's own", func(w *novu.IntegrationRequest, _ *novu.Integration) {
			w.Configurations = map[string]any{"inboundWebhookEnabled": true, "inboundWebhookSigningKey": "top-secret-1"}
		}, nil, nil},
		{"configurations", func(w *novu.IntegrationRequest, _ *novu.Integration) {
			w.Configurations = map[string]any{"inboundWebhookEnabled": false, "inboundWebhookSigningKey": "top-secret-2", "a.b": json.Number("1")}
		}, nil, []v1alpha1.Difference{
			{Path: `configurations["a.b"]`, To: "1"}, {Path: "configurations.inboundWebhookEnabled", From: "true", To: "false"},
			{Path: "configurations.inboundWebhookSigningKey", From: "(secret)", To: "(secret)"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, have := wantedIntegration(), answer[novu.Integration](t, storedIntegration)
			test.change(want, have)
			got := CompareIntegration(want, have, Expectation{Primary: test.primary})
			sameDifferences(t, got, test.want)
			if strings.Contains(lines(got), "top-secret") {
				t.Error("a secret is shown")
			}
		})
	}
}

func TestIntegrationFingerprint(t *testing.T) {
	first := IntegrationFingerprint(answer[novu.Integration](t, storedIntegration))
	for _, test := range []struct {
		name   string
		change func(*novu.Integration)
		same   bool
	}{
		{"volatile", func(i *novu.Integration) { i.Priority, i.UpdatedAt, i.ID = 9, "later", "x" }, true},
		{"credentials", func(i *novu.Integration) { i.Credentials = novu.Fingerprints{"apiKey": {1}} }, true},
		{"ids of conditions", func(i *novu.Integration) {
			i.Conditions = json.RawMessage(strings.ReplaceAll(string(i.Conditions), `"9"`, `"7"`))
		}, true},
		{"name", func(i *novu.Integration) { i.Name = "M" }, false},
		{"active", func(i *novu.Integration) { i.Active = false }, false},
		{"primary", func(i *novu.Integration) { i.Primary = false }, false},
		{"conditions", func(i *novu.Integration) { i.Conditions = nil }, false},
		{"configurations", func(i *novu.Integration) { i.Configurations = nil }, false},
	} {
		i := answer[novu.Integration](t, storedIntegration)
		test.change(i)
		if got := IntegrationFingerprint(i); (got == first) != test.same {
			t.Errorf("%s: %s, before %s", test.name, got, first)
		}
	}
}

func TestIntegrationRevision(t *testing.T) {
	spec := `"providerID":"sendgrid","channel":"Email","credentials":{"from":"a@b.c"},"credentialsFrom":[{"secretRef":{"name":"s"}}]`
	first := IntegrationRevision(integrationOf(t, spec))
	for other, same := range map[string]bool{
		spec: true,
		spec + `,"active":true,"deletionPolicy":"Delete","suspend":true`: true,
		strings.Replace(spec, `"from":`, ` "from" : `, 1):                true,
		spec + `,"primary":true`:                                         false,
		strings.Replace(spec, "a@b.c", "b@b.c", 1):                       false,
		strings.Replace(spec, `"name":"s"`, `"name":"t"`, 1):             false,
	} {
		if got := IntegrationRevision(integrationOf(t, other)); (got == first) != same || len(got) != 64 {
			t.Errorf("%s: %s, before %s", other, got, first)
		}
	}
}

func TestRevisionKnowsNoCredentials(t *testing.T) {
	a, b := wantedIntegration(), wantedIntegration()
	a.Credentials, b.Credentials = map[string]any{"apiKey": "one"}, map[string]any{"apiKey": "two"}
	if Revision(a) != Revision(b) {
		t.Error("the revision depends on a secret")
	}
	b.Name = "M"
	if Revision(a) == Revision(b) {
		t.Error("the revision does not depend on the name")
	}
}
