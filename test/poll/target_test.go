// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package poll_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// newTarget is a world whose `prod` holds two workflows of `dev`. extra is YAML of further fields of spec.promotionPolicy.
func newTarget(t *testing.T, extra string) (*world, *novu.Client) {
	t.Helper()
	w := newWorld(t, novutest.Options{})
	w.environments("dev")
	w.target(extra)
	w.workflows(2, "dev")
	w.YAML("apiVersion: novu-operator.dev/v1alpha1\nkind: Promotion\nmetadata: {name: first}\nspec: {targetRef: {name: prod}}")
	w.Eventually("the promotion", func() error {
		w.clock.SetTime(w.clock.Now().Add(5 * time.Second)) // it waits for definitions to settle
		var p v1alpha1.Promotion
		w.Must(w.Get(w.Context(), w.Key("first"), &p))
		if p.Status.Phase != v1alpha1.PromotionPhaseSucceeded {
			return fmt.Errorf("phase %s: %+v", p.Status.Phase, p.Status.Conditions)
		}
		return nil
	})
	w.counted(func(c *v1alpha1.TargetCounts) bool { return c.Pending == 0 && c.Promoted == 2 && c.Unmanaged == 0 })
	remote, err := novu.New(novu.Config{BaseURL: w.Novu.URL, SecretKey: w.Novu.Environment("Production").SecretKey})
	w.Must(err)
	w.pass(0, "prod")
	return w, remote
}

// target applies `prod`.
func (w *world) target(extra string) {
	w.Helper()
	w.Environment("prod", "Production", "interval: 1h\npromotionPolicy: {sourceRef: {name: dev}, "+extra+"}")
	w.Ready(&v1alpha1.Environment{}, "prod")
}

// counted waits until the counts of `prod` are as wanted.
func (w *world) counted(wanted func(*v1alpha1.TargetCounts) bool) {
	w.Helper()
	w.Eventually("counts", func() error {
		var e v1alpha1.Environment
		w.Must(w.Get(w.Context(), w.Key("prod"), &e))
		if e.Status.Target == nil || !wanted(e.Status.Target) {
			return fmt.Errorf("counts %+v", e.Status.Target)
		}
		return nil
	})
}

// drifted compares the condition Drifted of `prod`.
func (w *world) drifted(status metav1.ConditionStatus, reason, text string) {
	w.Helper()
	var e v1alpha1.Environment
	w.Must(w.Get(w.Context(), w.Key("prod"), &e))
	c := apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionDrifted)
	if c == nil || c.Status != status || c.Reason != reason || !strings.Contains(c.Message, text) {
		w.Errorf("Drifted is %+v, want %s %s %q", c, status, reason, text)
	}
}

// kinds are the objects that were written, without events and without their paths.
func kinds(written []string) (names []string) {
	for _, write := range written {
		if parts := strings.Split(write, "/"); !strings.HasSuffix(write, "/events") && !slices.Contains(parts, "events") {
			names = append(names, parts[len(parts)-3])
		}
	}
	return names
}

var (
	readWorkflow = append(slices.Clone(look), "GET /v2/workflows/dev-wf-00")
	putWorkflow  = append(slices.Clone(readWorkflow), "PUT /v2/workflows/dev-wf-00")
)

func TestTargetIsQuiet(t *testing.T) {
	w, remote := newTarget(t, "")
	for i := range 7 { // one of them is a round of full comparisons of what objects describe
		calls, written := w.pass(interval, "prod")
		w.expect(fmt.Sprintf("calls in interval %d", i), calls, look...)
		w.expect(fmt.Sprintf("writes to Kubernetes in interval %d", i), written)
	}
	w.drifted(metav1.ConditionFalse, v1alpha1.ReasonNoDrift, "")

	w.edit(remote, "dev-wf-00", "Workflow 0") // as it was: only its time has moved
	calls, written := w.pass(interval, "prod")
	w.expect("calls when a time has moved", calls, readWorkflow...)
	w.expect("writes when a time has moved", kinds(written), "workflows")
	w.drifted(metav1.ConditionFalse, v1alpha1.ReasonNoDrift, "")

	w.edit(remote, "dev-wf-00", "Edited by hand")
	calls, written = w.pass(interval, "prod")
	w.expect("calls after an edit", calls, readWorkflow...)
	w.expect("writes after an edit", kinds(written), "workflows", "environments")
	w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Workflow dev-wf-00")
	for range 2 {
		calls, written = w.pass(interval, "prod")
		w.expect("calls while it stays so", calls, look...)
		w.expect("writes while it stays so", written)
	}
}

