// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package harness gives tests the real thing in a few lines: an API server with the CRDs, a Novu server, and managers
// that can be started, killed and started again.
package harness

import (
	"flag"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

// api is the API server that all tests of a process share.
var api struct {
	once    sync.Once
	options controlplane.Options
	config  *rest.Config
	stop    func() error
	err     error
}

// Alone gives the package an API server that no other package uses, for tests of what concerns a whole cluster: policies,
// ClusterRoles, a controller manager. TestMain calls it before Main.
func Alone(options controlplane.Options) {
	_ = os.Unsetenv(controlplane.LentVariable)
	api.options = options
}

// API returns an administrator's access to an API server that has the CRDs. "make test" lends one to all packages; without
// that, a package starts its own at the first call, and Main stops it. Tests keep to namespaces of their own.
func API(tb testing.TB) *rest.Config {
	tb.Helper()
	find := controlplanetest.EnvtestAssets
	if api.options.ControllerManager {
		find = controlplanetest.AllAssets
	}
	assets, crds := find(tb), filepath.Join(Root(tb), "config", "crd", "bases")
	api.once.Do(func() {
		api.options.Assets = assets
		api.config, api.stop, api.err = controlplanetest.Shared(api.options, crds)
	})
	if api.err != nil {
		tb.Fatalf("start the API server: %v", api.err)
	}
	return api.config
}

// direct is the client that all tests of a process share.
var direct struct {
	once   sync.Once
	client client.Client
	err    error
}

// Client talks to the API server without a cache.
func Client(tb testing.TB) client.Client {
	tb.Helper()
	config := API(tb)
	direct.once.Do(func() {
		direct.client, direct.err = client.New(config, client.Options{Scheme: controllers.NewScheme()})
	})
	if direct.err != nil {
		tb.Fatal(direct.err)
	}
	return direct.client
}

// Main runs the tests of a package and stops what they have started: the shared API server, and with stop what the package
// started besides. The operator's log is shown with LOG=1.
func Main(m *testing.M, stop ...func()) {
	WaitTogether()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	logger := logr.Discard()
	if os.Getenv("LOG") != "" {
		logger = zap.New(zap.UseDevMode(true), zap.WriteTo(os.Stderr))
	}
	ctrl.SetLogger(logger)
	code := m.Run()
	for _, f := range stop {
		f()
	}
	if changes.stop != nil {
		changes.stop()
	}
	if api.stop != nil {
		_ = api.stop()
	}
	os.Exit(code)
}

// together is how many tests run at the same time: they wait much and compute little.
const together = 16

// WaitTogether runs as many tests at the same time unless -parallel says how many. Main does so; a TestMain without it calls
// it first.
func WaitTogether() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(together))
	}
}

// Root is the folder of the repository.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("the repository's root was not found above the working directory")
		}
		dir = parent
	}
}
