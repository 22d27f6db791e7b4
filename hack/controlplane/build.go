// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

const (
	// toolsModule is where the tools module lies, seen from the repository's root.
	toolsModule = "hack/tools"
	// multicall is the name of the one binary that is all the programs.
	multicall = "kube"
)

// build is one way to build the multi-call binary and the folder its result
// belongs in. Whatever changes the result changes the folder's name, so a folder
// that exists is complete and current.
type build struct {
	module   string // absolute path of the tools module
	version  string // of Kubernetes, such as v1.37.2
	dir      string // absolute path of the assets folder
	why      string // the reason to build, for progress; may be empty
	progress io.Writer
}

var kubernetesVersion = regexp.MustCompile(`(?m)^\s*k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)`)

func newBuild(root string, progress io.Writer) (*build, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = io.Discard
	}
	b := &build{module: filepath.Join(root, toolsModule), progress: progress}
	sum := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", "kube/main.go"} {
		content, err := os.ReadFile(filepath.Join(b.module, name))
		if err != nil {
			return nil, fmt.Errorf("read what the control plane is built from: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
		if found := kubernetesVersion.FindSubmatch(content); name == "go.mod" && found != nil {
			b.version = string(found[1])
		}
	}
	if b.version == "" {
		return nil, fmt.Errorf("%s/go.mod does not require k8s.io/kubernetes", b.module)
	}
	fmt.Fprintf(sum, "%s/%s", runtime.GOOS, runtime.GOARCH)
	b.dir = filepath.Join(cache, multicall+"-"+fingerprint(sum.Sum(nil)))
	return b, nil
}

// ensure returns the assets folder, building it first when it is not there.
func (b *build) ensure(ctx context.Context) (string, error) {
	if b.done() {
		return b.dir, nil
	}
	unlock, err := lock(ctx, b.dir+".lock", func(waited time.Duration) {
		b.say("%s; another process builds them, about seven minutes on two quiet cores, waited %s",
			b.reasonToBuild(), waited.Round(time.Second))
	})
	if err != nil {
		return "", fmt.Errorf("wait for another build of the control plane: %w", err)
	}
	defer unlock()
	if b.done() {
		return b.dir, nil
	}
	if err := b.run(ctx); err != nil {
		return "", fmt.Errorf("build the control plane from %s: %w", b.module, err)
	}
	return b.dir, nil
}

func (b *build) done() bool {
	return checkAssets(b.dir, etcd, apiServer, controllerManager, scheduler, kubectl) == nil
}

// run builds in a folder beside the final one and renames it when it is whole, so
// that a build which was interrupted leaves nothing that looks finished.
func (b *build) run(ctx context.Context) error {
	unfinished := b.dir + ".unfinished"
	if err := errors.Join(os.RemoveAll(unfinished), os.RemoveAll(b.dir), os.MkdirAll(unfinished, 0o755)); err != nil {
		return err
	}
	b.say("%s: building etcd and Kubernetes %s from source; this takes about seven minutes on two quiet cores, once",
		b.reasonToBuild(), b.version)
	if err := b.compile(ctx, filepath.Join(unfinished, multicall)); err != nil {
		return err
	}
	for _, program := range []string{etcd, apiServer, controllerManager, scheduler, kubectl} {
		if err := os.Symlink(multicall, filepath.Join(unfinished, program)); err != nil {
			return err
		}
	}
	return os.Rename(unfinished, b.dir)
}

// compile runs the Go compiler. CGO is off so that no C compiler is needed, and
// paths are not trimmed so that the packages shared with this repository's own
// module are compiled once for both.
func (b *build) compile(ctx context.Context, output string) error {
	args := []string{"build", "-v", "-buildvcs=false", "-ldflags", b.linkerFlags(time.Now()), "-o", output, "./kube"}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	packages := &lineCounter{}
	cmd.Stdout, cmd.Stderr = packages, packages

	started := time.Now()
	stop := every(10*time.Second, func() {
		b.say("%s, %d packages compiled (about 2000 on a cold cache)", time.Since(started).Round(time.Second), packages.count())
	})
	err := cmd.Run()
	stop()
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted after %s; the next run continues from there: %w",
			time.Since(started).Round(time.Second), ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, lastLines(packages.bytes(), 20))
	}
	b.say("built in %s", time.Since(started).Round(time.Second))
	return nil
}

// linkerFlags gives the binary the version it is built from; otherwise it would
// claim to be v0.0.0-master, and clients that compare versions would act on that.
func (b *build) linkerFlags(now time.Time) string {
	found := kubernetesVersion.FindStringSubmatch("k8s.io/kubernetes " + b.version)
	values := [][2]string{
		{"gitVersion", b.version},
		{"gitMajor", found[2]},
		{"gitMinor", found[3]},
		{"gitCommit", ""},
		{"gitTreeState", "archive"},
		{"buildDate", now.UTC().Format(time.RFC3339)},
	}
	var flags bytes.Buffer
	flags.WriteString("-s -w")
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, value := range values {
			fmt.Fprintf(&flags, " -X %s.%s=%s", pkg, value[0], value[1])
		}
	}
	return flags.String()
}

func (b *build) reasonToBuild() string { return cmp.Or(b.why, "nothing is in the cache") }

func (b *build) say(format string, args ...any) { say(b.progress, format, args...) }

// say writes a line of progress.
func say(progress io.Writer, format string, args ...any) {
	fmt.Fprintf(progress, "control plane: "+strings.TrimSuffix(format, "\n")+"\n", args...)
}

// fingerprint returns a name for content that is short enough for a file.
func fingerprint(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// cacheDir returns this project's folder in the user's cache, created if needed.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a cache folder (set HOME or XDG_CACHE_HOME, or %s): %w", AssetsVariable, err)
	}
	dir := filepath.Join(base, "novu-operator")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the cache folder: %w", err)
	}
	return dir, nil
}
