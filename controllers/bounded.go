// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// bounded is a client of an operator that watches certain namespaces only. What is elsewhere does not exist for it: the
// cache would answer with an error that no condition can explain.
type bounded struct {
	client.Client

	namespaces []string
}

// newClient makes the manager's client, bounded if namespaces are given. guard is asked about every write.
func newClient(namespaces []string, guard func() error) client.NewClientFunc {
	return func(config *rest.Config, options client.Options) (client.Client, error) {
		guarded := *options.HTTPClient
		guarded.Transport = &fence{next: guarded.Transport, guard: guard}
		options.HTTPClient = &guarded
		c, err := client.New(config, options)
		if err != nil || len(namespaces) == 0 {
			return c, err
		}
		return &bounded{Client: c, namespaces: namespaces}, nil
	}
}

// Get reads an object of a watched namespace, or one that is in no namespace.
func (b *bounded) Get(ctx context.Context, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	if key.Namespace == "" || slices.Contains(b.namespaces, key.Namespace) {
		return b.Client.Get(ctx, key, o, options...)
	}
	gvk, err := apiutil.GVKForObject(o, b.Scheme())
	if err != nil {
		return err
	}
	return apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, key.String())
}
