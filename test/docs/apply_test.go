// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-logr/logr/testr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
	"novu-operator.dev/test/chart"
)

// server is an API server that knows the operator's kinds.
type server struct {
	clients *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	mapper  meta.RESTMapper
}

// TestApply lets a real API server judge every manifest that a reader may copy.
func TestApply(t *testing.T) {
	log.SetLogger(testr.New(t))
	root := chart.Root(t)
	s := newServer(t, root)
	t.Run("refuses", s.testRefuses)
	t.Run("config/samples", func(t *testing.T) { s.applyAll(t, samples(t)) })
	documents, err := Documents(root)
	if err != nil {
		t.Fatal(err)
	}
	helm := chart.NewHelm(t, "")
	for _, path := range documents {
		t.Run(relative(root, path), func(t *testing.T) { s.applyDocument(t, helm, relative(root, path), path) })
	}
}

// testRefuses makes sure that the server would not let everything pass.
func (s *server) testRefuses(t *testing.T) {
	const workflow = "apiVersion: novu-operator.dev/v1alpha1\nkind: Workflow\nmetadata: {name: a}\n" +
		"spec: {environmentRef: {name: e}, name: A, "
	tests := []struct{ name, manifest, want string }{
		{"misspelt field", workflow + "decription: x}\n", "decription"},
		{"wrong type", workflow + "active: 'yes'}\n", "active"},
		{"rule of the definition", workflow + "steps: [{stepID: a, type: SMS, email: {subject: x}}]}\n", "named like the type"},
		{"unknown kind", "apiVersion: novu-operator.dev/v1alpha1\nkind: Workflows\nmetadata: {name: a}\n", "yaml skip"},
		{"misspelt field of Kubernetes", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringdata: {a: b}\n", "stringdata"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			manifests, err := Parse(test.name, []byte(test.manifest))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.apply(t.Context(), manifests[0]); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func newServer(t *testing.T, root string) *server {
	t.Helper()
	options := controlplane.Options{Assets: controlplanetest.EnvtestAssets(t)}
	config, stop, err := controlplanetest.Shared(options, filepath.Join(root, "config", "crd", "bases"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	s, err := newClients(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newClients(config *rest.Config) (*server, error) {
	http, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	s := &server{}
	if s.mapper, err = apiutil.NewDynamicRESTMapper(config, http); err != nil {
		return nil, err
	}
	if s.clients, err = kubernetes.NewForConfigAndClient(config, http); err != nil {
		return nil, err
	}
	s.dynamic, err = dynamic.NewForConfigAndClient(config, http)
	return s, err
}

func (s *server) applyDocument(t *testing.T, helm *chart.Helm, name, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range Blocks(content) {
		where := fmt.Sprintf("%s:%d", name, block.Line)
		use, err := block.Use()
		switch {
		case err != nil:
			t.Errorf("%s: %v", where, err)
		case use == UseValues:
			if _, err := helm.TryTemplate(t, chart.Release{Name: "novu-operator", Namespace: "default"}, block.Text); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		case use == UseManifest:
			manifests, err := Parse(where, []byte(block.Text))
			if err != nil {
				t.Error(err)
			}
			s.applyAll(t, manifests)
		}
	}
}

func (s *server) applyAll(t *testing.T, manifests []Manifest) {
	t.Helper()
	for _, m := range manifests {
		if err := s.apply(t.Context(), m); err != nil {
			t.Errorf("%s: %s: %v", m.Where, m.Name(), err)
		}
	}
}

// apply sends the manifest as it is written, for a dry run with strict validation. What the server would store has to
// be what is written: otherwise GitOps tools would see a difference forever.
func (s *server) apply(ctx context.Context, m Manifest) error {
	mapping, err := s.mapper.RESTMapping(m.Object.GroupVersionKind().GroupKind(), m.Object.GroupVersionKind().Version)
	if err != nil {
		return fmt.Errorf("%w; if it belongs to another product, mark the block `yaml skip: the reason`", err)
	}
	var resource dynamic.ResourceInterface = s.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		namespace, err := s.namespace(ctx, m.Object.GetNamespace())
		if err != nil {
			return err
		}
		resource = s.dynamic.Resource(mapping.Resource).Namespace(namespace)
	}
	stored, err := resource.Patch(ctx, m.Object.GetName(), types.ApplyPatchType, m.Raw, metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: "docs", FieldValidation: metav1.FieldValidationStrict,
	})
	if err != nil || mapping.Resource.Group != v1alpha1.GroupVersion.Group {
		return err
	}
	if diff := cmp.Diff(m.Object.Object["spec"], stored.Object["spec"]); diff != "" {
		return fmt.Errorf("the server would store something else, -written +stored:\n%s", diff)
	}
	return nil
}

// namespace creates the namespace, since a dry run needs one that exists.
func (s *server) namespace(ctx context.Context, name string) (string, error) {
	if name == "" {
		return metav1.NamespaceDefault, nil
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	_, err := s.clients.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		err = nil
	}
	return name, err
}
