// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr/testr"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

// team is a namespace of people who use the operator.
const team = "team"

// patience is far more than anything takes, for slow and busy machines.
const patience = 2 * time.Minute

// cluster is a real API server, and helm to install on it.
type cluster struct {
	client.Client
	admin *rest.Config
	helm  *Helm
}

// TestOnCluster runs all tests that install the chart, one after the other: the definitions belong to a whole cluster.
func TestOnCluster(t *testing.T) {
	log.SetLogger(testr.New(t))
	cp := controlplanetest.Start(t, controlplane.Options{ControllerManager: true})
	c := &cluster{Client: newClient(t, cp.Config), admin: cp.Config, helm: NewHelm(t, cp.Kubeconfig)}
	c.createNamespace(t, team, nil)
	c.createNamespace(t, release.Namespace, map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})

	t.Run("lifecycle", c.testLifecycle)
	t.Run("pod security", c.testPodSecurity)
	t.Run("rights of the operator", c.testOperatorRights)
	t.Run("rights of users", c.testUserRights)
	t.Run("policies", c.testPolicies)
	t.Run("manager", c.testManager)
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, v1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cluster) createNamespace(t *testing.T, name string, labels map[string]string) {
	t.Helper()
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
}

func (c *cluster) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) get(t *testing.T, namespace, name string, into client.Object) {
	t.Helper()
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, into); err != nil {
		t.Fatal(err)
	}
}

// definitions returns the operator's definitions by the plural of their kind.
func (c *cluster) definitions(t *testing.T) map[string]apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	var list apiextensionsv1.CustomResourceDefinitionList
	if err := c.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]apiextensionsv1.CustomResourceDefinition{}
	for _, crd := range list.Items {
		if crd.Spec.Group == v1alpha1.GroupVersion.Group {
			found[crd.Spec.Names.Plural] = crd
		}
	}
	return found
}

// eventually waits for what controllers do in their own time.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	t.Fatal(fmt.Errorf("after %s still: %w", patience, err))
}
