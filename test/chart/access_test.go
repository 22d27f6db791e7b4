// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// action is something that one may or may not do in a namespace, "" for the whole cluster.
type action struct {
	namespace, verb, group, resource string
	allowed                          bool
}

const (
	ours   = "novu-operator.dev"
	own    = "novu-operator-system"
	others = "others"
)

// operatorAlways is what the operator may do wherever it looks after objects, and what it may do nowhere.
var operatorAlways = []action{
	{team, "list", ours, "workflows", true},
	{team, "watch", ours, "environments", true},
	{team, "patch", ours, "workflows/status", true},
	{team, "patch", ours, "promotions/status", true},
	{team, "get", "", "secrets", true},
	{team, "watch", "", "configmaps", true},
	{team, "create", "events.k8s.io", "events", true},
	{"", "watch", "", "namespaces", true},
	{team, "operate", ours, "environments", true},
	{"", "operate", ours, "environments", true}, // status leads to every namespace
	{"", "list", "admissionregistration.k8s.io", "validatingadmissionpolicies", true},
	{"", "list", "admissionregistration.k8s.io", "validatingadmissionpolicybindings", true},
	{"", "delete", "admissionregistration.k8s.io", "validatingadmissionpolicybindings", false},
	{own, "create", "coordination.k8s.io", "leases", true},
	{own, "update", "coordination.k8s.io", "leases", true},
	{team, "update", "coordination.k8s.io", "leases", false},
	{team, "delete", ours, "workflows", false},
	{team, "create", ours, "environments", false},
	{team, "update", "", "secrets", false},
	{team, "create", "", "pods", false},
	{team, "impersonate", "", "serviceaccounts", false},
}

// testOperatorRights asks the API server what the operator's own token is good for.
func (c *cluster) testOperatorRights(t *testing.T) {
	c.helm.Install(t, release, "")
	operator := ServiceAccountConfig(t, c.admin, release.Namespace, release.Name)
	user := "system:serviceaccount:" + release.Namespace + ":" + release.Name
	t.Run("identity", func(t *testing.T) {
		review := &authenticationv1.SelfSubjectReview{}
		if err := newClient(t, operator).Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		if review.Status.UserInfo.Username != user {
			t.Errorf("the token is that of %s, want %s", review.Status.UserInfo.Username, user)
		}
	})
	t.Run("all namespaces", func(t *testing.T) {
		c.checkActions(t, user, slices.Concat(operatorAlways, []action{
			{"", "list", ours, "workflows", true},
			{others, "get", "", "secrets", true},
		}))
		if err := newClient(t, operator).List(t.Context(), &v1alpha1.WorkflowList{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("some namespaces", func(t *testing.T) {
		c.helm.Upgrade(t, release, "watchNamespaces: ["+team+"]")
		c.checkActions(t, user, slices.Concat(operatorAlways, []action{
			{"", "list", ours, "workflows", false},
			{"", "list", "", "secrets", false},
			{others, "get", "", "secrets", false},
			{others, "get", ours, "environments", false},
			{others, "create", "apps", "controllerrevisions", false},
			{own, "get", "", "secrets", false},
		}))
	})
	t.Run("what gates read", func(t *testing.T) {
		gates := []action{{others, "get", "apps", "deployments", false}}
		c.checkActions(t, user, gates)
		c.helm.Upgrade(t, release, "watchNamespaces: ["+team+"]\ngates: {rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}")
		gates[0].allowed = true
		c.checkActions(t, user, slices.Concat(gates, []action{
			{others, "patch", "apps", "deployments", false},
			{others, "list", "apps", "deployments", false},
			{others, "get", "", "secrets", false},
		}))
	})
	c.helm.Uninstall(t, release)
}

// testUserRights binds people to the roles that every cluster has, which a controller adds the operator's kinds to.
func (c *cluster) testUserRights(t *testing.T) {
	c.helm.Install(t, release, "")
	tests := map[string][]action{
		"view": {
			{team, "list", ours, "workflows", true},
			{team, "get", ours, "promotions", true},
			{team, "create", ours, "workflows", false},
			{team, "create", ours, "promotions", false},
			{others, "list", ours, "workflows", false},
		},
		"edit": {
			{team, "list", ours, "environments", true},
			{team, "create", ours, "workflows", true},
			{team, "delete", ours, "integrations", true},
			{team, "create", ours, "promotions", true},
			{team, "promote", ours, "environments", false},
			{team, "approve", ours, "environments", false},
			{team, "update", ours, "environments", false},
			{team, "patch", ours, "workflows/status", false},
		},
		"admin": {
			{team, "list", ours, "environments", true},
			{team, "update", ours, "workflows", true},
			{team, "create", ours, "environments", true},
			{team, "promote", ours, "environments", true},
			{team, "approve", ours, "environments", true},
			{team, "rollback", ours, "environments", true},
			{team, "resume", ours, "environments", true},
			{team, "operate", ours, "environments", false},
			{team, "patch", ours, "environments/status", false},
			{others, "promote", ours, "environments", false},
			{others, "create", ours, "environments", false},
		},
	}
	for role, actions := range tests {
		t.Run(role, func(t *testing.T) {
			c.create(t, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: role},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
				Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: role + "er"}},
			})
			c.checkActions(t, role+"er", actions)
		})
	}
	c.helm.Uninstall(t, release)
}

// checkActions waits until the API server decides as wanted: it learns of new roles a moment after they are written.
func (c *cluster) checkActions(t *testing.T, user string, actions []action) {
	t.Helper()
	eventually(t, func() error {
		for _, a := range actions {
			if allowed := c.may(t, user, a); allowed != a.allowed {
				return fmt.Errorf("%s may %s %s.%s in %q: %t", user, a.verb, a.resource, a.group, a.namespace, allowed)
			}
		}
		return nil
	})
}

func (c *cluster) may(t *testing.T, user string, a action) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(a.resource, "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: a.namespace, Verb: a.verb, Group: a.group, Resource: resource, Subresource: subresource,
		},
	}}
	if err := c.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}
