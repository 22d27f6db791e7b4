// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func suspended(manifest string) string {
	return strings.Replace(manifest, "  name: Order shipped", "  suspend: true\n  name: Order shipped", 1)
}

func TestSuspendedWorkflow(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, orderShipped, "order-shipped")
	s.YAML(suspended(orderShipped))
	var w v1alpha1.Workflow
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSuspended)
	same(t, before, &w)
	settle(s)
	s.Novu.ClearRequests()
	s.YAML(strings.Replace(suspended(orderShipped), "name: Order shipped", "name: Changed", 1))
	meddle(s, "order-shipped", func(w *workflowEdit) { w.Description = "Meddled" })
	s.Novu.ClearRequests()
	look(s, "dev")
	expect(t, "calls", objects(s))
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSuspended)
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if apimeta.FindStatusCondition(w.Status.Conditions, kind) != nil {
			t.Errorf("%s is present", kind)
		}
	}
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "suspend: false\n  name: Changed", 1))
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	if got := stored(s, "order-shipped"); got.Name != "Changed" || got.Description != "" {
		t.Errorf("Novu holds %+v", got)
	}
}

func TestWorkflowThatIsSuspendedFromTheStart(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.YAML(suspended(orderShipped))
	var w v1alpha1.Workflow
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "Unknown", v1alpha1.ReasonSuspended)
	settle(s)
	expect(t, "writes", writes(s))
}

func TestSuspendedEnvironment(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	before := edited(s, orderShipped, "order-shipped")
	s.Environment("dev", "Development", "suspend: true")
	var (
		e v1alpha1.Environment
		w v1alpha1.Workflow
	)
	s.Condition(&e, "dev", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSuspended)
	settle(s)
	s.Novu.ClearRequests()
	quiet := func(when string) {
		t.Helper()
		annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, when)
		annotate(s, &v1alpha1.Workflow{}, "order-shipped", v1alpha1.RequestedAtAnnotation, when)
		settle(s)
		expect(t, when, requests(s, func(novutest.Request) bool { return true }))
		s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
		same(t, before, &w)
	}
	quiet("while suspended")
	s.Must(m.Stop())
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	quiet("after a restart")
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Changed", 1))
	message := s.NotReady(&w, "order-shipped", v1alpha1.ReasonEnvironmentSuspended)
	if !strings.Contains(message, s.Namespace+"/dev is suspended: set its spec.suspend to false") {
		t.Errorf("the message names no cause: %s", message)
	}
	expect(t, "an edit", writes(s))
	s.Environment("dev", "Development", "suspend: false")
	s.Ready(&e, "dev")
	s.Eventually("the edit reaches Novu", func() error {
		if got := stored(s, "order-shipped").Name; got != "Changed" {
			return fmt.Errorf("it is called %q", got)
		}
		return nil
	})
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
}
