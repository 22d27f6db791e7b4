// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

func TestEnvironmentBehindTLS(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		novu   novutest.Options
		ca     func(certificate string) string // fields of spec; the certificate is in ConfigMap ca as well
		path   string
		reason string // of the failure; empty: it works
		says   string
	}{
		"with the CA in spec":        {ca: inline},
		"with the CA in a ConfigMap": {ca: func(string) string { return "caBundleRef: {name: ca, key: ca.crt}" }},
		"below a path": {
			novu: novutest.Options{BasePath: "/novu/api"}, path: "/novu/api", ca: inline,
		},
		"below a path, with a slash at the end": {
			novu: novutest.Options{BasePath: "/novu"}, path: "/novu/", ca: inline,
		},
		"without the CA": {
			ca: func(string) string { return "" }, reason: v1alpha1.ReasonConnectionFailed,
			says: "add the certificate authority to the environment's CA bundle",
		},
		"without the path": {
			novu: novutest.Options{BasePath: "/novu"}, ca: inline, reason: v1alpha1.ReasonNotFound, says: "including its path",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := bare(t, test.novu)
			proxy := httptest.NewTLSServer(s.Novu)
			t.Cleanup(proxy.Close)
			certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw}))
			devKey(s)
			s.ConfigMap("ca", map[string]string{"ca.crt": certificate})
			s.YAML(connectionTo("apiURL: " + proxy.URL + test.path + "\n" + test.ca(certificate)))
			var e v1alpha1.Environment
			if test.reason == "" {
				s.Ready(&e, "dev")
				edited(s, orderShipped, "order-shipped")
				return
			}
			if message := s.NotReady(&e, "dev", test.reason); !strings.Contains(message, test.says) {
				t.Errorf("the message lacks %q: %s", test.says, message)
			}
		})
	}
}

func inline(certificate string) string {
	return "caBundle: |\n  " + strings.ReplaceAll(strings.TrimSpace(certificate), "\n", "\n  ")
}

func TestNewCertificateAuthorityIsNoticed(t *testing.T) {
	s := bare(t, novutest.Options{})
	proxy := httptest.NewTLSServer(s.Novu)
	t.Cleanup(proxy.Close)
	devKey(s)
	s.ConfigMap("ca", map[string]string{"ca.crt": "none yet"})
	s.YAML(connectionTo("apiURL: " + proxy.URL + "\ncaBundleRef: {name: ca, key: ca.crt}\ninterval: 0s"))
	message := s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonInvalidCABundle)
	if !strings.Contains(message, "PEM") {
		t.Errorf("the message does not say what is wanted: %s", message)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw}))
	s.ConfigMap("ca", map[string]string{"ca.crt": certificate})
	s.Ready(&v1alpha1.Environment{}, "dev")
}

// Who gives the address of the dashboard, or of a proxy's login page, gets a page.
func TestDashboardInsteadOfAPI(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  novutest.Fault
		reason string
		says   string
	}{
		"a page": {novutest.Fault{Status: 200, Body: []byte("<!doctype html><title>Novu</title>"), Header: map[string][]string{"Content-Type": {"text/html"}}},
			v1alpha1.ReasonUnexpectedResponse, "not of its dashboard or a proxy"},
		"a page for what is not found": {novutest.Fault{Status: 404, Body: []byte("<html>Not here</html>"), Header: map[string][]string{"Content-Type": {"text/html"}}},
			v1alpha1.ReasonNotFound, "check that the URL"},
		"a redirect to a login": {novutest.Fault{Status: 302, Body: []byte("Found"), Header: map[string][]string{"Location": {"https://login.example.test/?next=1"}}},
			v1alpha1.ReasonUnexpectedResponse, "https://login.example.test"},
		"nothing at all":     {novutest.Fault{Status: 200, Body: []byte{}}, v1alpha1.ReasonUnexpectedResponse, "empty"},
		"other JSON":         {novutest.Fault{Status: 200, Body: []byte(`{"ok":true}`)}, v1alpha1.ReasonUnexpectedResponse, "not what Novu's API sends"},
		"a truncated answer": {novutest.Fault{Truncate: 12}, v1alpha1.ReasonUnexpectedResponse, "not what Novu's API sends"},
		"an endless answer":  {novutest.Fault{Huge: 1 << 30}, v1alpha1.ReasonAnswerTooLarge, "longer than"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			heal := s.Novu.Inject(test.fault)
			s.Environment("dev", "Development", "")
			var e v1alpha1.Environment
			if message := s.NotReady(&e, "dev", test.reason); !strings.Contains(message, test.says) {
				t.Errorf("the message lacks %q: %s", test.says, message)
			}
			heal()
			s.Ready(&e, "dev")
		})
	}
}
