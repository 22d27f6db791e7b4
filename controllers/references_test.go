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

// With interval 0s nothing is polled: what arrives must wake who waits for it.
const never = "interval: 0s"

func TestEnvironmentArrivesLast(t *testing.T) {
	s := bare(t, novutest.Options{})
	s.YAML(orderShipped)
	var w v1alpha1.Workflow
	message := s.NotReady(&w, "order-shipped", v1alpha1.ReasonEnvironmentNotFound)
	if !strings.Contains(message, s.Namespace+"/dev does not exist: create it") {
		t.Errorf("the message names no next step: %s", message)
	}
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReferencesResolved, "False", v1alpha1.ReasonEnvironmentNotFound)
	s.YAML(connectionTo("apiURL: " + s.Novu.URL + "\n" + never))
	s.NotReady(&w, "order-shipped", v1alpha1.ReasonEnvironmentNotReady)
	devKey(s)
	s.Ready(&w, "order-shipped")
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReferencesResolved, "True", v1alpha1.ReasonResolved)
}

func TestBodiesComeFromConfigMaps(t *testing.T) {
	const letters = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec:
  environmentRef: {name: dev}
  name: Brand
  bodyFrom: {configMapKeyRef: {name: bodies, key: layout.html}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: letter}
spec:
  environmentRef: {name: dev}
  name: Letter
  steps:
  - stepID: mail
    type: Email
    email: {subject: Hello, layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: letter.html}}}
`
	s := bare(t, novutest.Options{})
	s.Environment("dev", "Development", never)
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.YAML(letters)
	var (
		w v1alpha1.Workflow
		l v1alpha1.Layout
	)
	if message := s.NotReady(&l, "brand", v1alpha1.ReasonConfigMapNotFound); !strings.Contains(message, "/bodies does not exist: create it") {
		t.Errorf("the message names no next step: %s", message)
	}
	s.ConfigMap("bodies", map[string]string{"layout.html": "<html><body>{{content}}</body></html>"})
	s.Ready(&l, "brand")
	if message := s.NotReady(&w, "letter", v1alpha1.ReasonConfigMapKeyMissing); !strings.Contains(message, `"letter.html": add it`) {
		t.Errorf("the message names no next step: %s", message)
	}
	bodies := map[string]string{"layout.html": "<html><body>{{content}}</body></html>", "letter.html": "<p>One</p>"}
	s.ConfigMap("bodies", bodies)
	s.Ready(&w, "letter")
	bodies["letter.html"], bodies["layout.html"] = "<p>Two</p>", "<html><body>New {{content}}</body></html>"
	s.ConfigMap("bodies", bodies)
	s.Eventually("the new bodies", func() error {
		letter, layout := stored(s, "letter").Steps[0].ControlValues["body"], fmt.Sprint(s.Novu.Layouts("Development")[0].Values)
		if letter != "<p>Two</p>" || !strings.Contains(layout, "New") {
			return fmt.Errorf("letter %v, layout %v", letter, layout)
		}
		return nil
	})
	s.Ready(&w, "letter")
}

// neighbour makes a second namespace and applies order-shipped there, referring to the stage's Environment.
func neighbour(t *testing.T, rule string) (s *harness.Stage, other string) {
	t.Helper()
	s = unmanaged(t, novutest.Options{})
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-other-"}}
	s.Must(s.Create(s.Context(), ns))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace, ns.Name}})
	s.Environment("dev", "Development", never+"\n"+rule)
	s.YAML(strings.NewReplacer("{name: order-shipped}", "{name: order-shipped, namespace: "+ns.Name+"}",
		"{name: dev}", "{name: dev, namespace: "+s.Namespace+"}").Replace(orderShipped))
	return s, ns.Name
}

// there is the stage as seen from another namespace.
func there(s *harness.Stage, namespace string) *harness.Stage {
	moved := *s
	moved.Namespace = namespace
	return &moved
}

func label(s *harness.Stage, namespace, value string) {
	s.Helper()
	patch := fmt.Sprintf(`{"metadata":{"labels":{"team":%s}}}`, value)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	s.Must(s.Patch(s.Context(), ns, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

func TestAllowedNamespaces(t *testing.T) {
	t.Parallel()
	var w v1alpha1.Workflow
	refusedFor := map[string]string{
		"no rule":        "",
		"Same":           "allowedNamespaces: {from: Same}",
		"another label":  "allowedNamespaces: {from: Selector, selector: {matchLabels: {team: mail}}}",
		"an expression":  "allowedNamespaces: {from: Selector, selector: {matchExpressions: [{key: team, operator: Exists}]}}",
		"the negated id": "allowedNamespaces: {from: Selector, selector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: DoesNotExist}]}}",
	}
	for name, rule := range refusedFor {
		t.Run(name, func(t *testing.T) {
			s, other := neighbour(t, rule)
			var w v1alpha1.Workflow
			message := there(s, other).NotReady(&w, "order-shipped", v1alpha1.ReasonNamespaceNotAllowed)
			if !strings.Contains(message, other) || !strings.Contains(message, "extend its spec.allowedNamespaces") {
				t.Errorf("the message names no next step: %s", message)
			}
			settle(s)
			expect(t, "writes", writes(s))
			s.Environment("dev", "Development", never+"\nallowedNamespaces: {from: All}")
			there(s, other).Ready(&w, "order-shipped")
		})
	}
	t.Run("a label comes and goes", func(t *testing.T) {
		s, other := neighbour(t, refusedFor["another label"])
		there(s, other).NotReady(&w, "order-shipped", v1alpha1.ReasonNamespaceNotAllowed)
		label(s, other, `"mail"`)
		there(s, other).Ready(&w, "order-shipped")
		label(s, other, "null")
		there(s, other).NotReady(&w, "order-shipped", v1alpha1.ReasonNamespaceNotAllowed)
	})
}

func TestReadOnlyEnvironment(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	toProd := strings.NewReplacer("{name: dev}", "{name: prod}")
	s.YAML(toProd.Replace(orderShipped) + "\n---" + toProd.Replace(brand) + "\n---" + mailer("mailer", "prod", true))
	s.Ready(&v1alpha1.Integration{}, "mailer")
	for _, o := range []struct {
		object client.Object
		name   string
	}{{&v1alpha1.Workflow{}, "order-shipped"}, {&v1alpha1.Layout{}, "brand"}} {
		message := s.NotReady(o.object, o.name, v1alpha1.ReasonEnvironmentReadOnly)
		if !strings.Contains(message, "its source "+s.Namespace+"/dev") || !strings.Contains(message, "create a Promotion") {
			t.Errorf("the message names no next step: %s", message)
		}
		s.Condition(o.object, o.name, v1alpha1.ConditionStalled, "True", v1alpha1.ReasonEnvironmentReadOnly)
	}
	expect(t, "writes", writes(s), "POST /v1/integrations")
	s.Environment("prod", "Production", "")
	s.YAML(`{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, metadata: {name: prod}, spec: {apiURL: "` + s.Novu.URL + `", secretKeyRef: {name: prod-key}}}`)
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	s.Ready(&v1alpha1.Layout{}, "brand")
}
