// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/internal/index"
)

// Source finds objects. It is safe for concurrent use.
type Source interface {
	Getter
	// Lookup reads those objects of the list's kind of which an index of package index has the value. The Source may go on
	// using them: they must not be changed.
	Lookup(ctx context.Context, into client.ObjectList, field, value string) error
}

// Getter reads single objects: a client does, and a Source.
type Getter interface {
	// Get reads one object. If it does not exist, the error is one of which apierrors.IsNotFound is true.
	Get(ctx context.Context, key types.NamespacedName, into client.Object, opts ...client.GetOption) error
}

// Cached is the Source that a manager's cache is, with the indexes of package index.
func Cached(cache client.Reader) Source { return cached{cache} }

type cached struct{ client.Reader }

func (c cached) Lookup(ctx context.Context, into client.ObjectList, field, value string) error {
	return c.List(ctx, into, client.MatchingFields{field: value}, client.UnsafeDisableDeepCopy)
}

// Live is the Source that an API server is, which has no indexes: each Lookup lists all objects of a kind, in the namespaces
// that are given, or everywhere.
func Live(reader client.Reader, namespaces ...string) Source {
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	return live{Reader: reader, namespaces: namespaces}
}

type live struct {
	client.Reader
	namespaces []string
}

func (l live) Lookup(ctx context.Context, into client.ObjectList, field, value string) error {
	found := []runtime.Object{}
	for _, namespace := range l.namespaces {
		list := into.DeepCopyObject().(client.ObjectList)
		if err := l.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return err
		}
		err := apimeta.EachListItem(list, func(o runtime.Object) error {
			has, err := indexed(o, field, value)
			if has {
				found = append(found, o)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return apimeta.SetList(into, found)
}

// indexed reports whether the index has the value for an object.
func indexed(o runtime.Object, field, value string) (bool, error) {
	object, ok := o.(client.Object)
	if !ok {
		return false, fmt.Errorf("%T is no object", o)
	}
	values, err := index.Values(object, field)
	return slices.Contains(values, value), err
}
