// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAssetsGiven(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{etcd, apiServer, kubectl} {
		writeProgram(t, filepath.Join(dir, name), "exit 0")
	}
	t.Setenv(AssetsVariable, dir)
	t.Chdir(t.TempDir()) // not a checkout: nothing could be built here
	got, err := Assets(t.Context(), os.Stderr)
	if err != nil || got != dir {
		t.Errorf("Assets() = %q, %v; want the given folder %q", got, err, dir)
	}
}

func TestAssetsGivenRelative(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{etcd, apiServer, kubectl} {
		writeProgram(t, filepath.Join(root, "bin", name), "exit 0")
	}
	t.Chdir(root)
	t.Setenv(AssetsVariable, "bin")
	got, err := Assets(t.Context(), nil)
	if err != nil || !filepath.IsAbs(got) || filepath.Base(got) != "bin" {
		t.Errorf("Assets() = %q, %v; want an absolute path", got, err)
	}
}

func TestAssetsGivenButUnusable(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		missing string
	}{
		"empty folder": {
			prepare: func(*testing.T, string) {},
			missing: "no executable etcd, kube-apiserver, kubectl",
		},
		"one program missing": {
			prepare: func(t *testing.T, dir string) {
				writeProgram(t, filepath.Join(dir, etcd), "exit 0")
				writeProgram(t, filepath.Join(dir, kubectl), "exit 0")
			},
			missing: "no executable kube-apiserver in",
		},
		"not executable": {
			prepare: func(t *testing.T, dir string) {
				for _, name := range []string{etcd, apiServer, kubectl} {
					writeProgram(t, filepath.Join(dir, name), "exit 0")
				}
				if err := os.Chmod(filepath.Join(dir, kubectl), 0o644); err != nil {
					t.Fatal(err)
				}
			},
			missing: "no executable kubectl in",
		},
		"absent folder": {
			prepare: func(t *testing.T, dir string) {
				if err := os.Remove(dir); err != nil {
					t.Fatal(err)
				}
			},
			missing: "no executable etcd, kube-apiserver, kubectl",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			test.prepare(t, dir)
			t.Setenv(AssetsVariable, dir)
			_, err := Assets(t.Context(), nil)
			if !errors.Is(err, ErrAssets) {
				t.Fatalf("Assets() error = %v; want ErrAssets", err)
			}
			for _, want := range []string{test.missing, dir, AssetsVariable, "unset the variable"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestAssetsOutsideOfACheckout(t *testing.T) {
	t.Setenv(AssetsVariable, "")
	t.Chdir(t.TempDir())
	_, err := Assets(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "not within a checkout") || !strings.Contains(err.Error(), AssetsVariable) {
		t.Errorf("Assets() error = %v; want one that says where to run it", err)
	}
}

func TestFindRootFromBelow(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(root, "controllers", "testdata")
	tools := filepath.Join(root, toolsModule)
	if err := errors.Join(os.MkdirAll(deep, 0o755), os.MkdirAll(tools, 0o755),
		os.WriteFile(filepath.Join(tools, "go.mod"), []byte("module tools\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	if got, err := findRoot(); err != nil || got != root {
		t.Errorf("findRoot() = %q, %v; want %q", got, err, root)
	}
}
