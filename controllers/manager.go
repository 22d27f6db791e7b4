// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/selection"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"novu-operator.dev/api/v1alpha1"
)

// NewScheme knows the kinds of this project and those of Kubernetes.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme) // types that are compiled in always register
	_ = v1alpha1.AddToScheme(scheme)
	return scheme
}

// NewManager makes the manager with every controller, ready to be started. base says how it serves and elects; what is
// watched, and how, is decided here.
func NewManager(ctx context.Context, config *rest.Config, base manager.Options, o Options) (manager.Manager, error) {
	watched, err := among(o.WatchNamespaces)
	if err != nil {
		return nil, err
	}
	base.Scheme = NewScheme()
	base.Cache = cache.Options{
		DefaultTransform: strip, DefaultNamespaces: namespaces(o.WatchNamespaces),
		ByObject: map[client.Object]cache.ByObject{&corev1.Namespace{}: {Label: watched}},
	}
	base.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}, &corev1.Namespace{}}}
	lock, err := elect(config, &base)
	if err != nil {
		return nil, err
	}
	o.Pool.Guard(lock.Held)
	base.NewClient = newClient(o.WatchNamespaces, lock.Held)
	base.Controller.EnableWarmup = new(true) // a replica that waits for the lease is to begin with what it has watched
	mgr, err := ctrl.NewManager(config, base)
	if err != nil {
		return nil, err
	}
	lock.RecordTo(mgr)
	if err := watchReferences(ctx, mgr.GetCache()); err != nil {
		return nil, err
	}
	if err := Setup(ctx, mgr, o); err != nil {
		return nil, err
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, err
	}
	return mgr, mgr.AddReadyzCheck("caches", cachesSynced(mgr.GetCache()))
}

func namespaces(names []string) map[string]cache.Config {
	if len(names) == 0 {
		return nil
	}
	configs := map[string]cache.Config{}
	for _, name := range names {
		configs[name] = cache.Config{}
	}
	return configs
}

// among selects the Namespaces of these names; nil selects all. Every Namespace carries its name as a label.
func among(names []string) (labels.Selector, error) {
	if len(names) == 0 {
		return nil, nil
	}
	requirement, err := labels.NewRequirement(corev1.LabelMetadataName, selection.In, names)
	if err != nil {
		return nil, fmt.Errorf("watch namespaces %v: %w", names, err)
	}
	return labels.NewSelector().Add(*requirement), nil
}

// strip drops what no reconciler reads and what takes most of the memory.
func strip(object any) (any, error) {
	if o, ok := object.(client.Object); ok {
		o.SetManagedFields(nil)
		if annotations := o.GetAnnotations(); annotations[corev1.LastAppliedConfigAnnotation] != "" {
			delete(annotations, corev1.LastAppliedConfigAnnotation)
			o.SetAnnotations(annotations)
		}
	}
	return object, nil
}

// watchReferences makes the caches of what is watched as metadata only, and in no index, from the start: a replica is not
// ready without them.
func watchReferences(ctx context.Context, informers cache.Cache) error {
	for _, kind := range []string{"Secret", "ConfigMap", "Namespace"} {
		meta := &metav1.PartialObjectMetadata{}
		meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
		if _, err := informers.GetInformer(ctx, meta); err != nil {
			return fmt.Errorf("watch every %s: %w", kind, err)
		}
	}
	return nil
}

// cachesSynced is the readiness check: without its caches a replica can neither work nor take over. It answers within the
// second that the kubelet waits.
func cachesSynced(informers cache.Cache) healthz.Checker {
	return func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second/2)
		defer cancel()
		if !informers.WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
}
