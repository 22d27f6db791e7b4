// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"novu-operator.dev/internal/printable"
)

// FieldOwner of what the reconcilers write to status.
const FieldOwner = client.FieldOwner("novu-operator")

// notOurs are fields of status that the Promotion controller writes: which revision is live where, and who is writing
var notOurs = []string{"environments", "activePromotionRef", "hold"}

// WriteStatus applies the status of an object if it differs from what it was before. An object that is gone, or that was
// made again under the same name, is left alone. If another writer has written status meanwhile, the error is one of which
// [Outdated] is true: what a cache that is behind, or an operator that has lost its leadership, has to say would undo it.
func WriteStatus(ctx context.Context, c client.Client, live client.Reader, now, before client.Object) error {
	after, err := statusOf(now)
	if err != nil {
		return err
	}
	old, err := statusOf(before)
	if err != nil || equality.Semantic.DeepEqual(after, old) {
		return err
	}
	version := now.GetResourceVersion()
	for range maxVersions {
		var written string
		if written, err = applyStatus(ctx, c, now, after, version, FieldOwner); err == nil && written != "" {
			now.SetResourceVersion(written)
		}
		if !apierrors.IsConflict(err) {
			return err
		}
		var overtaken error
		if version, overtaken = sameStatus(ctx, live, now, old); overtaken != nil || version == "" {
			return errors.Join(overtaken, err)
		}
	}
	return err
}

// maxVersions bounds how often one status is tried while users change spec.
const maxVersions = 5

// Outdated reports whether the operator has worked on an older state of an object than the API server holds.
func Outdated(err error) bool { return apierrors.IsConflict(err) }

// sameStatus is the version that the object has now if its status is still the old one: something else has changed, and
// the new status is as true as it was. Else it is empty.
func sameStatus(ctx context.Context, live client.Reader, o client.Object, old map[string]any) (version string, err error) {
	current := o.DeepCopyObject().(client.Object)
	if err := live.Get(ctx, client.ObjectKeyFromObject(o), current); err != nil {
		return "", client.IgnoreNotFound(err)
	}
	status, err := statusOf(current)
	if err != nil || current.GetUID() != o.GetUID() || !equality.Semantic.DeepEqual(status, old) {
		return "", err
	}
	return current.GetResourceVersion(), nil
}

// ApplyStatus applies an owner's part of the status of o. That is the status of part, an object of the same kind in which
// nothing else is set; nil takes away what the owner has applied before.
func ApplyStatus(ctx context.Context, c client.Client, o, part client.Object, owner client.FieldOwner) error {
	_, err := applyPart(ctx, c, o, part, "", owner)
	if apierrors.IsConflict(err) {
		return nil // it was made again under the same name
	}
	return err
}

// ApplyStatusAt is ApplyStatus for an object that is unchanged since it was read. If it was changed, nothing is written
// and the error is one of which [Outdated] is true.
//
// version is the one that it made; it is empty if the object is gone.
func ApplyStatusAt(
	ctx context.Context, c client.Client, o, part client.Object, owner client.FieldOwner,
) (version string, err error) {
	return applyPart(ctx, c, o, part, o.GetResourceVersion(), owner)
}

func applyPart(
	ctx context.Context, c client.Client, o, part client.Object, version string, owner client.FieldOwner,
) (written string, err error) {
	status := map[string]any{}
	if part != nil {
		if status, err = statusTree(part); err != nil {
			return "", err
		}
	}
	return applyStatus(ctx, c, o, status, version, owner)
}

// applyStatus returns the version that it made; it is empty if the object is gone. With a version given, it fails if the
// object has another one.
func applyStatus(
	ctx context.Context, c client.Client, o client.Object, status map[string]any, version string, owner client.FieldOwner,
) (written string, err error) {
	patch, err := identityOf(c, o)
	if err != nil {
		return "", err
	}
	patch.SetResourceVersion(version)
	patch.Object["status"] = status
	err = c.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(patch), owner, client.ForceOwnership)
	switch {
	case apierrors.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("write status of %s %s: %w", patch.GetKind(), Key(o), err)
	}
	return patch.GetResourceVersion(), nil
}

// identityOf is a configuration of this very object, to be applied once it has something to say: that fails for another one
// that was made under the same name.
func identityOf(c client.Client, o client.Object) (*unstructured.Unstructured, error) {
	gvk, err := apiutil.GVKForObject(o, c.Scheme())
	if err != nil {
		return nil, err
	}
	patch := &unstructured.Unstructured{}
	patch.SetGroupVersionKind(gvk)
	patch.SetName(o.GetName())
	patch.SetNamespace(o.GetNamespace())
	patch.SetUID(o.GetUID())
	return patch, nil
}

// statusOf is what the operator writes of an object's status, without the parts of other owners.
func statusOf(o client.Object) (map[string]any, error) {
	status, err := statusTree(o)
	for _, name := range notOurs {
		delete(status, name)
	}
	return status, err
}

// statusTree is an object's status as JSON has it, made printable: Novu and users write much of it. Spec, which is much
// larger, is not converted.
func statusTree(o client.Object) (map[string]any, error) {
	field := reflect.ValueOf(o).Elem().FieldByName("Status")
	status, err := runtime.DefaultUnstructuredConverter.ToUnstructured(field.Addr().Interface())
	printable.Tree(status)
	return status, err
}
