// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplanetest

import (
	"context"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"novu-operator.dev/hack/controlplane"
)

// patience is far more than it takes to serve the definitions, for busy machines.
const patience = 3 * time.Minute

// Shared returns access to an API server with the definitions in the folder crds:
// the one that is lent to this process and others, or one of its own, which dies
// with it. stop stops only the latter. Whoever comes to a lent one first prepares
// it for all; the definitions are there when Shared returns.
func Shared(options controlplane.Options, crds string) (config *rest.Config, stop func() error, err error) {
	ctx := context.Background()
	options.Spare = true
	cp, started, err := controlplane.Lent(ctx, options)
	stop = func() error { return nil }
	if cp == nil && err == nil {
		cp, err = controlplane.Start(ctx, options)
		started, stop = true, func() error { return cp.Stop() }
	}
	if err != nil {
		return nil, nil, err
	}
	return cp.Config, stop, install(cp.Config, crds, started)
}

// install the definitions, or wait for those that another process installs.
func install(config *rest.Config, crds string, first bool) error {
	options := envtest.CRDInstallOptions{Paths: []string{crds}, ErrorIfPathMissing: true, MaxTime: patience}
	if first {
		_, err := envtest.InstallCRDs(config, options)
		return err
	}
	if err := envtest.ReadCRDFiles(&options); err != nil {
		return err
	}
	return envtest.WaitForCRDs(config, options.CRDs, options)
}
