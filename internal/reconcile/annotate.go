// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Annotate sets an annotation of this very object, and nothing else. With a resourceVersion it fails if the object has changed
// since.
func Annotate(ctx context.Context, c client.Client, o client.Object, key, value, resourceVersion string) error {
	gvk, err := apiutil.GVKForObject(o, c.Scheme())
	if err != nil {
		return err
	}
	metadata := map[string]any{"uid": o.GetUID(), "annotations": map[string]string{key: value}}
	if resourceVersion != "" {
		metadata["resourceVersion"] = resourceVersion
	}
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return err
	}
	written := &metav1.PartialObjectMetadata{}
	written.SetGroupVersionKind(gvk)
	written.SetNamespace(o.GetNamespace())
	written.SetName(o.GetName())
	if err := c.Patch(ctx, written, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return err
	}
	o.SetResourceVersion(written.ResourceVersion)
	o.SetAnnotations(written.Annotations)
	return nil
}
