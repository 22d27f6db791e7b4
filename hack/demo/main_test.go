package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"novu-operator.dev/hack/controlplane/controlplanetest"
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

// play runs the demo until it shows a text. Nothing may be left behind.
func play(t *testing.T, until string) (shown string, err error) {
	t.Helper()
	t.Setenv("KUBEBUILDER_ASSETS", controlplanetest.EnvtestAssets(t))
	t.Setenv("TMPDIR", t.TempDir())
	t.Chdir("../..")
	ctx, cancel := context.WithCancel(t.Context())
	s := &screen{until: until, enough: cancel}
	err = run(ctx, s, true)
	if left, failed := os.ReadDir(os.TempDir()); failed != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, failed)
	}
	return s.shown.String(), err
}

// TestRun plays the whole demo and leaves it running until it is interrupted, as "make demo KEEP=1" does.
func TestRun(t *testing.T) {
	shown, err := play(t, "\ndemo: ")
	if err != nil {
		t.Fatalf("%v after\n%s", err, shown)
	}
	for _, want := range []string{
		"demo: 20/20 workflows synced, 20/20 promoted to production, 0 failed\n",
		"0 to create, 1 to update, 22 unchanged", "Update Workflow order-shipped", `+ ["demo","orders"]`, "export KUBECONFIG=", "ApiKey ",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
}

// TestRunInterrupted ends the demo when half of it has been started.
func TestRunInterrupted(t *testing.T) {
	s, err := play(t, "Novu listens")
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
