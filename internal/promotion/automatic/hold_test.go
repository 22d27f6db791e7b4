// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic_test

import (
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/automatic"
)

// The command that users are told lifts the hold that it is about, and no other.
func TestHeldByTellsWhatLiftsTheHold(t *testing.T) {
	t.Parallel()
	target := &v1alpha1.Environment{}
	target.Namespace, target.Name = "shop", "prod"
	if automatic.Resumes(target) {
		t.Error("an Environment that nothing holds is resumed")
	}
	target.Status.Hold = &v1alpha1.PromotionHold{UID: "1", PromotionRef: v1alpha1.PromotionReference{Namespace: "shop", Name: "back"}}
	text := automatic.HeldBy(target, target.Status.Hold)
	command := "kubectl annotate --overwrite -n shop environments.novu-operator.dev prod "
	if !strings.HasPrefix(text, "rollback back holds ") || !strings.Contains(text, command) {
		t.Fatal(text)
	}
	_, annotation, _ := strings.Cut(text, command)
	name, value, _ := strings.Cut(annotation, "=")
	target.Annotations = map[string]string{name: value}
	if !automatic.Resumes(target) {
		t.Errorf("%s=%s does not lift the hold", name, value)
	}
	if target.Status.Hold.UID = "2"; automatic.Resumes(target) {
		t.Errorf("%s=%s lifts another hold", name, value)
	}
}
