// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
)

func TestCRDTemplate(t *testing.T) {
	const metadata = "metadata:\n  annotations:\n    generator: v1\n  name: things.example.test\n"
	tests := []struct {
		name, definition string
		want             []string
		err              string
	}{
		{
			name:       "wrapped",
			definition: "---\nkind: CustomResourceDefinition\n" + metadata,
			want: []string{
				"{{- if .Values.crds.install }}\nkind: CustomResourceDefinition\n",
				"labels:\n    {{- include \"novu-operator.labels\" . | nindent 4 }}\n",
				"{{- end }}\n    generator: v1\n  name: things.example.test\n{{- end }}\n",
			},
		},
		{
			name:       "braces are text",
			definition: "kind: X\n" + metadata + "spec: '{{payload.name}} and ^\\{\\{'\n",
			want:       []string{`spec: '{{ "{{" }}payload.name}} and ^\{\{'`},
		},
		{name: "no annotations", definition: "kind: X\nmetadata:\n  name: x\n", err: "thing.yaml does not have the form"},
		{name: "two documents", definition: "kind: X\n" + metadata + "---\nkind: Y\n" + metadata, err: "thing.yaml does not have the form"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := crdTemplate("thing.yaml", []byte(test.definition))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(got), want) {
					t.Errorf("the template does not contain %q:\n%s", want, got)
				}
			}
		})
	}
}

func TestPolicyTemplate(t *testing.T) {
	const policy = "# why\napiVersion: v1\nkind: P\nmetadata:\n  name: novu-operator-a\n  labels:\n    l: a\nspec:\n  x: y\n"
	tests := []struct {
		name, content string
		want          []string
		err           string
	}{
		{
			name:    "wrapped",
			content: policy + "---\nkind: B\nmetadata:\n  name: novu-operator-a\n  labels:\n    l: a\nspec:\n  policyName: novu-operator-a\n",
			want: []string{
				"{{- if .Values.policies.install }}\n# why\n",
				"  name: {{ include \"novu-operator.fullname\" . }}-a\n  labels:\n    {{- include \"novu-operator.labels\" . | nindent 4 }}\n    l: a\n",
				"  policyName: {{ include \"novu-operator.fullname\" . }}-a\n",
				"\n{{- end }}\n",
			},
		},
		{name: "braces are text", content: policy + "  e: '{{a}}'\n", want: []string{`e: '{{ "{{" }}a}}'`}},
		{name: "other names are left alone", content: policy + "  e: novu-operator-a\n", want: []string{"  e: novu-operator-a\n"}},
		{name: "no labels", content: strings.Replace(policy, "  labels:\n", "", 1), err: "a.yaml: every object needs labels"},
		{name: "a name of its own", content: strings.Replace(policy, "novu-operator-", "", 1), err: "begins with novu-operator-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := policyTemplate("a.yaml", []byte(test.content))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(got), want) {
					t.Errorf("the template does not contain %q:\n%s", want, got)
				}
			}
		})
	}
}

func TestSplit(t *testing.T) {
	rule := func(groups []string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: groups, Resources: resources, Verbs: []string{"get"}}
	}
	core := []string{""}
	withVerbs := func(verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{"novu-operator.dev"}, Resources: []string{"environments"}, Verbs: verbs}
	}
	urls := rbacv1.PolicyRule{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}
	tests := []struct {
		name                string
		rule                rbacv1.PolicyRule
		namespaced, cluster []rbacv1.PolicyRule
	}{
		{"namespaced", rule(core, "secrets"), []rbacv1.PolicyRule{rule(core, "secrets")}, nil},
		{"cluster", rule(core, "namespaces"), nil, []rbacv1.PolicyRule{rule(core, "namespaces")}},
		{
			"mixed", rule(core, "configmaps", "namespaces", "secrets"),
			[]rbacv1.PolicyRule{rule(core, "configmaps", "secrets")},
			[]rbacv1.PolicyRule{rule(core, "namespaces")},
		},
		{
			"same name in another group", rule([]string{"example.test"}, "namespaces"),
			[]rbacv1.PolicyRule{rule([]string{"example.test"}, "namespaces")}, nil,
		},
		{
			"a verb of the whole cluster", withVerbs("get", "operate"),
			[]rbacv1.PolicyRule{withVerbs("get")}, []rbacv1.PolicyRule{withVerbs("operate")},
		},
		{"nothing but that", withVerbs("operate"), nil, []rbacv1.PolicyRule{withVerbs("operate")}},
		{"no resource at all", urls, nil, []rbacv1.PolicyRule{urls}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			namespaced, cluster := split([]rbacv1.PolicyRule{test.rule})
			if diff := cmp.Diff(test.namespaced, namespaced); diff != "" {
				t.Errorf("namespaced, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.cluster, cluster); diff != "" {
				t.Errorf("cluster, -want +got:\n%s", diff)
			}
		})
	}
}

// TestCommitted generates into a copy and finds there what is committed.
func TestCommitted(t *testing.T) {
	const root = "../.."
	dir := copyInput(t, root)
	folders := []string{chartCRDs, chartPolicies}
	for _, folder := range folders {
		write(t, filepath.Join(dir, folder, "formerly.yaml"), "left over")
	}
	if err := generate(dir); err != nil {
		t.Fatal(err)
	}
	paths := []string{chartRules}
	for _, folder := range folders {
		committed := list(t, filepath.Join(root, folder))
		if diff := cmp.Diff(committed, list(t, filepath.Join(dir, folder))); diff != "" {
			t.Errorf("run `make manifests`, -committed +generated:\n%s", diff)
		}
		for _, name := range committed {
			paths = append(paths, filepath.Join(folder, name))
		}
	}
	for _, path := range paths {
		if diff := cmp.Diff(read(t, filepath.Join(root, path)), read(t, filepath.Join(dir, path))); diff != "" {
			t.Errorf("%s: run `make manifests`, -committed +generated:\n%s", path, diff)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  string
	}{
		{"no definitions", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, crdBases))
		}, "run controller-gen first"},
		{"no policies", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, policiesFolder))
		}, "holds no policies"},
		{"policy without labels", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, policiesFolder, "status.yaml"), "\nkind: P\n")
		}, "status.yaml: every object needs labels"},
		{"no role", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, rbac, managerRole))
		}, managerRole},
		{"role without rules", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, rbac, "viewer_role.yaml"), "kind: ClusterRole\n")
		}, "viewer_role.yaml has no rules"},
		{"role with a misspelt field", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, rbac, managerRole), "kind: ClusterRole\nrule: []\n")
		}, `unknown field "rule"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := copyInput(t, "../..")
			test.spoil(t, dir)
			if err := generate(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// copyInput makes a repository of what the generator reads, and an empty chart.
func copyInput(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{crdBases, policiesFolder, rbac} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{chartCRDs, chartPolicies} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v, error %v", dir, paths, err)
	}
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	return slices.Sorted(slices.Values(paths))
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}
