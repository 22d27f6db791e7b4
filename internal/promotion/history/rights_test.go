// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"os"
	"path/filepath"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/test/harness"
)

// TestRights: the rules that are shipped for the operator are enough for all that the store does.
func TestRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var role rbacv1.ClusterRole
	raw, err := os.ReadFile(filepath.Join(harness.Root(t), "config", "rbac", "role.yaml"))
	w.Must(err)
	w.Must(yaml.Unmarshal(raw, &role))
	role.Name = w.Namespace
	binding := &rbacv1.RoleBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "the-operator"}},
	}
	binding.Namespace, binding.Name = w.Namespace, "operator"
	w.Must(w.Create(w.Context(), &role))
	w.Must(w.Create(w.Context(), binding))
	config := rest.CopyConfig(harness.API(t))
	config.Impersonate.UserName = "the-operator"
	c, err := client.New(config, client.Options{Scheme: w.Scheme()})
	w.Must(err)
	w.store = &history.Store{Client: c, Live: c}
	w.Eventually("the API server knows the rights", func() error { return w.store.Trim(w.Context(), w.target, 1) })

	release := w.promoted("release", "w order: - -> v1")
	w.Must(w.store.Supplement(w.Context(), w.target, release, &history.Entries("w order: hand -> v1")[0]))
	w.finish(release, nil) // it takes the place of what was there
	w.promoted("next", "w order: v1 -> v2")
	w.same("records", w.numbers(), "2 next, 1 release")
	w.Must(w.store.Trim(w.Context(), w.target, 1))
	w.same("records", w.numbers(), "2 next")
}
