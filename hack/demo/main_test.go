// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"

	"novu-operator.dev/hack/controlplane/controlplanetest"
	"novu-operator.dev/internal/novu/novutest"
)

// screen keeps what is shown, and calls enough once it has read a text.
type screen struct {
	mu     sync.Mutex
	shown  strings.Builder
	until  string
	enough func()
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.Write(p)
	if strings.Contains(s.shown.String(), s.until) {
		s.enough()
	}
	return len(p), nil
}

// play runs the demo until it shows a text. Nothing may be left behind, and no library may write to the terminal.
func play(t *testing.T, release novutest.Release, until string) (shown string, err error) {
	t.Helper()
	t.Setenv("KUBEBUILDER_ASSETS", controlplanetest.EnvtestAssets(t))
	t.Setenv("TMPDIR", t.TempDir())
	t.Chdir("../..")
	ctx, cancel := context.WithCancel(t.Context())
	s := &screen{until: until, enough: cancel}
	libraries := grabStderr(t)
	err = run(ctx, s, options{keep: true, release: release})
	if noise := libraries(); noise != "" {
		t.Errorf("written to standard error:\n%s", noise)
	}
	if left, failed := os.ReadDir(os.TempDir()); failed != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, failed)
	}
	return s.shown.String(), err
}

// grabStderr takes what is written to standard error until the returned function is called.
func grabStderr(t *testing.T) (written func() string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = file
	return func() string {
		os.Stderr = before
		content, err := os.ReadFile(file.Name())
		if err := errors.Join(err, file.Close()); err != nil {
			t.Error(err)
		}
		return string(content)
	}
}

// writerFunc is an io.Writer.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A library that has no logger after half a minute writes to the terminal, with a stack trace: there is one before the
// first step, which may take minutes. This test comes first, since a logger stays for the whole process.
func TestLogIsOpenFirst(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", controlplanetest.EnvtestAssets(t))
	t.Chdir("../..")
	ctx, cancel := context.WithCancel(t.Context())
	shown, logging := false, false
	err := run(ctx, writerFunc(func(p []byte) (int, error) {
		if !shown {
			shown, logging = true, ctrl.Log.Enabled()
		}
		cancel()
		return len(p), nil
	}), options{release: novutest.Release319})
	if !errors.Is(err, context.Canceled) || !logging {
		t.Errorf("run() = %v; logger set before anything was shown: %t", err, logging)
	}
}

// TestRun plays the whole demo, with each release of Novu, and leaves it running until it is interrupted, as "make demo KEEP=1" does.
func TestRun(t *testing.T) {
	for _, release := range novutest.Releases() {
		t.Run(string(release), func(t *testing.T) { testRun(t, release) })
	}
}

func testRun(t *testing.T, release novutest.Release) {
	t.Helper()
	shown, err := play(t, release, "\ndemo: ")
	if err != nil {
		t.Fatalf("%v after\n%s", err, shown)
	}
	for _, want := range []string{
		"Novu " + string(release) + " listens at",
		"demo: 20/20 workflows synced, 20/20 promoted to production, 0 failed\n",
		"0 to create, 1 to update, 22 unchanged", "Update Workflow order-shipped", `+ ["demo","orders"]`, "export KUBECONFIG=", "ApiKey ",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
	_, end, _ := strings.Cut(shown, "What is live where.")
	for _, target := range []string{"staging", "production"} {
		if !regexp.MustCompile(`(?m)^` + target + `\s.*\s1\s+0\s+\w+$`).MatchString(end) {
			t.Errorf("%s does not count the edit as pending:\n%s", target, end)
		}
	}
}

// TestRunInterrupted ends the demo when half of it has been started.
func TestRunInterrupted(t *testing.T) {
	s, err := play(t, novutest.Release319, "listens at")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after\n%s", err, s)
	}
}

func TestResult(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		result   result
		complete bool
	}{
		{result{}, false},
		{result{workflows: 2, synced: 2, promoted: 2}, true},
		{result{workflows: 2, synced: 1, promoted: 2}, false},
		{result{workflows: 2, synced: 2, promoted: 1}, false},
		{result{workflows: 2, synced: 2, promoted: 2, failed: 1}, false},
	} {
		if got := test.result.complete(); got != test.complete {
			t.Errorf("%s: complete %v", test.result, got)
		}
	}
	want := "demo: 1/4 workflows synced, 2/4 promoted to production, 3 failed"
	if got := (result{workflows: 4, synced: 1, promoted: 2, failed: 3}).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
