// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// IndexVariable is the environment variable that names the index of prebuilt
// programs: a URL, the path of a file, or "off" to build from source. The default
// is the index that the module of controller-tools contains, whose checksums are
// therefore covered by hack/tools/go.sum.
const IndexVariable = "ENVTEST_INDEX"

const (
	// indexOff as the value of IndexVariable turns prebuilt programs off.
	indexOff = "off"
	// indexModule is the module whose file indexFile is the default index.
	indexModule = "sigs.k8s.io/controller-tools"
	indexFile   = "envtest-releases.yaml"
	// maxIndex is the largest index that is read, in bytes.
	maxIndex = 16 << 20
)

// index lists archives by version of Kubernetes and by file name, in the format of
// setup-envtest.
type index struct {
	Releases map[string]map[string]archive `json:"releases"`
}

// archive is a .tar.gz file with etcd, kube-apiserver and kubectl.
type archive struct {
	Version string `json:"-"`
	SHA512  string `json:"hash"` // hexadecimal
	URL     string `json:"selfLink"`
}

// readIndex reads the index at location, which may be a URL or a path. An empty
// location is the default index.
func (p *prebuilt) readIndex(ctx context.Context, location string) (*index, error) {
	content, err := p.indexContent(ctx, location)
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	found := &index{}
	if err := yaml.Unmarshal(content, found); err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	return found, nil
}

func (p *prebuilt) indexContent(ctx context.Context, location string) ([]byte, error) {
	if location == "" {
		dir, err := p.indexModuleDir(ctx)
		if err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(dir, indexFile))
	}
	if !isURL(location) {
		return os.ReadFile(location)
	}
	body, err := p.get(ctx, location)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	content, err := io.ReadAll(io.LimitReader(body, maxIndex+1))
	if err == nil && len(content) > maxIndex {
		err = fmt.Errorf("%s is larger than %d MiB", location, maxIndex>>20)
	}
	return content, err
}

// indexModuleDir returns the folder of the module with the default index in the Go
// module cache, downloading the module first when it is not there.
func (p *prebuilt) indexModuleDir(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", indexModule)
	command.Dir = p.module
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := command.Output()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	var module struct{ Dir, Error string }
	if broken := json.Unmarshal(out, &module); broken != nil && err == nil {
		err = broken
	}
	if module.Error != "" {
		return "", errors.New(module.Error)
	}
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", indexModule, err)
	}
	return module.Dir, nil
}

func isURL(location string) bool {
	parsed, err := url.Parse(location)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https")
}

var releaseVersion = regexp.MustCompile(`^v(\d+)\.(\d+)\.(\d+)$`)

// pick returns the newest archive for the minor version of Kubernetes that version
// has, such as v1.37.2, and for a platform, such as linux and amd64. Its patch
// version may be another one; pre-releases do not count.
func (i *index) pick(version, system, architecture string) (archive, error) {
	wanted := kubernetesVersion.FindStringSubmatch("k8s.io/kubernetes " + version)
	best, found := archive{}, -1
	for release, archives := range i.Releases {
		parts := releaseVersion.FindStringSubmatch(release)
		candidate, ok := archives[fmt.Sprintf("envtest-%s-%s-%s.tar.gz", release, system, architecture)]
		if parts == nil || !ok || parts[1] != wanted[2] || parts[2] != wanted[3] {
			continue
		}
		patch, err := strconv.Atoi(parts[3])
		if err == nil && patch > found {
			best, found = candidate, patch
			best.Version = release
		}
	}
	switch {
	case found < 0:
		return archive{}, fmt.Errorf("the index has no Kubernetes %s.%s for %s/%s", wanted[2], wanted[3], system, architecture)
	case !isURL(best.URL):
		return archive{}, fmt.Errorf("the index has no address for Kubernetes %s", best.Version)
	case len(best.SHA512) != 128:
		return archive{}, fmt.Errorf("the index has no SHA-512 checksum for Kubernetes %s", best.Version)
	}
	return best, nil
}

// get returns the body of a successful answer.
func (p *prebuilt) get(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, reason(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("GET %s: %s", address, strings.TrimSpace(response.Status))
	}
	return response.Body, nil
}

// reason returns why ctx was canceled, if it was, and else err.
func reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
