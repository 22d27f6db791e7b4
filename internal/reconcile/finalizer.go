// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// addFinalizer adds the operator's finalizer whatever else has changed meanwhile: finalizers are a set, and a second time
// changes nothing.
func addFinalizer(ctx context.Context, c client.Client, o client.Object) error {
	patch, err := identityOf(c, o)
	if err != nil {
		return err
	}
	patch.SetFinalizers([]string{v1alpha1.Finalizer})
	if err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(patch), FieldOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("set finalizer of %s: %w", Key(o), err)
	}
	o.SetFinalizers(patch.GetFinalizers())
	o.SetResourceVersion(patch.GetResourceVersion())
	return nil
}

// SetFinalizer adds or removes the operator's finalizer and nothing else. The patch that removes it fails if the object has
// changed meanwhile, so that no finalizer of others is lost.
func SetFinalizer(ctx context.Context, c client.Client, o client.Object, wanted bool) error {
	if wanted {
		return addFinalizer(ctx, c, o)
	}
	patched := o.DeepCopyObject().(client.Object)
	patched.SetFinalizers(slices.DeleteFunc(patched.GetFinalizers(), func(f string) bool { return f == v1alpha1.Finalizer }))
	patch := client.MergeFromWithOptions(o, client.MergeFromWithOptimisticLock{})
	if err := c.Patch(ctx, patched, patch); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("set finalizer of %s: %w", Key(o), err)
	}
	o.SetFinalizers(patched.GetFinalizers())
	o.SetResourceVersion(patched.GetResourceVersion())
	return nil
}
