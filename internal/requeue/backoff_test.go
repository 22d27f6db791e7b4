// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

func object(name string) *v1alpha1.Workflow {
	return &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
}

// near reports whether a duration is the wanted one, give or take a tenth.
func near(got, want time.Duration) bool { return got >= want*9/10 && got <= want*11/10 }

func TestBackoffByOutcome(t *testing.T) {
	const interval = 40 * time.Second
	now := time.Now()
	tests := map[string]struct {
		err  error
		want []time.Duration // until the next try, after the first failure, the second, and so on; 0: none
	}{
		"success":                     {nil, []time.Duration{0, 0}},
		"suspended":                   {reconcile.ErrSuspended, []time.Duration{0}},
		"waiting for an object":       {reconcile.Missingf("R", "m"), []time.Duration{0, 0}},
		"waiting for what is unheard": {reconcile.Outcome{Kind: reconcile.Waiting, Poll: true}, secondsOf(1, 2, 4, 8, 16, 32, 40, 40)},
		"stalled until spec changes":  {reconcile.Stalledf("R", "m"), []time.Duration{0, 0}},
		"stalled until Novu changes":  {reconcile.Outcome{Kind: reconcile.Stalled, Poll: true}, secondsOf(10, 20, 40, 40, 40)},
		"transient":                   {reconcile.Outcome{Kind: reconcile.Transient}, secondsOf(1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300)},
		"transient until a time":      {reconcile.Outcome{Kind: reconcile.Transient, RetryAfter: now.Add(time.Minute)}, secondsOf(60, 60)},
		"wrapped":                     {fmt.Errorf("more: %w", reconcile.Outcome{Kind: reconcile.Transient}), secondsOf(1, 2)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var b requeue.Backoff
			for i, want := range test.want {
				result, err := b.Next(object("a"), reconcile.OutcomeOf(test.err), interval, now)
				if err != nil || !near(result.RequeueAfter, want) && want < time.Minute || result.RequeueAfter < want*9/10 {
					t.Errorf("try %d: again after %s, %v; want about %s", i+1, result.RequeueAfter, err, want)
				}
			}
		})
	}
}

func secondsOf(list ...int) []time.Duration {
	var out []time.Duration
	for _, n := range list {
		out = append(out, time.Duration(n)*time.Second)
	}
	return out
}

func TestUnexpectedErrorsGoToTheQueue(t *testing.T) {
	var b requeue.Backoff
	broken := errors.New("broken")
	if result, err := b.Next(object("a"), reconcile.OutcomeOf(broken), time.Minute, time.Now()); !errors.Is(err, broken) || result.RequeueAfter != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
	if b.Failures(object("a")) != 1 {
		t.Error("the failure is not counted")
	}
}

func TestVeryManyFailuresDoNotOverflow(t *testing.T) {
	var b requeue.Backoff
	for range 200 {
		result, _ := b.Next(object("a"), reconcile.Outcome{Kind: reconcile.Transient}, time.Minute, time.Now())
		if result.RequeueAfter <= 0 || result.RequeueAfter > 6*time.Minute {
			t.Fatalf("again after %s", result.RequeueAfter)
		}
	}
}

func TestObjectsFailEachByThemselves(t *testing.T) {
	var b requeue.Backoff
	fail := func(name string) {
		_, _ = b.Next(object(name), reconcile.Outcome{Kind: reconcile.Transient}, time.Minute, time.Now())
	}
	fail("a")
	if !b.Steady(object("a"), true) {
		t.Error("one failure alarms")
	}
	fail("a")
	if b.Steady(object("a"), true) {
		t.Error("two failures do not")
	}
	if b.Steady(object("b"), false) {
		t.Error("what was never ready is steady")
	}
	if b.Failures(object("b")) != 0 || !b.Steady(object("b"), true) {
		t.Error("one object's failures count for another")
	}
	b.Forget(object("a"))
	if b.Failures(object("a")) != 0 {
		t.Error("forgotten failures count")
	}
	fail("a")
	_, _ = b.Next(object("a"), reconcile.OutcomeOf(reconcile.Waitingf("R", "m")), time.Minute, time.Now())
	if b.Failures(object("a")) != 0 {
		t.Error("waiting does not end a row of failures")
	}
}

func TestJitter(t *testing.T) {
	lowest, highest := time.Hour, time.Duration(0)
	for range 10000 {
		d := requeue.Jitter(time.Minute)
		lowest, highest = min(lowest, d), max(highest, d)
	}
	if lowest < 54*time.Second || highest > 66*time.Second || highest-lowest < 10*time.Second {
		t.Errorf("between %s and %s", lowest, highest)
	}
	if requeue.Jitter(0) != 0 {
		t.Error("nothing varies")
	}
}
