// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/view"
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
		if live := LiveRevisions(object); len(live) != 1 {
			t.Errorf("an object of %s does not say what is live: %v", kind, live)
		}
		record := recordOf(object, v1alpha1.LiveRevision{Revision: "r2"})
		if live := LiveRevisions(record); len(live) != 1 || live[0].Revision != "r2" || itemKindOf(record.(view.Object)) != kind {
			t.Errorf("a record of %s is %+v", kind, record)
		}
	}
	if live := LiveRevisions(&v1alpha1.Integration{}); live != nil {
		t.Errorf("an Integration is live: %v", live)
	}
	if p := PromotableOf("Unknown"); p.Kind != v1alpha1.PromotionItemWorkflow {
		t.Errorf("an item of an unknown kind is a %s", p.Kind)
	}
}

// What each kind is stands in its entry, and entries agree with each other.
func TestPromotablesAreComplete(t *testing.T) {
	t.Parallel()
	for i := range Promotables {
		p := &Promotables[i]
		if p.promoter == nil || p.promoter.kind() != p.Kind || p.promoter.resource() != p.Resource {
			t.Errorf("%s is promoted as something else", p.Kind)
		}
		list := reflect.TypeOf(p.NewList()).Elem().Name()
		if want := reflect.TypeOf(p.New()).Elem().Name() + "List"; list != want {
			t.Errorf("objects of %s are listed in a %s, want a %s", p.Kind, list, want)
		}
		if user := PromotableOf(p.UsedBy); p.UsedBy != "" && (user.names == nil || rankOf(p.UsedBy) <= i) {
			t.Errorf("%s is used by %s, which does not come after it or does not tell what it names", p.Kind, p.UsedBy)
		}
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
