// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "novu-operator.dev/api/v1alpha1"

// LiveIn returns the record of one target, nil if there is none.
func LiveIn(recorded []v1alpha1.LiveRevision, target *v1alpha1.Environment) *v1alpha1.LiveRevision {
	for i := range recorded {
		if recorded[i].Environment == target.Name && recorded[i].Namespace == target.Namespace {
			return &recorded[i]
		}
	}
	return nil
}
