// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// says waits until Ready of an object has the reason and its message contains the texts.
func says(s *harness.Stage, o client.Object, name, reason string, texts ...string) {
	s.Helper()
	s.Eventually(name+" names the root cause", func() error {
		ready := s.Condition(o, name, v1alpha1.ConditionReady, "False", reason)
		for _, text := range texts {
			if !strings.Contains(ready.Message, text) {
				return fmt.Errorf("%q is not in %q", text, ready.Message)
			}
		}
		return nil
	})
}

func objectMeta(s *harness.Stage, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: name}
}

// Whoever deletes a whole folder deletes the Secret first. Then the Workflow waits for the Environment and the Environment for
// the Workflow, and both must say what is really missing.
func TestSecretDeletedFirst(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(deletable)
	s.Ready(&v1alpha1.Workflow{}, "deletable")
	missing := "Secret " + s.Namespace + "/dev-key does not exist: create it"
	s.Must(s.Delete(s.Context(), &corev1.Secret{ObjectMeta: objectMeta(s, "dev-key")}))
	says(s, &v1alpha1.Environment{}, "dev", v1alpha1.ReasonSecretNotFound, missing)
	drop(s, "deletable")
	says(s, &v1alpha1.Workflow{}, "deletable", v1alpha1.ReasonDeletionBlocked, "SecretNotFound", missing)
	s.Must(s.Delete(s.Context(), &v1alpha1.Environment{ObjectMeta: objectMeta(s, "dev")}))
	says(s, &v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse, "SecretNotFound", missing, "/deletable")
	says(s, &v1alpha1.Workflow{}, "deletable", v1alpha1.ReasonDeletionBlocked, "SecretNotFound", missing)

	// Another cause takes the place of the first, in both.
	s.Secret("dev-key", map[string]string{"secretKey": "unknown-key"})
	hide(s, "unknown-key")
	says(s, &v1alpha1.Environment{}, "dev", v1alpha1.ReasonInUse, "Unauthorized")
	says(s, &v1alpha1.Workflow{}, "deletable", v1alpha1.ReasonDeletionBlocked, "Unauthorized")

	s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
	s.Gone(&v1alpha1.Workflow{}, "deletable")
	s.Gone(&v1alpha1.Environment{}, "dev")
}

// What waits for an Environment says why the Environment is not there, follows when that changes, and writes nothing while
// it does not.
func TestWaitingObjectsNameTheRootCause(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	counted := &kubeWrites{}
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: counted.config(t)})
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Must(s.Delete(s.Context(), &corev1.Secret{ObjectMeta: objectMeta(s, "dev-key")}))
	s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonSecretNotFound)
	s.YAML(strings.Replace(orderShipped, "  name: Order shipped", "  name: Order shipped\n  deletionPolicy: Retain", 1) + "\n---" + brand)
	missing := "Secret " + s.Namespace + "/dev-key does not exist"
	says(s, &v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonEnvironmentNotReady, "SecretNotFound", missing)
	says(s, &v1alpha1.Layout{}, "brand", v1alpha1.ReasonEnvironmentNotReady, "SecretNotFound", missing)

	s.Secret("dev-key", map[string]string{"another": "value"})
	says(s, &v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonEnvironmentNotReady, "SecretKeyMissing", `"secretKey"`)
	says(s, &v1alpha1.Layout{}, "brand", v1alpha1.ReasonEnvironmentNotReady, "SecretKeyMissing")
	settle(s)
	before := len(counted.of("workflows")) + len(counted.of("layouts"))
	for n := range 3 {
		s.Secret("dev-key", map[string]string{"another": fmt.Sprint("value ", n)})
		annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, fmt.Sprint(n))
		settle(s)
	}
	if after := len(counted.of("workflows")) + len(counted.of("layouts")); after != before {
		t.Errorf("%d writes although the cause is the same: %v", after-before, counted.all())
	}
}

// A Workflow that waits for its Layout says why the Layout is not there.
func TestLayoutPassesItsCauseOn(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(strings.Replace(brandFrom, "KEY", "brand.html", 1) + "\n---" + stationery)
	missing := "ConfigMap " + s.Namespace + "/files does not exist"
	says(s, &v1alpha1.Layout{}, "brand", v1alpha1.ReasonConfigMapNotFound, missing)
	says(s, &v1alpha1.Workflow{}, "stationery", v1alpha1.ReasonLayoutNotReady, "Layout "+s.Namespace+"/brand", "ConfigMapNotFound", missing)
	s.ConfigMap("files", map[string]string{"brand.html": "<html>{{content}}</html>"})
	says(s, &v1alpha1.Layout{}, "brand", v1alpha1.ReasonRejected)
	says(s, &v1alpha1.Workflow{}, "stationery", v1alpha1.ReasonLayoutNotReady, "Rejected", "valid HTML")
	s.ConfigMap("files", map[string]string{"brand.html": "<html><body>{{content}}</body></html>"})
	s.Ready(&v1alpha1.Workflow{}, "stationery")
}

// A Promotion says why its target, or its source, is not there.
func TestPromotionNamesTheRootCause(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"dev", "prod"} {
		t.Run(environment, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			target(s, "")
			s.Ready(&v1alpha1.Environment{}, "dev", "prod")
			s.Must(s.Delete(s.Context(), &corev1.Secret{ObjectMeta: objectMeta(s, environment+"-key")}))
			s.NotReady(&v1alpha1.Environment{}, environment, v1alpha1.ReasonSecretNotFound)
			p := promote(s, "first", "prod", "")
			says(s, p, "first", v1alpha1.ReasonEnvironmentNotReady, "SecretNotFound", "Secret "+s.Namespace+"/"+environment+"-key")
		})
	}
}

const deletable = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: deletable}
spec:
  environmentRef: {name: dev}
  name: Deletable
  deletionPolicy: Delete
  steps: [{stepID: wait, type: Delay, delay: {amount: 1, unit: Hours}}]
`

const stationery = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: stationery}
spec:
  environmentRef: {name: dev}
  name: Stationery
  steps:
  - stepID: mail
    type: Email
    email: {subject: Hello, body: <p>Hello</p>, layout: {type: Ref, ref: {name: brand}}}
`
