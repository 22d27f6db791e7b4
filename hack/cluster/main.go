// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command cluster keeps a Kubernetes control plane on this machine: "up" starts it
// or finds it running, "status" shows it, "down" stops it and removes its state.
// "assets" prints the folder of its programs, for KUBEBUILDER_ASSETS: etcd,
// kube-apiserver and kubectl, or with -all kube-controller-manager as well. "lend"
// runs a command whose processes share a control plane that they start when they
// need it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"

	"novu-operator.dev/hack/controlplane"
)

const usage = "usage: cluster up|down|status|assets [-dir .cluster] [-all], or cluster lend [-dir .cluster] command [argument...]"

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet("cluster "+args[0], flag.ContinueOnError)
	flags.SetOutput(progress)
	dir := flags.String("dir", ".cluster", "folder for the state of the cluster")
	all := flags.Bool("all", false, "assets with kube-controller-manager, which is always built from source")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if args[0] == "lend" {
		return lend(ctx, *dir, flags.Args(), out, progress)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected %q; %s", flags.Arg(0), usage)
	}
	switch args[0] {
	case "up":
		return up(ctx, *dir, out, progress)
	case "assets":
		return assets(ctx, *all, out, progress)
	case "down":
		return down(ctx, *dir, out)
	case "status":
		return status(*dir, out)
	}
	return fmt.Errorf("unknown command %q; %s", args[0], usage)
}

func up(ctx context.Context, dir string, out, progress io.Writer) error {
	cp, started, err := controlplane.Up(ctx, controlplane.Options{
		Dir: dir, ControllerManager: true, Detach: true, Progress: progress,
	})
	if err != nil {
		return err
	}
	state := "already runs"
	if started {
		state = "is up"
	}
	fmt.Fprintf(out, `The cluster %s at %s. To use it:

  export KUBECONFIG=%s
  alias kubectl=%s
  kubectl get namespaces

It has no nodes: pods are created and stay Pending. Stop it with "make cluster-down".
`, state, cp.Config.Host, cp.Kubeconfig, filepath.Join(cp.Assets, "kubectl"))
	return nil
}

func down(ctx context.Context, dir string, out io.Writer) error {
	stopped, err := controlplane.Down(ctx, dir)
	if err != nil {
		return err
	}
	if stopped {
		fmt.Fprintf(out, "The cluster in %s is stopped and its state removed.\n", dir)
		return nil
	}
	fmt.Fprintf(out, "There is no cluster in %s.\n", dir)
	return nil
}

// status fails when the cluster does not run, so that scripts can ask.
func status(dir string, out io.Writer) error {
	cp, err := controlplane.Load(dir)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROGRAM\tPID\tSTATE\tLOG")
	for _, program := range cp.Status() {
		state := "dead"
		if program.Running {
			state = "running"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", program.Name, program.PID, state, program.Log)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return cp.Check()
}

func assets(ctx context.Context, all bool, out, progress io.Writer) error {
	find := controlplane.Assets
	if all {
		find = controlplane.AllAssets
	}
	dir, err := find(ctx, progress)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, dir)
	return err
}
