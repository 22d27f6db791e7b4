// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// connectionTo is an Environment called dev with fields of spec beside the Secret's name.
func connectionTo(fields string) string {
	return `
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  secretKeyRef: {name: dev-key}
  ` + strings.ReplaceAll(strings.TrimSpace(fields), "\n", "\n  ") + "\n"
}

// devKey makes the Secret dev-key with Development's key.
func devKey(s *harness.Stage) {
	s.Helper()
	s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
}

func TestEnvironmentPublishesItself(t *testing.T) {
	s := stage(t, novutest.Options{RateLimits: true})
	var e v1alpha1.Environment
	s.Ready(&e, "dev")
	want, got := s.Novu.Environment("Development"), e.Status
	if got.EnvironmentID != want.ID || got.EnvironmentName != "Development" || got.EnvironmentType != "dev" ||
		got.ApplicationIdentifier != want.Identifier || got.OrganizationID != want.OrganizationID {
		t.Errorf("status %+v, want %+v", got, want)
	}
	if len(got.RateLimits) == 0 || got.RateLimits[0].Limit == 0 || got.RateLimits[0].WindowSeconds == 0 {
		t.Errorf("rate limits %+v", got.RateLimits)
	}
	edited(s, orderShipped, "order-shipped")
	countedByKind(s, "dev", []v1alpha1.KindCount{
		{Kind: v1alpha1.CountedWorkflow, Total: 1, Managed: 1}, {Kind: v1alpha1.CountedLayout},
		{Kind: v1alpha1.CountedIntegration, Total: 1, Unmanaged: 1},
	})
}

// Each of these is wrong at first, must say so and what to do, and is fixed without touching the Environment unless the
// fault is in it.
func TestEnvironmentInTrouble(t *testing.T) {
	t.Parallel()
	type cure func(s *harness.Stage)
	withURL := func(fields string) func(*harness.Stage) string {
		return func(s *harness.Stage) string { return connectionTo("apiURL: " + s.Novu.URL + "\n" + fields) }
	}
	well := func(s *harness.Stage) { s.YAML(withURL("")(s)) }
	tests := map[string]struct {
		prepare     func(s *harness.Stage)
		environment func(s *harness.Stage) string
		reason      string
		says        []string
		fix         cure
	}{
		"the Secret is missing": {nil, withURL(""), v1alpha1.ReasonSecretNotFound, []string{"/dev-key", "create it"}, devKey},
		"the Secret lacks the key": {func(s *harness.Stage) { s.Secret("dev-key", map[string]string{"other": "x"}) }, withURL(""),
			v1alpha1.ReasonSecretKeyMissing, []string{`"secretKey"`, "add it"}, devKey},
		"the key is empty": {func(s *harness.Stage) { s.Secret("dev-key", map[string]string{"secretKey": ""}) }, withURL(""),
			v1alpha1.ReasonSecretKeyMissing, []string{`"secretKey"`, "add it"}, devKey},
		"the key is no key": {func(s *harness.Stage) {
			s.Secret("dev-key", map[string]string{"secretKey": "not a key, but a sentence"})
		},
			withURL(""), v1alpha1.ReasonInvalidSpec, []string{"store the key alone"}, devKey},
		"the key is wrong": {func(s *harness.Stage) { s.Secret("dev-key", map[string]string{"secretKey": strings.Repeat("0a", 16)}) },
			withURL(""), v1alpha1.ReasonUnauthorized, []string{"401", "check the API key"}, devKey},
		"another environment's key, by name": {
			func(s *harness.Stage) {
				s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Production").SecretKey})
			},
			withURL("environmentName: Development"), v1alpha1.ReasonWrongEnvironment,
			[]string{`"Production"`, `"Development"`, "correct the Secret or spec"}, devKey},
		"another environment's key, by id": {
			func(s *harness.Stage) {
				s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Production").SecretKey})
			},
			func(s *harness.Stage) string {
				return withURL("environmentID: " + s.Novu.Environment("Development").ID)(s)
			}, v1alpha1.ReasonWrongEnvironment, []string{"spec.environmentID", "correct the Secret or spec"}, devKey},
		"the name in spec is wrong": {devKey, withURL("environmentName: Dev"), v1alpha1.ReasonWrongEnvironment, []string{`"Dev"`}, well},
		"nobody listens there": {devKey, func(*harness.Stage) string { return connectionTo("apiURL: http://127.0.0.1:1") },
			v1alpha1.ReasonConnectionFailed, []string{"127.0.0.1:1", "check the port"}, well},
		"no such host": {devKey, func(*harness.Stage) string { return connectionTo("apiURL: http://novu.invalid") },
			v1alpha1.ReasonConnectionFailed, []string{"novu.invalid", "check the host"}, well},
		"there is no Novu below the path": {devKey, func(s *harness.Stage) string { return connectionTo("apiURL: " + s.Novu.URL + "/nowhere") },
			v1alpha1.ReasonNotFound, []string{"404", "check that the URL"}, well},
		"the CA bundle is broken": {devKey, withURL(`caBundle: "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----"`),
			v1alpha1.ReasonInvalidCABundle, []string{"CA bundle"}, well},
		"the CA bundle's ConfigMap is missing": {devKey, withURL("caBundleRef: {name: ca, key: ca.crt}"),
			v1alpha1.ReasonConfigMapNotFound, []string{"/ca does not exist"}, well},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			if test.prepare != nil {
				test.prepare(s)
			}
			s.YAML(test.environment(s))
			var e v1alpha1.Environment
			message := s.NotReady(&e, "dev", test.reason)
			for _, says := range test.says {
				if !strings.Contains(message, says) {
					t.Errorf("the message lacks %q: %s", says, message)
				}
			}
			s.YAML(orderShipped)
			s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonEnvironmentNotReady)
			reported(s, test.reason)
			test.fix(s)
			s.Ready(&e, "dev")
			s.Ready(&v1alpha1.Workflow{}, "order-shipped")
		})
	}
}

