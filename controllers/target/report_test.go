// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion"
)

// connected is a connection to an environment of a Novu server that holds nothing.
func connected(t *testing.T) (*connection.Pool, *connection.Connection) {
	t.Helper()
	server := novutest.Start(t, novutest.Options{})
	pool := connection.NewPool(connection.Options{})
	key := types.NamespacedName{Namespace: "shop", Name: "production"}
	settings := connection.Settings{BaseURL: server.URL, SecretKey: server.Environment("Production").SecretKey}
	conn, err := pool.Connect(t.Context(), key, settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Look(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	return pool, conn
}

// The condition Drifted tells which items have drifted, and what happens next or is to be done.
func TestDriftCondition(t *testing.T) {
	t.Parallel()
	pool, conn := connected(t)
	drifted := v1alpha1.LiveRevision{Revision: "r1", Drifted: true}
	corrected := v1alpha1.LiveRevision{Revision: "r1", Corrections: &v1alpha1.Corrections{Count: 2, By: "alice"}}
	tests := map[string]struct {
		policy   v1alpha1.DriftPolicy
		live     v1alpha1.LiveRevision
		attempts int
		problem  string
		status   metav1.ConditionStatus
		reason   string
		text     string
	}{
		"ignored":        {policy: v1alpha1.DriftPolicyIgnore, live: drifted, status: "False", reason: v1alpha1.ReasonDriftIgnored, text: "left alone"},
		"none":           {live: v1alpha1.LiveRevision{Revision: "r1"}, status: "False", reason: v1alpha1.ReasonNoDrift, text: "holds what was promoted"},
		"only detected":  {policy: v1alpha1.DriftPolicyDetect, live: drifted, status: "True", reason: v1alpha1.ReasonDriftDetected, text: "letter (deleted). Promote again"},
		"to be fixed":    {policy: v1alpha1.DriftPolicyCorrect, live: drifted, status: "True", reason: v1alpha1.ReasonDriftDetected, text: "corrected at the next poll"},
		"fixed just now": {policy: v1alpha1.DriftPolicyCorrect, live: corrected, status: "True", reason: v1alpha1.ReasonDriftCorrected, text: "2 times"},
		"comes back": {
			policy: v1alpha1.DriftPolicyCorrect, live: drifted, attempts: 3, status: "True", reason: v1alpha1.ReasonNotConverging, text: "stop the other writer",
		},
		"cannot be fixed": {
			policy: v1alpha1.DriftPolicyCorrect, live: drifted, attempts: 3, problem: "no such layout", status: "True",
			reason: v1alpha1.ReasonDriftDetected, text: "letter (deleted) (not corrected: no such layout). It is not tried again",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "letter"}}
			e := environmentNamed("production", func(e *v1alpha1.Environment) {
				e.Spec.PromotionPolicy = &v1alpha1.PromotionPolicy{DriftPolicy: test.policy}
			})
			s := &scope{
				Target: Target{Environment: e, Before: e.DeepCopy(), Conn: conn},
				placed: []promotion.Described{{Kind: v1alpha1.PromotionItemWorkflow, Object: w, Live: &test.live}},
			}
			r := &reporter{Pool: pool, attempts: &promotion.Attempts{}}
			for range test.attempts {
				r.attempts.Made(s.key(&s.placed[0]), promotion.Cause{Wish: s.wish(&s.placed[0])}, time.Now(), test.problem)
			}
			r.setDrift(s)
			got := apimeta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionDrifted)
			if got.Status != test.status || got.Reason != test.reason || !strings.Contains(got.Message, test.text) {
				t.Errorf("got %s, %s: %q\nwant %s, %s: %q in it", got.Status, got.Reason, got.Message, test.status, test.reason, test.text)
			}
		})
	}
}
