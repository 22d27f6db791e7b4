// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// TestGatesWithoutTheChart builds the patch that the page about gates gives to those who do not use the chart.
func TestGatesWithoutTheChart(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(Root(t), "docs", "how-to", "code-before-template.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "```yaml skip: a part of a kustomization.yaml\n")
	patch, _, _ := strings.Cut(block, "```")
	if !found {
		t.Fatal("the page has no patch any more")
	}
	dir := t.TempDir()
	base, err := filepath.Rel(dir, filepath.Join(Root(t), "config", "default"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte("resources: ["+base+"]\n"+patch), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Rel(Root(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	Kustomize(t, folder).Into(t, "ClusterRole", "novu-operator-manager-role", &role)
	if !slices.Contains(grants(role.Rules), "get deployments apps") {
		t.Errorf("the operator may not get Deployments: %v", role.Rules)
	}
}
