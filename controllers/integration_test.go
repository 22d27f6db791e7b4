// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

const sendgrid = `
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: sendgrid}
spec:
  environmentRef: {name: dev}
  providerID: sendgrid
  channel: Email
  credentials: {from: noreply@example.test, senderName: Example}
  credentialsFrom:
  - secretRef: {name: sendgrid}
`

const (
	firstSecret  = "SG.first-provider-secret"
	secondSecret = "SG.second-provider-secret"
)

// installations are the kinds of Novu whose integrations behave differently.
var installations = map[string]novutest.Options{
	"open":   {},
	"strict": {StrictKeyScope: true, HideCredentials: true},
}

// integration is one of an environment's, by identifier.
func integration(s *harness.Stage, environment, identifier string) novutest.IntegrationState {
	s.Helper()
	for _, i := range s.Novu.Integrations(environment) {
		if i.Identifier == identifier {
			return i
		}
	}
	s.Fatalf("%s has no integration %q: %+v", environment, identifier, s.Novu.Integrations(environment))
	return novutest.IntegrationState{}
}

func TestIntegrationIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for name, options := range installations {
		t.Run(name, func(t *testing.T) {
			s := stage(t, options)
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.YAML(sendgrid)
			var i v1alpha1.Integration
			s.Ready(&i, "sendgrid")
			got := integration(s, "Development", "sendgrid")
			if got.Credentials["apiKey"] != firstSecret || got.Credentials["from"] != "noreply@example.test" || !got.Active {
				t.Errorf("Novu holds %+v", got)
			}
			if i.Status.ID != got.ID || i.Status.Identifier != "sendgrid" || !i.IsActive() || !i.IsPrimary() || i.Status.CredentialsHash == "" {
				t.Errorf("status is %+v", i.Status)
			}
			expect(t, "creation", writes(s), "POST /v1/integrations")
			annotate(s, &v1alpha1.Integration{}, "sendgrid", "example.com/touched", "yes")
			ask(s, &v1alpha1.Integration{}, "sendgrid")
			look(s, "dev")
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.Secret("other", map[string]string{"apiKey": secondSecret})
			settle(s)
			expect(t, "nothing new", writes(s), "POST /v1/integrations")
		})
	}
}

func TestCredentialsRotate(t *testing.T) {
	t.Parallel()
	for name, options := range installations {
		t.Run(name, func(t *testing.T) {
			s := stage(t, options)
			s.Environment("dev", "Development", "interval: 0s")
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			hide(s, firstSecret)
			s.YAML(sendgrid)
			s.Ready(&v1alpha1.Integration{}, "sendgrid")
			s.Novu.ClearRequests()
			s.Secret("sendgrid", map[string]string{"apiKey": secondSecret})
			s.Eventually("the new credential", func() error {
				if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != secondSecret {
					return fmt.Errorf("Novu holds another one")
				}
				return nil
			})
			settle(s)
			expect(t, "a rotation", writes(s), "PUT /v1/integrations/"+integration(s, "Development", "sendgrid").ID)
			s.Ready(&v1alpha1.Integration{}, "sendgrid")
		})
	}
}

// The hash of credentials is keyed by the environment's key. That a new key gives it another value is no reason to write,
// also if the key was rotated while no operator ran; other credentials still are.
func TestKeyRotationWritesNoIntegration(t *testing.T) {
	t.Parallel()
	for name, options := range installations {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				s := unmanaged(t, options)
				m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
				s.Environment("dev", "Development", "")
				s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
				hide(s, firstSecret)
				s.YAML(sendgrid + "\n---" + twilio)
				var i v1alpha1.Integration
				s.Ready(&i, "twilio", "sendgrid")
				before := i.Status.CredentialsHash
				hide(s, s.Novu.Environment("Development").SecretKey)
				if restart {
					s.Must(m.Stop())
				}
				s.Novu.RotateKey("Development")
				s.Environment("dev", "Development", "")
				s.Novu.ClearRequests()
				if restart {
					harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
				}
				s.Eventually("the new key", func() error {
					if s.Ready(&i, "sendgrid"); i.Status.CredentialsHash == before {
						return errors.New("the hash is still keyed by the old one")
					}
					return nil
				})
				settle(s)
				expect(t, "a rotation of the environment's key", writes(s))
				s.Secret("sendgrid", map[string]string{"apiKey": secondSecret})
				s.Eventually("the new credential", func() error {
					if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != secondSecret {
						return errors.New("Novu holds another one")
					}
					return nil
				})
			})
		}
	}
}

