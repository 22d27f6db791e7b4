// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
)

// Resolve reads what the object refers to and makes its definition. The error is one of package definition, or that of a read.
func (s *Scope[O]) Resolve(ctx context.Context) (definition.Definition, definition.Inputs, error) {
	in, err := s.inputs(ctx)
	if err != nil {
		return definition.Definition{}, in, err
	}
	want, err := definition.Resolve(s.Object, in)
	return want, in, err
}

// inputs reads each object that spec refers to once. What does not exist is left out.
func (s *Scope[O]) inputs(ctx context.Context) (in definition.Inputs, err error) {
	names, namespace := definition.ReferencesOf(s.Object), s.Object.GetNamespace()
	if in.ConfigMaps, err = read[corev1.ConfigMap](ctx, s.Live, namespace, names.ConfigMaps); err != nil {
		return in, fmt.Errorf("read ConfigMap %w", err)
	}
	if in.Secrets, err = read[corev1.Secret](ctx, s.Live, namespace, names.Secrets); err != nil {
		return in, fmt.Errorf("read Secret %w", err)
	}
	if in.Layouts, err = read[v1alpha1.Layout](ctx, s.Client, namespace, names.Layouts); err != nil {
		return in, fmt.Errorf("read Layout %w", err)
	}
	s.sources = sourcesOf(in.Secrets)
	return in, nil
}

// sourcesOf are the versions of Secrets. A value that is not taken as it is stored is another source than the bytes: operators
// before this one sent those to Novu, and a Secret that has not changed since would not be sent again.
func sourcesOf(secrets map[string]*corev1.Secret) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		secret := secrets[name]
		out = append(out, string(secret.UID)+" "+secret.ResourceVersion)
		for _, key := range slices.Sorted(maps.Keys(secret.Data)) {
			if data := secret.Data[key]; definition.SecretValue(data) != string(data) {
				out = append(out, key)
			}
		}
	}
	return out
}

func read[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, namespace string, names []string) (map[string]P, error) {
	out := make(map[string]P, len(names))
	for _, name := range names {
		object, key := P(new(T)), types.NamespacedName{Namespace: namespace, Name: name}
		switch err := reader.Get(ctx, key, object); {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, fmt.Errorf("%s: %w", key, err)
		default:
			out[name] = object
		}
	}
	return out, nil
}
