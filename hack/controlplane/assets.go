// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// AssetsVariable is the environment variable that names a folder with ready made
// binaries. It is the one that controller-runtime's envtest reads.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// The programs of a control plane, by the names they have in an assets folder.
const (
	etcd              = "etcd"
	apiServer         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kubectl           = "kubectl"
)

// ErrAssets is wrapped by every error about a folder that lacks a program.
var ErrAssets = errors.New("control plane binaries are missing")

// Assets returns the absolute path of a folder with etcd, kube-apiserver and
// kubectl. A folder named by KUBEBUILDER_ASSETS wins and has to contain these
// three. Without it the folder lies in the user's cache. When there is none yet it
// is filled with prebuilt programs, which takes about a minute, or, where these
// cannot be downloaded, with ones built from the modules that hack/tools requires:
// about seven minutes on two cores. Progress receives the reason and a line every
// ten seconds. Processes that ask at once wait for one of them.
func Assets(ctx context.Context, progress io.Writer) (string, error) {
	if dir := os.Getenv(AssetsVariable); dir != "" {
		return givenAssets(dir)
	}
	b, err := findBuild(progress)
	if err != nil || b.done() {
		return b.dir, err
	}
	return b.prebuiltOrBuilt(ctx)
}

// AllAssets returns a folder that has kube-controller-manager too, which is not
// among the prebuilt programs: the one named by KUBEBUILDER_ASSETS if it has it,
// else one whose programs are built as Assets describes.
func AllAssets(ctx context.Context, progress io.Writer) (string, error) {
	dir := os.Getenv(AssetsVariable)
	if dir != "" && HasControllers(dir) {
		return givenAssets(dir)
	}
	b, err := findBuild(progress)
	if err != nil || b.done() {
		return b.dir, err
	}
	b.why = fmt.Sprintf("%s is not among prebuilt programs", controllerManager)
	if dir != "" {
		b.why = fmt.Sprintf("%s=%s has no %s", AssetsVariable, dir, controllerManager)
	}
	return b.ensure(ctx)
}

// HasControllers reports whether a folder of Assets has kube-controller-manager.
func HasControllers(dir string) bool { return checkAssets(dir, controllerManager) == nil }

// findBuild returns the build of the checkout around the working directory.
func findBuild(progress io.Writer) (*build, error) {
	root, err := findRoot()
	if err != nil {
		return &build{}, err
	}
	b, err := newBuild(root, progress)
	if err != nil {
		return &build{}, err
	}
	return b, nil
}

// prebuiltOrBuilt takes prebuilt programs where they can be had. Whatever is wrong
// with them is only the reason why the programs are built.
func (b *build) prebuiltOrBuilt(ctx context.Context) (string, error) {
	p := newPrebuilt(b)
	if p.done() {
		return p.dir, nil
	}
	dir, err := p.ensure(ctx)
	switch {
	case err == nil:
		return dir, nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("take prebuilt programs: %w", context.Cause(ctx))
	}
	b.why = fmt.Sprintf("no prebuilt programs (%v)", err)
	return b.ensure(ctx)
}

func givenAssets(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("%s=%s: %w", AssetsVariable, dir, err)
	}
	if err := checkAssets(absolute, etcd, apiServer, kubectl); err != nil {
		return "", fmt.Errorf("%s=%s cannot be used: %w; put them there, or unset the variable to have them built",
			AssetsVariable, dir, err)
	}
	return absolute, nil
}

// checkAssets returns an error wrapping ErrAssets that lists the programs dir
// does not have as executable files.
func checkAssets(dir string, programs ...string) error {
	var missing []string
	for _, program := range programs {
		info, err := os.Stat(filepath.Join(dir, program))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			missing = append(missing, program)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: no executable %s in %s", ErrAssets, strings.Join(missing, ", "), dir)
	}
	return nil
}

// findRoot returns the closest folder at or above the working directory that
// holds the tools module.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, toolsModule, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not within a checkout of novu-operator (no %s/go.mod there or above): "+
				"run this inside the checkout, or set %s", start, toolsModule, AssetsVariable)
		}
	}
}