func TestCredentialsKeyByKey(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(strings.Replace(sendgrid, "- secretRef: {name: sendgrid}", `- credential: apiKey
    secretKeyRef: {name: keys, key: the-sendgrid-one}`, 1))
	var i v1alpha1.Integration
	if message := s.NotReady(&i, "sendgrid", v1alpha1.ReasonSecretNotFound); !strings.Contains(message, "/keys does not exist: create it") {
		t.Errorf("the message names no next step: %s", message)
	}
	s.Secret("keys", map[string]string{"another": secondSecret})
	if message := s.NotReady(&i, "sendgrid", v1alpha1.ReasonSecretKeyMissing); !strings.Contains(message, `"the-sendgrid-one"`) {
		t.Errorf("the message does not name the key: %s", message)
	}
	expect(t, "writes without credentials", writes(s))
	s.Secret("keys", map[string]string{"another": secondSecret, "the-sendgrid-one": firstSecret})
	s.Ready(&i, "sendgrid")
	got := integration(s, "Development", "sendgrid").Credentials
	if got["apiKey"] != firstSecret || len(got) != 3 {
		t.Errorf("Novu holds %d credentials: %v", len(got), got)
	}
}

func TestBadCredentialIsNamedButNotShown(t *testing.T) {
	s := stage(t, novutest.Options{})
	hide(s, "perhaps-a-secret")
	s.Secret("smtp", map[string]string{"password": firstSecret, "secure": "perhaps-a-secret"})
	s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: smtp}
spec:
  environmentRef: {name: dev}
  providerID: nodemailer
  channel: Email
  credentialsFrom:
  - secretRef: {name: smtp}
`)
	var i v1alpha1.Integration
	if message := s.NotReady(&i, "smtp", v1alpha1.ReasonInvalidSpec); !strings.Contains(message, "secure") || !strings.Contains(message, "true or false") {
		t.Errorf("the message does not say what to do: %s", message)
	}
	s.Secret("smtp", map[string]string{"password": firstSecret, "secure": "true"})
	s.Ready(&i, "smtp")
	if got := integration(s, "Development", "smtp").Credentials["secure"]; got != true {
		t.Errorf("secure is %v", got)
	}
}

func TestEachEnvironmentHasItsOwnIntegration(t *testing.T) {
	t.Parallel()
	for name, options := range installations {
		t.Run(name, func(t *testing.T) {
			s := stage(t, options)
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.YAML(sendgrid)
			live := strings.NewReplacer("name: sendgrid}\nspec", "name: live}\nspec", "{name: dev}", "{name: prod}",
				"providerID", "identifier: sendgrid\n  providerID").Replace(sendgrid)
			s.YAML(live)
			s.Ready(&v1alpha1.Integration{}, "sendgrid", "live")
			dev, prod := integration(s, "Development", "sendgrid"), integration(s, "Production", "sendgrid")
			if dev.ID == prod.ID {
				t.Error("both objects write one integration")
			}
			s.YAML(strings.Replace(live, "noreply@", "live@", 1))
			s.Ready(&v1alpha1.Integration{}, "live")
			if got := integration(s, "Production", "sendgrid").Credentials["from"]; got != "live@example.test" {
				t.Errorf("Production sends from %v", got)
			}
			if got := integration(s, "Development", "sendgrid").Credentials["from"]; got != "noreply@example.test" {
				t.Errorf("Development sends from %v", got)
			}
		})
	}
}

func TestIntegrationIsAdopted(t *testing.T) {
	s := bare(t, novutest.Options{})
	made, err := theirs(s, "Development").CreateIntegration(s.Context(), &novu.IntegrationRequest{
		ProviderID: "sendgrid", Channel: "email", Name: "By hand", Identifier: "sendgrid", Active: true,
	})
	s.Must(err)
	s.Environment("dev", "Development", "")
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.Novu.ClearRequests()
	s.YAML(sendgrid)
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	expect(t, "adoption", writes(s), "PUT /v1/integrations/"+made.ID)
}

func TestInboxIsAdopted(t *testing.T) {
	t.Parallel()
	for name, options := range installations {
		t.Run(name, func(t *testing.T) {
			s := stage(t, options)
			before := s.Novu.Integrations("Development")[0]
			const inbox = `
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: inbox}
spec:
  environmentRef: {name: dev}
  providerID: novu
  channel: InApp
  name: The Inbox
  credentials: {hmac: true}
