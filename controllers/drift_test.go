// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func rename(w *workflowEdit) { w.Name = "Meddled" }

// withPolicy is order-shipped with a drift policy of its own.
func withPolicy(policy v1alpha1.DriftPolicy) string {
	return strings.Replace(orderShipped, "  name: Order shipped", "  driftPolicy: "+string(policy)+"\n  name: Order shipped", 1)
}

func TestDriftIsCorrected(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, orderShipped, "order-shipped")
	ids := steps(s, "order-shipped")
	meddle(s, "order-shipped", func(w *workflowEdit) {
		w.Name, w.Steps[1].ControlValues = "Meddled", []byte(`{"subject":"Meddled","body":"<p>Meddled</p>","editorType":"html"}`)
	})
	s.Novu.ClearRequests()
	look(s, "dev")
	expect(t, "correction", objects(s), "GET /v2/workflows/order-shipped", "PUT /v2/workflows/order-shipped")
	got := stored(s, "order-shipped")
	if got.Name != "Order shipped" || got.Steps[1].ControlValues["subject"] != "Order {{payload.orderId}}" {
		t.Errorf("Novu holds %+v", got)
	}
	for id, was := range ids {
		if now := steps(s, "order-shipped")[id]; now != was {
			t.Errorf("step %s got another id", id)
		}
	}
	reported(s, v1alpha1.ReasonDriftCorrected, "name, steps[mail].email")
	var after v1alpha1.Workflow
	s.Ready(&after, "order-shipped")
	same(t, before, &after)
	s.Condition(&after, "order-shipped", v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftCorrected)
	passes(s, &after, "order-shipped")
	s.Condition(&after, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
}

// same checks that Ready has not flickered.
func same(t testing.TB, before, after *v1alpha1.Workflow) {
	t.Helper()
	then := apimeta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionReady)
	now := apimeta.FindStatusCondition(after.Status.Conditions, v1alpha1.ConditionReady)
	if then.Status != now.Status || !then.LastTransitionTime.Equal(&now.LastTransitionTime) {
		t.Errorf("Ready went from %+v to %+v", then, now)
	}
}

func TestDriftIsOnlyDetected(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, withPolicy(v1alpha1.DriftPolicyDetect), "order-shipped")
	meddle(s, "order-shipped", rename)
	s.Novu.ClearRequests()
	look(s, "dev")
	var w v1alpha1.Workflow
	standing := func(when string) {
		t.Helper()
		drifted := s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftDetected)
		ready := s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonDriftDetected)
		if !strings.Contains(drifted.Message, "name changed in Novu") || !strings.Contains(ready.Message, drifted.Message) {
			t.Errorf("%s: Drifted says %q, Ready %q", when, drifted.Message, ready.Message)
		}
		want := []v1alpha1.Difference{{Path: "name", From: `"Meddled"`, To: `"Order shipped"`}}
		if fmt.Sprint(w.Status.Differences) != fmt.Sprint(want) {
			t.Errorf("%s: differences %+v", when, w.Status.Differences)
		}
		expect(t, when, writes(s))
	}
	standing("after the look")
	annotate(s, &v1alpha1.Workflow{}, "order-shipped", "example.com/touched", "yes")
	look(s, "dev")
	standing("after a reconcile without news")
	ask(s, &v1alpha1.Workflow{}, "order-shipped")
	standing("after a comparison")
	s.Ready(&w, "order-shipped")
	same(t, before, &w)
	reported(s, v1alpha1.ReasonDriftDetected, "name changed")

	meddle(s, "order-shipped", func(w *workflowEdit) { w.Name = "Order shipped" })
	look(s, "dev")
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
	if len(w.Status.Differences) != 0 {
		t.Errorf("differences %+v remain", w.Status.Differences)
	}
}

