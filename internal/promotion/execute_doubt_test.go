// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
)

// settleTime is how long a creation without an answer may still be under way.
const settleTime = 3 * time.Second

// Something will pass, or is wrong with everything: the item stays pending and Run says why.
func TestRunGivesUpForNow(t *testing.T) {
	for name, test := range map[string]struct {
		fault novutest.Fault
		check func(t *testing.T, w *world, err error)
	}{
		"the rate limit": {
			fault: novutest.Fault{Method: http.MethodPut, Status: 429, Times: 1}, check: transient(v1alpha1.ReasonRateLimited, 0),
		},
		"Novu is down": {
			fault: novutest.Fault{Method: http.MethodPut, Status: 503, Times: 1}, check: transient(v1alpha1.ReasonNovuUnavailable, settleTime),
		},
		"an answer that got lost": {
			fault: novutest.Fault{Method: http.MethodPut, Reset: novutest.AfterCommit, Times: 1}, check: transient(v1alpha1.ReasonConnectionFailed, settleTime),
		},
		"a broken answer": {
			fault: novutest.Fault{Method: http.MethodPut, Truncate: 20, Times: 1}, check: transient(v1alpha1.ReasonUnexpectedResponse, settleTime),
		},
		"the key is refused": {
			fault: novutest.Fault{Method: http.MethodPut, Status: 401, Times: 1}, check: stalled(v1alpha1.ReasonUnauthorized),
		},
		"something else than Novu answers": {
			fault: novutest.Fault{Method: http.MethodGet, Status: 404, Body: []byte("<html>"), Times: 1}, check: stalled(v1alpha1.ReasonNotFound),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			session, items := w.plan(bySync, w.quiet("a"), w.quiet("b"))
			w.pass(time.Minute)
			w.novu.Inject(test.fault)
			execution := w.execution(session, bySync)
			test.check(t, w, execution.Run(t.Context(), items, time.Minute))
			if got := describe(items); !strings.HasPrefix(got, "a Create ") || strings.Contains(got, "Failed") || !strings.HasSuffix(got, "b Create Pending") {
				t.Errorf("items\n%s", got)
			}
			w.restart() // the circuit and the pause are not what this is about
			w.must(w.execution(w.resumed(session), bySync).Run(t.Context(), items, time.Minute))
			w.same()
		})
	}
}

// transient checks that the next try is not before so much later.
func transient(reason string, later time.Duration) func(*testing.T, *world, error) {
	return func(t *testing.T, w *world, err error) {
		t.Helper()
		o := reconcile.OutcomeOf(err)
		if o.Kind != reconcile.Transient || o.Reason != reason || later > 0 && o.RetryAfter.Before(w.clock.Now().Add(later)) {
			t.Errorf("got %#v", err)
		}
	}
}

// stalled checks that it is tried again now and then.
func stalled(reason string) func(*testing.T, *world, error) {
	return func(t *testing.T, _ *world, err error) {
		t.Helper()
		o := reconcile.OutcomeOf(err)
		if o.Kind != reconcile.Stalled || o.Reason != reason || !o.Poll {
			t.Errorf("got %#v", err)
		}
	}
}

// A lost answer is no reason to write again: the target is observed.
func TestRunAfterDoubt(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	session, items := w.plan(bySync, w.quiet("a"))
	remove := w.novu.Inject(novutest.Fault{Method: http.MethodPut, Reset: novutest.AfterCommit, Times: 1})
	if err := w.execution(session, bySync).Run(t.Context(), items, time.Minute); err == nil {
		t.Fatal("no error")
	}
	remove()
	w.pass(settleTime)
	w.novu.ClearRequests()
	w.must(w.execution(session, bySync).Run(t.Context(), items, time.Minute))
	if got := strings.Join(w.calls(), ", "); got != "Production GET /v2/workflows, Production GET /v2/workflows/a" {
		t.Errorf("calls: %s", got)
	}
	w.same()
}

// Novu stores a new workflow under another id when somebody else made one in the same moment.
func TestRunRemovesStrays(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	session, items := w.plan(byApply, w.quiet("a"))
	w.novu.Inject(novutest.Fault{Method: http.MethodPost, Path: "/v2/workflows", Times: 1, Hook: func(*http.Request) {
		_, err := w.source.Client.SyncWorkflow(context.Background(), "a", w.target.Environment().ID)
		w.must(err)
	}})
	err := w.execution(session, byApply).Run(t.Context(), items, time.Minute)
	o := reconcile.OutcomeOf(err)
	if o.Kind != reconcile.Transient || o.Reason != v1alpha1.ReasonSuffixed || !strings.Contains(o.Message, "the duplicate was deleted") {
		t.Fatalf("got %v", err)
	}
	w.pass(settleTime)
	w.must(w.execution(session, byApply).Run(t.Context(), items, time.Minute))
	w.same()
}

func TestVerify(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	session, items := w.plan(bySync, w.layout(w.source, "brand", ""), w.quiet("a"), w.quiet("b"))
	execution := w.execution(session, bySync)
	w.must(execution.Run(t.Context(), items, time.Minute))
	w.must(w.target.Client.DeleteWorkflow(t.Context(), "b"))
	w.pass(time.Second)
	w.must(execution.Verify(t.Context(), items))
	want := "brand Create Done\na Create Done\nb Create Failed: it was brought to Environment shop/production, " +
		"which does not hold it any more: find out who deletes it, and create a new Promotion"
	if got := describe(items); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A write that has begun comes to its end although the operator shuts down.
func TestRunFinishesWritesOnShutdown(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	session, items := w.plan(bySync, w.quiet("a"), w.quiet("b"))
	ctx, cancel := context.WithCancel(t.Context())
	w.novu.Inject(novutest.Fault{Method: http.MethodPut, Hook: func(*http.Request) { cancel() }})
	if err := w.execution(session, bySync).Run(ctx, items, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := describe(items); got != "a Create Done\nb Create Pending" {
		t.Errorf("items\n%s", got)
	}
}
