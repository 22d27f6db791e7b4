// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	promotionTo  = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release}, spec: {targetRef: {name: production}}}`
	promotionFmt = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release%s}, spec: {targetRef: {name: production}%s}}`

	mayNotPromote  = "ask for the verb promote on it"
	mayNotRollback = "ask for the verb rollback on it"
	mayNotApprove  = "ask for the verb approve on it"
	mayNotStop     = "ask for the verb promote, rollback or approve on it"
	notTheAuthor   = "spec.requestedBy is who creates the Promotion: write "
	inAnothersName = "approve in your own name: write "
)

func TestCreatePromotion(t *testing.T) {
	w := newWorld(t)
	const owner = `, ownerReferences: [{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, name: production, uid: u%s}]`
	tests := []struct {
		name, user, metadata, spec, want string
	}{
		{"promote", "promoter", "", "", ""},
		{"promote without the verb", clerk, "", "", "you may not promote into Environment " + w.namespace + "/production: " + mayNotPromote},
		{"promote with another verb", "returner", "", "", mayNotPromote},
		{"promote as an approver", "approver", "", "", mayNotPromote},
		{"plan only", clerk, "", ", dryRun: true", ""},
		{"plan of a rollback only", clerk, "", ", dryRun: true, rollback: {to: Previous}", ""},
		{"no plan only", clerk, "", ", dryRun: false", mayNotPromote},
		{"selection", clerk, "", ", selector: {matchLabels: {a: b}}", mayNotPromote},
		{"roll back", "returner", "", ", rollback: {to: Previous}", ""},
		{"roll back without the verb", clerk, "", ", rollback: {to: Previous}", mayNotRollback},
		{"roll back with promote", "promoter", "", ", rollback: {to: Previous}", mayNotRollback},
		{"as oneself", "promoter", "", ", requestedBy: promoter", ""},
		{"as somebody else", "promoter", "", ", requestedBy: approver", notTheAuthor + "promoter"},
		{"plan only as somebody else", clerk, "", ", dryRun: true, requestedBy: promoter", notTheAuthor + clerk},
		{"approved at once without the verb", "promoter", "", ", approvals: [{user: promoter, planHash: " + h1 + "}]", mayNotApprove},
		{"approved at once by another", "promoter", "", ", approvals: [{user: approver, planHash: " + h1 + "}]", inAnothersName + "promoter"},
		{"aborted at once", "promoter", "", ", abort: true", ""},
		{"another finalizer, another label", "promoter", ", finalizers: [example.com/x], labels: {example.com/a: b}", "", ""},
		{"label of the operator", "promoter", ", labels: {novu-operator.dev/automatic: production}", "", "labels of Promotions"},
		{"with an end that it never had", "promoter", ", annotations: {novu-operator.dev/attempt: x}", "", "annotations of Promotions"},
		{"plan only, with an end that it never had", clerk, ", annotations: {novu-operator.dev/attempt: x}", ", dryRun: true", "annotations of Promotions"},
		{"restored by a tool that may", operator, ", annotations: {novu-operator.dev/attempt: x}", "", ""},
		{"asks for a look", "promoter", ", annotations: {novu-operator.dev/requested-at: x}", "", ""},
		{"owned by the Environment", "promoter", fmt.Sprintf(owner, ", controller: true"), "", "only the operator makes an Environment the owner"},
		{"owned without control", "promoter", fmt.Sprintf(owner, ""), "", "only the operator makes an Environment the owner"},
		{"plan only, owned", clerk, fmt.Sprintf(owner, ", controller: true"), ", dryRun: true", "only the operator makes an Environment the owner"},
		{"the operator's own", operator, fmt.Sprintf(owner, ", controller: true") + ", labels: {novu-operator.dev/automatic: a}", "", ""},
		{"the operator in another's name", operator, "", ", requestedBy: promoter", notTheAuthor + operator},
		{"an administrator", "admin", "", "", ""},
		{"an administrator in another's name", "admin", "", ", approvals: [{user: approver, planHash: " + h1 + "}]", inAnothersName + "admin"},
	}
	w.administrator("admin")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			promotion := w.object(fmt.Sprintf(promotionFmt, test.metadata, test.spec))
			expect(t, w.as(test.user).Create(t.Context(), promotion.DeepCopy(), client.DryRunAll), test.want)
			err := w.as(test.user).Apply(t.Context(), client.ApplyConfigurationFromUnstructured(promotion), client.FieldOwner("x"), client.DryRunAll)
			expect(t, err, test.want)
		})
	}
}

// administrator gives somebody what administrators of clusters have, in the namespace.
func (w *world) administrator(user string) {
	w.Helper()
	w.grant(user, rbacv1.UserKind, rbacv1.PolicyRule{APIGroups: []string{"*"}, Verbs: []string{"*"}, Resources: []string{"*"}})
	w.until(func() error { return w.allows(user, "operate") })
}

// The verb counts where the Environment is, not where the Promotion is.
func TestPromoteIntoAnotherNamespace(t *testing.T) {
	home, away := newWorld(t), newWorld(t)
	home.grant("traveller", rbacv1.UserKind, rbacv1.PolicyRule{
		APIGroups: []string{"novu-operator.dev"}, Verbs: []string{"promote"}, Resources: []string{"environments"},
	})
	home.until(func() error { return home.allows("traveller", "promote") })
	tests := []struct {
		name     string
		from, to *world
		want     string
	}{
		{"to where the verb is", away, home, ""},
		{"to where it is, named", home, home, ""},
		{"to where it is not", home, away, "Environment " + away.namespace + "/production: " + mayNotPromote},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			promotion := test.from.object(strings.Replace(promotionTo, "{name: production}", "{name: production, namespace: "+test.to.namespace+"}", 1))
			expect(t, test.from.as("traveller").Create(t.Context(), promotion, client.DryRunAll), test.want)
		})
	}
}

func TestDeletePromotion(t *testing.T) {
	const (
		active   = promotionTo
		finished = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release}, spec: {targetRef: {name: production}}, status: {completionTime: "2026-11-22T10:00:00Z"}}`
		plan     = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release}, spec: {targetRef: {name: production}, dryRun: true}}`
	)
	tests := []struct{ name, user, promotion, want string }{
		{"under way", clerk, active, "this Promotion has not ended"},
		{"under way, as resumer", "resumer", active, mayNotStop},
		{"under way, as promoter", "promoter", active, ""},
		{"under way, as returner", "returner", active, ""},
		{"under way, as approver", "approver", active, ""},
		{"under way, as operator", operator, active, ""},
		{"under way, by the garbage collector", collector, active, ""},
		{"under way, with its namespace", namespaces, active, ""},
		{"ended", clerk, finished, ""},
		{"plan only", clerk, plan, ""},
	}
	w := newWorld(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			promotion := w.make(test.promotion)
			expect(t, w.as(test.user).Delete(t.Context(), promotion, client.DryRunAll), test.want)
			if test.want != "" {
				expect(t, w.as(test.user).DeleteAllOf(t.Context(), promotion, client.InNamespace(w.namespace), client.DryRunAll), test.want)
			}
			w.must(w.Delete(t.Context(), promotion))
		})
	}
}
