// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestExpressionTypes checks every expression against the definitions, as Kubernetes does for the status of a policy: an
// expression that names a field that does not exist would fail when it is needed.
func TestExpressionTypes(t *testing.T) {
	w := newWorld(t)
	checker := w.typeChecker()
	var list admissionv1.ValidatingAdmissionPolicyList
	w.must(w.List(t.Context(), &list, client.HasLabels{"novu-operator.dev/policy"}))
	if len(list.Items) != 5 {
		t.Errorf("there are %d policies", len(list.Items))
	}
	for i := range list.Items {
		t.Run(list.Items[i].Name, func(t *testing.T) {
			policy := list.Items[i].DeepCopy()
			asMainResources(policy)
			context := checker.CreateContext(policy)
			for name, expression := range expressions(policy) {
				if found := checker.CheckExpression(context, expression).String(); found != "" {
					t.Errorf("%s: %s", name, found)
				}
			}
			if checker.CheckExpression(context, "object.metadata.doesNotExist == ''").String() == "" {
				t.Error("the types are not known, so that nothing was checked")
			}
		})
	}
}

// typeChecker is that of Kubernetes, with what the API server publishes of its types.
func (w *world) typeChecker() *validating.TypeChecker {
	w.Helper()
	source, err := discovery.NewDiscoveryClientForConfig(w.config)
	w.must(err)
	return &validating.TypeChecker{
		SchemaResolver: &resolver.ClientDiscoveryResolver{Discovery: source}, RestMapper: w.RESTMapper(),
	}
}

// asMainResources has the policy be about the objects of its subresources, since subresources have no types of their own.
func asMainResources(policy *admissionv1.ValidatingAdmissionPolicy) {
	for i := range policy.Spec.MatchConstraints.ResourceRules {
		resources := policy.Spec.MatchConstraints.ResourceRules[i].Resources
		for j := range resources {
			resources[j], _, _ = strings.Cut(resources[j], "/")
		}
	}
}

func expressions(policy *admissionv1.ValidatingAdmissionPolicy) map[string]string {
	found := map[string]string{}
	for _, v := range policy.Spec.Variables {
		found["variable "+v.Name] = v.Expression
	}
	for _, c := range policy.Spec.MatchConditions {
		found["condition "+c.Name] = c.Expression
	}
	for _, v := range policy.Spec.Validations {
		found["validation "+v.Expression] = v.Expression
		if v.MessageExpression != "" {
			found["message "+v.MessageExpression] = v.MessageExpression
		}
	}
	return found
}
