// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestEnvironmentRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "apiURL is an absolute URL", manifest: environmentManifest, at: "spec.apiURL",
		refused: []string{
			"api.novu.co", "ftp://api.novu.co", "https://", "https:///v", "/api", "http://:3000", `"https://api.novu.co "`,
			`" https://api.novu.co"`, `"https://api novu.co"`, "mailto:a", "https://%zz",
		},
		accepted: []string{
			"https://api.novu.co", "HTTPS://api.novu.co", "http://novu-api.novu.svc:3000", "http://127.0.0.1:3000/",
			"http://[::1]:3000", "https://example.test/novu/api", "https://example.test/novu/api/",
		},
		want: "spec.apiURL: Invalid value: apiURL must be an absolute http or https URL such as https://eu.api.novu.co",
	}, {
		name: "apiURL has no credentials, query or fragment", manifest: environmentManifest, at: "spec.apiURL",
		refused: []string{
			"https://user:secret@api.novu.co", "https://api.novu.co?key=1", "https://api.novu.co/#top", "https://api.novu.co/a#",
			"https://api.novu.co/?",
		},
		accepted: []string{"https://api.novu.co/prefix"},
		want:     "spec.apiURL: Invalid value: apiURL takes no user, query or fragment; the key belongs into the Secret that secretKeyRef names",
	}, {
		name: "apiURL has no version", manifest: environmentManifest, at: "spec.apiURL",
		refused: []string{
			"https://api.novu.co/v1", "https://api.novu.co/v2/", "https://example.test/novu/v1//", "http://novu:3000/v2",
		},
		accepted: []string{"https://api.novu.co", "https://example.test/v1/novu", "https://v1.example.test", "https://example.test/v1beta"},
		want:     "spec.apiURL: Invalid value: leave the version out of apiURL: write https://api.novu.co, not https://api.novu.co/v1",
	}, {
		name: "apiURL has a port that exists", manifest: environmentManifest, at: "spec.apiURL",
		refused:  []string{"http://novu:65536", "http://novu:99999999999999999999", "http://[::1]:123456"},
		accepted: []string{"http://novu:65535", "http://novu:1", "http://[::1]:65535"},
		want:     "spec.apiURL: Invalid value: the port of apiURL must be at most 65535",
	}, {
		name: "interval", manifest: environmentManifest, at: "spec.interval",
		refused: []string{
			"5s", "29.9s", "-1m", "25h", "24h0m1s", "abc", `""`, `"0"`, "1d", "1e3s", "30000000us", "999999999999h", `" 1m"`,
			"99999h99999h99999h99999h99999h", "-0s",
		},
		accepted: []string{"10m", "0s", "0m", "30s", "0.5m", "24h", "1h30m", "23h59m60s", "90000ms"},
		want:     "interval must be 0s (never) or between 30s and 24h, for example 10m",
	}, {
		name: "interval is a string", manifest: environmentManifest, at: "spec.interval",
		refused: []string{"0", "30", "true", "{}"}, accepted: []string{"30s", "null"},
		want: "spec.interval in body must be of type string",
	}, {
		name: "environmentID", manifest: environmentManifest, at: "spec.environmentID",
		refused:  []string{"Production", "6B0370DD2857507E8035391C", `"6b0370dd2857507e8035391"`},
		accepted: []string{"6b0370dd2857507e8035391c", "null"},
		want:     "environmentID is Novu's id of the environment, 24 hexadecimal digits",
	}, {
		name: "environmentName", manifest: environmentManifest, at: "spec.environmentName",
		refused: []string{long(129)}, accepted: []string{long(128), "Production"},
		want: "spec.environmentName: Too long",
	}, {
		name: "promoted from itself", manifest: environmentManifest, at: "spec.promotionPolicy",
		refused:  []string{`{sourceRef: {name: example}}`},
		accepted: []string{`{sourceRef: {name: development}}`, `{sourceRef: {name: example, namespace: elsewhere}}`},
		want:     "spec.promotionPolicy.sourceRef.name: Invalid value: an Environment is not promoted from itself: name the Environment that comes before it",
	}, {
		name: "strategy", manifest: environmentManifest, at: "spec.promotionPolicy",
		refused:  []string{`{sourceRef: {name: development}, strategy: Publish}`},
		accepted: []string{`{sourceRef: {name: development}, strategy: Sync}`, `{sourceRef: {name: development}, strategy: Apply}`},
		want:     `spec.promotionPolicy.strategy: Unsupported value: "Publish": supported values: "Sync", "Apply"`,
	}, {
		name: "drift policy", manifest: environmentManifest, at: "spec.driftPolicy",
		refused: []string{"correct", "Never"}, accepted: []string{"Correct", "Detect", "Ignore"},
		want: `supported values: "Correct", "Detect", "Ignore"`,
	}})
}

