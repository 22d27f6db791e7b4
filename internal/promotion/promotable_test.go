// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

func TestPromotablesAreTheKindsOfTheAPI(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../api/v1alpha1/promotion_types.go")
	if err != nil {
		t.Fatal(err)
	}
	enum := regexp.MustCompile(`Enum=([\w;]+)\ntype PromotionItemKind `).FindSubmatch(source)
	if enum == nil {
		t.Fatal("the API does not list the kinds that can be promoted")
	}
	for kind := range strings.SplitSeq(string(enum[1]), ";") {
		kind := v1alpha1.PromotionItemKind(kind)
		p := PromotableOf(kind)
		if p.Kind != kind {
			t.Fatalf("%s is missing in the table", kind)
		}
		object := p.New()
		if itemKindOf(object) != kind {
			t.Errorf("an object of %s is taken for %s", kind, itemKindOf(object))
		}
		*p.live(object) = []v1alpha1.LiveRevision{{Revision: "r1"}}
		if record, live := recordOf(kind); record == nil || len(*live) != 0 {
			t.Errorf("an empty record of %s is %v", kind, *live)
		}
	}
	if p := PromotableOf("Unknown"); p.Kind != v1alpha1.PromotionItemWorkflow {
		t.Errorf("an item of an unknown kind is a %s", p.Kind)
	}
}

// Layouts come before the workflows that refer to them, and go after them.
func TestTurn(t *testing.T) {
	t.Parallel()
	items := []Item{
		{Kind: v1alpha1.PromotionItemLayout}, {Kind: v1alpha1.PromotionItemWorkflow},
		{Kind: v1alpha1.PromotionItemWorkflow, Gone: true}, {Kind: v1alpha1.PromotionItemLayout, Gone: true},
	}
	if !slices.IsSortedFunc(items, func(a, b Item) int { return a.turn() - b.turn() }) || items[0].turn() == items[3].turn() {
		t.Errorf("%v do not come in this order", items)
	}
}
