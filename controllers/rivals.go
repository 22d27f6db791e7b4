package controllers

import (
	"context"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
	"novu-operator.dev/internal/index"
)

// Rival finds the object of a kind that claims the same identity in the same Novu environment with more right: the one
// that was created first or, of two created together, whose name comes first.
func Rival[O engine.Object](c client.Reader, kind string, empty client.ObjectList) func(context.Context, O, string) (*engine.Rival, error) {
	return func(ctx context.Context, o O, environmentID string) (*engine.Rival, error) {
		list := empty.DeepCopyObject().(client.ObjectList)
		if err := c.List(ctx, list, client.MatchingFields{index.Identity: o.Claim()}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("look for other objects of %q: %w", o.Claim(), err)
		}
		var older client.Object
		err := apimeta.EachListItem(list, func(item runtime.Object) error {
			other := item.(O)
			if !precedes(other, o) || older != nil && precedes(older, other) {
				return nil
			}
			same, err := claims(ctx, c, other, environmentID)
			if same {
				older = other
			}
			return err
		})
		return rivalOf(older, kind, fmt.Sprintf("manages %q", o.EffectiveID())), err
	}
}

func rivalOf(older client.Object, kind, claim string) *engine.Rival {
	if older == nil {
		return nil
	}
	return &engine.Rival{Name: kind + " " + engine.Key(older), Claim: claim}
}

// claims says whether an object is meant for the Novu environment.
func claims(ctx context.Context, c client.Reader, o engine.Object, environmentID string) (bool, error) {
	environment, err := engine.ResolveEnvironment(ctx, c, o.Policies().EnvironmentRef, o.GetNamespace())
	if err != nil {
		if engine.Expected(err) {
			return false, nil // it may not or cannot write
		}
		return false, err
	}
	return environment.Status.EnvironmentID == environmentID, nil
}

func precedes(a, b client.Object) bool {
	if a.GetUID() == b.GetUID() {
		return false
	}
	if at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp(); !at.Equal(&bt) {
		return at.Before(&bt)
	}
	return engine.Key(a) < engine.Key(b)
}

// IntegrationRival is Rival for integrations, which also compete for being the primary one of a channel.
func IntegrationRival(c client.Reader) func(context.Context, *v1alpha1.Integration, string) (*engine.Rival, error) {
	same := Rival[*v1alpha1.Integration](c, v1alpha1.IntegrationKind, &v1alpha1.IntegrationList{})
	return func(ctx context.Context, o *v1alpha1.Integration, environmentID string) (*engine.Rival, error) {
		if rival, err := same(ctx, o, environmentID); err != nil || rival != nil || !o.WantsPrimary() {
			return rival, err
		}
		return primaryRival(ctx, c, o)
	}
}

func primaryRival(ctx context.Context, c client.Reader, o *v1alpha1.Integration) (*engine.Rival, error) {
	var list v1alpha1.IntegrationList
	environment := o.Spec.EnvironmentRef.In(o.Namespace).String()
	if err := c.List(ctx, &list, client.MatchingFields{index.Environment: environment}); err != nil {
		return nil, fmt.Errorf("look for other primary integrations: %w", err)
	}
	for i := range list.Items {
		other := &list.Items[i]
		if other.WantsPrimary() && other.Spec.Channel == o.Spec.Channel && precedes(other, o) {
			return rivalOf(other, v1alpha1.IntegrationKind, fmt.Sprintf("is the primary %s integration", o.Spec.Channel)), nil
		}
	}
	return nil, nil
}
