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
// kubectl. A folder named by KUBEBUILDER_ASSETS wins and only has to contain
// these three. Without it the folder lies in the user's cache, has
// kube-controller-manager and kube-scheduler too, and is built from the modules
// that hack/tools requires when it is not there yet: about seven minutes on two
// cores, with a line of progress every ten seconds. Processes that ask at once
// wait for one build.
func Assets(ctx context.Context, progress io.Writer) (string, error) {
	if dir := os.Getenv(AssetsVariable); dir != "" {
		return givenAssets(dir)
	}
	root, err := findRoot()
	if err != nil {
		return "", err
	}
	b, err := newBuild(root, progress)
	if err != nil {
		return "", err
	}
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
