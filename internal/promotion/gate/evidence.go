// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// gatherEvidence reads the objects of a gate. It ends with the first that cannot be read.
func gatherEvidence(ctx context.Context, live client.Reader, gate *v1alpha1.PromotionGate, namespace string) Evidence {
	evidence := Evidence{Objects: map[string]any{}}
	for _, ref := range gate.Objects {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion(ref.APIVersion)
		o.SetKind(ref.Kind)
		if evidence.Problem = refused(ref, namespace); evidence.Problem != "" {
			return evidence
		}
		key := types.NamespacedName{Namespace: cmp.Or(ref.Namespace, namespace), Name: ref.Name}
		err := live.Get(ctx, key, o)
		switch {
		case absent(err):
		case err != nil:
			evidence.Problem = unreadable(ref, key, err)
			return evidence
		default:
			o.SetManagedFields(nil) // large, and nothing that an expression should depend on
			evidence.Objects[ref.As] = o.Object
		}
	}
	return evidence
}

// absent reports whether there is no such object. If a kind has gone, the API server answers the same without a name.
func absent(err error) bool {
	var answer apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &answer) &&
		answer.Status().Details != nil && answer.Status().Details.Name != ""
}

// operatorReads are the kinds, beside the operator's own, that it may get in every namespace for its own work. They are
// in small letters, because objects are found by those, too.
var operatorReads = map[schema.GroupKind]bool{
	{Kind: "configmap"}:                         true,
	{Group: "apps", Kind: "controllerrevision"}: true,
}

// refused says why an object is not read although the operator might: a gate must not disclose what is in a Secret,
// nor what is in other namespaces of the kinds that the operator needs to read for its own work.
func refused(ref v1alpha1.GateObject, namespace string) string {
	kind := schema.FromAPIVersionAndKind(ref.APIVersion, strings.ToLower(ref.Kind)).GroupKind()
	elsewhere := ref.Namespace != "" && ref.Namespace != namespace
	switch {
	case kind == schema.GroupKind{Kind: "secret"}:
		return "a gate cannot read Secrets: publish what it needs to know in another object"
	case elsewhere && (kind.Group == v1alpha1.GroupVersion.Group || operatorReads[kind]):
		return fmt.Sprintf("a gate reads objects of kind %s only in the namespace of its Environment, %s: publish there what it needs to know",
			ref.Kind, namespace)
	}
	return ""
}

func unreadable(ref v1alpha1.GateObject, key types.NamespacedName, err error) string {
	switch {
	case apierrors.IsForbidden(err):
		return fmt.Sprintf("the operator may not get %s %s of %s: grant it with the chart's value gates.rules",
			ref.Kind, key, ref.APIVersion)
	case apimeta.IsNoMatchError(err):
		return fmt.Sprintf("the cluster has no kind %s in %s: correct objects of the gate, or install it", ref.Kind, ref.APIVersion)
	}
	return fmt.Sprintf("%s %s cannot be read, it is tried again: %s", ref.Kind, key, oneLine(err))
}
