package deletion_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// cluster is the control plane that all tests share. It has a controller manager, which deletes namespaces.
var cluster struct {
	once   sync.Once
	plane  *controlplane.ControlPlane
	client client.Client
	err    error
}

func TestMain(m *testing.M) {
	harness.Main(m, func() {
		if cluster.plane != nil {
			_ = cluster.plane.Stop()
		}
	})
}

func startCluster(tb testing.TB) {
	tb.Helper()
	assets, root := controlplanetest.AllAssets(tb), harness.Root(tb)
	cluster.once.Do(func() {
		options := controlplane.Options{Assets: assets, ControllerManager: true}
		if cluster.plane, cluster.err = controlplane.Start(context.Background(), options); cluster.err != nil {
			return
		}
		_, cluster.err = envtest.InstallCRDs(cluster.plane.Config, envtest.CRDInstallOptions{
			Paths: []string{filepath.Join(root, "config", "crd", "bases")}, ErrorIfPathMissing: true,
		})
		if cluster.err == nil {
			cluster.client, cluster.err = client.New(cluster.plane.Config, client.Options{Scheme: controllers.NewScheme()})
		}
	})
	if cluster.err != nil {
		tb.Fatal(cluster.err)
	}
}

// bare is a namespace with a Novu server, without an operator.
func bare(t *testing.T, o novutest.Options) *harness.Stage {
	t.Helper()
	startCluster(t)
	s := &harness.Stage{TB: t, Client: cluster.client, Novu: novutest.Start(t, o)}
	s.Namespace = namespace(s)
	return s
}

func namespace(s *harness.Stage) string {
	s.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "deletion-"}}
	s.Must(s.Create(s.Context(), ns))
	return ns.Name
}

// staged is a namespace with a Novu server, an operator with that default policy, and the connected Environment `dev`.
func staged(t *testing.T, fallback v1alpha1.DeletionPolicy) *harness.Stage {
	t.Helper()
	s := bare(t, novutest.Options{})
	operate(s, fallback)
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	return s
}

// operate starts an operator for the stage's namespace and further ones.
func operate(s *harness.Stage, fallback v1alpha1.DeletionPolicy, others ...string) *harness.Manager {
	s.Helper()
	return harness.StartManager(s, harness.ManagerOptions{
		Config: cluster.plane.Config, Namespaces: append(others, s.Namespace),
		Controllers: controllers.Options{DeletionPolicy: fallback},
	})
}

// as is the stage for a test within the test.
func as(s *harness.Stage, t *testing.T) *harness.Stage {
	t.Helper()
	own := *s
	own.TB = t
	return &own
}