func TestEnvironmentComesBackWithNovu(t *testing.T) {
	s := bare(t, novutest.Options{})
	devKey(s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.Must(err)
	address := listener.Addr().String()
	s.Must(listener.Close())
	s.YAML(connectionTo("apiURL: http://" + address))
	s.YAML(orderShipped)
	var e v1alpha1.Environment
	s.NotReady(&e, "dev", v1alpha1.ReasonConnectionFailed)
	listener, err = net.Listen("tcp", address)
	s.Must(err)
	server := &http.Server{Handler: s.Novu}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	s.Ready(&e, "dev")
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
}

func TestKeyThatMovesToAnotherEnvironment(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, orderShipped, "order-shipped")
	settle(s)
	s.Novu.ClearRequests()
	s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Production").SecretKey})
	var e v1alpha1.Environment
	message := s.NotReady(&e, "dev", v1alpha1.ReasonEnvironmentChanged)
	production := s.Novu.Environment("Production").ID
	if !strings.Contains(message, "set spec.environmentID to "+production) || !strings.Contains(message, "Nothing is written") {
		t.Errorf("the message names no next step: %s", message)
	}
	if e.Status.EnvironmentID == production {
		t.Error("status names the new environment")
	}
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Other", 1))
	var w v1alpha1.Workflow
	s.NotReady(&w, "order-shipped", v1alpha1.ReasonEnvironmentNotReady)
	settle(s)
	expect(t, "writes", writes(s))
	t.Run("by mistake", func(t *testing.T) {
		s := within(t, s)
		devKey(s)
		s.Ready(&e, "dev")
		s.Ready(&w, "order-shipped")
	})
	t.Run("on purpose", func(t *testing.T) {
		s := within(t, s)
		s.YAML(connectionTo("apiURL: " + s.Novu.URL + "\nenvironmentID: " + production))
		s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Production").SecretKey})
		s.Ready(&e, "dev")
		s.Eventually("the workflow is in Production", func() error {
			if len(s.Novu.Workflows("Production")) != 1 {
				return fmt.Errorf("it is not")
			}
			return nil
		})
		s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	})
}

func TestKeyRotation(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, orderShipped, "order-shipped")
	settle(s)
	old := s.Novu.Environment("Development").SecretKey
	hide(s, old)
	fresh := s.Novu.RotateKey("Development")
	s.Novu.ClearRequests()
	look := func() { annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "rotated") }
	look()
	var e v1alpha1.Environment
	s.NotReady(&e, "dev", v1alpha1.ReasonUnauthorized)
	var w v1alpha1.Workflow
	s.Ready(&w, "order-shipped") // the last good state stays visible
	s.Secret("dev-key", map[string]string{"secretKey": fresh})
	s.Ready(&e, "dev")
	s.Ready(&w, "order-shipped")
	settle(s)
	expect(t, "a new key alone writes nothing", writes(s))
	edited(s, orderShipped, "order-shipped", "name: Order shipped", "name: Again")
}

func TestTroubleMakesNoHotLoop(t *testing.T) {
	t.Parallel()
	const few = 14 // requests until the operator waits, of the Environment and a Workflow together
	tests := map[string]novutest.Fault{
		"Novu is down":            {Status: http.StatusServiceUnavailable},
		"the key is refused":      {Status: http.StatusUnauthorized},
		"a page answers":          {Status: http.StatusOK, Body: []byte("<html>Welcome</html>"), Header: http.Header{"Content-Type": {"text/html"}}},
		"connections break":       {Reset: novutest.BeforeCommit},
		"the plan is not enough":  {Status: http.StatusPaymentRequired},
		"too many requests, in 0": {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
		"answers are cut off":     {Truncate: 10},
		"answers never end":       {Huge: 1 << 30},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			edited(s, orderShipped, "order-shipped")
			settle(s)
			s.Novu.ClearRequests()
			heal := s.Novu.Inject(fault)
			annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "now")
			s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Again", 1))
			s.Condition(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ConditionReady, "False", "")
			settle(s)
			if n := len(s.Novu.Requests()); n > few {
				t.Errorf("%d requests: %q", n, requests(s, func(novutest.Request) bool { return true }))
			}
			s.Condition(&v1alpha1.Environment{}, "dev", v1alpha1.ConditionReady, "False", "")
			heal()
			s.Ready(&v1alpha1.Environment{}, "dev")
			s.Ready(&v1alpha1.Workflow{}, "order-shipped")
		})
	}
}
