// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// Objects are what helm or kustomize rendered.
type Objects []unstructured.Unstructured

// parse splits a stream of YAML documents and leaves the empty ones out.
func parse(tb testing.TB, stream string) Objects {
	tb.Helper()
	var objects Objects
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewBufferString(stream), 4096)
	for {
		var u unstructured.Unstructured
		err := decoder.Decode(&u.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			tb.Fatalf("not YAML: %v\n%s", err, stream)
		}
		if len(u.Object) > 0 {
			objects = append(objects, u)
		}
	}
}

// Of are the objects of a kind.
func (o Objects) Of(kind string) Objects {
	var found Objects
	for i := range o {
		if o[i].GetKind() == kind {
			found = append(found, o[i])
		}
	}
	return found
}

// Names of the objects, with their kind and namespace: `Role/team/name`.
func (o Objects) Names() []string {
	names := make([]string, 0, len(o))
	for i := range o {
		parts := []string{o[i].GetKind(), o[i].GetName()}
		if ns := o[i].GetNamespace(); ns != "" {
			parts = []string{o[i].GetKind(), ns, o[i].GetName()}
		}
		names = append(names, strings.Join(parts, "/"))
	}
	return names
}

// Get returns the object of the kind and name.
func (o Objects) Get(tb testing.TB, kind, name string) unstructured.Unstructured {
	tb.Helper()
	for i := range o {
		if o[i].GetKind() == kind && o[i].GetName() == name {
			return o[i]
		}
	}
	tb.Fatalf("there is no %s %s, only %s", kind, name, strings.Join(o.Names(), ", "))
	return unstructured.Unstructured{}
}

// Into converts the object of the kind and name. A field that the type does not have fails the test.
func (o Objects) Into(tb testing.TB, kind, name string, into any) {
	tb.Helper()
	found := o.Get(tb, kind, name)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(found.Object, into, true); err != nil {
		tb.Fatalf("%s %s: %v", kind, name, err)
	}
}
