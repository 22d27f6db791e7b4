// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// However often a Promotion is planned meanwhile, it waits until Novu has judged, or for so long.
func TestReassessedAwait(t *testing.T) {
	t.Parallel()
	item := Item{Kind: v1alpha1.PromotionItemWorkflow, Key: types.NamespacedName{Namespace: "shop", Name: "patient"}}
	other := Item{Kind: v1alpha1.PromotionItemWorkflow, Key: types.NamespacedName{Namespace: "shop", Name: "other"}}
	began := time.Now()
	for name, test := range map[string]struct {
		uid     types.UID
		item    Item
		written string
		after   time.Duration
		waits   bool
		first   bool
	}{
		"planned again":           {uid: "1", item: item, written: "a", waits: true},
		"planned again and again": {uid: "1", item: item, written: "a", after: reassessedWithin - 1, waits: true},
		"nothing came of it":      {uid: "1", item: item, written: "a", after: reassessedWithin},
		"judged":                  {uid: "1", item: item, written: "b"},
		"another item":            {uid: "1", item: other, written: "a", waits: true, first: true},
		"another Promotion":       {uid: "2", item: item, written: "a", waits: true, first: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var judged Reassessed
			promotion := func(uid types.UID) *v1alpha1.Promotion {
				return &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "p", UID: uid}}
			}
			if until, first := judged.Await(promotion("1"), item, "a", began); !first || !until.Equal(began.Add(reassessedWithin)) {
				t.Fatalf("at first: %v, %v", until, first)
			}
			until, first := judged.Await(promotion(test.uid), test.item, test.written, began.Add(test.after))
			if !until.IsZero() != test.waits || first != test.first {
				t.Errorf("until %v, first %v", until, first)
			}
		})
	}
}
