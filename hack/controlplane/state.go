// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// stateFile marks a folder as a control plane's and lists what runs for it.
const stateFile = "state.json"

// ErrNone is returned for a folder in which no control plane was ever started.
var ErrNone = errors.New("no control plane")

type state struct {
	Assets string `json:"assets"`
	// Ready tells a control plane that came up from one whose start was cut short.
	Ready     bool      `json:"ready"`
	Processes []process `json:"processes"`
}

// record replaces the state file in one step, so that it is never half written.
func (c *ControlPlane) record() error {
	content, err := json.MarshalIndent(state{Assets: c.Assets, Ready: c.ready, Processes: c.processes}, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(c.Dir, stateFile)
	if err := os.WriteFile(path+".new", append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Load returns the control plane that was started in dir, running or not: ask
// Check. It returns ErrNone when there is none. Config is nil if the start was
// cut short before the API server.
func Load(dir string) (*ControlPlane, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(absolute, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s", ErrNone, dir)
	}
	if err != nil {
		return nil, err
	}
	var found state
	if err := json.Unmarshal(content, &found); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, stateFile), err)
	}
	cp := &ControlPlane{Dir: absolute, Assets: found.Assets, ready: found.Ready, processes: found.Processes}
	kubeconfig := filepath.Join(absolute, adminConfig)
	if _, err := os.Stat(kubeconfig); errors.Is(err, fs.ErrNotExist) {
		return cp, nil
	}
	cp.Kubeconfig = kubeconfig
	cp.Config, err = readKubeconfig(kubeconfig)
	return cp, err
}

// Up returns the control plane that already runs in options.Dir, or starts one
// there. What is left of one that died is stopped and removed first; Progress is
// told so, because its objects are lost. Calls for one folder take turns.
func Up(ctx context.Context, options Options) (cp *ControlPlane, started bool, err error) {
	unlock, err := lockDir(ctx, options.Dir)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	cp, err = Load(options.Dir)
	switch {
	case errors.Is(err, ErrNone):
	case err != nil:
		return nil, false, err
	case cp.Check() == nil:
		return cp, false, nil
	default:
		err := fmt.Errorf("the control plane in %s no longer runs, so its objects are lost; starting a new one: %w", options.Dir, cp.Check())
		if options.Progress != nil {
			fmt.Fprintln(options.Progress, err)
		}
		if err := cp.remove(); err != nil {
			return nil, false, err
		}
	}
	cp, err = Start(ctx, options)
	return cp, err == nil, err
}

// Down stops exactly the programs that were started in dir and removes dir. It
// reports false when there was nothing to do. A folder without a control plane's
// state file is left alone.
func Down(ctx context.Context, dir string) (stopped bool, err error) {
	unlock, err := lockDir(ctx, dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	cp, err := Load(dir)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, cp.remove()
}

// remove is Stop for a control plane that need not be running any more.
func (c *ControlPlane) remove() error {
	if err := c.stopProcesses(); err != nil {
		return err
	}
	return os.RemoveAll(c.Dir)
}

// Status describes one program of a control plane.
type Status struct {
	Name    string
	PID     int
	Running bool
	Log     string // path of the file
}

// Status describes every program in the order of starting.
func (c *ControlPlane) Status() []Status {
	var all []Status
	for _, p := range c.processes {
		all = append(all, Status{Name: p.Name, PID: p.PID, Running: p.running(), Log: logPath(c.Dir, p.Name)})
	}
	return all
}

// lockDir makes Up and Down of one folder take turns.
func lockDir(ctx context.Context, dir string) (unlock func(), err error) {
	path, err := lockPath(dir, "cluster")
	if err != nil {
		return nil, err
	}
	return lock(ctx, path, func(time.Duration) {})
}
