// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package controlplane

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes leaves a program in its parent's group, so that Ctrl-C reaches both:
// outside Linux nothing else ends it when the parent dies.
func attributes(detach bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: detach}
}

// birth returns when the process was started, as ps prints it: to the second.
// A process that has ended stays until its parent has asked for its exit code.
func birth(pid int) (started string, ended bool, err error) {
	out, err := exec.Command("ps", "-o", "stat=,lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", false, fmt.Errorf("ask ps for process %d: %w", pid, err)
	}
	state, started, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return strings.TrimSpace(started), strings.HasPrefix(state, "Z"), nil
}
