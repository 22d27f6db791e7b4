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

func TestCredentials(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		secrets    map[string]string
		want       map[string]any
	}{
		{"none named", ``, nil, nil},
		{"none set", `,"credentials":{}`, nil, map[string]any{}},
		{"an empty Secret", `,"credentialsFrom":[{"secretRef":{"name":"s"}}]`, nil, map[string]any{}},
		{"texts", `,"credentials":{"from":"a","custom":"b"}`, nil, map[string]any{"from": "a", "custom": "b"}},
		{"numbers are sent as text", `,"credentials":{"port":587,"channelId":12345678901234567890,"x":1.50}`, nil,
			map[string]any{"port": "587", "channelId": "12345678901234567890", "x": "1.50"}},
		{"booleans where Novu wants them", `,"credentials":{"secure":true,"requireTls":"false","ignoreTls":"true","hmac":false,"authenticateByToken":"true"}`, nil,
			map[string]any{"secure": true, "requireTls": false, "ignoreTls": true, "hmac": false, "authenticateByToken": true}},
		{"booleans where Novu wants text", `,"credentials":{"state":true,"title":false}`, nil, map[string]any{"state": "true", "title": "false"}},
		{"null is not set", `,"credentials":{"from":null}`, nil, map[string]any{}},
		{"an object for TLS", `,"credentials":{"tlsOptions":{"rejectUnauthorized":false,"n":1.0}}`, nil,
			map[string]any{"tlsOptions": map[string]any{"rejectUnauthorized": false, "n": json.Number("1.0")}}},
		{"the text of an object for TLS", ``, map[string]string{"tlsOptions": `{"ca":"x"}`}, map[string]any{"tlsOptions": map[string]any{"ca": "x"}}},
		{"Secrets come first", `,"credentials":{"apiKey":"open","secure":"not even valid","from":"a"}`,
			map[string]string{"apiKey": "k", "secure": "true", "serviceAccount": `{"a":1}`, "note": "line\n"},
			map[string]any{"apiKey": "k", "secure": true, "from": "a", "serviceAccount": `{"a":1}`, "note": "line\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Integration(integrationOf(t, `"providerID":"p","channel":"Email"`+test.spec), test.secrets)
			if err != nil || !reflect.DeepEqual(got.Credentials, test.want) {
				t.Errorf("got %#v, %v", got.Credentials, err)
			}
		})
	}
}

func TestCredentialsRefused(t *testing.T) {
	for _, test := range []struct {
		name, spec    string
		secrets       map[string]string
		path, message string
	}{
		{"not a boolean", `,"credentials":{"secure":"hunter2"}`, nil, "spec.credentials.secure", "it must be true or false"},
		{"not a boolean in a Secret", ``, map[string]string{"hmac": "hunter2"}, "spec.credentialsFrom[hmac]", "it must be true or false"},
		{"an object", `,"credentials":{"serviceAccount":{"k":"hunter2"}}`, nil, "spec.credentials.serviceAccount",
			"it must be a string: quote the JSON text if the provider wants JSON"},
		{"a list", `,"credentials":{"a b":["hunter2"]}`, nil, `spec.credentials["a b"]`, "it must be a string: quote the JSON text if the provider wants JSON"},
		{"TLS text that is no JSON", ``, map[string]string{"tlsOptions": "hunter2"}, "spec.credentialsFrom[tlsOptions]",
			"it must be an object, or the text of a JSON object"},
		{"TLS number", `,"credentials":{"tlsOptions":1}`, nil, "spec.credentials.tlsOptions", "it must be an object, or the text of a JSON object"},
		{"no object at all", `,"credentials":["hunter2"]`, nil, "spec.credentials", "it must be a JSON object of names and values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Integration(integrationOf(t, `"providerID":"p","channel":"Email"`+test.spec), test.secrets)
			wantInvalid(t, err, test.path, test.message)
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a credential")
			}
		})
	}
}

func TestCompareCredentials(t *testing.T) {
	const secret, hidden = "(secret)", ``
	want := map[string]any{"apiKey": "hunter2", "secure": true, "tlsOptions": map[string]any{"a": json.Number("1"), "b": "x"}}
	const shown = `{"tlsOptions":{"b":"x","a":1},"secure":true,"apiKey":"hunter2"}`
	for _, test := range []struct {
		name    string
		want    map[string]any
		have    string
		written bool
		paths   []v1alpha1.Difference
	}{
		{"hidden and written", want, `{}`, true, nil},
		{"hidden and not written", want, `{}`, false, []v1alpha1.Difference{{Path: "credentials", From: secret, To: secret}}},
		{"absent and not written", want, hidden, false, []v1alpha1.Difference{{Path: "credentials", From: secret, To: secret}}},
		{"shown and equal, although the hash is another", want, shown, false, nil},
		{"shown and changed by somebody", want, `{"tlsOptions":{"b":"x","a":2},"secure":true,"apiKey":"hunter3"}`, true,
			[]v1alpha1.Difference{{Path: "credentials.apiKey", From: secret, To: secret}, {Path: "credentials.tlsOptions", From: secret, To: secret}}},
		{"a name that Novu does not keep", map[string]any{"apiKey": "hunter2", "bogus": "x"}, `{"apiKey":"hunter2"}`, true, nil},
		{"a name that is new", map[string]any{"apiKey": "hunter2", "from": "x"}, `{"apiKey":"hunter2"}`, false,
			[]v1alpha1.Difference{{Path: "credentials.from", To: secret}}},
		{"a name too many", map[string]any{"apiKey": "hunter2"}, `{"apiKey":"hunter2","from":"hunter4"}`, true,
			[]v1alpha1.Difference{{Path: "credentials.from", From: secret}}},
		{"none wanted", nil, shown, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, have := wantedIntegration(), answer[novu.Integration](t, storedIntegration)
			r.Credentials = test.want
			if test.have != "" {
				have.Credentials = *answer[novu.Fingerprints](t, test.have)
			}
			got := CompareIntegration(r, have, Expectation{CredentialsWritten: test.written})
			sameDifferences(t, got, test.paths)
			if strings.Contains(lines(got), "hunter") {
				t.Error("a credential is shown")
			}
		})
	}
}

func TestCredentialsHash(t *testing.T) {
	one := map[string]any{"a": "x", "b": true, "c": map[string]any{"n": json.Number("1.0")}}
	hash := CredentialsHash("key", one)
	if len(hash) != 64 {
		t.Errorf("hash %q is not 64 hex digits", hash)
	}
	equal := map[string]any{"c": map[string]any{"n": 1}, "b": true, "a": "x"}
	if CredentialsHash("key", equal) != hash {
		t.Error("equal credentials have another hash")
	}
	if CredentialsHash("other", one) == hash {
		t.Error("the hash does not depend on the key")
	}
	for _, other := range []map[string]any{nil, {"a": "x"}, {"a": "x", "b": "true", "c": one["c"]}, {"a": "y", "b": true, "c": one["c"]}} {
		if CredentialsHash("key", other) == hash {
			t.Errorf("%v has the same hash", other)
		}
	}
	if CredentialsHash("key", nil) == CredentialsHash("key", map[string]any{}) {
		t.Error("none and an empty set have one hash")
	}
}
