// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Files is the Source that manifests are: the operator's own kinds, the Secrets and ConfigMaps that they refer to, and
// Namespaces, whose labels decide who may refer to an Environment. Everything must be read before anything is looked for.
type Files struct {
	// Namespace of objects whose manifests have none. Empty: default.
	Namespace string
	// Problems are documents that hold no object that can be taken, in the order in which they were read.
	Problems []*Problem
	// Ignored are documents that hold an object of another kind.
	Ignored []Ignored

	objects map[identity]*object
}

var _ Source = &Files{}

// identity tells objects apart.
type identity struct {
	kind schema.GroupVersionKind
	key  types.NamespacedName
}

type object struct {
	client.Object
	at Position
}

// Position is where a document begins.
type Position struct {
	// File is its name as it was given.
	File string
	// Line begins with 1.
	Line int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Problem is why a document cannot be taken. It never quotes what a Secret holds.
type Problem struct {
	Position
	// Object that the document holds, as "Workflow shop/welcome", as far as that is known; empty: nothing is.
	Object string
	Err    error
}

func (p *Problem) Error() string {
	if p.Object == "" {
		return fmt.Sprintf("%s: %s", p.Position, p.Err)
	}
	return fmt.Sprintf("%s: %s: %s", p.Position, p.Object, p.Err)
}

func (p *Problem) Unwrap() error { return p.Err }

// Ignored is a document that holds an object of a kind that is not looked at.
type Ignored struct {
	Position
	// Object is its kind and name.
	Object string
}

// Read takes the documents of manifests, of which errors and positions call the file name. The error is that of the reader;
// what is wrong with documents is among the Problems.
func (f *Files) Read(name string, manifests io.Reader) error {
	text, err := io.ReadAll(manifests)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, d := range documents(name, text) {
		f.add(d)
	}
	return nil
}

// add takes the objects of one document.
func (f *Files) add(d document) {
	objects, ignored, err := d.decode()
	if err != nil {
		f.Problems = append(f.Problems, err)
	}
	f.Ignored = append(f.Ignored, ignored...)
	for _, o := range objects {
		f.put(o, d.at)
	}
}

func (f *Files) put(o client.Object, at Position) {
	if namespaced(o) && o.GetNamespace() == "" {
		o.SetNamespace(cmp.Or(f.Namespace, metav1.NamespaceDefault))
	}
	id := identity{kind: o.GetObjectKind().GroupVersionKind(), key: client.ObjectKeyFromObject(o)}
	if before := f.objects[id]; before != nil {
		f.Problems = append(f.Problems, &Problem{Position: at, Object: nameOf(o), Err: fmt.Errorf("it is there twice, first at %s", before.at)})
		return
	}
	if f.objects == nil {
		f.objects = map[identity]*object{}
	}
	f.objects[id] = &object{Object: o, at: at}
}

func namespaced(o client.Object) bool {
	_, cluster := o.(*corev1.Namespace)
	return !cluster
}

// nameOf is what messages call an object.
func nameOf(o client.Object) string {
	name := strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/")
	return strings.TrimSpace(o.GetObjectKind().GroupVersionKind().Kind + " " + name)
}

// Get finds one object.
func (f *Files) Get(_ context.Context, key types.NamespacedName, into client.Object, _ ...client.GetOption) error {
	kind, err := kindOf(into)
	if err != nil {
		return err
	}
	found := f.objects[identity{kind: kind, key: key}]
	if found == nil {
		return apierrors.NewNotFound(schema.GroupResource{Group: kind.Group, Resource: strings.ToLower(kind.Kind) + "s"}, key.String())
	}
	if partial, ok := into.(*metav1.PartialObjectMetadata); ok {
		metadata := apimeta.AsPartialObjectMetadata(found.Object)
		metadata.DeepCopyInto(partial)
		partial.SetGroupVersionKind(kind)
		return nil
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(found.DeepCopyObject()).Elem())
	return nil
}

// Lookup finds objects by an index.
func (f *Files) Lookup(_ context.Context, into client.ObjectList, field, value string) error {
	kind, err := kindOf(into)
	if err != nil {
		return err
	}
	kind.Kind = strings.TrimSuffix(kind.Kind, "List")
	var found []runtime.Object
	for _, o := range f.sorted() {
		if o.GetObjectKind().GroupVersionKind() != kind {
			continue
		}
		has, err := indexed(o.Object, field, value)
		if err != nil {
			return err
		}
		if has {
			found = append(found, o.Object)
		}
	}
	return apimeta.SetList(into, found)
}

// At is where an object was found.
func (f *Files) At(o client.Object) (Position, bool) {
	kind, err := kindOf(o)
	found := f.objects[identity{kind: kind, key: client.ObjectKeyFromObject(o)}]
	if err != nil || found == nil {
		return Position{}, false
	}
	return found.at, true
}

// sorted are all objects in the order of their names, as an API server lists them.
func (f *Files) sorted() []*object {
	return slices.SortedFunc(maps.Values(f.objects), func(a, b *object) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
}

// kinds that manifests are read for.
var kinds = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	_ = v1alpha1.AddToScheme(scheme) // it registers types, which does not fail
	scheme.AddKnownTypes(corev1.SchemeGroupVersion,
		&corev1.Secret{}, &corev1.ConfigMap{}, &corev1.Namespace{}, &corev1.SecretList{}, &corev1.ConfigMapList{}, &corev1.NamespaceList{})
	return scheme
}()

func kindOf(o runtime.Object) (schema.GroupVersionKind, error) {
	if partial, ok := o.(*metav1.PartialObjectMetadata); ok {
		return partial.GroupVersionKind(), nil
	}
	found, _, err := kinds.ObjectKinds(o)
	if err != nil {
		return schema.GroupVersionKind{}, fmt.Errorf("manifests are not read for it: %w", err)
	}
	return found[0], nil
}
