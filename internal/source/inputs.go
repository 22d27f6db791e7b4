// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
)

// Inputs reads each object that one refers to once: ConfigMaps and Secrets from values, and Layouts from objects. What does
// not exist is left out.
func Inputs(ctx context.Context, values, objects Getter, o definition.Object) (in definition.Inputs, err error) {
	names, namespace := definition.ReferencesOf(o), o.GetNamespace()
	if in.ConfigMaps, err = read[corev1.ConfigMap](ctx, values, namespace, names.ConfigMaps); err != nil {
		return in, fmt.Errorf("read ConfigMap %w", err)
	}
	if in.Secrets, err = read[corev1.Secret](ctx, values, namespace, names.Secrets); err != nil {
		return in, fmt.Errorf("read Secret %w", err)
	}
	if in.Layouts, err = read[v1alpha1.Layout](ctx, objects, namespace, names.Layouts); err != nil {
		return in, fmt.Errorf("read Layout %w", err)
	}
	return in, nil
}

func read[T any, P interface {
	*T
	client.Object
}](ctx context.Context, from Getter, namespace string, names []string) (map[string]P, error) {
	out := make(map[string]P, len(names))
	for _, name := range names {
		object, key := P(new(T)), types.NamespacedName{Namespace: namespace, Name: name}
		switch err := from.Get(ctx, key, object); {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, fmt.Errorf("%s: %w", key, err)
		default:
			out[name] = object
		}
	}
	return out, nil
}
