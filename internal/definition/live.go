// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "novu-operator.dev/api/v1alpha1"

// LiveRevisions returns what is recorded of an object in the targets that it was promoted to. An Integration has none: it is
// never promoted.
func LiveRevisions(o any) []v1alpha1.LiveRevision {
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		return o.Status.Environments
	case *v1alpha1.Layout:
		return o.Status.Environments
	}
	return nil
}

// LiveIn returns the record of one target, nil if there is none.
func LiveIn(recorded []v1alpha1.LiveRevision, target *v1alpha1.Environment) *v1alpha1.LiveRevision {
	for i := range recorded {
		if recorded[i].Environment == target.Name && recorded[i].Namespace == target.Namespace {
			return &recorded[i]
		}
	}
	return nil
}
