// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

func sendgrid(identifier string) *IntegrationRequest {
	return &IntegrationRequest{
		ProviderID: "sendgrid", Channel: "email", Name: "SendGrid", Identifier: identifier, Active: true,
		Credentials: map[string]any{"apiKey": "SG.very-secret-value", "from": "lab@example.test", "senderName": "Lab"},
	}
}

func TestIntegrationRoundTrip(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	first := must(c.CreateIntegration(t.Context(), sendgrid("main")))(t)
	second := must(c.CreateIntegration(t.Context(), sendgrid("other")))(t)
	if !first.Primary || second.Primary || first.EnvironmentID != s.Environment("Development").ID {
		t.Errorf("got %+v and %+v", first, second)
	}
	if got := must(c.SetPrimaryIntegration(t.Context(), second.ID))(t); !got.Primary {
		t.Errorf("got %+v", got)
	}
	change := sendgrid("main")
	change.Name, change.Active, change.Conditions = "Renamed", false, json.RawMessage(`[]`)
	if got := must(c.UpdateIntegration(t.Context(), first.ID, change))(t); got.Name != "Renamed" || got.Active || got.ProviderID != "sendgrid" {
		t.Errorf("got %+v", got)
	}
	if err := c.DeleteIntegration(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	byID := map[string]Integration{}
	for _, i := range must(c.ListIntegrations(t.Context()))(t) {
		byID[i.ID] = i
	}
	if _, there := byID[first.ID]; there || !byID[second.ID].Primary {
		t.Errorf("left: %+v", byID)
	}
}

func TestIntegrationRefusals(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	created := must(c.CreateIntegration(t.Context(), sendgrid("main")))(t)
	_, taken := c.CreateIntegration(t.Context(), sendgrid("main"))
	if !IsConflict(taken) || !strings.Contains(taken.Error(), `create integration "main"`) {
		t.Errorf("taken: %v", taken)
	}
	if _, err := c.UpdateIntegration(t.Context(), "main", sendgrid("main")); err == nil || !strings.Contains(err.Error(), "_id") {
		t.Errorf("an identifier in place of the id: %v", err)
	}
	if _, err := c.SetPrimaryIntegration(t.Context(), created.ID); err != nil {
		t.Errorf("already primary: %v", err)
	}
	bad := sendgrid("bad")
	bad.Credentials = map[string]any{"port": 25, "password": "hunter2-hunter2"}
	_, err := c.CreateIntegration(t.Context(), bad)
	var e *Error
	if !asError(err, &e) || e.StatusCode != http.StatusUnprocessableEntity || len(e.Fields) == 0 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a number for a string: %v", err)
	}
}

func TestIntegrationBodiesOnTheWire(t *testing.T) {
	s := newScripted(t, answerJSON(200, `{"data":{"_id":"1"}}`))
	c := newTestClient(t, s, nil)
	request := sendgrid("main")
	request.Credentials = map[string]any{"apiKey": "k"}
	must(c.CreateIntegration(t.Context(), request))(t)
	must(c.UpdateIntegration(t.Context(), anObjectID, request))(t)
	must(c.UpdateIntegration(t.Context(), anObjectID, &IntegrationRequest{}))(t)
	must(c.SetPrimaryIntegration(t.Context(), anObjectID))(t)
	for i, want := range []string{
		`{"providerId":"sendgrid","channel":"email","name":"SendGrid","identifier":"main","active":true,"check":false,"credentials":{"apiKey":"k"}}`,
		`{"name":"SendGrid","identifier":"main","active":true,"check":false,"credentials":{"apiKey":"k"}}`,
		`{"active":false,"check":false}`,
		``,
	} {
		if s.bodies[i] != want {
			t.Errorf("body %d\n got %s\nwant %s", i, s.bodies[i], want)
		}
	}
	if request.ProviderID == "" {
		t.Error("updating changed the caller's request")
	}
}

