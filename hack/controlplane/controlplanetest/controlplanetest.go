// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controlplanetest gives tests a real API server with one line each.
package controlplanetest

import (
	"context"
	"os"
	"sync"
	"testing"

	"novu-operator.dev/hack/controlplane"
)

// assets is shared by all tests of a process. It writes its progress to standard
// error at once, because a test's own log appears only when the test is over.
var (
	assets = sync.OnceValues(func() (string, error) {
		return controlplane.Assets(context.Background(), os.Stderr)
	})
	allAssets = sync.OnceValues(func() (string, error) {
		return controlplane.AllAssets(context.Background(), os.Stderr)
	})
)

// EnvtestAssets returns the folder for envtest.Environment.BinaryAssetsDirectory.
// It downloads or builds the binaries when they are neither given by
// KUBEBUILDER_ASSETS nor in the cache, which may take minutes: "make assets" before
// "go test" avoids that this counts against the test's timeout.
func EnvtestAssets(tb testing.TB) string {
	tb.Helper()
	return must(tb, assets)
}

// AllAssets is EnvtestAssets with kube-controller-manager.
func AllAssets(tb testing.TB) string {
	tb.Helper()
	return must(tb, allAssets)
}

func must(tb testing.TB, find func() (string, error)) string {
	tb.Helper()
	dir, err := find()
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// Start starts a control plane and stops it when the test ends. The test fails if
// a program died in between.
func Start(tb testing.TB, options controlplane.Options) *controlplane.ControlPlane {
	tb.Helper()
	switch {
	case options.Assets != "":
	case options.ControllerManager:
		options.Assets = AllAssets(tb)
	default:
		options.Assets = EnvtestAssets(tb)
	}
	cp, err := controlplane.Start(tb.Context(), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := cp.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return cp
}
