// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestDryRunWritesNothing(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(orderShipped + "\n---" + threeSteps + "\n---" + brand + "\n---" + sendgrid)
	s.Ready(&v1alpha1.Workflow{}, "order-shipped", "three")
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	s.Must(m.Stop())
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Changed", 1))
	s.YAML(strings.Replace(brand, "name: Brand", "name: Changed", 1))
	s.YAML(strings.Replace(orderShipped, "name: order-shipped", "name: fresh", 1))
	s.Secret("sendgrid", map[string]string{"apiKey": secondSecret})
	hide(s, firstSecret)
	meddle(s, "three", rename)
	before := s.Novu.SnapshotWithStepIDs("Development")
	s.Novu.ClearRequests()
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Connections: connection.Options{ReadOnly: true}})
	for _, test := range []struct {
		object     client.Object
		name, says string
	}{
		{&v1alpha1.Workflow{}, "order-shipped", `would change name of "order-shipped"`},
		{&v1alpha1.Workflow{}, "three", `would change name of "three"`},
		{&v1alpha1.Workflow{}, "fresh", `would create "fresh"`},
		{&v1alpha1.Layout{}, "brand", `would change name of "brand"`},
		{&v1alpha1.Integration{}, "sendgrid", `would change credentials.apiKey of "sendgrid"`},
	} {
		if message := s.NotReady(test.object, test.name, v1alpha1.ReasonDryRun); !strings.Contains(message, test.says) {
			t.Errorf("the message lacks %q: %s", test.says, message)
		}
	}
	s.Ready(&v1alpha1.Environment{}, "dev")
	settle(s)
	expect(t, "writes", writes(s))
	if after := s.Novu.SnapshotWithStepIDs("Development"); !reflect.DeepEqual(before, after) {
		t.Errorf("Novu went from\n%v\nto\n%v", before, after)
	}
}
