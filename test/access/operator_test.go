// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestOperator lets the operator work under its own name, with no more than the rights of its ServiceAccount, while the
// policies hold.
func TestOperator(t *testing.T) {
	newWorld(t)
	s := newStage(t)
	startAs(t, s, operator)
	s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: welcome}
spec: {environmentRef: {name: dev}, name: Welcome, deletionPolicy: Delete, steps: [{stepID: inbox, type: InApp, inApp: {body: Hello}}]}`)
	s.Ready(&v1alpha1.Environment{}, "dev", "production")
	s.Ready(&v1alpha1.Workflow{}, "welcome")
	s.YAML(`{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release}, spec: {targetRef: {name: production}}}`)
	s.Ready(&v1alpha1.Promotion{}, "release")
	s.Must(s.Delete(t.Context(), &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "welcome"}}))
	s.Gone(&v1alpha1.Workflow{}, "welcome")
}

// TestProtected takes the policies away in several ways. They come back when the test ends.
func TestProtected(t *testing.T) {
	w, s := newWorld(t), newStage(t)
	startAs(t, s, operator)
	check := func(status metav1.ConditionStatus, reason string, parts ...string) {
		t.Helper()
		c := s.Condition(&v1alpha1.Environment{}, "production", v1alpha1.ConditionProtected, status, reason)
		for _, part := range parts {
			if !strings.Contains(c.Message, part) {
				t.Errorf("the message does not say %q: %s", part, c.Message)
			}
		}
		s.Ready(&v1alpha1.Environment{}, "production") // whatever protects it
	}
	check(metav1.ConditionTrue, v1alpha1.ReasonPoliciesInstalled)
	dev := &v1alpha1.Environment{}
	s.Ready(dev, "dev")
	if c := apimeta.FindStatusCondition(dev.Status.Conditions, v1alpha1.ConditionProtected); c != nil {
		t.Errorf("what is no target has %v", c)
	}

	t.Cleanup(func() { w.enforce("status", admissionv1.Deny) })
	w.enforce("status", admissionv1.Audit)
	look(s, "1")
	check(metav1.ConditionFalse, v1alpha1.ReasonPoliciesMissing, "(status)", "policies.install=true", "config/policies")
	w.enforce("status", admissionv1.Deny)
	look(s, "2")
	check(metav1.ConditionTrue, v1alpha1.ReasonPoliciesInstalled)

	patch(s, `{"spec":{"promotionPolicy":null}}`)
	s.Eventually("the condition is gone", func() error {
		target := &v1alpha1.Environment{}
		if err := s.Get(t.Context(), s.Key("production"), target); err != nil {
			return err
		}
		if c := apimeta.FindStatusCondition(target.Status.Conditions, v1alpha1.ConditionProtected); c != nil {
			return fmt.Errorf("there is %v", c)
		}
		return nil
	})
}

// An operator that may not look at policies says so, and works.
func TestProtectionUnknown(t *testing.T) {
	w, s := newWorld(t), newStage(t)
	const blind = "blind-operator"
	role := &rbacv1.ClusterRole{}
	s.Must(s.Get(t.Context(), client.ObjectKey{Name: "novu-operator-manager-role"}, role))
	rules := slices.DeleteFunc(role.Rules, func(r rbacv1.PolicyRule) bool { return slices.Contains(r.APIGroups, admissionv1.GroupName) })
	if len(rules) == len(role.Rules) {
		t.Fatal("the operator may not look at policies at all")
	}
	limited := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: blind}, Rules: rules}
	s.Must(s.Create(t.Context(), limited))
	s.Must(s.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: blind}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: blind},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: blind}},
	}))
	w.until(func() error { return w.allows(blind, "operate") })
	startAs(t, s, blind)
	c := s.Condition(&v1alpha1.Environment{}, "production", v1alpha1.ConditionProtected, metav1.ConditionUnknown, v1alpha1.ReasonPoliciesUnknown)
	if !strings.Contains(c.Message, "list validatingadmissionpolicies") {
		t.Errorf("the message is %q", c.Message)
	}
	s.Ready(&v1alpha1.Environment{}, "dev", "production")
}

// newStage is a namespace with an Environment dev, and production that is promoted into from there.
func newStage(t *testing.T) *harness.Stage {
	t.Helper()
	s := harness.NewStage(t, novutest.Options{Environments: []string{"Development", "Production"}})
	s.Environment("dev", "Development", "")
	s.Environment("production", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	return s
}

// startAs starts an operator that the API server knows by this name.
func startAs(t *testing.T, s *harness.Stage, user string) {
	t.Helper()
	config := rest.CopyConfig(harness.API(t))
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	harness.StartManager(t, harness.ManagerOptions{Config: config, Namespaces: []string{s.Namespace}})
}

// look has the operator look at production now.
func look(s *harness.Stage, value string) {
	s.Helper()
	patch(s, fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.RequestedAtAnnotation, value))
}

// patch changes production.
func patch(s *harness.Stage, fields string) {
	s.Helper()
	target := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "production"}}
	s.Must(s.Patch(s.Context(), target, client.RawPatch(types.MergePatchType, []byte(fields))))
}

// enforce changes what the API server does with what a policy refuses, and waits until it does so.
func (w *world) enforce(policy string, action admissionv1.ValidationAction) {
	w.Helper()
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{}
	w.must(w.Get(context.Background(), client.ObjectKey{Name: "novu-operator-" + policy}, binding))
	binding.Spec.ValidationActions = []admissionv1.ValidationAction{action}
	w.must(w.Update(context.Background(), binding))
	w.until(func() error {
		err := w.probe(policy)
		if action == admissionv1.Deny {
			return refusedBy(err, policy)
		}
		return err
	})
}
