// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// Identity stands for a target in the names of what is kept for it: a hash of its namespace, its name and the id of the Novu
// environment that its key belongs to. An Environment that is deleted and created again finds what was kept, and one whose key
// has come to belong to another Novu environment finds nothing of the old one. The target's status must hold the id of the
// environment that the operator is connected to.
func Identity(target *v1alpha1.Environment) string {
	return hashOf(target.Namespace, target.Name, target.Status.EnvironmentID)
}

// hashOf stands for several texts in the name of an object, with 128 bits.
func hashOf(texts ...string) string { return digest([]byte(strings.Join(texts, "\x00")))[:32] }

// Identified reports, as an error, a target of which it is not known yet which Novu environment it is.
func Identified(target *v1alpha1.Environment) error {
	if target.Status.EnvironmentID != "" {
		return nil
	}
	return reconcile.Waitingf(v1alpha1.ReasonEnvironmentNotReady,
		"Environment %s has not been connected to Novu yet, so it is not known which records are its own: see its conditions", reconcile.Key(target))
}
