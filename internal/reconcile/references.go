// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/source"
)

// ReadSecretKey reads one key of a Secret, or reports that it waits for it.
func ReadSecretKey(ctx context.Context, reader client.Reader, namespace, name, key string) (string, error) {
	var secret corev1.Secret
	err := reader.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &secret)
	if apierrors.IsNotFound(err) {
		return "", &definition.ReferenceError{Kind: "Secret", Namespace: namespace, Name: name}
	}
	if err != nil {
		return "", fmt.Errorf("read Secret %s/%s: %w", namespace, name, err)
	}
	return definition.SecretKey(&secret, key)
}

// ReadConfigMapKey reads one key of a ConfigMap, or reports that it waits for it.
func ReadConfigMapKey(ctx context.Context, reader client.Reader, namespace string, ref v1alpha1.ConfigMapKeyReference) (string, error) {
	var configMap corev1.ConfigMap
	err := reader.Get(ctx, types.NamespacedName{Namespace: namespace, Name: ref.Name}, &configMap)
	if apierrors.IsNotFound(err) {
		return "", &definition.ReferenceError{Kind: "ConfigMap", Namespace: namespace, Name: ref.Name}
	}
	if err != nil {
		return "", fmt.Errorf("read ConfigMap %s/%s: %w", namespace, ref.Name, err)
	}
	return definition.ConfigMapKey(&configMap, ref.Key)
}

// ResolveEnvironment finds the Environment that an object of the namespace refers to, if it may.
func ResolveEnvironment(
	ctx context.Context, reader source.Getter, ref v1alpha1.EnvironmentReference, namespace string,
) (*v1alpha1.Environment, error) {
	key := ref.In(namespace)
	var environment v1alpha1.Environment
	err := reader.Get(ctx, key, &environment)
	if apierrors.IsNotFound(err) {
		return nil, Missingf(v1alpha1.ReasonEnvironmentNotFound, "Environment %s does not exist%s", key, remedy(key.Namespace == namespace))
	}
	if err != nil {
		return nil, fmt.Errorf("read Environment %s: %w", key, err)
	}
	allowed, err := namespaceAllowed(ctx, reader, &environment, namespace)
	if err != nil {
		return nil, err
	}
	if !allowed {
		return nil, Missingf(v1alpha1.ReasonNamespaceNotAllowed,
			"Environment %s does not allow references from namespace %s: extend its spec.allowedNamespaces", key, namespace)
	}
	return &environment, nil
}

// remedy says what to do about an Environment that was not found.
func remedy(near bool) string {
	if near {
		return ": create it"
	}
	return ", or the operator does not watch its namespace: create it, or correct environmentRef"
}

func namespaceAllowed(
	ctx context.Context, reader source.Getter, environment *v1alpha1.Environment, namespace string,
) (bool, error) {
	if environment.Namespace == namespace {
		return true, nil
	}
	rule := environment.Spec.AllowedNamespaces
	switch {
	case rule == nil || rule.From == v1alpha1.NamespacesFromSame:
		return false, nil
	case rule.From == v1alpha1.NamespacesFromAll:
		return true, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(rule.Selector)
	if err != nil {
		return false, Stalledf(v1alpha1.ReasonInvalidSpec, "Environment %s has a selector that cannot be used: correct its spec.allowedNamespaces.selector: %s", Key(environment), err)
	}
	meta := metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := reader.Get(ctx, types.NamespacedName{Name: namespace}, &meta); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return selector.Matches(labels.Set(meta.Labels)), nil
}