// Another writer makes the same change again and again.
func TestTargetDoesNotConverge(t *testing.T) {
	w, remote := newTarget(t, "driftPolicy: Correct")
	for i := range 3 {
		w.edit(remote, "dev-wf-00", "Another opinion")
		calls, _ := w.pass(interval, "prod")
		w.expect(fmt.Sprintf("calls after edit %d", i), calls, putWorkflow...)
		w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow dev-wf-00 ("+[]string{"once", "2 times", "3 times"}[i]+" since ")
	}
	w.edit(remote, "dev-wf-00", "Another opinion")
	calls, _ := w.pass(interval, "prod")
	w.expect("calls after one edit too many", calls, readWorkflow...)
	w.drifted(metav1.ConditionTrue, v1alpha1.ReasonNotConverging, "Workflow dev-wf-00 (by ")
	for range 2 {
		calls, written := w.pass(interval, "prod")
		w.expect("calls when it was given up", calls, look...)
		w.expect("writes when it was given up", written)
	}
	w.edit(remote, "dev-wf-00", "A third opinion")
	calls, _ = w.pass(interval, "prod")
	w.expect("calls after another change", calls, putWorkflow...)
	w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow dev-wf-00 (4 times since ")
}

// A person who makes the same change now and then is no other writer.
func TestTargetForgetsOldCorrections(t *testing.T) {
	w, remote := newTarget(t, "driftPolicy: Correct")
	for i := range 5 {
		w.edit(remote, "dev-wf-00", "Another opinion")
		calls, _ := w.pass(interval, "prod")
		w.expect(fmt.Sprintf("calls after edit %d", i), calls, putWorkflow...)
		w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "once since ")
		calls, written := w.pass(interval, "prod")
		w.expect("calls in between", calls, look...)
		w.expect("writes when it has held", kinds(written), "workflows", "environments")
		w.drifted(metav1.ConditionFalse, v1alpha1.ReasonNoDrift, "")
		_, written = w.pass(interval, "prod")
		w.expect("writes from then on", written)
	}
}

func TestTargetPolicies(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec   string
		calls  []string
		status metav1.ConditionStatus
		reason string
		text   string
	}{
		"detect": {"driftPolicy: Detect", readWorkflow, metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "Promote again"},
		"ignore": {"driftPolicy: Ignore", look, metav1.ConditionFalse, v1alpha1.ReasonDriftIgnored, "left alone"},
		"frozen": {"driftPolicy: Correct, freeze: {reason: launch}", readWorkflow, metav1.ConditionTrue, v1alpha1.ReasonDriftDetected,
			"not corrected now, because the Environment is frozen: launch"},
		"freeze is over": {`driftPolicy: Correct, freeze: {reason: launch, endTime: "2020-01-01T00:00:00Z"}`, putWorkflow,
			metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow dev-wf-00 (once since "},
	} {
		t.Run(name, func(t *testing.T) {
			w, remote := newTarget(t, "")
			w.target(tc.spec)
			w.pass(0)
			w.edit(remote, "dev-wf-00", "Edited by hand")
			calls, _ := w.pass(interval, "prod")
			w.expect("calls", calls, tc.calls...)
			w.drifted(tc.status, tc.reason, tc.text)
			if name == "freeze is over" {
				return
			}
			w.target("driftPolicy: Correct")
			w.pass(0)
			if tc.reason == v1alpha1.ReasonDriftIgnored { // it was not looked at before
				w.pass(interval, "prod")
			}
			if tc.reason == v1alpha1.ReasonDriftIgnored {
				w.drifted(metav1.ConditionFalse, v1alpha1.ReasonNoDrift, "") // the second look found that the correction has held
			} else {
				w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, "Workflow dev-wf-00 (once since ")
			}
			if got := w.Novu.Workflows("Production")[0].Name; got != "Workflow 0" {
				t.Errorf("Production holds %q", got)
			}
		})
	}
}

func TestTargetThatIsNoLongerLookedAt(t *testing.T) {
	w, remote := newTarget(t, "")
	w.edit(remote, "dev-wf-00", "Edited by hand")
	w.pass(interval, "prod")
	w.drifted(metav1.ConditionTrue, v1alpha1.ReasonDriftDetected, "")
	w.target("driftPolicy: Ignore")
	w.pass(0)
	w.drifted(metav1.ConditionFalse, v1alpha1.ReasonDriftIgnored, "")
	w.counted(func(c *v1alpha1.TargetCounts) bool { return c.Drifted == 0 })
	var object v1alpha1.Workflow
	w.Must(w.Get(t.Context(), w.Key("dev-wf-00"), &object))
	if l := object.Status.Environments; len(l) != 1 || l[0].Drifted {
		t.Errorf("recorded: %+v", l)
	}

	w.edit(remote, "dev-wf-01", "Edited by hand")
	w.Environment("prod", "Production", "interval: 1h\nsuspend: true\npromotionPolicy: {sourceRef: {name: dev}}")
	calls, _ := w.pass(interval, "prod")
	w.expect("calls while suspended", calls)
}
