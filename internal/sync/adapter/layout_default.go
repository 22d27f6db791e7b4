// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/reconcile"
)

// MayCreate holds a layout back that Novu would make the default of its environment, for good, against what spec.default says
// of it or of another.
func (Layout) MayCreate(ctx context.Context, s *layoutScope) error {
	own := s.Object.Spec.Default
	if own != nil && *own || s.Conn.DefaultLayout() != "" {
		return nil
	}
	chosen, err := chosenDefault(ctx, s)
	switch {
	case err != nil:
		return err
	case chosen != nil:
		return reconcile.Pollingf(v1alpha1.ReasonDefaultLayoutFirst,
			"Novu makes the first layout of an environment its default: Layout %s is to be that and comes first, see its conditions",
			reconcile.Key(chosen))
	case own != nil:
		return reconcile.Pollingf(v1alpha1.ReasonDefaultLayoutFirst,
			"Novu makes the first layout of an environment its default, and spec.default of Layout %q is false: "+
				"set spec.default to true on another Layout, or remove it here", s.ID())
	}
	return nil
}

// chosenDefault is a Layout of the Environment that is to be Novu's default; nil: there is none.
func chosenDefault(ctx context.Context, s *layoutScope) (*v1alpha1.Layout, error) {
	var list v1alpha1.LayoutList
	by := client.MatchingFields{index.Environment: reconcile.Key(s.Environment)}
	if err := s.Client.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("look for the default layout of Environment %s: %w", reconcile.Key(s.Environment), err)
	}
	for i := range list.Items {
		o := &list.Items[i]
		if o.Spec.Default != nil && *o.Spec.Default && o.DeletionTimestamp.IsZero() && o.UID != s.Object.UID {
			return o, nil
		}
	}
	return nil, nil
}

// Unmet reports whether Novu uses another default layout than spec.default says. Its API gives the mark to the first layout of an
// environment and has no request that moves it.
func (Layout) Unmet(s *layoutScope) error {
	wanted, is := s.Object.Spec.Default, s.Object.IsDefault()
	switch {
	case wanted == nil || *wanted == is || s.Object.Status.ID == "":
		return nil
	case is:
		return reconcile.Stalledf(v1alpha1.ReasonDefaultLayoutFixed,
			"Novu holds the layout %q and uses it as the default of the environment, because it was the first one there. "+
				"Novu has no way to change that: set spec.default to true, or remove it", s.ID())
	}
	return reconcile.Stalledf(v1alpha1.ReasonDefaultLayoutFixed,
		"Novu holds the layout %q, but the default of the environment is %q, which was the first one there. Novu has no way to "+
			"change that: describe %q by the Layout with default: true, or remove spec.default here", s.ID(), s.Conn.DefaultLayout(), s.Conn.DefaultLayout())
}
