// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package architecture holds the packages to what they may be built on.
package architecture

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "novu-operator.dev/"

// What a room without a cluster must not be built on.
var (
	cluster = []string{"sigs.k8s.io/controller-runtime", "k8s.io/client-go"}
	objects = []string{"k8s.io/", "sigs.k8s.io/", module + "api/"}
	network = []string{"net/http", "net"}
	tests   = []string{"testing", module + "internal/novu/novutest", module + "test", module + "hack"}
)

// rooms are the packages that work without a cluster, each with what it must not depend on, not even by way of another package.
// The rules of the linter (.golangci.yaml, depguard) keep the imports that are written in them out.
var rooms = map[string][]string{
	"api/v1alpha1":             slices.Concat(cluster, tests),
	"internal/connection":      slices.Concat(cluster, tests),
	"internal/definition":      slices.Concat(cluster, tests),
	"internal/metrics":         slices.Concat(cluster, tests),
	"internal/printable":       slices.Concat(cluster, objects, network, tests),
	"internal/novu":            slices.Concat(cluster, objects, tests),
	"internal/novu/javascript": slices.Concat(cluster, objects, network, tests),
	"internal/novu/lint":       slices.Concat(cluster, objects, network, tests),
	"internal/view":            slices.Concat(cluster, tests),
}

// readers are the rooms that read objects through the interfaces of controller-runtime's client. They may be built on what that
// is built on, and not on managers, caches, work queues or leases.
var readers = []string{
	"internal/index", "internal/promotion", "internal/promotion/automatic", "internal/promotion/gate", "internal/promotion/guard",
	"internal/promotion/history", "internal/reconcile", "internal/remote", "internal/source",
}

func TestRoomsWithoutManager(t *testing.T) {
	t.Parallel()
	allowed := dependencies(t, "sigs.k8s.io/controller-runtime/pkg/client")
	for _, room := range readers {
		t.Run(room, func(t *testing.T) {
			t.Parallel()
			for _, dep := range dependencies(t, module+room) {
				if within(dep, tests) || within(dep, cluster) && !slices.Contains(allowed, dep) {
					t.Errorf("%s depends on %s", room, dep)
				}
			}
		})
	}
	if machinery := dependencies(t, module+"internal/requeue"); !slices.ContainsFunc(machinery, func(dep string) bool {
		return within(dep, cluster) && !slices.Contains(allowed, dep)
	}) {
		t.Error("internal/requeue needs no more than the rooms without a manager may have: this test finds nothing out")
	}
}

func TestRoomsWithoutCluster(t *testing.T) {
	t.Parallel()
	for room, forbidden := range rooms {
		t.Run(room, func(t *testing.T) {
			t.Parallel()
			for _, dep := range dependencies(t, module+room) {
				if within(dep, forbidden) {
					t.Errorf("%s depends on %s", room, dep)
				}
			}
		})
	}
}

// TestForbidden: a package that does talk to a cluster is found out, so the test above can fail.
func TestForbidden(t *testing.T) {
	if deps := dependencies(t, module+"controllers"); !slices.ContainsFunc(deps, func(d string) bool { return within(d, cluster) }) {
		t.Error("controllers do not depend on controller-runtime, or go list does not say so")
	}
	for dep, want := range map[string]bool{"net": true, "net/http": true, "net/url": false, "network": false} {
		if within(dep, network) != want {
			t.Errorf("%s is forbidden: %v, want %v", dep, !want, want)
		}
	}
	for dep, want := range map[string]bool{"k8s.io/api/core/v1": true, module + "api/v1alpha1": true, "testing/fstest": true} {
		if within(dep, slices.Concat(objects, tests)) != want {
			t.Errorf("%s is forbidden: %v, want %v", dep, !want, want)
		}
	}
}

// within reports whether a package is one of the forbidden ones or lies below one of them; of net, only the package itself counts.
func within(pkg string, forbidden []string) bool {
	return slices.ContainsFunc(forbidden, func(f string) bool {
		return pkg == f || (f != "net" && strings.HasPrefix(pkg, strings.TrimSuffix(f, "/")+"/"))
	})
}

// dependencies are all packages that a package is built from.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 2 {
		t.Fatalf("go list -deps %s: %q", pkg, out)
	}
	return deps
}
