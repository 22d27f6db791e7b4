// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/source"
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
func (s *Scope[O]) inputs(ctx context.Context) (definition.Inputs, error) {
	in, err := source.Inputs(ctx, s.Live, s.Client, s.Object)
	if err == nil {
		s.sources = sourcesOf(in.Secrets)
	}
	return in, err
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
