// Package harness gives tests the real thing in a few lines: an API server with the CRDs, a Novu server, and managers
// that can be started, killed and started again.
package harness

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

// api is the API server that all tests of a process share.
var api struct {
	once        sync.Once
	environment *envtest.Environment
	config      *rest.Config
	err         error
}

// API returns the configuration of an API server that has the CRDs. It is started at the first call and stopped by Main.
func API(tb testing.TB) *rest.Config {
	tb.Helper()
	assets := controlplanetest.EnvtestAssets(tb)
	api.once.Do(func() {
		api.environment = &envtest.Environment{
			BinaryAssetsDirectory: assets,
			CRDDirectoryPaths:     []string{filepath.Join(Root(tb), "config", "crd", "bases")},
			ErrorIfCRDPathMissing: true,
			// Far more than it takes, for busy machines.
			ControlPlaneStartTimeout: 3 * time.Minute, ControlPlaneStopTimeout: time.Minute,
		}
		spare(api.environment)
		api.config, api.err = api.environment.Start()
		if api.config != nil {
			api.config.QPS = -1 // unlimited: the tests' own requests must not wait for each other
		}
	})
	if api.err != nil {
		tb.Fatalf("start the API server: %v", api.err)
	}
	return api.config
}

// spare saves processor time, of which the API server takes the most in these tests: it collects garbage half as often, and
// does not queue the requests of many managers fairly, which in a cluster are one.
func spare(environment *envtest.Environment) {
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "200") // for the programs that are started from here
	}
	environment.ControlPlane.GetAPIServer().Configure().Set("enable-priority-and-fairness", "false")
}

// Client talks to the API server without a cache.
func Client(tb testing.TB) client.Client {
	tb.Helper()
	c, err := client.New(API(tb), client.Options{Scheme: controllers.NewScheme()})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Main runs the tests of a package and stops what they have started: the shared API server, and with stop what the package
// started besides. The operator's log is shown with LOG=1.
func Main(m *testing.M, stop ...func()) {
	logger := logr.Discard()
	if os.Getenv("LOG") != "" {
		logger = zap.New(zap.UseDevMode(true), zap.WriteTo(os.Stderr))
	}
	ctrl.SetLogger(logger)
	code := m.Run()
	for _, f := range stop {
		f()
	}
	if api.environment != nil {
		_ = api.environment.Stop()
	}
	os.Exit(code)
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
