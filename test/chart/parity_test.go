// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// policyLabel is how the operator finds the policies.
const policyLabel = "novu-operator.dev/policy"

// TestParity holds both ways to install to the same result: what helm renders by default and what config/default builds.
func TestParity(t *testing.T) {
	fromHelm := NewHelm(t, "").Template(t, release, "")
	fromKustomize := Kustomize(t, "config/default")

	t.Run("objects", func(t *testing.T) {
		want := slices.DeleteFunc(fromKustomize.Names(), func(name string) bool {
			return name == "Namespace/"+release.Namespace // helm makes it when asked to
		})
		if diff := cmp.Diff(sorted(want), sorted(fromHelm.Names())); diff != "" {
			t.Errorf("-kustomize +helm:\n%s", diff)
		}
	})
	t.Run("definitions", func(t *testing.T) {
		for _, crd := range fromKustomize.Of("CustomResourceDefinition") {
			if !compareFields(t, fromKustomize, fromHelm, "CustomResourceDefinition", crd.GetName(), "spec") {
				t.Log("run `make manifests`")
			}
		}
	})
	t.Run("bindings", func(t *testing.T) {
		for _, kind := range []string{"RoleBinding", "ClusterRoleBinding"} {
			for _, binding := range fromKustomize.Of(kind) {
				compareFields(t, fromKustomize, fromHelm, kind, binding.GetName(), "roleRef")
				compareFields(t, fromKustomize, fromHelm, kind, binding.GetName(), "subjects")
			}
		}
	})
	t.Run("rules", func(t *testing.T) {
		for _, role := range slices.Concat(fromKustomize.Of("Role"), fromKustomize.Of("ClusterRole")) {
			compareRoles(t, fromKustomize, fromHelm, role.GetKind(), role.GetName())
		}
	})
	t.Run("policies", func(t *testing.T) {
		for _, kind := range []string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"} {
			for _, policy := range fromKustomize.Of(kind) {
				compareFields(t, fromKustomize, fromHelm, kind, policy.GetName(), "spec")
				rendered := fromHelm.Get(t, kind, policy.GetName())
				if label := rendered.GetLabels()[policyLabel]; label == "" || label != policy.GetLabels()[policyLabel] {
					t.Errorf("%s %s has the label %q", kind, policy.GetName(), label)
				}
			}
		}
	})
	t.Run("manager", func(t *testing.T) {
		var want, got appsv1.Deployment
		fromKustomize.Into(t, "Deployment", release.Name, &want)
		fromHelm.Into(t, "Deployment", release.Name, &got)
		if diff := cmp.Diff(want.Spec, got.Spec); diff != "" {
			t.Errorf("-kustomize +helm:\n%s", diff)
		}
	})
	t.Run("metrics", func(t *testing.T) {
		var want, got corev1.Service
		fromKustomize.Into(t, "Service", release.Name+"-metrics", &want)
		fromHelm.Into(t, "Service", release.Name+"-metrics", &got)
		if diff := cmp.Diff(want.Spec, got.Spec); diff != "" {
			t.Errorf("-kustomize +helm:\n%s", diff)
		}
	})
}

// compareFields compares one top-level field of an object that both have.
func compareFields(t *testing.T, kustomize, helm Objects, kind, name, field string) bool {
	t.Helper()
	want := kustomize.Get(t, kind, name).Object[field]
	if want == nil {
		t.Errorf("%s %s has no %s", kind, name, field)
	}
	diff := cmp.Diff(want, helm.Get(t, kind, name).Object[field])
	if diff != "" {
		t.Errorf("%s %s, -kustomize +helm:\n%s", kind, name, diff)
	}
	return diff == ""
}

// compareRoles compares what a role grants, and whom it is aggregated to, whatever the order of its rules.
func compareRoles(t *testing.T, kustomize, helm Objects, kind, name string) {
	t.Helper()
	var want, got rbacv1.ClusterRole
	kustomize.Into(t, kind, name, &want)
	helm.Into(t, kind, name, &got)
	if diff := cmp.Diff(grants(want.Rules), grants(got.Rules)); diff != "" {
		t.Errorf("%s %s, -kustomize +helm:\n%s", kind, name, diff)
	}
	if diff := cmp.Diff(aggregation(want.Labels), aggregation(got.Labels)); diff != "" {
		t.Errorf("%s %s, -kustomize +helm:\n%s", kind, name, diff)
	}
}

// grants spells rules out, one line for each thing that is allowed.
func grants(rules []rbacv1.PolicyRule) []string {
	var lines []string
	for _, rule := range rules {
		lines = append(lines, rule.NonResourceURLs...)
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					lines = append(lines, strings.Join(append([]string{verb, resource, group}, rule.ResourceNames...), " "))
				}
			}
		}
	}
	return sorted(lines)
}

func aggregation(labels map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(labels)), func(label string) bool {
		return !strings.HasPrefix(label, "rbac.authorization.k8s.io/")
	})
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return slices.Compact(lines)
}
