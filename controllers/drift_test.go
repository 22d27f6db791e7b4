package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

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
	reported(s, v1alpha1.ReasonDriftCorrected, "name, steps[mail].controlValues")
	var after v1alpha1.Workflow
	s.Ready(&after, "order-shipped")
	same(t, before, &after)
	s.Condition(&after, "order-shipped", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
}

// same says that Ready has not flickered.
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
		if !strings.Contains(drifted.Message, "changed name in Novu") || !strings.Contains(ready.Message, drifted.Message) {
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
	reported(s, v1alpha1.ReasonDriftDetected, "changed name")

	meddle(s, "order-shipped", func(w *workflowEdit) { w.Name = "Order shipped" })
	look(s, "dev")
	s.Condition(&w, "order-shipped", v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
	s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
	if len(w.Status.Differences) != 0 {
		t.Errorf("differences %+v remain", w.Status.Differences)
	}
}

func TestDetectedDriftIsCorrectedWhenThePolicyChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ manifest, then string }{
		"the object's":      {withPolicy(v1alpha1.DriftPolicyDetect), withPolicy(v1alpha1.DriftPolicyCorrect)},
		"the Environment's": {orderShipped, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Environment("dev", "Development", never+"\ndriftPolicy: Detect")
			edited(s, test.manifest, "order-shipped")
			meddle(s, "order-shipped", rename)
			look(s, "dev")
			s.Condition(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ConditionDrifted, "True", "")
			if test.then == "" {
				s.Environment("dev", "Development", never+"\ndriftPolicy: Correct")
			}
			s.YAML(test.then)
			s.Condition(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
			if got := stored(s, "order-shipped").Name; got != "Order shipped" {
				t.Errorf("Novu holds %q", got)
			}
		})
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
		drifted string
	}{
		v1alpha1.DriftPolicyCorrect: {[]string{"PUT /v2/workflows/order-shipped", "POST /v2/workflows"}, "False"},
		v1alpha1.DriftPolicyDetect:  {nil, "True"},
		v1alpha1.DriftPolicyIgnore:  {nil, "False"},
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
			s.Ready(&w, "order-shipped")
			drifted := apimeta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionDrifted)
			if string(drifted.Status) != test.drifted {
				t.Errorf("Drifted is %+v", drifted)
			}
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

// A change of nothing but the time costs one look, and nobody is told.
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

// Novu takes a deleted layout out of a step without moving the workflow's time. The next round of comparisons finds it.
func TestSilentChangeIsFoundBySixthLook(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(plain)
	s.Ready(&v1alpha1.Layout{}, "plain")
	byHand := func() {
		s.Helper()
		_, err := theirs(s, "Development").CreateLayout(s.Context(), &novu.LayoutRequest{LayoutID: "brand", Name: "Brand"})
		s.Must(err)
	}
	byHand()
	edited(s, branded, "branded", "layoutRef: {name: brand}", "layoutId: brand")
	s.Must(theirs(s, "Development").DeleteLayout(s.Context(), "brand"))
	byHand()
	for range 6 {
		look(s, "dev")
	}
	if got := layoutOf(s, "branded"); got != "brand" {
		t.Errorf("the step uses layout %v", got)
	}
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
