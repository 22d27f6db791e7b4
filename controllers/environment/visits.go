// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/reconcile"
)

// visits are the reconciles that are under way, which may take as long as Novu does, with what they work with.
type visits struct {
	mu       sync.Mutex
	underway map[types.NamespacedName]visit
}

type visit struct {
	sources  [2]string            // versions of the Secret and of the ConfigMap, as the cache had them
	settings *connection.Settings // nil until they are read
}

// begin notes a reconcile that begins.
func (v *visits) begin(key types.NamespacedName, sources [2]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.underway == nil {
		v.underway = map[types.NamespacedName]visit{}
	}
	v.underway[key] = visit{sources: sources}
}

// use notes what is used to connect.
func (v *visits) use(key types.NamespacedName, settings connection.Settings) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if at, ok := v.underway[key]; ok {
		at.settings = &settings
		v.underway[key] = at
	}
}

func (v *visits) end(key types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.underway, key)
}

func (v *visits) get(key types.NamespacedName) visit {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.underway[key]
}

// Environment that a reconcile of an Environment depends on: itself.
func (r *Reconciler) Environment(e *v1alpha1.Environment) types.NamespacedName {
	return client.ObjectKeyFromObject(e)
}

// Outdated reports whether what a reconcile of an Environment works with has changed since it began.
func (r *Reconciler) Outdated(ctx context.Context, begun, now *v1alpha1.Environment) bool {
	return r.connector().outdated(ctx, begun, now)
}

// outdated reports whether spec has changed since the reconcile began, or the key or the certificates that it uses: what it
// finds out about the former ones is of no use.
func (c *connector) outdated(ctx context.Context, begun, now *v1alpha1.Environment) bool {
	if begun.Generation != now.Generation {
		return true
	}
	at := c.visits.get(client.ObjectKeyFromObject(now))
	if at.settings == nil || at.sources == c.sources(ctx, now) {
		return false
	}
	settings, err := c.settings(ctx, now)
	return reconcile.Expected(err) && !settings.Same(*at.settings) // a version moves when a label does, too
}

// sources are the versions of what the settings are read from, as far as the cache knows.
func (c *connector) sources(ctx context.Context, e *v1alpha1.Environment) (versions [2]string) {
	versions[0] = c.version(ctx, "Secret", e.Namespace, e.Spec.SecretKeyRef.Name)
	if e.Spec.CABundleRef != nil {
		versions[1] = c.version(ctx, "ConfigMap", e.Namespace, e.Spec.CABundleRef.Name)
	}
	return versions
}

func (c *connector) version(ctx context.Context, kind, namespace, name string) string {
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	if err := c.Client.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, meta); err != nil {
		return "" // it is gone, or will be read anyway
	}
	return meta.ResourceVersion
}
