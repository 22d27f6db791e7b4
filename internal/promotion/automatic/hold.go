// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"fmt"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
)

// HeldBy says what to do about a hold.
func HeldBy(target *v1alpha1.Environment, hold *v1alpha1.PromotionHold) string {
	return fmt.Sprintf("rollback %s holds automatic promotion back; to go on: %s",
		promotion.TitleIn(hold.PromotionRef, target.Namespace), ResumeBy(target.Namespace, target.Name, resumeToken(hold)))
}

// ResumeBy is the command that makes automatic promotion go on from what has stopped it.
func ResumeBy(namespace, target, stopped string) string {
	return fmt.Sprintf("kubectl annotate --overwrite -n %s environments.novu-operator.dev %s %s=%s",
		namespace, target, v1alpha1.ResumeAnnotation, stopped)
}

// resumeToken is the value of the annotation that lifts the hold: its identity.
func resumeToken(hold *v1alpha1.PromotionHold) string { return string(hold.UID) }

// Resumes reports whether the annotation of the target lifts its hold.
func Resumes(target *v1alpha1.Environment) bool {
	hold := target.Status.Hold
	return hold != nil && target.Annotations[v1alpha1.ResumeAnnotation] == resumeToken(hold)
}
