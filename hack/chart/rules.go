// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// roles are the named templates, in their order in the file, and where their rules come from.
var roles = []struct{ template, file string }{
	{"leader-election", "leader_election_role.yaml"},
	{"viewer", "viewer_role.yaml"},
	{"editor", "editor_role.yaml"},
	{"admin", "admin_role.yaml"},
}

// managerRole is the role that controller-gen writes. It becomes two templates, because a manager that watches some
// namespaces only is bound to its rights on namespaced resources in each of them.
const managerRole = "role.yaml"

// clusterScoped are the resources that no namespace holds, of those that an operator may come to need.
var clusterScoped = map[schema.GroupResource]bool{
	{Resource: "namespaces"}: true,
	{Resource: "nodes"}:      true,
	{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}:                 true,
	{Group: "admissionregistration.k8s.io", Resource: "validatingadmissionpolicies"}:       true,
	{Group: "admissionregistration.k8s.io", Resource: "validatingadmissionpolicybindings"}: true,
	{Group: "authentication.k8s.io", Resource: "tokenreviews"}:                             true,
	{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}:                      true,
	{Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}:                         true,
	{Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"}:                  true,
}

// clusterWide are the verbs that admission policies ask for without a namespace: what they let the operator do in one namespace
// counts in others. By themselves they give no right to read or write anything.
var clusterWide = map[string]bool{"operate": true}

// rulesTemplate renders the rules of the roles in the folder rbac as named templates.
func rulesTemplate(rbac string) ([]byte, error) {
	out := bytes.NewBufferString(fmt.Sprintf(generatedTag, "config/rbac"))
	manager, err := readRules(filepath.Join(rbac, managerRole))
	if err != nil {
		return nil, err
	}
	namespaced, cluster := split(manager)
	if err := define(out, "manager-namespaced", namespaced); err != nil {
		return nil, err
	}
	if err := define(out, "manager-cluster", cluster); err != nil {
		return nil, err
	}
	for _, role := range roles {
		rules, err := readRules(filepath.Join(rbac, role.file))
		if err != nil {
			return nil, err
		}
		if err := define(out, role.template, rules); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// readRules reads a Role or ClusterRole, which have their rules in the same place.
func readRules(path string) ([]rbacv1.PolicyRule, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(content, &role); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(role.Rules) == 0 {
		return nil, fmt.Errorf("%s has no rules", path)
	}
	return role.Rules, nil
}

// split parts the rules by whether a namespace holds the resource, and whether the verb is held in a namespace. A rule that names
// both kinds becomes two.
func split(rules []rbacv1.PolicyRule) (namespaced, cluster []rbacv1.PolicyRule) {
	for _, rule := range rules {
		if len(rule.NonResourceURLs) > 0 {
			cluster = append(cluster, rule)
			continue
		}
		if slices.ContainsFunc(rule.Verbs, isClusterWide) {
			everywhere := rule
			everywhere.Verbs = slices.DeleteFunc(slices.Clone(rule.Verbs), func(v string) bool { return !isClusterWide(v) })
			cluster = append(cluster, everywhere)
			rule.Verbs = slices.DeleteFunc(slices.Clone(rule.Verbs), isClusterWide)
		}
		if len(rule.Verbs) == 0 {
			continue
		}
		in, out := rule, rule
		in.Resources, out.Resources = splitResources(rule)
		if len(in.Resources) > 0 {
			namespaced = append(namespaced, in)
		}
		if len(out.Resources) > 0 {
			cluster = append(cluster, out)
		}
	}
	return namespaced, cluster
}

func isClusterWide(verb string) bool { return clusterWide[verb] }

func splitResources(rule rbacv1.PolicyRule) (namespaced, cluster []string) {
	for _, resource := range rule.Resources {
		if isClusterScoped(rule.APIGroups, resource) {
			cluster = append(cluster, resource)
		} else {
			namespaced = append(namespaced, resource)
		}
	}
	return namespaced, cluster
}

func isClusterScoped(groups []string, resource string) bool {
	for _, group := range groups {
		if clusterScoped[schema.GroupResource{Group: group, Resource: resource}] {
			return true
		}
	}
	return false
}

// define appends a named template. One without rules renders to nothing, which callers can ask for.
func define(out *bytes.Buffer, name string, rules []rbacv1.PolicyRule) error {
	fmt.Fprintf(out, "\n{{- define \"novu-operator.rules.%s\" -}}\n", name)
	if len(rules) > 0 {
		body, err := yaml.Marshal(rules)
		if err != nil {
			return fmt.Errorf("rules of %s: %w", name, err)
		}
		out.Write(body)
	}
	out.WriteString("{{- end }}\n")
	return nil
}
