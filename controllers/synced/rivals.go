// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"context"
	"fmt"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/view"
)

// Rival finds the object of a kind that claims the same identity in the same Novu environment with more right: the one
// that was created first or, of two created together, whose name comes first.
func Rival[O view.Object](
	c client.Reader, pool *connection.Pool, kind string, empty client.ObjectList,
) func(context.Context, O, string) (*sync.Rival, error) {
	return func(ctx context.Context, o O, environmentID string) (*sync.Rival, error) {
		older, err := eldest(ctx, c, pool, o, environmentID, empty, claimOf)
		return rivalOf(older, kind, fmt.Sprintf("manages %q", o.EffectiveID())), err
	}
}

// eldest of the objects that an index finds in all Environments which lead to the Novu environment, and that precede o.
func eldest[O view.Object](
	ctx context.Context, c client.Reader, pool *connection.Pool, o O, environmentID string,
	empty client.ObjectList, by watch.Lookup,
) (older client.Object, err error) {
	environments, err := leadingTo(ctx, c, pool, environmentID)
	if err != nil {
		return nil, err
	}
	err = eachClaimant(ctx, c, environments, o, empty, by, func(other O) error {
		if !precedes(other, o) || older != nil && precedes(older, other) {
			return nil
		}
		same, err := claims(ctx, c, pool, other, environmentID)
		if same {
			older = other
		}
		return err
	})
	return older, err
}

