// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"errors"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/test/harness"
)

// Where Novu shows no credentials, only the time of the last change tells that they may be others.
func TestHiddenCredentialsChangedByHand(t *testing.T) {
	t.Parallel()
	const correct, detect, ignore = v1alpha1.DriftPolicyCorrect, v1alpha1.DriftPolicyDetect, v1alpha1.DriftPolicyIgnore
	for policy, test := range map[v1alpha1.DriftPolicy]struct {
		drifted metav1.ConditionStatus
		reason  string
		writes  int
		still   metav1.ConditionStatus
		later   string
	}{
		correct: {"True", v1alpha1.ReasonDriftCorrected, 1, "False", v1alpha1.ReasonNoDrift},
		detect:  {"True", v1alpha1.ReasonDriftDetected, 0, "True", v1alpha1.ReasonDriftDetected},
		ignore:  {"False", v1alpha1.ReasonDriftIgnored, 0, "False", v1alpha1.ReasonDriftIgnored},
	} {
		t.Run(string(policy), func(t *testing.T) {
			s := unmanaged(t, installations["strict"])
			m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "driftPolicy: "+string(policy))
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.YAML(sendgrid + "\n---" + twilio)
			var i, j v1alpha1.Integration
			s.Ready(&i, "sendgrid")
			s.Ready(&j, "twilio")
			if message := s.Condition(&i, "sendgrid", v1alpha1.ConditionReady, "True", "").Message; strings.Contains(message, "its own form") {
				t.Errorf("Ready says %q", message)
			}
			replaceCredentials(s, i.Status.ID)
			var want []string
			for range test.writes {
				want = append(want, "PUT /v1/integrations/"+i.Status.ID)
			}
			look(s, "dev")
			drifted := s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, test.drifted, test.reason)
			if policy != ignore && !strings.Contains(drifted.Message, "credentials may have been changed in Novu") {
				t.Errorf("Drifted says %q", drifted.Message)
			}
			s.Ready(&i, "sendgrid")
			for _, condition := range harness.Conditions(&j) {
				if condition.Reason == v1alpha1.ReasonDriftDetected || condition.Reason == v1alpha1.ReasonDriftCorrected {
					t.Errorf("the other Integration is blamed: %+v", condition)
				}
			}
			if look(s, "dev"); policy == correct {
				passes(s, &i, "sendgrid")
			}
			s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, test.still, test.later)
			ask(s, &v1alpha1.Integration{}, "sendgrid")
			s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, test.still, test.later)
			s.Must(m.Stop())
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			look(s, "dev")
			ask(s, &v1alpha1.Integration{}, "sendgrid")
			s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, test.still, test.later)
			expect(t, "writes", writes(s), want...)

			s.Environment("dev", "Development", "driftPolicy: Correct")
			s.Eventually("what is wanted", func() error {
				if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != firstSecret {
					return errors.New("Novu holds another key")
				}
				return nil
			})
		})
	}
}

// replaceCredentials is what a user with the dashboard does. The requests are forgotten.
func replaceCredentials(s *harness.Stage, id string) {
	s.Helper()
	_, err := theirs(s, "Development").UpdateIntegration(s.Context(), id, &novu.IntegrationRequest{
		Name: "sendgrid", Identifier: "sendgrid", Active: true,
		Credentials: map[string]any{"apiKey": "meddled-secret", "from": "noreply@example.test", "senderName": "Example"},
	})
	s.Must(err)
	hide(s, "meddled-secret")
	s.Novu.ClearRequests()
}

// Writing one Integration makes Novu rank the others of its channel again, which moves their times: no sign of another
// writer. But it may hide one, so they are written once more.
func TestHiddenCredentialsBesideANewIntegration(t *testing.T) {
	t.Parallel()
	for name, changed := range map[string]bool{"unchanged": false, "changed meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			s := stage(t, installations["strict"])
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.YAML(sendgrid)
			var i v1alpha1.Integration
			s.Ready(&i, "sendgrid")
			if changed {
				replaceCredentials(s, i.Status.ID)
			}
			s.YAML(mailer("second", "dev", true))
			s.Ready(&v1alpha1.Integration{}, "second")
			look(s, "dev")
			s.Eventually("what is wanted", func() error {
				if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != firstSecret {
					return errors.New("Novu holds another key")
				}
				return nil
			})
			look(s, "dev")
			s.Condition(&i, "sendgrid", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
			s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
			s.Novu.ClearRequests()
			look(s, "dev")
			look(s, "dev")
			expect(t, "writes afterwards", writes(s))
			if !changed { // a change is reported if the operator reads it before it writes the new Integration
				unreported(s, v1alpha1.ReasonDriftCorrected)
			}
		})
	}
}

// A rotation at the same moment is one write, of the new credentials.
func TestHiddenCredentialsChangedDuringARotation(t *testing.T) {
	s := unmanaged(t, installations["strict"])
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", never)
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(sendgrid)
	var i v1alpha1.Integration
	s.Ready(&i, "sendgrid")
	s.Must(m.Stop())
	replaceCredentials(s, i.Status.ID)
	s.Secret("sendgrid", map[string]string{"apiKey": secondSecret})
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Eventually("the new key", func() error {
		if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != secondSecret {
			return errors.New("Novu holds another one")
		}
		return nil
	})
	look(s, "dev")
	look(s, "dev")
	expect(t, "writes", writes(s), "PUT /v1/integrations/"+i.Status.ID)
}

// An upgrade of Novu from a version that shows credentials loses neither drift that is known nor what happens meanwhile.
func TestCredentialsAreHiddenByAnUpgrade(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"known before": true, "changed meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			s := unmanaged(t, installations["open"])
			m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "driftPolicy: Detect")
			s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
			s.YAML(sendgrid)
			var i v1alpha1.Integration
			s.Ready(&i, "sendgrid")
			if before {
				replaceCredentials(s, i.Status.ID)
				look(s, "dev")
				s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftDetected)
			}
			s.Must(m.Stop())
			s.Novu.HideCredentials()
			if !before {
				replaceCredentials(s, i.Status.ID)
			}
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			look(s, "dev")
			ask(s, &v1alpha1.Integration{}, "sendgrid")
			s.Condition(&i, "sendgrid", v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftDetected)
			expect(t, "writes", writes(s))
		})
	}
}
