// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const mark = "\ufeff" // what some editors put in front of UTF-8

// What an editor or a shell leaves at the ends of a file is no part of a key; what is inside of a value of several lines is.
func TestCredentialsOfFiles(t *testing.T) {
	t.Parallel()
	const account = "{\r\n  \"type\": \"service_account\"\r\n}\r\n"
	sources := map[string]string{
		"whole Secret": "- secretRef: {name: sendgrid}",
		"key by key": `- {credential: apiKey, secretKeyRef: {name: sendgrid, key: apiKey}}
  - {credential: secretKey, secretKeyRef: {name: sendgrid, key: secretKey}}
  - {credential: serviceAccount, secretKeyRef: {name: sendgrid, key: serviceAccount}}`,
	}
	for name, options := range installations {
		for source, from := range sources {
			t.Run(name+", "+source, func(t *testing.T) {
				s := stage(t, options)
				s.Secret("sendgrid", map[string]string{
					"apiKey": firstSecret + "\n", "secretKey": mark + secondSecret + " \r\n", "serviceAccount": mark + account,
				})
				s.YAML(strings.Replace(sendgrid, "- secretRef: {name: sendgrid}", from, 1))
				s.Ready(&v1alpha1.Integration{}, "sendgrid")
				got := integration(s, "Development", "sendgrid").Credentials
				want := map[string]string{"apiKey": firstSecret, "secretKey": secondSecret, "serviceAccount": account}
				for credential, value := range want {
					if got[credential] != value {
						t.Errorf("Novu holds %q as %s, want %q", got[credential], credential, value)
					}
				}
				s.Novu.ClearRequests()
				s.Secret("sendgrid", map[string]string{
					"apiKey": firstSecret, "secretKey": secondSecret + "\r", "serviceAccount": account,
				})
				settle(s)
				ask(s, &v1alpha1.Integration{}, "sendgrid")
				look(s, "dev")
				expect(t, "the same keys, saved by another editor", writes(s))
			})
		}
	}
}

// An operator before this one sent what the Secret holds byte by byte. The Secret has not changed since, and all the same
// it is sent again, once, and only if it is taken in another way now.
func TestUpgradeSendsTrimmedCredentials(t *testing.T) {
	t.Parallel()
	for stored, rewritten := range map[string]bool{firstSecret + "\n": true, firstSecret: false} {
		t.Run(fmt.Sprintf("rewritten %v", rewritten), func(t *testing.T) {
			s := unmanaged(t, installations["strict"])
			m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "")
			s.Secret("sendgrid", map[string]string{"apiKey": stored})
			s.YAML(sendgrid)
			var i v1alpha1.Integration
			s.Ready(&i, "sendgrid")
			s.Must(m.Stop())
			var secret corev1.Secret
			s.Must(s.Get(s.Context(), s.Key("sendgrid"), &secret))
			s.Must(retry.RetryOnConflict(retry.DefaultRetry, func() error { // the last status of the operator may have come meanwhile
				if err := s.Get(s.Context(), s.Key("sendgrid"), &i); err != nil {
					return err
				}
				i.Status.CredentialsHash = "of the bytes"
				i.Status.CredentialsVersion = definition.Revision([]string{string(secret.UID) + " " + secret.ResourceVersion})
				return s.Status().Update(s.Context(), &i)
			}))
			s.Novu.ClearRequests()
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Eventually("the hash", func() error {
				if s.Ready(&i, "sendgrid"); i.Status.CredentialsHash == "of the bytes" {
					return errNotYet
				}
				return nil
			})
			look(s, "dev")
			var want []string
			if rewritten {
				want = []string{"PUT /v1/integrations/" + i.Status.ID}
			}
			expect(t, "after the upgrade", writes(s), want...)
		})
	}
}

func TestCredentialThatIsNoText(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Must(s.Create(s.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "sendgrid"},
		Data:       map[string][]byte{"apiKey": {0xff, 0xfe, 'S', 0, 'G', 0}},
	}))
	s.YAML(sendgrid)
	message := s.NotReady(&v1alpha1.Integration{}, "sendgrid", v1alpha1.ReasonNotText)
	if !strings.Contains(message, `"apiKey"`) || !strings.Contains(message, "/sendgrid") || !strings.Contains(message, "UTF-8") {
		t.Errorf("the message does not say what to do: %s", message)
	}
	expect(t, "writes", writes(s))
}

// Environments read their key and certificates from files as well.
func TestEnvironmentOfFiles(t *testing.T) {
	s := stage(t, novutest.Options{})
	key := s.Novu.Environment("Development").SecretKey
	var e v1alpha1.Environment
	s.Ready(&e, "dev")
	s.Novu.ClearRequests()
	s.Secret("dev-key", map[string]string{"secretKey": mark + key + "\r\n"})
	s.Must(s.Get(s.Context(), s.Key("dev"), &e))
	ask(s, &e, "dev")
	s.Ready(&e, "dev")
	expect(t, "connections for the same key", requests(s, func(r novutest.Request) bool { return r.Path == "/v1/environments/me" }))
}

// Bodies are exactly what the file holds, but for the mark that would make JSON no JSON.
func TestBodyOfFile(t *testing.T) {
	s := stage(t, novutest.Options{})
	const body = "<html>\r\n<body>{{content}}</body>\r\n</html>\r\n"
	s.Must(s.Create(s.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "files"}, Data: map[string]string{"brand.html": mark + body},
	}))
	s.YAML(strings.Replace(brandFrom, "KEY", "brand.html", 1))
	s.Ready(&v1alpha1.Layout{}, "brand")
	layout, err := theirs(s, "Development").GetLayout(s.Context(), "brand")
	s.Must(err)
	if got := layout.Email().Body; strings.HasPrefix(got, mark) || !strings.HasSuffix(got, "</html>\r\n") {
		t.Errorf("Novu holds %q", got)
	}
}

const brandFrom = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec:
  environmentRef: {name: dev}
  name: Brand
  bodyFrom: {configMapKeyRef: {name: files, key: KEY}}
`
