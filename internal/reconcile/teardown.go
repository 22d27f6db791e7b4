// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
)

const (
	// TeardownPatience is how long the objects of a namespace that is being deleted try to be deleted in Novu, too, while
	// what keeps them from it may pass. A namespace must not wait forever for Novu to be repaired.
	TeardownPatience = 10 * time.Minute
	// TeardownRetry is the longest time between two tries meanwhile.
	TeardownRetry = time.Minute
)

// Abandoned reports whether an Environment, or what it needs to connect, is gone and no connection is left to work with.
func Abandoned(ctx context.Context, live client.Reader, pool *connection.Pool, key types.NamespacedName) bool {
	if pool.Get(key) != nil {
		return false
	}
	var environment v1alpha1.Environment
	if err := live.Get(ctx, key, &environment); err != nil {
		return apierrors.IsNotFound(err)
	}
	if bundle := environment.Spec.CABundleRef; bundle != nil && missing(ctx, live, "ConfigMap", key.Namespace, bundle.Name) {
		return true
	}
	return missing(ctx, live, "Secret", key.Namespace, environment.Spec.SecretKeyRef.Name)
}

func missing(ctx context.Context, live client.Reader, kind, namespace, name string) bool {
	meta := metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return apierrors.IsNotFound(live.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &meta))
}

// Terminating returns the namespace and whether it is being deleted.
func Terminating(ctx context.Context, live client.Reader, name string) (*corev1.Namespace, bool) {
	namespace := &corev1.Namespace{}
	if err := live.Get(ctx, types.NamespacedName{Name: name}, namespace); err != nil {
		namespace.Name = name
		return namespace, apierrors.IsNotFound(err)
	}
	return namespace, !namespace.DeletionTimestamp.IsZero()
}
