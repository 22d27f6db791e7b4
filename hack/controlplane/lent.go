// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// LentVariable is the environment variable that names the folder of a control
// plane that all processes of a command share. "cluster lend" sets it.
const LentVariable = "NOVU_OPERATOR_LENT_CLUSTER"

// Lent returns the control plane that this process may share with others, and
// whether this call has started it: the first one does. It returns nil when none
// is lent. Whoever lends it takes it down, so do not Stop it.
func Lent(ctx context.Context, options Options) (cp *ControlPlane, started bool, err error) {
	if options.Dir = os.Getenv(LentVariable); options.Dir == "" {
		return nil, false, nil
	}
	options.Detach = true
	return Up(ctx, options)
}

// Claim keeps a folder from being claimed by another process until this one
// releases it or ends. It fails at once when the folder is claimed already.
func Claim(ctx context.Context, dir string) (release func(), err error) {
	path, err := lockPath(dir, "claim")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 0)
	defer cancel()
	if release, err = lock(ctx, path, func(time.Duration) {}); err != nil {
		return nil, fmt.Errorf("%s is in use: %w", dir, err)
	}
	return release, nil
}

// lockPath is the file to lock for a folder. It lies elsewhere because the folder
// itself comes and goes.
func lockPath(dir, purpose string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, purpose+"-"+fingerprint([]byte(absolute))+".lock"), nil
}
