// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// prebuilt is a way to have etcd, kube-apiserver and kubectl without building
// them: from an archive that an index in the format of setup-envtest lists.
// Nothing waits long: what is slower than a build is given up.
type prebuilt struct {
	location string // value of IndexVariable
	module   string // absolute path of the tools module
	version  string // of Kubernetes; an archive needs its minor version
	dir      string // absolute path of the assets folder
	progress io.Writer

	client *http.Client
	budget time.Duration // for index, download and unpacking together
	stall  time.Duration // the longest time in a download without a byte
}

const (
	defaultBudget = 3 * time.Minute
	defaultStall  = 15 * time.Second
)

var errBudget = errors.New("the time for the download is over")

// newPrebuilt names the folder after all that decides about its content, so that a
// folder that exists is current, and no index has to be read to know that.
func newPrebuilt(b *build) *prebuilt {
	location := os.Getenv(IndexVariable)
	key := location + "\n" + b.dir
	return &prebuilt{
		location: location, module: b.module, version: b.version, progress: b.progress,
		dir:    filepath.Join(filepath.Dir(b.dir), "envtest-"+fingerprint([]byte(key))),
		client: &http.Client{Transport: impatient()}, budget: defaultBudget, stall: defaultStall,
	}
}

// impatient is a transport for which a network that swallows packets is no network.
func impatient() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second,
	}
}

func (p *prebuilt) done() bool { return checkAssets(p.dir, etcd, apiServer, kubectl) == nil }

// ensure returns the assets folder, filling it first when it is not there. Its
// error says why the programs cannot be had, and leaves nothing behind.
func (p *prebuilt) ensure(ctx context.Context) (string, error) {
	if p.location == indexOff {
		return "", fmt.Errorf("%s=%s", IndexVariable, indexOff)
	}
	unlock, err := lock(ctx, p.dir+".lock", func(waited time.Duration) {
		p.say("another process is downloading etcd and Kubernetes, waited %s", waited.Round(time.Second))
	})
	if err != nil {
		return "", fmt.Errorf("wait for another download: %w", err)
	}
	defer unlock()
	if p.done() {
		return p.dir, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.budget, errBudget)
	defer cancel()
	if err := p.run(ctx); err != nil {
		return "", err
	}
	return p.dir, nil
}

// run works in a folder beside the final one and renames it when it is whole.
func (p *prebuilt) run(ctx context.Context) (err error) {
	releases, err := p.readIndex(ctx, p.location)
	if err != nil {
		return err
	}
	chosen, err := releases.pick(p.version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return err
	}
	unfinished := p.dir + ".unfinished"
	if err := errors.Join(os.RemoveAll(unfinished), os.RemoveAll(p.dir), os.MkdirAll(unfinished, 0o755)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	started := time.Now()
	file := filepath.Join(unfinished, "archive.tar.gz")
	if err := p.download(ctx, chosen, file); err != nil {
		return fmt.Errorf("download Kubernetes %s: %w", chosen.Version, err)
	}
	if err := unpack(ctx, file, unfinished, etcd, apiServer, kubectl); err != nil {
		return fmt.Errorf("unpack Kubernetes %s: %w", chosen.Version, err)
	}
	if err := errors.Join(os.Remove(file), tryOut(ctx, unfinished)); err != nil {
		return err
	}
	if err := os.Rename(unfinished, p.dir); err != nil {
		return err
	}
	p.say("took etcd and Kubernetes %s ready built in %s", chosen.Version, time.Since(started).Round(time.Second))
	return nil
}

// tryOut starts a program, which fails for instance where the folder's file system
// forbids it.
func tryOut(ctx context.Context, dir string) error {
	if err := checkAssets(dir, etcd, apiServer, kubectl); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, filepath.Join(dir, apiServer), "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not run here: %w %s", apiServer, reason(ctx, err), lastLines(out, 5))
	}
	return nil
}

func (p *prebuilt) say(format string, args ...any) { say(p.progress, format, args...) }
