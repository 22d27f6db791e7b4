// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

// cluster runs the command in-process and returns what it wrote.
func cluster(t *testing.T, args ...string) (out, progress string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = run(t.Context(), args, &stdout, &stderr)
	return stdout.String(), stderr.String(), err
}

// useAssets gives the test binaries and a cache folder of its own for locks.
func useAssets(t *testing.T) (assets string) {
	t.Helper()
	assets = controlplanetest.AllAssets(t)
	t.Setenv(controlplane.AssetsVariable, assets)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return assets
}

// pids returns the process ids that "status" prints.
func pids(t *testing.T, dir string) string {
	t.Helper()
	out, _, err := cluster(t, "status", "-dir", dir)
	if err != nil || strings.Count(out, "running") != 3 {
		t.Fatalf("status = %v; want three programs that run:\n%s", err, out)
	}
	return strings.Join(regexp.MustCompile(`(?m)^\S+ +(\d+) `).FindAllString(out, -1), "")
}

func TestClusterLife(t *testing.T) {
	assets := useAssets(t)
	dir := filepath.Join(t.TempDir(), "cluster")
	out, _, err := cluster(t, "up", "-dir", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = controlplane.Down(context.WithoutCancel(t.Context()), dir) })
	kubeconfig := filepath.Join(dir, "kubeconfig")
	kubectl := filepath.Join(assets, "kubectl")
	for _, want := range []string{"The cluster is up", "export KUBECONFIG=" + kubeconfig + "\n", "alias kubectl=" + kubectl + "\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("up does not say %q:\n%s", want, out)
		}
	}
	assertUsable(t, kubectl, kubeconfig)

	first := pids(t, dir)
	out, _, err = cluster(t, "up", "-dir", dir)
	if err != nil || !strings.Contains(out, "The cluster already runs") {
		t.Errorf("second up = %v:\n%s", err, out)
	}
	if second := pids(t, dir); second != first {
		t.Errorf("the second up changed what runs:\n%s\n%s", first, second)
	}

	for _, want := range []string{"is stopped", "There is no cluster"} {
		if out, _, err = cluster(t, "down", "-dir", dir); err != nil || !strings.Contains(out, want) {
			t.Errorf("down = %v, %q; want %q", err, out, want)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the state is still there: %v", err)
	}
	if _, _, err := cluster(t, "status", "-dir", dir); err == nil || !strings.Contains(err.Error(), "no control plane") {
		t.Errorf("status without a cluster = %v", err)
	}
}

func assertUsable(t *testing.T, kubectl, kubeconfig string) {
	t.Helper()
	out, err := exec.Command(kubectl, "--kubeconfig", kubeconfig, "get", "namespaces", "-o", "name").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "namespace/default") {
		t.Errorf("kubectl: %v\n%s", err, out)
	}
}

// A cluster that lost a program is replaced, and the user learns why.
func TestClusterThatDied(t *testing.T) {
	assets := useAssets(t)
	dir := filepath.Join(t.TempDir(), "cluster")
	if _, _, err := cluster(t, "up", "-dir", dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = controlplane.Down(context.WithoutCancel(t.Context()), dir) })
	cp, err := controlplane.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := cp.Status()
	if err := syscall.Kill(before[1].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); cp.Check() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a killed program is not noticed")
		}
	}
	out, _, err := cluster(t, "status", "-dir", dir)
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver died") || !strings.Contains(out, "dead") {
		t.Errorf("status = %v:\n%s", err, out)
	}
	out, progress, err := cluster(t, "up", "-dir", dir)
	if err != nil || !strings.Contains(out, "The cluster is up") || !strings.Contains(progress, "its objects are lost") {
		t.Errorf("up = %v:\n%s\n%s", err, out, progress)
	}
	for _, program := range before {
		if err := syscall.Kill(program.PID, 0); err == nil {
			t.Errorf("%s (process %d) of the first cluster still runs", program.Name, program.PID)
		}
	}
	pids(t, dir)
	assertUsable(t, filepath.Join(assets, "kubectl"), filepath.Join(dir, "kubeconfig"))
}

func TestClusterLeavesOtherFoldersAlone(t *testing.T) {
	useAssets(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "thesis.txt")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := cluster(t, "up", "-dir", dir); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("up = %v; want a refusal", err)
	}
	if out, _, err := cluster(t, "down", "-dir", dir); err != nil || !strings.Contains(out, "There is no cluster") {
		t.Errorf("down = %v, %q", err, out)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestClusterAssets(t *testing.T) {
	assets := useAssets(t)
	if out, progress, err := cluster(t, "assets"); err != nil || out != assets+"\n" || progress != "" {
		t.Errorf("assets = %v, %q, %q; want only %q", err, out, progress, assets)
	}
}

func TestClusterUsage(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing":         {nil, "usage: cluster up|down|status"},
		"unknown command": {[]string{"restart"}, `unknown command "restart"; usage`},
		"unknown flag":    {[]string{"up", "-force"}, "-force"},
		"extra argument":  {[]string{"up", "here"}, `unexpected "here"; usage`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := cluster(t, test.args...); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v; want %q", err, test.want)
			}
		})
	}
}
