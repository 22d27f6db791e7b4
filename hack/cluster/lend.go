// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"novu-operator.dev/hack/controlplane"
)

// lend runs a command that may use the control plane in dir: the first of its processes that calls controlplane.Lent
// starts it for all of them. When the command has ended it is taken down, like one that an earlier command left behind
// because it was killed. Two commands never share one: while dir is lent, the second command gets a folder of its own.
func lend(ctx context.Context, dir string, command []string, out, progress io.Writer) error {
	if len(command) == 0 {
		return fmt.Errorf("no command to run; %s", usage)
	}
	release, err := controlplane.Claim(ctx, dir)
	if err != nil {
		dir = fmt.Sprintf("%s-%d", dir, os.Getpid())
		if release, err = controlplane.Claim(ctx, dir); err != nil {
			return err
		}
	}
	defer release()
	if _, err := controlplane.Down(ctx, dir); err != nil {
		return err
	}
	defer takeDown(ctx, dir, progress)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), controlplane.LentVariable+"="+dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, progress
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}

// takeDown works after an interrupt too.
func takeDown(ctx context.Context, dir string, progress io.Writer) {
	if _, err := controlplane.Down(context.WithoutCancel(ctx), dir); err != nil {
		fmt.Fprintln(progress, "cluster:", err)
	}
}
