// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	records "novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/test/harness"
)

// refuseEnds has the API server refuse to write the end of a Promotion into the resources, until the returned func is called.
func refuseEnds(s *harness.Stage, p *v1alpha1.Promotion, resources ...string) (accept func()) {
	s.Helper()
	name := "ends-" + s.Namespace
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	policy.Spec.FailurePolicy = new(admissionv1.Fail)
	policy.Spec.MatchConstraints = &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
		RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{admissionv1.Update},
			Rule:       admissionv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: resources},
		},
	}}}
	policy.Spec.MatchConditions = []admissionv1.MatchCondition{{Name: "this", Expression: fmt.Sprintf("object.metadata.uid == '%s'", p.UID)}}
	policy.Spec.Validations = []admissionv1.Validation{{
		Expression: "!has(object.status) || !has(object.status.completionTime)",
	}, {
		Expression: "!object.metadata.?annotations['novu-operator.dev/attempt'].orValue('').contains('completionTime')" +
			" || oldObject.metadata.?annotations['novu-operator.dev/attempt'].orValue('').contains('completionTime')",
	}}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: name}}
	binding.Spec.PolicyName, binding.Spec.ValidationActions = name, []admissionv1.ValidationAction{admissionv1.Deny}
	s.Must(s.Create(s.Context(), policy))
	s.Must(s.Create(s.Context(), binding))
	s.Eventually("the API server refuses", func() error {
		now := &v1alpha1.Promotion{}
		s.Must(s.Get(s.Context(), client.ObjectKeyFromObject(p), now))
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":{"completionTime":"2026-01-01T00:00:00Z"}}`))
		if err := s.Status().Patch(s.Context(), now, patch, client.DryRunAll); err == nil {
			return fmt.Errorf("it does not yet")
		}
		return nil
	})
	return func() {
		s.Must(s.Delete(s.Context(), binding))
		s.Must(s.Delete(s.Context(), policy))
	}
}

// What has ended stays so although its status could not be written at first, and although what it ended for is gone by then.
func TestEndThatStatusDoesNotTellYet(t *testing.T) {
	t.Parallel()
	for name, resources := range map[string][]string{
		"annotation": {"promotions/status"}, "ledger": {"promotions", "promotions/status"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ladder(t)
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, freeze: {reason: launch week}}")
			s.YAML(fmt.Sprintf(three, "one"))
			s.Ready(&v1alpha1.Workflow{}, "message", "letter")
			p := promote(s, "waiting", "prod", "")
			s.NotReady(p, "waiting", v1alpha1.ReasonFrozen)
			accept := refuseEnds(s, p, resources...)
			s.Environment("prod", "Production", "") // it is no target any more, which ends the Promotion
			ledger := &records.Ledger{Client: s.Client, Live: s.Client}
			s.Eventually("the ledger knows the end", func() error {
				ended, err := ledger.Find(s.Context(), p, time.Now())
				s.Must(err)
				return unless(ended != nil, "it knows nothing")
			})
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
			s.Ready(&v1alpha1.Environment{}, "prod")
			annotate(s, &v1alpha1.Promotion{}, "waiting", "example.com/touched", "yes")
			settle(s)
			accept()
			failedForGood(s, "waiting", v1alpha1.ReasonNotAPromotionTarget)
			if got := text(s, "message"); got != "" {
				t.Errorf("Production says %q", got)
			}
		})
	}
}
