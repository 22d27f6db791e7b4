// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

// fakeAssets is a folder of shell scripts under the names of the programs. A
// script that is not given is a link to the real program.
func fakeAssets(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kubectl"} {
		path := filepath.Join(dir, name)
		script, ok := scripts[name]
		if !ok {
			if err := os.Symlink(filepath.Join(controlplanetest.AllAssets(t), name), path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	healthyStore = `touch etcd.sock; echo $$ >../etcd.pid; exec sleep 600`
	brokenServer = `echo "cannot do this" >&2; exit 3`
)

func TestStartReportsWhatFailed(t *testing.T) {
	tests := map[string]struct {
		scripts map[string]string
		want    []string
	}{
		"etcd": {
			scripts: map[string]string{"etcd": `echo "disk is full" >&2; exit 3`, "kube-apiserver": brokenServer},
			want:    []string{"etcd died", "disk is full", "etcd.log"},
		},
		"API server": {
			scripts: map[string]string{"etcd": healthyStore, "kube-apiserver": brokenServer},
			want:    []string{"kube-apiserver died", "cannot do this", "kube-apiserver.log"},
		},
		"port always taken": {
			scripts: map[string]string{
				"etcd": healthyStore, "kube-apiserver": `echo "address already in use" >&2; exit 1`,
			},
			want: []string{"kube-apiserver died", "address already in use"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "state")
			_, err := controlplane.Start(t.Context(), controlplane.Options{
				Dir: dir, Assets: fakeAssets(t, test.scripts), ControllerManager: true,
			})
			if err == nil {
				t.Fatal("Start() succeeded")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "etcd.log")); err != nil {
				t.Errorf("the log does not stay: %v", err)
			}
			assertGone(t, filepath.Join(parent, "etcd.pid"))
		})
	}
}

// assertGone checks that the process which wrote its id to the file has ended.
func assertGone(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return // it never ran
	}
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(content), &pid); err != nil {
		t.Fatal(err)
	}
	eventually(t, "process "+strings.TrimSpace(string(content))+" is gone", func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	})
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, "the API server runs", func() bool {
			_, err := os.Stat(filepath.Join(parent, "up"))
			return err == nil
		})
		cancel()
	}()
	_, err := controlplane.Start(ctx, controlplane.Options{
		Dir:    filepath.Join(parent, "state"),
		Assets: fakeAssets(t, map[string]string{"etcd": healthyStore, "kube-apiserver": "touch ../up; exec sleep 600"}),
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "kube-apiserver is not ready") {
		t.Errorf("Start() error = %v; want context.Canceled and what was not ready", err)
	}
	assertGone(t, filepath.Join(parent, "etcd.pid"))
}

func TestStartTakesAnotherPort(t *testing.T) {
	server := filepath.Join(controlplanetest.EnvtestAssets(t), "kube-apiserver")
	assets := fakeAssets(t, map[string]string{"kube-apiserver": `
if mkdir tried; then echo "listen tcp: bind: address already in use" >&2; exit 1; fi
exec ` + server + ` "$@"`})
	cp := controlplanetest.Start(t, controlplane.Options{Assets: assets})
	if got := len(cp.Status()); got != 2 {
		t.Errorf("%d programs are recorded: %v; want the two that run", got, cp.Status())
	}
}

func TestStartRefuses(t *testing.T) {
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "thesis.txt"), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	incomplete := fakeAssets(t, map[string]string{"etcd": healthyStore, "kube-apiserver": brokenServer})
	if err := os.Remove(filepath.Join(incomplete, "kube-controller-manager")); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		options controlplane.Options
		want    string
	}{
		"a folder in use":         {controlplane.Options{Dir: used, Assets: controlplanetest.EnvtestAssets(t)}, "is not empty"},
		"assets without programs": {controlplane.Options{Assets: t.TempDir()}, "no executable etcd, kube-apiserver in"},
		"controllers that are not among the assets": {
			controlplane.Options{Assets: incomplete, ControllerManager: true},
			"no executable kube-controller-manager in",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := controlplane.Start(t.Context(), test.options); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Start() error = %v; want %q", err, test.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(used, "thesis.txt")); err != nil {
		t.Error(err)
	}
}

// vanishes waits until nobody has the process id. One that has ended keeps it until its parent has heard of that.
func vanishes(pid int) bool {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
	}
	return false
}

func TestStopStopsExactlyItsOwn(t *testing.T) {
	bystander := exec.Command("sleep", "600")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = bystander.Process.Kill(), bystander.Wait() }()
	options := controlplane.Options{Assets: controlplanetest.AllAssets(t), ControllerManager: true}
	cp, err := controlplane.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	other := controlplanetest.Start(t, controlplane.Options{})
	programs := cp.Status()
	if err := cp.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		if !vanishes(program.PID) {
			t.Errorf("%s (process %d) is still there", program.Name, program.PID)
		}
	}
	if _, err := os.Stat(cp.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if err := other.Check(); err != nil {
		t.Errorf("another control plane was hit: %v", err)
	}
	if err := bystander.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a bystander was hit: %v", err)
	}
	if err := cp.Stop(); err != nil {
		t.Errorf("stopping again: %v", err)
	}
}

func TestStopTellsWhatHadDied(t *testing.T) {
	cp, err := controlplane.Start(t.Context(), controlplane.Options{Assets: controlplanetest.EnvtestAssets(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := cp.Check(); err != nil {
		t.Errorf("Check() = %v while all is well", err)
	}
	for _, program := range cp.Status() {
		if program.Name == "kube-apiserver" {
			if err := syscall.Kill(program.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, "Check notices", func() bool { return cp.Check() != nil })
	err = cp.Stop()
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver died") || strings.Contains(err.Error(), "etcd died") {
		t.Errorf("Stop() = %v; want that kube-apiserver, and only it, had died", err)
	}
	if _, err := os.Stat(cp.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}