// What was left alone under one policy is dealt with as soon as another one holds, whether the object says so or its
// Environment.
func TestDriftPolicyChanges(t *testing.T) {
	t.Parallel()
	const correct, detect, ignore = v1alpha1.DriftPolicyCorrect, v1alpha1.DriftPolicyDetect, v1alpha1.DriftPolicyIgnore
	for _, test := range []struct {
		from, to v1alpha1.DriftPolicy
		drifted  metav1.ConditionStatus
		reason   string
		name     string
	}{
		{detect, correct, "True", v1alpha1.ReasonDriftCorrected, "Order shipped"},
		{detect, ignore, "False", v1alpha1.ReasonDriftIgnored, "Meddled"},
		{ignore, correct, "True", v1alpha1.ReasonDriftCorrected, "Order shipped"},
		{ignore, detect, "True", v1alpha1.ReasonDriftDetected, "Meddled"},
	} {
		for _, whose := range []string{"object", "Environment"} {
			t.Run(fmt.Sprintf("%s to %s of the %s", test.from, test.to, whose), func(t *testing.T) {
				s := stage(t, novutest.Options{})
				govern := func(policy v1alpha1.DriftPolicy) {
					if whose == "object" {
						s.YAML(withPolicy(policy))
						return
					}
					s.Environment("dev", "Development", never+"\ndriftPolicy: "+string(policy))
				}
				s.YAML(orderShipped)
				govern(test.from)
				var w v1alpha1.Workflow
				s.Eventually("the first policy", func() error {
					if s.Ready(&w, "order-shipped"); w.Status.DriftPolicy != test.from {
						return fmt.Errorf("it is %q", w.Status.DriftPolicy)
					}
					return nil
				})
				before := w.Status.RemoteUpdatedAt
				meddle(s, "order-shipped", rename)
				look(s, "dev")
				s.Eventually("the look", func() error {
					if s.Ready(&w, "order-shipped"); w.Status.RemoteUpdatedAt == before {
						return errors.New("status has not seen what was changed")
					}
					return nil
				})
				govern(test.to)
				s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, test.drifted, test.reason)
				s.Ready(&w, "order-shipped")
				if got := stored(s, "order-shipped").Name; got != test.name {
					t.Errorf("Novu holds %q", got)
				}
				if gone := test.to != detect; gone != (len(w.Status.Differences) == 0) {
					t.Errorf("differences %+v", w.Status.Differences)
				}
			})
		}
	}
}

func TestDriftIsIgnored(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, withPolicy(v1alpha1.DriftPolicyIgnore), "order-shipped")
	meddle(s, "order-shipped", rename)
	s.Novu.ClearRequests()
	look(s, "dev")
	var w v1alpha1.Workflow
	s.Ready(&w, "order-shipped")
	same(t, before, &w)
	expect(t, "writes", writes(s))
	if apimeta.IsStatusConditionTrue(w.Status.Conditions, v1alpha1.ConditionDrifted) || len(w.Status.Differences) > 0 {
		t.Errorf("ignored drift shows: %+v", w.Status.SyncStatus)
	}
	edited(s, withPolicy(v1alpha1.DriftPolicyIgnore), "order-shipped", "tags: [orders, mail]", "tags: [orders]")
	if got := stored(s, "order-shipped").Name; got != "Order shipped" {
		t.Errorf("after an edit Novu holds %q", got)
	}
}

