// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package twoservers

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

func TestAnotherInstallation(t *testing.T) {
	w := newWorld(t)
	w.approve("release-1")
	p := w.promotion("release-1", v1alpha1.PromotionPhaseSucceeded)
	if p.Status.Strategy != v1alpha1.PromotionStrategyApply || p.Status.Plan.Create != 2 ||
		condition(p, v1alpha1.ConditionVerified).Status != metav1.ConditionTrue {
		t.Errorf("status: %+v", p.Status)
	}
	if from, to := w.Novu.Snapshot("Development"), w.there.Snapshot("Production"); !reflect.DeepEqual(from, to) {
		t.Errorf("Production holds\n%v\nDevelopment\n%v", to, from)
	}
	first := w.held()
	if here := w.Novu.Workflows("Development")[0]; here.Steps[0].ID == first.Steps[0].ID || here.ID == first.ID {
		t.Error("the two have internal ids in common: the test does not show anything")
	}

	w.subject("It is on its way")
	w.promote("release-2", "")
	w.approve("release-2")
	if p := w.promotion("release-2", v1alpha1.PromotionPhaseSucceeded); p.Status.Plan.Update != 1 || p.Status.Plan.Unchanged != 1 {
		t.Errorf("plan: %+v", p.Status.Plan)
	}
	second := w.held()
	if second.ID != first.ID || second.Steps[0].ID != first.Steps[0].ID || second.Steps[0].ControlValues["subject"] != "It is on its way" {
		t.Errorf("%+v became %+v", first, second)
	}

	w.promote("back", "rollback: {to: Previous}")
	w.promotion("back", v1alpha1.PromotionPhaseSucceeded)
	if third := w.held(); third.Steps[0].ID != first.Steps[0].ID || third.Steps[0].ControlValues["subject"] != "Your order is on its way" {
		t.Errorf("after the rollback: %+v", third)
	}
}

func TestHandEditIsCorrectedThere(t *testing.T) {
	w := newWorld(t)
	w.approve("release-1")
	w.promotion("release-1", v1alpha1.PromotionPhaseSucceeded)
	want := w.there.SnapshotWithStepIDs("Production")
	theirs, err := novu.New(novu.Config{BaseURL: w.there.URL, SecretKey: w.there.Environment("Production").SecretKey})
	w.Must(err)
	have, err := theirs.GetWorkflow(t.Context(), "order-shipped")
	w.Must(err)
	_, err = theirs.UpdateWorkflow(t.Context(), "order-shipped", &novu.WorkflowRequest{
		WorkflowID: "order-shipped", Name: "Edited", Active: true, PayloadSchema: have.PayloadSchema,
		Steps: []novu.StepRequest{{
			ID: have.Steps[0].ID, StepID: "mail", Name: "mail", Type: "email", ControlValues: []byte(`{"subject":"Edited","body":"Edited"}`),
		}},
	})
	w.Must(err)
	w.look("production")
	w.Eventually("the edit is corrected", func() error {
		if got := w.there.SnapshotWithStepIDs("Production"); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("Production holds\n%v\nwant\n%v", got, want)
		}
		return nil
	})
}

// look asks for a look at Novu now.
func (w *world) look(environment string) {
	w.Helper()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:"now"}}}`, v1alpha1.RequestedAtAnnotation)
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: environment}}
	w.Must(w.Patch(w.Context(), e, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// The target goes down between two writes. Nothing else is held up, and it goes on where it was.
func TestTargetGoesDown(t *testing.T) {
	w := newWorld(t)
	cut := make(chan func(), 1)
	w.there.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/order-shipped", Times: 1, Reset: novutest.BeforeCommit, Hook: func(*http.Request) {
		cut <- w.there.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
	}})
	w.approve("release-1")
	restore := <-cut
	w.NotReady(&v1alpha1.Environment{}, "production", v1alpha1.ReasonConnectionFailed)
	w.promotion("release-1", v1alpha1.PromotionPhaseApplying)
	w.subject("Edited meanwhile")
	w.Ready(&v1alpha1.Environment{}, "development")
	restore()
	w.promotion("release-1", v1alpha1.PromotionPhaseSucceeded)
	w.Ready(&v1alpha1.Environment{}, "production")
	if got := w.held().Steps[0].ControlValues["subject"]; got != "Your order is on its way" {
		t.Errorf("Production holds %q, which was not planned", got)
	}
	creations := 0
	for _, r := range w.there.Requests() {
		if r.Method == http.MethodPost && r.Path == "/v2/layouts" {
			creations++
		}
	}
	if creations != 1 {
		t.Errorf("the layout was created %d times", creations)
	}
}

// The source goes down while a Promotion waits to be approved, and nothing is written until it is back: the plan is made
// again before the first write.
func TestSourceGoesDown(t *testing.T) {
	w := newWorld(t)
	w.awaits("release-1", v1alpha1.ReasonApprovalsMissing)
	restore := w.Novu.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
	w.look("development")
	w.NotReady(&v1alpha1.Environment{}, "development", v1alpha1.ReasonConnectionFailed)
	p := w.awaits("release-1", v1alpha1.ReasonEnvironmentNotReady)
	before := p.DeepCopy()
	p.Spec.Approvals = append(p.Spec.Approvals, v1alpha1.PromotionApproval{User: "alice", PlanHash: p.Status.Plan.Hash})
	w.Must(w.Patch(t.Context(), p, client.MergeFrom(before)))
	w.awaits("release-1", v1alpha1.ReasonEnvironmentNotReady)
	w.Ready(&v1alpha1.Environment{}, "production")
	if held := w.there.Workflows("Production"); len(held) != 0 {
		t.Errorf("written without its source: %+v", held)
	}
	restore()
	w.promotion("release-1", v1alpha1.PromotionPhaseSucceeded)
}

// Two organizations of one installation.
func TestAnotherOrganization(t *testing.T) {
	w := newWorld(t)
	live := w.Novu.AddOrganization("Another Org", "Live")[0]
	w.Secret("live", map[string]string{"secretKey": live.SecretKey})
	w.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: live}
spec: {apiURL: %q, secretKeyRef: {name: live}, promotionPolicy: {sourceRef: {name: development}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: go-live}
spec: {targetRef: {name: live}}
`, w.Novu.URL))
	if p := w.promotion("go-live", v1alpha1.PromotionPhaseSucceeded); p.Status.Strategy != v1alpha1.PromotionStrategyApply {
		t.Errorf("strategy %s", p.Status.Strategy)
	}
	if from, to := w.Novu.Snapshot("Development"), w.Novu.Snapshot("Live"); !reflect.DeepEqual(from, to) {
		t.Errorf("Live holds\n%v\nDevelopment\n%v", to, from)
	}
	var e v1alpha1.Environment
	w.Must(w.Get(t.Context(), w.Key("live"), &e))
	if e.Status.OrganizationID != live.OrganizationID {
		t.Errorf("organization %q, want %q", e.Status.OrganizationID, live.OrganizationID)
	}
}
