// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/internal/view"
)

// Catalog is what can be promoted: the objects of one writable Environment.
type Catalog struct {
	// Environment that the objects refer to, namespace/name.
	Environment string
	// Objects that refer to it; those of one kind stand together.
	Objects []view.Object

	// barred are the kinds and ids of objects that refer to the Environment and may not: they take no part, but no one can
	// tell that no object describes them.
	barred map[string]bool
}

// Origin follows the sources of an Environment to the writable one whose objects describe all of them: Production may be
// promoted from Staging, and Staging from Development.
func Origin(ctx context.Context, objects source.Source, environment *v1alpha1.Environment) (*v1alpha1.Environment, error) {
	seen := map[string]bool{}
	for environment.IsPromotionTarget() {
		if seen[reconcile.Key(environment)] {
			return nil, reconcile.Stalledf(v1alpha1.ReasonInvalidSpec,
				"Environment %s is promoted from itself in a circle: correct a spec.promotionPolicy.sourceRef", reconcile.Key(environment))
		}
		seen[reconcile.Key(environment)] = true
		from, err := reconcile.ResolveEnvironment(ctx, objects, environment.Spec.PromotionPolicy.SourceRef, environment.Namespace)
		if err != nil {
			return nil, err
		}
		environment = from
	}
	return environment, nil
}

// ReadCatalog finds the objects of an Environment. It leaves out those in namespaces that must not refer to it: whoever
// may create a Workflow somewhere cannot thereby hold up, or take part in, other people's promotions.
func ReadCatalog(ctx context.Context, objects source.Source, environment *v1alpha1.Environment) (*Catalog, error) {
	catalog := &Catalog{Environment: reconcile.Key(environment)}
	found, err := objectsOf(ctx, objects, environment)
	if err != nil {
		return nil, err
	}
	admission := admission{objects: objects, environment: environment, known: map[string]bool{}}
	for _, o := range found {
		if admission.admits(ctx, o.GetNamespace()) {
			catalog.Objects = append(catalog.Objects, o)
		} else {
			catalog.bar(o)
		}
	}
	if err := catalog.barElsewhere(ctx, objects, environment); err != nil {
		return nil, err
	}
	return catalog, admission.err
}

// objectsOf are those that refer to the Environment.
func objectsOf(ctx context.Context, objects source.Source, environment *v1alpha1.Environment) ([]view.Object, error) {
	found, err := lookup(ctx, objects, index.Environment, reconcile.Key(environment))
	if err != nil {
		return nil, fmt.Errorf("list the objects of Environment %s: %w", reconcile.Key(environment), err)
	}
	return found, nil
}

// lookup finds objects of every kind that can be promoted.
func lookup(ctx context.Context, objects source.Source, field, value string) (all []view.Object, err error) {
	for i := range Promotables {
		found := Promotables[i].NewList()
		if err := objects.Lookup(ctx, found, field, value); err != nil {
			return nil, err
		}
		err := apimeta.EachListItem(found, func(o runtime.Object) error {
			all = append(all, o.(view.Object))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// barElsewhere bars what is described through other Environments that lead to the same Novu environment: an object that
// was moved from one to the other is still described, and what a target holds of it is not to be pruned.
func (c *Catalog) barElsewhere(ctx context.Context, objects source.Source, environment *v1alpha1.Environment) error {
	if environment.Status.EnvironmentID == "" {
		return nil
	}
	var environments v1alpha1.EnvironmentList
	if err := objects.Lookup(ctx, &environments, index.NovuEnvironment, environment.Status.EnvironmentID); err != nil {
		return fmt.Errorf("look for other Environments of %s: %w", reconcile.Key(environment), err)
	}
	for i := range environments.Items {
		other := &environments.Items[i]
		if reconcile.Key(other) == reconcile.Key(environment) {
			continue
		}
		theirs, err := objectsOf(ctx, objects, other)
		if err != nil {
			return err
		}
		for _, o := range theirs {
			c.bar(o)
		}
	}
	return nil
}

func (c *Catalog) bar(o view.Object) {
	if c.barred == nil {
		c.barred = map[string]bool{}
	}
	item := itemOf(o)
	c.barred[entryKey(item.Kind, item.ID)] = true
}

// admission asks once for each namespace whether it may refer to the Environment.
type admission struct {
	objects     source.Source
	environment *v1alpha1.Environment
	known       map[string]bool
	err         error
}

func (a *admission) admits(ctx context.Context, namespace string) bool {
	admitted, known := a.known[namespace]
	if known {
		return admitted
	}
	ref := v1alpha1.EnvironmentReference{Namespace: a.environment.Namespace, Name: a.environment.Name}
	_, err := reconcile.ResolveEnvironment(ctx, a.objects, ref, namespace)
	if !reconcile.Expected(err) {
		a.err = err
	}
	a.known[namespace] = err == nil
	return err == nil
}
