// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startProcess spawns a program that is stopped when the test ends.
func startProcess(t *testing.T, program string, args ...string) process {
	t.Helper()
	p, err := spawn(t.TempDir(), program, filepath.Base(program), args, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(time.Minute); err != nil {
			t.Error(err)
		}
	})
	return p
}

// eventually waits until the condition holds. Its limit is far beyond what any
// machine needs: it is there to fail and not to measure.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}

func TestProcessStops(t *testing.T) {
	p, other := startProcess(t, "sleep", "600"), startProcess(t, "sleep", "600")
	if !p.running() {
		t.Fatal("a process that was just started does not run")
	}
	if err := p.stop(time.Minute); err != nil || p.running() {
		t.Errorf("stop() = %v, still running: %t", err, p.running())
	}
	if err := p.stop(time.Minute); err != nil {
		t.Errorf("stopping again: %v", err)
	}
	if !other.running() {
		t.Error("another process was stopped too")
	}
}

func TestProcessThatRefusesToStopIsKilled(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "stubborn")
	writeProgram(t, script, `trap "" TERM; touch ready; while :; do sleep 0.1; done`)
	p, err := spawn(dir, script, "stubborn", nil, false)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the script ignores SIGTERM", func() bool {
		_, err := os.Stat(filepath.Join(dir, "ready"))
		return err == nil
	})
	if err := p.stop(200 * time.Millisecond); err != nil || p.running() {
		t.Errorf("stop() = %v, still running: %t", err, p.running())
	}
}

// A recorded id that now belongs to somebody else must not be touched.
func TestProcessWithARecycledIDIsLeftAlone(t *testing.T) {
	stranger := startProcess(t, "sleep", "600")
	recorded := process{Name: etcd, PID: stranger.PID, Birth: stranger.Birth + "0"}
	if recorded.running() {
		t.Error("somebody else's process is taken for ours")
	}
	if err := recorded.stop(time.Minute); err != nil {
		t.Error(err)
	}
	if !stranger.running() {
		t.Error("somebody else's process was stopped")
	}
}

func TestProcessThatWasNotReapedIsGone(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	eventually(t, "it is a zombie", func() bool {
		_, ended, err := birth(cmd.Process.Pid)
		return err == nil && ended
	})
	started, _, err := birth(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if (process{Name: "true", PID: cmd.Process.Pid, Birth: started}).running() {
		t.Error("a process that has ended counts as running")
	}
}

func TestProcessAndItsParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process together with its parent")
	}
	for _, detach := range []bool{true, false} {
		t.Run(fmt.Sprintf("detach=%t", detach), func(t *testing.T) {
			parent := exec.Command(os.Args[0])
			parent.Env = append(os.Environ(), spawnHelper+"="+strconv.FormatBool(detach), "CONTROLPLANE_TEST_DIR="+t.TempDir())
			out, err := parent.Output()
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
			if err != nil {
				t.Fatal(err)
			}
			if !detach {
				eventually(t, "the child dies with its parent", func() bool {
					_, ended, err := birth(pid)
					return err != nil || ended
				})
				return
			}
			started, _, err := birth(pid)
			if err != nil {
				t.Fatalf("a detached child does not outlive its parent: %v", err)
			}
			child := process{Name: "sleep", PID: pid, Birth: started}
			if err := child.stop(time.Minute); err != nil || child.running() {
				t.Errorf("stop() of somebody else's child = %v, still running: %t", err, child.running())
			}
		})
	}
}

func TestSpawnFails(t *testing.T) {
	if _, err := spawn(t.TempDir(), filepath.Join(t.TempDir(), "absent"), etcd, nil, false); err == nil || !strings.Contains(err.Error(), "start etcd") {
		t.Errorf("spawn() error = %v; want one that names the program", err)
	}
	if _, err := spawn(filepath.Join(t.TempDir(), "absent"), "sleep", "sleep", nil, false); err == nil {
		t.Error("spawn() in an absent folder succeeded")
	}
}

func TestTail(t *testing.T) {
	var long strings.Builder
	for line := range 5000 {
		fmt.Fprintf(&long, "line %d\n", line)
	}
	tests := map[string]struct{ log, first, last string }{
		"short":   {"one\ntwo\n", "one", "two"},
		"empty":   {"", "", ""},
		"long":    {long.String(), "line 4985", "line 4999"},
		"no end":  {"one\ntwo", "one", "two"},
		"spacing": {"\n\none\n\n", "one", "one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, logPath(dir, etcd), test.log)
			lines := strings.Split(tail(dir, etcd), "\n")
			if lines[0] != test.first || lines[len(lines)-1] != test.last {
				t.Errorf("tail() = %q … %q; want %q … %q", lines[0], lines[len(lines)-1], test.first, test.last)
			}
		})
	}
	if got := tail(t.TempDir(), etcd); !strings.Contains(got, "no such file") {
		t.Errorf("tail() of an absent log = %q", got)
	}
}
