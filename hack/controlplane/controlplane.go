// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controlplane runs a real Kubernetes control plane on this machine: etcd,
// kube-apiserver with RBAC and, when wanted, kube-controller-manager. Tests and the
// demo use it in their own process, "make cluster" leaves one behind. Everything
// listens on loopback or on sockets within one folder. It works on Linux and macOS.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
)

// Options says what Start is to start. The zero value is the smallest control
// plane: etcd and an API server that die with this process.
type Options struct {
	// Dir is the folder for keys, data, logs and the kubeconfig. It must be empty
	// or absent. Empty means a new temporary folder.
	Dir string
	// Assets is a folder with the programs. Empty means what Assets returns, or
	// AllAssets with ControllerManager.
	Assets string
	// ControllerManager adds kube-controller-manager: garbage collection, deletion
	// of namespaces, ServiceAccounts and everything that makes pods.
	ControllerManager bool
	// Spare saves processor time where tests do not notice: memory is given back
	// later, requests are not queued fairly, and the administrator has a token
	// instead of a certificate.
	Spare bool
	// Detach lets the programs outlive this process. Load finds them again.
	Detach bool
	// Progress receives what takes long, one line each. Nil means silence.
	Progress io.Writer
}

// ControlPlane is a control plane that answered when Start returned.
type ControlPlane struct {
	// Config is a cluster administrator's access. Copy it before changing it.
	Config *rest.Config
	// Kubeconfig is the path of a file with the same access.
	Kubeconfig string
	// Dir holds the state, with one <program>.log for each program.
	Dir string
	// Assets is the folder of the programs; kubectl lies there too.
	Assets string

	ready     bool // Start came to its end
	processes []process
}

// Start returns a control plane that is ready for use: the API server says so, and
// with a controller manager the first ServiceAccount exists. It takes about five
// seconds once the programs are built. On failure nothing is left running; the
// error contains the end of the log of the program that failed, and the whole log
// stays in Dir if that was given.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	cp, err := prepare(ctx, options)
	if err != nil {
		return nil, err
	}
	if err := cp.launch(ctx, options); err != nil {
		err = errors.Join(fmt.Errorf("start the control plane: %w", err), cp.stopProcesses())
		if options.Dir == "" {
			err = errors.Join(err, os.RemoveAll(cp.Dir))
		}
		return nil, err
	}
	return cp, nil
}

// prepare finds the programs and makes the folder, still empty.
func prepare(ctx context.Context, options Options) (*ControlPlane, error) {
	cp := &ControlPlane{Assets: options.Assets}
	var err error
	if cp.Assets == "" {
		find := Assets
		if options.ControllerManager {
			find = AllAssets
		}
		if cp.Assets, err = find(ctx, options.Progress); err != nil {
			return nil, err
		}
	}
	if cp.Assets, err = filepath.Abs(cp.Assets); err != nil {
		return nil, err
	}
	needed := []string{etcd, apiServer}
	if options.ControllerManager {
		needed = append(needed, controllerManager)
	}
	if err := checkAssets(cp.Assets, needed...); err != nil {
		return nil, err
	}
	cp.Dir, err = makeDir(options.Dir)
	return cp, err
}

// makeDir returns the absolute path of an empty folder that only we can enter.
func makeDir(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "novu-operator-")
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(absolute, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(absolute)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s is not empty: choose another folder for the control plane", absolute)
	}
	return absolute, os.Chmod(absolute, 0o700)
}

// Check returns nil while every program runs, else an error with the end of the
// log of each one that has died.
func (c *ControlPlane) Check() error {
	if !c.ready {
		return errors.Join(errors.New("the start of the control plane was cut short"), c.died())
	}
	return c.died()
}

func (c *ControlPlane) died() error {
	var errs []error
	for _, p := range c.processes {
		if !p.running() {
			errs = append(errs, fmt.Errorf("%s died; the end of its log (%s):\n%s", p.Name, logPath(c.Dir, p.Name), tail(c.Dir, p.Name)))
		}
	}
	return errors.Join(errs...)
}

// Stop stops exactly the programs that Start started and removes Dir. Its error
// tells of programs that had died before, and of what could not be stopped or
// removed. Stopping twice does nothing. Stop whatever watches the API server
// first: a server with open watches takes longer to stop.
func (c *ControlPlane) Stop() error {
	err := c.died()
	if failed := c.stopProcesses(); failed != nil {
		return errors.Join(err, failed) // keep the record of what is still running
	}
	return errors.Join(err, os.RemoveAll(c.Dir))
}

// stopProcesses stops in the reverse order of starting, clients before servers.
func (c *ControlPlane) stopProcesses() error {
	for len(c.processes) > 0 {
		last := len(c.processes) - 1
		if err := c.processes[last].stop(stopGrace); err != nil {
			return err
		}
		c.processes = c.processes[:last]
	}
	return nil
}