func TestEnvironmentTrust(t *testing.T) {
	t.Parallel()
	const certificate = "\"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n\""
	checkRules(t, []rule{{
		name: "caBundle xor caBundleRef", manifest: environmentManifest, at: "spec",
		refused:  []string{`{caBundle: ` + certificate + `, caBundleRef: {name: ca, key: ca.crt}}`},
		accepted: []string{`{caBundle: ` + certificate + `}`, `{caBundleRef: {name: ca, key: ca.crt}}`},
		want:     "spec: Invalid value: set either caBundle or caBundleRef",
	}, {
		name: "caBundle is PEM", manifest: environmentManifest, at: "spec.caBundle",
		refused:  []string{"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t", "/etc/ssl/ca.crt"},
		accepted: []string{certificate},
		want:     "caBundle must hold PEM certificates, as text and not base64 encoded once more",
	}, {
		name: "caBundle has no private key", manifest: environmentManifest, at: "spec.caBundle",
		refused:  []string{strings.TrimSuffix(certificate, `"`) + `-----BEGIN EC PRIVATE KEY-----\nMHcC"`},
		accepted: []string{certificate},
		want:     "spec.caBundle: Invalid value: caBundle takes certificates only: remove the private key",
	}, {
		name: "allowedNamespaces", manifest: environmentManifest, at: "spec.allowedNamespaces",
		refused: []string{
			`{from: Selector}`, `{from: All, selector: {matchLabels: {team: a}}}`, `{from: Same, selector: {}}`,
		},
		accepted: []string{`{from: All}`, `{from: Same}`, `{from: Selector, selector: {matchLabels: {team: a}}}`},
		want:     "spec.allowedNamespaces: Invalid value: from: Selector needs a selector, and only it may have one",
	}, {
		name: "allowedNamespaces.from", manifest: environmentManifest, at: "spec.allowedNamespaces",
		refused: []string{`{from: Some}`}, accepted: []string{`{from: All}`},
		want: `supported values: "Same", "All", "Selector"`,
	}, {
		name: "the key is in the Environment's namespace", manifest: environmentManifest, at: "spec.secretKeyRef",
		refused: []string{`{name: Novu}`, `{name: novu_key}`, `{name: team-a/novu}`}, accepted: []string{`{name: novu.key}`},
		want: "spec.secretKeyRef.name: Invalid value: ",
	}})
	checkSelector(t, environmentManifest, "spec.allowedNamespaces", `{from: Selector, selector: %s}`)
	checkSelector(t, targetManifest, "spec.promotionPolicy.automatic", `{selector: %s}`)
}

// What was written into the wrong field may be a secret: the answer goes to terminals, CI logs and audit logs.
func TestRefusalsDoNotRepeatSecrets(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for _, spec := range []string{
		"{apiURL: https://user:hunter2@api.novu.co}", "{apiURL: hunter2@api.novu.co}", "{apiURL: https://hunter2@api.novu.co/v1}",
		`{apiURL: "https://hunter2@api novu.co"}`, `{apiURL: "https://hunter2@api.novu.co:99999"}`, `{apiURL: "https://api.novu.co?key=hunter2"}`,
		`{caBundle: "-----BEGIN PRIVATE KEY-----hunter2"}`, `{caBundle: hunter2}`,
	} {
		object := edit(t, environmentManifest, "spec", spec)
		object.SetNamespace(namespace)
		err := strict.Create(t.Context(), object, client.DryRunAll)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("create with %s: %v", spec, err)
		}
	}
}
