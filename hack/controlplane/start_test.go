// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
)

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func create(t *testing.T, c client.Client, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := c.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
}

// eventually waits until the condition holds. Its limit is far beyond what any
// machine needs: it is there to fail and not to measure.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}

func TestControlPlane(t *testing.T) {
	cp := controlplanetest.Start(t, controlplane.Options{ControllerManager: true})
	tests := map[string]func(*testing.T, *controlplane.ControlPlane){
		"RBAC denies and grants":             testAccess,
		"nobody gets in without a name":      testAnonymous,
		"ServiceAccount tokens are honoured": testAccountToken,
		"namespaces are deleted":             testNamespaceDeletion,
		"owned objects are collected":        testGarbageCollection,
		"Deployments make Pods":              testDeployment,
		"the folder is private":              testPrivacy,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, cp)
		})
	}
}

func testAccess(t *testing.T, cp *controlplane.ControlPlane) {
	admin := newClient(t, cp.Config)
	config := rest.CopyConfig(cp.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "jane"}
	jane := newClient(t, config)

	if err := jane.List(t.Context(), &corev1.SecretList{}, client.InNamespace("default")); !apierrors.IsForbidden(err) {
		t.Fatalf("without a role: %v; want forbidden", err)
	}
	create(t, admin,
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "secrets"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"list"}}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "secrets"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "secrets"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "jane"}},
		})
	eventually(t, "the role takes effect", func() bool {
		return jane.List(t.Context(), &corev1.SecretList{}, client.InNamespace("default")) == nil
	})
	if err := jane.List(t.Context(), &corev1.SecretList{}); !apierrors.IsForbidden(err) {
		t.Errorf("in all namespaces: %v; want forbidden", err)
	}
}

func testAnonymous(t *testing.T, cp *controlplane.ControlPlane) {
	anonymous := newClient(t, rest.AnonymousClientConfig(cp.Config))
	if err := anonymous.List(t.Context(), &corev1.NamespaceList{}); !apierrors.IsForbidden(err) {
		t.Errorf("anonymous list: %v; want forbidden", err)
	}
	config := rest.AnonymousClientConfig(cp.Config)
	config.BearerToken = "made-up"
	if err := newClient(t, config).List(t.Context(), &corev1.NamespaceList{}); !apierrors.IsUnauthorized(err) {
		t.Errorf("list with a made-up token: %v; want unauthorized", err)
	}
}

func testAccountToken(t *testing.T, cp *controlplane.ControlPlane) {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}}
	request := &authenticationv1.TokenRequest{}
	if err := newClient(t, cp.Config).SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(cp.Config)
	config.BearerToken = request.Status.Token
	who := &authenticationv1.SelfSubjectReview{}
	create(t, newClient(t, config), who)
	if got, want := who.Status.UserInfo.Username, "system:serviceaccount:default:default"; got != want {
		t.Errorf("the token belongs to %q; want %q", got, want)
	}
}

func testNamespaceDeletion(t *testing.T, cp *controlplane.ControlPlane) {
	c := newClient(t, cp.Config)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "short-lived"}}
	content := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "short-lived", Name: "content"}}
	create(t, c, namespace, content)
	if err := c.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace and what is in it are gone", func() bool {
		return apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(namespace), namespace)) &&
			apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(content), content))
	})
}

func testGarbageCollection(t *testing.T, cp *controlplane.ControlPlane) {
	c := newClient(t, cp.Config)
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "owner"}}
	create(t, c, owner)
	owned := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "owned",
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}},
	}}
	create(t, c, owned)
	if err := c.Delete(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the owned object is gone", func() bool {
		return apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(owned), owned))
	})
}

func testDeployment(t *testing.T, cp *controlplane.ControlPlane) {
	c := newClient(t, cp.Config)
	labels := map[string]string{"app": "web"}
	create(t, c, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "web"}}},
			},
		},
	})
	pods := &corev1.PodList{}
	eventually(t, "a Pod exists", func() bool {
		return c.List(t.Context(), pods, client.InNamespace("default"), client.MatchingLabels(labels)) == nil && len(pods.Items) == 1
	})
	if got := pods.Items[0].Spec.ServiceAccountName; got != "default" {
		t.Errorf("the Pod runs as %q; want the default ServiceAccount", got)
	}
}

func testPrivacy(t *testing.T, cp *controlplane.ControlPlane) {
	info, err := os.Stat(cp.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of %s = %v, %v; want 0700", cp.Dir, info.Mode(), err)
	}
	for _, name := range []string{"kubeconfig", "controller-manager.kubeconfig", "apiserver.key", "service-accounts.key", "state.json"} {
		info, err := os.Stat(filepath.Join(cp.Dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s = %v; want 0600", name, info.Mode())
		}
	}
}

// Without a controller manager pods can be created although no ServiceAccount is
// there to run them, and the API server has the version it was built from.
func TestControlPlaneWithoutControllers(t *testing.T) {
	cp := controlplanetest.Start(t, controlplane.Options{})
	create(t, newClient(t, cp.Config), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "pod"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "pod", Image: "pod"}}},
	})
	if got := len(cp.Status()); got != 2 {
		t.Errorf("%d programs run: %v; want etcd and kube-apiserver", got, cp.Status())
	}
	httpClient, err := rest.HTTPClientFor(cp.Config)
	if err != nil {
		t.Fatal(err)
	}
	var version strings.Builder
	if err := get(t.Context(), httpClient, cp.Config.Host+"/version", &version); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(version.String(), `"major": "1"`) || strings.Contains(version.String(), "v0.0.0") {
		t.Errorf("the API server does not know its version: %s", version.String())
	}
}

func get(ctx context.Context, c *http.Client, url string, into *strings.Builder) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	return errors.Join(response.Write(into), response.Body.Close())
}
