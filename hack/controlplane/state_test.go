// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

func TestLoad(t *testing.T) {
	tests := map[string]struct {
		state string // content of the state file; none without it
		load  string // in the error of Load
		check string // in the error of Check
	}{
		"nothing there":   {load: "no control plane in"},
		"broken":          {state: `{"assets":`, load: "state.json"},
		"cut short":       {state: `{"assets": "/a"}`, check: "was cut short"},
		"after a reboot":  {state: `{"ready": true, "processes": [{"name": "etcd", "pid": 1, "birth": "earlier"}]}`, check: "etcd died"},
		"all of it is up": {state: `{"ready": true}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if test.state != "" {
				if err := os.WriteFile(filepath.Join(dir, "state.json"), []byte(test.state), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cp, err := controlplane.Load(dir)
			assertError(t, "Load", err, test.load)
			if err == nil {
				assertError(t, "Check", cp.Check(), test.check)
			}
		})
	}
}

// assertError checks that the error says what is wanted, or is nil if nothing is.
func assertError(t *testing.T, call string, err error, want string) {
	t.Helper()
	if (want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), want)) {
		t.Errorf("%s() error = %v; want %q", call, err, want)
	}
}

// Two who start a cluster in one folder at the same time get the same one.
func TestUpTogether(t *testing.T) {
	assets := controlplanetest.EnvtestAssets(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	options := controlplane.Options{Dir: filepath.Join(t.TempDir(), "cluster"), Assets: assets}
	t.Cleanup(func() {
		if _, err := controlplane.Down(context.WithoutCancel(t.Context()), options.Dir); err != nil {
			t.Error(err)
		}
	})
	var hosts [2]string
	var started [2]bool
	var wait sync.WaitGroup
	for i := range hosts {
		wait.Go(func() {
			cp, first, err := controlplane.Up(t.Context(), options)
			if err != nil {
				t.Error(err)
				return
			}
			hosts[i], started[i] = cp.Config.Host, first
		})
	}
	wait.Wait()
	if hosts[0] != hosts[1] || started[0] == started[1] {
		t.Errorf("hosts %v, started %v; want one host, started once", hosts, started)
	}
}

// Whatever a start that was killed left behind does not stand in the way.
func TestUpAfterAStartThatWasCutShort(t *testing.T) {
	assets := controlplanetest.EnvtestAssets(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := filepath.Join(t.TempDir(), "cluster")
	failed := controlplane.Options{Dir: dir, Assets: fakeAssets(t, map[string]string{"etcd": healthyStore, "kube-apiserver": brokenServer})}
	if _, _, err := controlplane.Up(t.Context(), failed); err == nil {
		t.Fatal("Up() with a broken API server succeeded")
	}
	var progress strings.Builder
	cp, started, err := controlplane.Up(t.Context(), controlplane.Options{Dir: dir, Assets: assets, Progress: &progress})
	if err != nil || !started {
		t.Fatalf("Up() = %t, %v; want a new control plane", started, err)
	}
	if !strings.Contains(progress.String(), "was cut short") {
		t.Errorf("progress %q does not say why it starts anew", progress.String())
	}
	if err := cp.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}
