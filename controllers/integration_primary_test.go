// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// mailer is an e-mail integration without credentials.
func mailer(name, environment string, primary bool) string {
	return fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: %s}
spec:
  environmentRef: {name: %s}
  providerID: mailgun
  channel: Email
  primary: %v
`, name, environment, primary)
}

// primary is the identifier of Development's primary integration of a channel.
func primary(s *harness.Stage, channel string) string {
	for _, i := range s.Novu.Integrations("Development") {
		if i.Channel == channel && i.Primary {
			return i.Identifier
		}
	}
	return ""
}

func TestPrimaryIntegration(t *testing.T) {
	t.Parallel()
	for spelled, channel := range map[string]string{"Email": "email", "SMS": "sms"} {
		t.Run(channel, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			of := func(name string, primary bool) string {
				return strings.Replace(mailer(name, "dev", primary), "channel: Email", "channel: "+spelled, 1)
			}
			s.YAML(of("first", false))
			s.Ready(&v1alpha1.Integration{}, "first")
			if got := primary(s, channel); got != "first" {
				t.Fatalf("Novu made %q primary by itself", got)
			}
			s.YAML(of("second", true))
			var i v1alpha1.Integration
			s.Ready(&i, "second")
			if got := primary(s, channel); got != "second" || !i.IsPrimary() {
				t.Errorf("primary is %q, status %+v", got, i.Status)
			}
			settle(s)
			s.Novu.ClearRequests()
			look(s, "dev")
			expect(t, "that it lost the mark is no drift of the first", writes(s))
			s.Ready(&i, "first")
		})
	}
}

func TestTakenPrimaryMarkComesBack(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(mailer("ours", "dev", true) + "---" + mailer("other", "dev", false))
	s.Ready(&v1alpha1.Integration{}, "ours", "other")
	_, err := theirs(s, "Development").SetPrimaryIntegration(s.Context(), integration(s, "Development", "other").ID)
	s.Must(err)
	look(s, "dev")
	if got := primary(s, "email"); got != "ours" {
		t.Errorf("primary is %q", got)
	}
	reported(s, v1alpha1.ReasonDriftCorrected, "primary")
}

func TestTwoPrimaryIntegrations(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("again", "Development", "")
	s.YAML(mailer("elder", "dev", true))
	s.Ready(&v1alpha1.Integration{}, "elder")
	s.YAML(strings.Replace(mailer("younger", "again", true), "mailgun", "sendgrid", 1))
	var i v1alpha1.Integration
	message := s.NotReady(&i, "younger", v1alpha1.ReasonConflict)
	if !strings.Contains(message, s.Namespace+"/elder") || !strings.Contains(message, "primary Email") {
		t.Errorf("the message does not name the other: %s", message)
	}
	settle(s)
	if n := s.Novu.Count(http.MethodPost, "/v1/integrations"); n != 1 {
		t.Errorf("%d writes", n)
	}
	t.Run("the elder gives way", func(t *testing.T) {
		s := within(t, s)
		s.YAML(mailer("elder", "dev", false))
		s.Ready(&i, "younger")
		s.Eventually("the younger is primary", func() error {
			if got := primary(s, "email"); got != "younger" {
				return fmt.Errorf("primary is %q", got)
			}
			return nil
		})
	})
}

func TestPrimaryPassesOnWhenTheElderGoes(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("dev", "Development", "interval: 0s")
	s.YAML(mailer("elder", "dev", true))
	s.Ready(&v1alpha1.Integration{}, "elder")
	s.YAML(mailer("younger", "dev", true))
	var i v1alpha1.Integration
	s.NotReady(&i, "younger", v1alpha1.ReasonConflict)
	remove(s, &v1alpha1.Integration{}, "elder")
	s.Ready(&i, "younger")
	if got := primary(s, "email"); got != "younger" {
		t.Errorf("primary is %q", got)
	}
}
