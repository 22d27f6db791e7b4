package engine

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// FieldOwner of what the reconcilers write to status.
const FieldOwner = client.FieldOwner("novu-operator")

// notOurs are fields of status that the Promotion controller writes: which revision is live where, and who is writing
var notOurs = []string{"environments", "activePromotion"}

// WriteStatus applies the status of an object if it differs from what it was before. An object that is gone, or that was
// made anew under the same name, is left alone.
func WriteStatus(ctx context.Context, c client.Client, now, before client.Object) error {
	after, err := statusOf(now)
	if err != nil {
		return err
	}
	old, err := statusOf(before)
	if err != nil || equality.Semantic.DeepEqual(after, old) {
		return err
	}
	return ApplyStatus(ctx, c, now, after, FieldOwner)
}

// ApplyStatus applies fields of status under the name of their owner.
func ApplyStatus(ctx context.Context, c client.Client, o client.Object, status map[string]any, owner client.FieldOwner) error {
	gvk, err := apiutil.GVKForObject(o, c.Scheme())
	if err != nil {
		return err
	}
	patch := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	patch.SetGroupVersionKind(gvk)
	patch.SetName(o.GetName())
	patch.SetNamespace(o.GetNamespace())
	patch.SetUID(o.GetUID())
	err = c.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(patch), owner, client.ForceOwnership)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write status of %s %s: %w", gvk.Kind, Key(o), err)
	}
	return nil
}

func statusOf(o client.Object) (map[string]any, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil, err
	}
	status, _, err := unstructured.NestedMap(content, "status")
	if status == nil {
		status = map[string]any{}
	}
	for _, field := range notOurs {
		delete(status, field)
	}
	return status, err
}