func TestDeletionInNovu(t *testing.T) {
	t.Parallel()
	tests := map[v1alpha1.DriftPolicy]struct {
		calls   []string
		reason  string // of Ready
		synced  metav1.ConditionStatus
		drifted metav1.ConditionStatus
		drift   string // the reason
		result  status.Status
	}{
		v1alpha1.DriftPolicyCorrect: {
			[]string{"PUT /v2/workflows/order-shipped", "POST /v2/workflows"},
			v1alpha1.ReasonSynced, "True", "False", v1alpha1.ReasonNoDrift, status.CurrentStatus,
		},
		v1alpha1.DriftPolicyDetect: {nil, v1alpha1.ReasonDeletedInNovu, "False", "True", v1alpha1.ReasonDriftDetected, status.FailedStatus},
		v1alpha1.DriftPolicyIgnore: {nil, v1alpha1.ReasonDeletedInNovu, "False", "False", v1alpha1.ReasonDriftIgnored, status.FailedStatus},
	}
	for policy, test := range tests {
		t.Run(string(policy), func(t *testing.T) {
			s := stage(t, novutest.Options{})
			edited(s, withPolicy(policy), "order-shipped")
			s.Must(theirs(s, "Development").DeleteWorkflow(s.Context(), "order-shipped"))
			s.Novu.ClearRequests()
			look(s, "dev")
			look(s, "dev")
			expect(t, "writes", writes(s), test.calls...)
			var w v1alpha1.Workflow
			s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, test.synced, test.reason)
			s.Condition(&w, "order-shipped", v1alpha1.ConditionSynced, test.synced, "")
			s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, test.drifted, test.drift)
			verdict(s, v1alpha1.WorkflowKind, "order-shipped", test.result)
			if test.calls != nil {
				reported(s, v1alpha1.ReasonDriftCorrected, "deleted")
			}
			edited(s, withPolicy(policy), "order-shipped", "tags: [orders, mail]", "tags: [orders]")
			if got := stored(s, "order-shipped"); got.ID == "" {
				t.Error("an edit does not bring it back")
			}
		})
	}
}

// A change of nothing but the time costs one poll, and no event tells of it.
func TestTouchIsNoDrift(t *testing.T) {
	s := stage(t, novutest.Options{})
	before := edited(s, orderShipped, "order-shipped")
	meddle(s, "order-shipped", func(*workflowEdit) {})
	s.Novu.ClearRequests()
	look(s, "dev")
	look(s, "dev")
	expect(t, "calls", objects(s), "GET /v2/workflows/order-shipped")
	var w v1alpha1.Workflow
	s.Ready(&w, "order-shipped")
	same(t, before, &w)
}

func TestDriftOfOtherKinds(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(brand + "\n---" + sendgrid)
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	them := theirs(s, "Development")
	layout, err := them.GetLayout(s.Context(), "brand")
	s.Must(err)
	request := definition.LayoutFrom(layout)
	request.Name = "Meddled"
	_, err = them.UpdateLayout(s.Context(), "brand", request)
	s.Must(err)
	_, err = them.UpdateIntegration(s.Context(), integration(s, "Development", "sendgrid").ID, &novu.IntegrationRequest{
		Name: "Meddled", Active: true, Credentials: map[string]any{"apiKey": "meddled-secret"}, Identifier: "sendgrid",
	})
	s.Must(err)
	hide(s, "meddled-secret")
	look(s, "dev")
	restored(s, "sendgrid")
	reported(s, v1alpha1.ReasonDriftCorrected, "credentials.apiKey")
	if got := s.Novu.Layouts("Development")[0].Name; got != "Brand" {
		t.Errorf("the layout is called %q", got)
	}
}

// Credentials are no part of what is remembered of an integration; a change of nothing else is found where Novu shows them.
func TestDriftOfCredentialsAlone(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Secret("sendgrid", map[string]string{"apiKey": firstSecret})
	s.YAML(sendgrid)
	s.Ready(&v1alpha1.Integration{}, "sendgrid")
	_, err := theirs(s, "Development").UpdateIntegration(s.Context(), integration(s, "Development", "sendgrid").ID, &novu.IntegrationRequest{
		Name: "sendgrid", Active: true, Identifier: "sendgrid",
		Credentials: map[string]any{"apiKey": "meddled-secret", "from": "noreply@example.test", "senderName": "Example"},
	})
	s.Must(err)
	hide(s, "meddled-secret")
	look(s, "dev")
	restored(s, "sendgrid")
}

func restored(s *harness.Stage, identifier string) {
	s.Helper()
	if got := integration(s, "Development", identifier); got.Name != identifier || got.Credentials["apiKey"] != firstSecret {
		s.Errorf("Novu holds %+v", got)
	}
}