// A provider's answer may repeat what was sent.
func TestCredentialsAreNotInErrors(t *testing.T) {
	request := sendgrid("main")
	request.Credentials["tlsOptions"] = map[string]any{"nested": []any{"deep-secret", 8675309}}
	request.Configurations = map[string]any{"inboundWebhookSigningKey": "signing-secret"}
	s := newScripted(t, answerJSON(400, `{"statusCode":400,"message":"provider said: SG.very-secret-value deep-secret 8675309 signing-secret U0cudmVyeS1zZWNyZXQtdmFsdWU="}`))
	_, err := newTestClient(t, s, nil).CreateIntegration(t.Context(), request)
	if err == nil || !strings.Contains(err.Error(), "provider said: *** *** *** *** ***") {
		t.Errorf("got %v", err)
	}
}

func TestCredentialFingerprints(t *testing.T) {
	request := sendgrid("main")
	for _, tc := range []struct {
		name         string
		hide         bool
		want         map[string]any
		match, known bool
	}{
		{"same", false, request.Credentials, true, true},
		{"other value", false, map[string]any{"apiKey": "x", "from": "lab@example.test", "senderName": "Lab"}, false, true},
		{"other key", false, map[string]any{"apiKeys": "SG.very-secret-value", "from": "lab@example.test", "senderName": "Lab"}, false, true},
		{"fewer", false, map[string]any{"apiKey": "SG.very-secret-value"}, false, true},
		{"hidden", true, request.Credentials, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, c := startNovu(t, novutest.Options{HideCredentials: tc.hide})
			created := must(c.CreateIntegration(t.Context(), request))(t)
			for _, i := range must(c.ListIntegrations(t.Context()))(t) {
				if i.ID != created.ID {
					continue
				}
				if match, known := i.Credentials.Match(tc.want); match != tc.match || known != tc.known {
					t.Errorf("match %t, known %t", match, known)
				}
				if text := must(json.Marshal(i))(t); strings.Contains(string(text), "secret") {
					t.Errorf("the credential is still there: %s", text)
				}
			}
		})
	}
}

func TestFingerprintsCompareValues(t *testing.T) {
	var f Fingerprints
	if err := json.Unmarshal([]byte(`{"tls": {"b": 1.0, "a":"\u0041"}, "secure" : true}`), &f); err != nil {
		t.Fatal(err)
	}
	if match, known := f.Match(map[string]any{"secure": true, "tls": map[string]any{"a": "A", "b": json.Number("1.0")}}); !match || !known {
		t.Errorf("match %t, known %t", match, known)
	}
	for _, raw := range []string{`null`, `{}`, `"encrypted"`, `[]`} {
		if err := json.Unmarshal([]byte(raw), &f); err != nil || f != nil {
			t.Errorf("%s: %v, %v", raw, f, err)
		}
	}
}

// Novu may quote what it was sent before: a credential that was replaced, in the answer to another call, or only the
// middle of one.
func TestFormerCredentialsStayHidden(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	first := sendgrid("main")
	created := must(c.CreateIntegration(t.Context(), first))(t)
	second := sendgrid("main")
	second.Credentials = map[string]any{"apiKey": "SG.another-secret-value"}
	must(c.UpdateIntegration(t.Context(), created.ID, second))(t)
	key, middle := s.Environment("Development").SecretKey, 3
	for key[middle-1] == 'd' { // or the end of the word before it would be hidden, too
		middle++
	}
	s.Inject(novutest.Fault{Status: http.StatusBadRequest, Body: []byte(
		`{"statusCode":400,"message":"ry-secret-va, another-secr and ` + url.QueryEscape(key[middle:middle+20]) + `, \u001b[31mSG.very\u200b-secret\u202e-value"}`)})
	_, err := c.ListIntegrations(t.Context())
	if err == nil || !strings.HasSuffix(err.Error(), ": ***, *** and ***, ***") {
		t.Errorf("got %v", err)
	}
}
