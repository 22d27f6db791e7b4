// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

func TestHoldMoved(t *testing.T) {
	t.Parallel()
	held := func(rollback string, uid types.UID) *v1alpha1.Environment {
		e := &v1alpha1.Environment{}
		e.Status.Hold = &v1alpha1.PromotionHold{UID: uid, PromotionRef: v1alpha1.PromotionReference{Name: rollback}}
		return e
	}
	free := &v1alpha1.Environment{}
	for name, c := range map[string]struct {
		before, after *v1alpha1.Environment
		moved         bool
	}{
		"free as before":                  {free, free, false},
		"held as before":                  {held("back", "1"), held("back", "1"), false},
		"set":                             {free, held("back", "1"), true},
		"lifted":                          {held("back", "1"), free, true},
		"by another of the same name":     {held("back", "1"), held("back", "2"), true},
		"by another, restored as the one": {held("back", "1"), held("far-back", "1"), true},
	} {
		if moved := HoldMoved(c.before, c.after); moved != c.moved {
			t.Errorf("%s: %v", name, moved)
		}
	}
}

func TestReadyReason(t *testing.T) {
	t.Parallel()
	e := &v1alpha1.Environment{}
	if reason := ReadyReason(e); reason != "" {
		t.Errorf("without a condition: %q", reason)
	}
	e.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: "Frozen"}}
	if reason := ReadyReason(e); reason != "False Frozen" {
		t.Errorf("%q", reason)
	}
}