`
			s.YAML(inbox)
			var i v1alpha1.Integration
			s.Ready(&i, "inbox")
			all := s.Novu.Integrations("Development")
			if len(all) != 1 || all[0].ID != before.ID || all[0].Name != "The Inbox" || all[0].Identifier != before.Identifier {
				t.Errorf("Novu holds %+v, was %+v", all, before)
			}
			if i.Status.Identifier != before.Identifier || i.Status.ID != before.ID || all[0].Credentials["hmac"] != true {
				t.Errorf("status is %+v, Novu holds %+v", i.Status, all[0])
			}
			n := len(writes(s))
			ask(s, &i, "inbox")
			look(s, "dev")
			if len(writes(s)) != n {
				t.Errorf("it was written again: %q", writes(s))
			}
		})
	}
}

func TestIntegrationSwitchesOffAndOn(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(sendgrid + "  primary: true\n")
	var i v1alpha1.Integration
	s.Ready(&i, "sendgrid")
	s.YAML(sendgrid + "  active: false\n")
	s.Ready(&i, "sendgrid")
	if got := integration(s, "Development", "sendgrid"); got.Active || got.Primary || i.IsActive() || i.IsPrimary() {
		t.Errorf("switched off: Novu holds %+v, status %+v", got, i.Status)
	}
	s.YAML(sendgrid + "  active: true\n  primary: true\n")
	s.Ready(&i, "sendgrid")
	if got := integration(s, "Development", "sendgrid"); !got.Active || !got.Primary || !i.IsPrimary() {
		t.Errorf("switched on: Novu holds %+v, status %+v", got, i.Status)
	}
}

func TestIntegrationRules(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	conditional := sendgrid + `  rules:
  - join: And
    children:
    - {source: tenant, field: identifier, operator: Equal, value: acme}
`
	s.YAML(conditional)
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	if got := integration(s, "Development", "sendgrid").Conditions; len(got) != 1 {
		t.Fatalf("Novu holds the conditions %v", got)
	}
	n := len(writes(s))
	ask(s, &v1alpha1.Integration{}, "sendgrid")
	if len(writes(s)) != n {
		t.Errorf("rules are written again: %q", writes(s))
	}
	s.YAML(sendgrid)
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	if got := integration(s, "Development", "sendgrid").Conditions; len(got) != 0 {
		t.Errorf("removed rules are still there: %v", got)
	}
}

// Novu refuses an identifier that is taken; what is there is then adopted.
func TestIntegrationAppearsMeanwhile(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v1/integrations", Times: 1, Hook: func(*http.Request) {
		_, err := theirs(s, "Development").CreateIntegration(s.Context(), &novu.IntegrationRequest{
			ProviderID: "sendgrid", Channel: "email", Name: "Faster", Identifier: "sendgrid"})
		if err != nil {
			s.Error(err)
		}
	}})
	s.YAML(sendgrid)
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	if got := integration(s, "Development", "sendgrid"); got.Credentials["apiKey"] != firstSecret || len(s.Novu.Integrations("Development")) != 2 {
		t.Errorf("Novu holds %+v", s.Novu.Integrations("Development"))
	}
}