// eachClaimant visits the other objects that an index finds for o in the Environments.
func eachClaimant[O view.Object](
	ctx context.Context, c client.Reader, environments []types.NamespacedName, o O,
	empty client.ObjectList, by watch.Lookup, visit func(O) error,
) error {
	field, value := by(o)
	for _, environment := range environments {
		list := empty.DeepCopyObject().(client.ObjectList)
		if err := c.List(ctx, list, client.MatchingFields{field: index.Within(environment, value)}, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("look for other objects of %q: %w", value, err)
		}
		err := apimeta.EachListItem(list, func(item runtime.Object) error {
			if other := item.(O); other.GetUID() != o.GetUID() {
				return visit(other)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Heir finds the object that what Novu holds is left to when o is deleted: one that claims the same identity in the same
// Novu environment and stays, older or younger, whether or not it works at the moment; or an older one that is being
// deleted as well and sees to it. Who may not use the Environment claims nothing: else anybody could keep others' objects
// from being deleted. As long as it is not known where a claimant's Environment leads, the error tells that it is waited for.
func Heir[O view.Object](
	c client.Reader, pool *connection.Pool, kind string, empty client.ObjectList,
) func(context.Context, O, string) (*sync.Rival, error) {
	return func(ctx context.Context, o O, environmentID string) (*sync.Rival, error) {
		environments, err := leadingTo(ctx, c, pool, environmentID)
		if err != nil {
			return nil, err
		}
		var heir client.Object
		err = eachClaimant(ctx, c, environments, o, empty, claimOf, func(other O) error {
			if heir != nil || !inherits(other, o) {
				return nil
			}
			same, err := claims(ctx, c, pool, other, environmentID)
			if same {
				heir = other
			}
			return err
		})
		if err != nil || heir != nil {
			return rivalOf(heir, kind, fmt.Sprintf("manages %q", o.EffectiveID())), err
		}
		return nil, undecided(ctx, c, pool, kind, o, empty)
	}
}

// inherits reports whether what Novu holds may be left to the other object.
func inherits(other, o view.Object) bool {
	if other.GetDeletionTimestamp().IsZero() {
		return true
	}
	sync := view.Status(other)
	return precedes(other, o) && controllerutil.ContainsFinalizer(other, v1alpha1.Finalizer) && (sync.ID != "" || sync.Creating)
}

// undecided waits for the first contact of an Environment that another claimant refers to: whoever renames everything at
// once renames the Environment, too. One that was tried in vain is not waited for.
func undecided[O view.Object](
	ctx context.Context, c client.Reader, pool *connection.Pool, kind string, o O, empty client.ObjectList,
) error {
	var list v1alpha1.EnvironmentList
	if err := c.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("look for Environments that are not connected yet: %w", err)
	}
	var unknown []types.NamespacedName
	for i := range list.Items {
		e := &list.Items[i]
		if e.Status.EnvironmentID == "" && !ptr.Deref(e.Spec.Suspend, false) && e.DeletionTimestamp.IsZero() && !pool.Tried(client.ObjectKeyFromObject(e)) {
			unknown = append(unknown, client.ObjectKeyFromObject(e))
		}
	}
	return eachClaimant(ctx, c, unknown, o, empty, claimOf, func(other O) error {
		ref := view.Of(other).EnvironmentRef
		if _, err := reconcile.ResolveEnvironment(ctx, c, ref, other.GetNamespace()); err != nil || !other.GetDeletionTimestamp().IsZero() {
			return reconcile.Unexpected(err)
		}
		return reconcile.Pollingf(v1alpha1.ReasonEnvironmentNotReady,
			"%s %s describes %q, too, and its Environment %s was not connected yet: if it leads to the same Novu environment, "+
				"what Novu holds is left to that object", kind, reconcile.Key(other), o.EffectiveID(), ref.In(other.GetNamespace()))
	})
}

// leadingTo are the Environments that lead to a Novu environment: those that are connected to it, and those whose status
// says so and that may not be connected at the moment.
func leadingTo(ctx context.Context, c client.Reader, pool *connection.Pool, environmentID string) ([]types.NamespacedName, error) {
	environments := pool.LeadingTo(environmentID)
	var list v1alpha1.EnvironmentList
	if err := c.List(ctx, &list, client.MatchingFields{index.NovuEnvironment: environmentID}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("look for the Environments that lead to the Novu environment %s: %w", environmentID, err)
	}
	for i := range list.Items {
		if key := client.ObjectKeyFromObject(&list.Items[i]); !slices.Contains(environments, key) {
			environments = append(environments, key)
		}
	}
	return environments, nil
}

func rivalOf(older client.Object, kind, claim string) *sync.Rival {
	if older == nil {
		return nil
	}
	return &sync.Rival{Name: kind + " " + reconcile.Key(older), Claim: claim, Object: older}
}

// claims reports whether an object is meant for the Novu environment. Status is asked only where there is no connection: it
// may not be written yet.
func claims(ctx context.Context, c client.Reader, pool *connection.Pool, o view.Object, environmentID string) (bool, error) {
	environment, err := reconcile.ResolveEnvironment(ctx, c, view.Of(o).EnvironmentRef, o.GetNamespace())
	if err != nil {
		if reconcile.Expected(err) {
			return false, nil // it may not or cannot write
		}
		return false, err
	}
	if conn := pool.Get(client.ObjectKeyFromObject(environment)); conn != nil {
		return conn.Environment().ID == environmentID, nil
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
	return reconcile.Key(a) < reconcile.Key(b)
}

// IntegrationRival is Rival for integrations, which also compete for being the primary one of a channel.
func IntegrationRival(c client.Reader, pool *connection.Pool) func(context.Context, *v1alpha1.Integration, string) (*sync.Rival, error) {
	empty := &v1alpha1.IntegrationList{}
	same := Rival[*v1alpha1.Integration](c, pool, v1alpha1.IntegrationKind, empty)
	return func(ctx context.Context, o *v1alpha1.Integration, environmentID string) (*sync.Rival, error) {
		if rival, err := same(ctx, o, environmentID); err != nil || rival != nil || !o.WantsPrimary() {
			return rival, err
		}
		older, err := eldest(ctx, c, pool, o, environmentID, empty, primaryOf)
		return rivalOf(older, v1alpha1.IntegrationKind, fmt.Sprintf("is the primary %s integration", o.Spec.Channel)), err
	}
}
