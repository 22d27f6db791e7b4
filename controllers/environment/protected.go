// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
)

// policyLabel is on the admission policies and on their bindings. Its value says what the policy is about; names differ
// with the release of the chart.
const policyLabel = "novu-operator.dev/policy"

// policies that promotion needs, in the order of the alphabet; see config/policies.
var policies = []string{"environments", "owners", "promotions", "revisions", "status"}

const (
	installPolicies = "install the chart with policies.install=true, or apply config/policies"
	readPolicies    = "let it list validatingadmissionpolicies and validatingadmissionpolicybindings (admissionregistration.k8s.io)"
)

// +kubebuilder:rbac:groups=novu-operator.dev,resources=environments,verbs=operate
// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=validatingadmissionpolicies;validatingadmissionpolicybindings,verbs=list

// tellProtection says of a promotion target whether the API server holds people to who may promote into it. It asks the
// API server and not a cache: two small requests at each poll of a target, and nothing to wait for where the operator may
// not ask. A question that was not answered leaves the condition as it is.
func tellProtection(ctx context.Context, live client.Reader, s *scope) {
	conditions := &s.environment.Status.Conditions
	if !s.environment.IsPromotionTarget() {
		apimeta.RemoveStatusCondition(conditions, v1alpha1.ConditionProtected)
		return
	}
	missing, err := missingPolicies(ctx, live)
	if err != nil && !apierrors.IsForbidden(err) {
		log.FromContext(ctx).Error(err, "cannot find out whether the admission policies are installed")
		return
	}
	condition := protection(missing, err != nil)
	condition.ObservedGeneration = s.environment.Generation
	apimeta.SetStatusCondition(conditions, condition)
}

func protection(missing []string, forbidden bool) metav1.Condition {
	condition := metav1.Condition{Type: v1alpha1.ConditionProtected}
	switch {
	case forbidden:
		condition.Status, condition.Reason = metav1.ConditionUnknown, v1alpha1.ReasonPoliciesUnknown
		condition.Message = "the operator may not find out whether the admission policies are installed: " + readPolicies
	case len(missing) > 0:
		condition.Status, condition.Reason = metav1.ConditionFalse, v1alpha1.ReasonPoliciesMissing
		condition.Message = fmt.Sprintf("whoever may write Promotions and Environments may also promote, approve and resume, because "+
			"admission policies are missing or not enforced (%s): %s", strings.Join(missing, ", "), installPolicies)
	default:
		condition.Status, condition.Reason = metav1.ConditionTrue, v1alpha1.ReasonPoliciesInstalled
		condition.Message = "the admission policies say who may promote, approve, go back and resume"
	}
	return condition
}

// missingPolicies are those that are not installed, or that no binding enforces.
func missingPolicies(ctx context.Context, live client.Reader) ([]string, error) {
	var (
		installed admissionv1.ValidatingAdmissionPolicyList
		bindings  admissionv1.ValidatingAdmissionPolicyBindingList
		labelled  = client.HasLabels{policyLabel}
	)
	if err := live.List(ctx, &installed, labelled); err != nil {
		return nil, fmt.Errorf("list admission policies: %w", err)
	}
	if err := live.List(ctx, &bindings, labelled); err != nil {
		return nil, fmt.Errorf("list bindings of admission policies: %w", err)
	}
	enforced := sets.New[string]()
	for i := range bindings.Items {
		if slices.Contains(bindings.Items[i].Spec.ValidationActions, admissionv1.Deny) {
			enforced.Insert(bindings.Items[i].Spec.PolicyName)
		}
	}
	missing := sets.New(policies...)
	for i := range installed.Items {
		if enforced.Has(installed.Items[i].Name) {
			missing.Delete(installed.Items[i].Labels[policyLabel])
		}
	}
	return sets.List(missing), nil
}
