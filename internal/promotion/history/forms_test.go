// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

func TestEveryKindOfTheAPIHasAForm(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../../api/v1alpha1/promotion_types.go")
	if err != nil {
		t.Fatal(err)
	}
	enum := regexp.MustCompile(`Enum=([\w;]+)\ntype PromotionItemKind `).FindSubmatch(source)
	if enum == nil {
		t.Fatal("the API does not list the kinds that can be promoted")
	}
	kinds := strings.Split(string(enum[1]), ";")
	for _, kind := range kinds {
		if forms[v1alpha1.PromotionItemKind(kind)] == nil {
			t.Errorf("records have no form for %s", kind)
		}
	}
	if len(kinds) != len(forms) {
		t.Errorf("the API has %v, and records have %d forms", kinds, len(forms))
	}
}

func TestFormOf(t *testing.T) {
	t.Parallel()
	workflow, layout := OfWorkflow(&novu.WorkflowRequest{}), OfLayout(&novu.LayoutRequest{})
	for kind, d := range map[v1alpha1.PromotionItemKind]*Definition{
		v1alpha1.PromotionItemWorkflow: workflow, v1alpha1.PromotionItemLayout: layout,
	} {
		if form := formOf(d); form == nil || form != forms[kind] {
			t.Errorf("a definition of %s has another form", kind)
		}
	}
	for _, d := range []*Definition{nil, {}, {Workflow: workflow.Workflow, Layout: layout.Layout}} {
		if formOf(d) != nil || d.Revision() != "" {
			t.Errorf("%+v has a form", d)
		}
	}
}
