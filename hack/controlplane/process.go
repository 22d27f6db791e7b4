// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// stopGrace is how long a program has to stop on its own before it is killed.
const stopGrace = 10 * time.Second

// process is one running program as the state file remembers it. A process id
// alone is not enough: the kernel gives it to another process once it is free.
type process struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	// Birth tells this process from any other that had or will have its id.
	Birth string `json:"birth"`
}

// spawn starts a program in dir with its output going to <name>.log there. With
// detach it outlives this process; without, it dies with it where the kernel can
// promise that. env is added to this process's environment.
func spawn(dir, program, name string, args []string, detach bool, env ...string) (process, error) {
	log, err := os.OpenFile(logPath(dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return process{}, err
	}
	defer func() { _ = log.Close() }() // the child has its own copy
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = attributes(detach)
	if err := cmd.Start(); err != nil {
		return process{}, fmt.Errorf("start %s: %w", name, err)
	}
	started, _, err := birth(cmd.Process.Pid)
	if err != nil {
		return process{}, errors.Join(fmt.Errorf("start %s: %w", name, err), cmd.Process.Kill(), cmd.Wait())
	}
	go func() { _ = cmd.Wait() }() // so that it does not stay behind as a zombie
	return process{Name: name, PID: cmd.Process.Pid, Birth: started}, nil
}

func (p process) running() bool {
	found, ended, err := birth(p.PID)
	return err == nil && !ended && found == p.Birth
}

// stop ends this process and nothing else, and returns when it is gone. A process
// that does not stop on its own within the time of grace is killed. On Linux
// the handle refers to the process and not to its number, so the check before
// each signal cannot be overtaken by a new owner of that number.
func (p process) stop(grace time.Duration) error {
	handle, err := os.FindProcess(p.PID)
	if err != nil || !p.running() {
		return nil
	}
	defer func() { _ = handle.Release() }()
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := handle.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop %s (process %d): %w", p.Name, p.PID, err)
		}
		for deadline := time.Now().Add(grace); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if !p.running() {
				return nil
			}
		}
	}
	return fmt.Errorf("stop %s (process %d): still there %s after it was killed", p.Name, p.PID, grace)
}

func logPath(dir, name string) string { return filepath.Join(dir, name+".log") }

// tail returns the last lines of a program's log.
func tail(dir, name string) string {
	const size = 16 << 10
	file, err := os.Open(logPath(dir, name))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > size {
		_, _ = file.Seek(-size, io.SeekEnd)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	return lastLines(content, 15)
}
