// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The CRDs are in use, and the API server found nothing wrong with their schemas.
func TestCRDsAreAccepted(t *testing.T) {
	t.Parallel()
	wanted := map[apiextensionsv1.CustomResourceDefinitionConditionType]apiextensionsv1.ConditionStatus{
		apiextensionsv1.Established: apiextensionsv1.ConditionTrue, apiextensionsv1.NamesAccepted: apiextensionsv1.ConditionTrue,
	}
	for kind, crd := range crds(t) {
		var live apiextensionsv1.CustomResourceDefinition
		if err := strict.Get(t.Context(), client.ObjectKeyFromObject(&crd), &live); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, condition := range live.Status.Conditions {
			if want, known := wanted[condition.Type]; !known || condition.Status != want {
				t.Errorf("%s: %s is %s: %s", kind, condition.Type, condition.Status, condition.Message)
			}
			found++
		}
		if found < len(wanted) {
			t.Errorf("%s has the conditions %+v", kind, live.Status.Conditions)
		}
	}
}

// The API server refuses a CRD whose rules it estimates too expensive. Its estimates change from one minor version to
// another, so each rule keeps a factor of three from the limit of one rule, and all of a kind from theirs.
func TestCostOfRules(t *testing.T) {
	t.Parallel()
	const reserve = 3
	for kind, crd := range crds(t) {
		root := ruleCosts{t: t, kind: kind}
		root.add("", structural(t, rootSchema(t, crd)), 1, true)
		t.Logf("%s: %d rules, the most expensive is %s at %.1f%% of the limit, together %.1f%%", kind, root.rules, root.worstRule,
			percent(root.worst, apiextensionsvalidation.StaticEstimatedCostLimit), percent(root.total, apiextensionsvalidation.StaticEstimatedCRDCostLimit))
		if root.worst > apiextensionsvalidation.StaticEstimatedCostLimit/reserve {
			t.Errorf("%s: %s costs %d, more than 1/%d of the limit: bound its strings and lists, or simplify it", kind, root.worstRule, root.worst, reserve)
		}
		if root.total > apiextensionsvalidation.StaticEstimatedCRDCostLimit/reserve {
			t.Errorf("%s: the rules cost %d together, more than 1/%d of the limit", kind, root.total, reserve)
		}
	}
}

func percent(part, whole uint64) float64 { return 100 * float64(part) / float64(whole) }

func structural(t *testing.T, in *apiextensionsv1.JSONSchemaProps) *schema.Structural {
	t.Helper()
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(in, internal, nil); err != nil {
		t.Fatal(err)
	}
	out, err := schema.NewStructural(internal)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ruleCosts adds up what the API server would estimate.
type ruleCosts struct {
	t            *testing.T
	kind         string
	rules        int
	total, worst uint64
	worstRule    string
}

// add counts the rules of a schema that occurs up to times in an object.
func (c *ruleCosts) add(path string, s *schema.Structural, times uint64, isRoot bool) {
	c.t.Helper()
	results, err := cel.Compile(s, model.SchemaDeclType(s, isRoot), celconfig.PerCallLimit,
		environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()), cel.NewExpressionsEnvLoader())
	if err != nil {
		c.t.Fatal(err)
	}
	for i, result := range results {
		if result.Error != nil {
			c.t.Errorf("%s%s: %s: %v", c.kind, path, s.XValidations[i].Rule, result.Error)
		}
		cost := result.MaxCost * times
		c.rules++
		c.total += cost
		if cost > c.worst {
			c.worst, c.worstRule = cost, path+": "+s.XValidations[i].Rule
		}
	}
	for name, property := range s.Properties {
		c.add(path+"."+name, &property, times, false)
	}
	if s.Items != nil {
		c.add(path+"[]", s.Items, times*maxItems(s), false)
	}
}

// maxItems is the number of items a list can have; only lists that are bounded have rules on their items.
func maxItems(list *schema.Structural) uint64 {
	if list.ValueValidation == nil || list.ValueValidation.MaxItems == nil {
		return 1
	}
	return uint64(*list.ValueValidation.MaxItems)
}
