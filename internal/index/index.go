// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package index names the cache indexes that turn "who refers to this" into a lookup.
package index

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/view"
)

// Fields that objects can be looked up by. Values that name another object are "namespace/name".
const (
	// Environment that a Workflow, Layout or Integration refers to.
	Environment = "index:environment"
	// Identity of a Workflow, Layout or Integration, within the Environment that it refers to; see Within.
	Identity = "index:identity"
	// Secret that an Environment or Integration reads.
	Secret = "index:secret"
	// ConfigMap that an Environment, Workflow or Layout reads.
	ConfigMap = "index:configMap"
	// Primary is the channel that an Integration wants to be the primary one of, within the Environment that it refers to;
	// see Within.
	Primary = "index:primary"
	// Layout object that a Workflow refers to.
	Layout = "index:layout"
	// NovuEnvironment is the id of the Novu environment that an Environment led to when its status was written.
	NovuEnvironment = "index:novuEnvironment"
	// Source Environment of a promotion target.
	Source = "index:source"
	// Target Environment of a Promotion.
	Target = "index:target"
	// Live is a promotion target that a revision of a Workflow or Layout was brought to.
	Live = "index:live"
)

type entry struct {
	object client.Object
	field  string
	values client.IndexerFunc
}

// Register adds every index to the cache. It must run before the cache starts.
func Register(ctx context.Context, indexer client.FieldIndexer) error {
	for _, e := range entries() {
		if err := indexer.IndexField(ctx, e.object, e.field, e.values); err != nil {
			return fmt.Errorf("index %T by %s: %w", e.object, e.field, err)
		}
	}
	return nil
}

// Values are those that an object has in an index, for those that find objects without a cache.
func Values(o client.Object, field string) ([]string, error) {
	for _, e := range entries() {
		if e.field == field && reflect.TypeOf(e.object) == reflect.TypeOf(o) {
			return e.values(o), nil
		}
	}
	return nil, fmt.Errorf("there is no index of %T by %s", o, field)
}

func entries() []entry {
	return []entry{
		{&v1alpha1.Workflow{}, Environment, on(environmentOf[*v1alpha1.Workflow])},
		{&v1alpha1.Layout{}, Environment, on(environmentOf[*v1alpha1.Layout])},
		{&v1alpha1.Integration{}, Environment, on(environmentOf[*v1alpha1.Integration])},
		{&v1alpha1.Workflow{}, Identity, on(identityOf[*v1alpha1.Workflow])},
		{&v1alpha1.Layout{}, Identity, on(identityOf[*v1alpha1.Layout])},
		{&v1alpha1.Integration{}, Identity, on(identityOf[*v1alpha1.Integration])},
		{&v1alpha1.Environment{}, Secret, on(environmentSecret)},
		{&v1alpha1.Integration{}, Secret, on(integrationSecrets)},
		{&v1alpha1.Integration{}, Primary, on(integrationPrimary)},
		{&v1alpha1.Environment{}, ConfigMap, on(environmentConfigMap)},
		{&v1alpha1.Workflow{}, ConfigMap, on(workflowConfigMaps)},
		{&v1alpha1.Layout{}, ConfigMap, on(layoutConfigMap)},
		{&v1alpha1.Workflow{}, Layout, on(workflowLayouts)},
		{&v1alpha1.Environment{}, NovuEnvironment, on(novuEnvironment)},
		{&v1alpha1.Environment{}, Source, on(environmentSource)},
		{&v1alpha1.Promotion{}, Target, on(promotionTarget)},
		{&v1alpha1.Workflow{}, Live, on(func(w *v1alpha1.Workflow) []string { return targets(w.Status.Environments) })},
		{&v1alpha1.Layout{}, Live, on(func(l *v1alpha1.Layout) []string { return targets(l.Status.Environments) })},
	}
}

// on gives an index function its type.
func on[T client.Object](values func(T) []string) client.IndexerFunc {
	return func(o client.Object) []string { return values(o.(T)) }
}

// Key is the value that an object has in an index by name.
func Key(namespace, name string) string { return namespace + "/" + name }

// Within is the value that an object has in an index by something that is its own only within one Environment: the same
// workflow may be described for each of hundreds.
func Within(environment types.NamespacedName, value string) string {
	return environment.String() + " " + value
}

func environmentOf[T view.Object](o T) []string { return []string{view.Environment(o).String()} }

func identityOf[T view.Object](o T) []string { return []string{within(o, view.Of(o).Claim)} }

func within(o view.Object, value string) string { return Within(view.Environment(o), value) }

func environmentSecret(e *v1alpha1.Environment) []string {
	return []string{Key(e.Namespace, e.Spec.SecretKeyRef.Name)}
}

func environmentConfigMap(e *v1alpha1.Environment) []string {
	if e.Spec.CABundleRef == nil {
		return nil
	}
	return []string{Key(e.Namespace, e.Spec.CABundleRef.Name)}
}

func novuEnvironment(e *v1alpha1.Environment) []string {
	if e.Status.EnvironmentID == "" {
		return nil
	}
	return []string{e.Status.EnvironmentID}
}

func environmentSource(e *v1alpha1.Environment) []string {
	if !e.IsPromotionTarget() {
		return nil
	}
	return []string{e.EffectiveSource().String()}
}

func integrationSecrets(i *v1alpha1.Integration) []string {
	names := set{}
	for _, source := range i.Spec.CredentialsFrom {
		if source.SecretRef != nil {
			names.add(i.Namespace, source.SecretRef.Name)
		}
		if source.SecretKeyRef != nil {
			names.add(i.Namespace, source.SecretKeyRef.Name)
		}
	}
	return names.values
}

func integrationPrimary(i *v1alpha1.Integration) []string {
	if !i.WantsPrimary() {
		return nil
	}
	return []string{within(i, string(i.Spec.Channel))}
}

func workflowConfigMaps(w *v1alpha1.Workflow) []string {
	names := set{}
	for i := range w.Spec.Steps {
		if from := w.Spec.Steps[i].BodyFrom(); from != nil {
			names.add(w.Namespace, from.ConfigMapKeyRef.Name)
		}
	}
	return names.values
}

func workflowLayouts(w *v1alpha1.Workflow) []string {
	names := set{}
	for i := range w.Spec.Steps {
		if name := w.Spec.Steps[i].Email.LayoutName(); name != "" {
			names.add(w.Namespace, name)
		}
	}
	return names.values
}

func layoutConfigMap(l *v1alpha1.Layout) []string {
	if l.Spec.BodyFrom == nil {
		return nil
	}
	return []string{Key(l.Namespace, l.Spec.BodyFrom.ConfigMapKeyRef.Name)}
}

func promotionTarget(p *v1alpha1.Promotion) []string {
	return []string{p.Spec.TargetRef.In(p.Namespace).String()}
}

func targets(revisions []v1alpha1.LiveRevision) (keys []string) {
	for _, live := range revisions {
		keys = append(keys, Key(live.Namespace, live.Environment))
	}
	return keys
}

// set keeps the values of an index apart and in order.
type set struct{ values []string }

func (s *set) add(namespace, name string) {
	key := Key(namespace, name)
	if slices.Contains(s.values, key) {
		return
	}
	s.values = append(s.values, key)
}
