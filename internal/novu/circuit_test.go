// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	refusedConnection = answerError(syscall.ECONNREFUSED)
	badKey            = answerJSON(401, `{"statusCode":401,"message":"API Key not found","ctx":{}}`)
	fine              = answerJSON(200, workflowJSON)
)

// try makes one call; "probe" goes through an open circuit.
func try(ctx context.Context, c *Client, kind string) error {
	if kind == "probe" {
		ctx = WithProbe(ctx)
	}
	var err error
	switch kind {
	case "list":
		_, err = c.ListWorkflows(ctx, ListOptions{})
	case "sync":
		_, err = c.SyncWorkflow(ctx, "w", "e")
	case "health":
		err = c.Health(WithProbe(ctx))
	case "me":
		_, err = c.Me(WithProbe(ctx))
	default:
		_, err = c.GetWorkflow(ctx, "w")
	}
	return err
}

func TestWhatOpensTheCircuit(t *testing.T) {
	forbidden := answerJSON(403, `{"statusCode":403,"message":"Forbidden resource"}`)
	gateway := response(503, strings.NewReader("<html>"), "Content-Type: text/html")
	for _, tc := range []struct {
		name    string
		call    string
		answers []answerFunc
		opensAt int // which call opens it; 0: none
	}{
		{"a refused key, at once", "get", []answerFunc{badKey}, 1},
		{"a route that keys cannot use", "get", []answerFunc{answerJSON(401, `{"message":"API endpoint not accessible"}`)}, 0},
		{"a key that may not list", "list", []answerFunc{forbidden}, 1},
		{"a key that may not ask who it is", "me", []answerFunc{forbidden}, 1},
		{"sync without the capability", "sync", []answerFunc{forbidden}, 0},
		{"one forbidden object", "get", []answerFunc{forbidden}, 0},
		{"three refused connections", "get", []answerFunc{refusedConnection}, 3},
		{"two refused connections with an answer between", "get", []answerFunc{refusedConnection, refusedConnection, fine, refusedConnection, refusedConnection, fine}, 0},
		{"a 404 is an answer", "get", []answerFunc{refusedConnection, refusedConnection, answerJSON(404, `{"message":"Workflow cannot be found"}`), refusedConnection, fine}, 0},
		{"three times a gateway", "get", []answerFunc{gateway}, 3},
		{"internal errors", "get", []answerFunc{answerJSON(500, `{"message":"Internal server error"}`)}, 0},
		{"throttling", "get", []answerFunc{answer429("0")}, 0},
		{"garbage", "get", []answerFunc{response(200, strings.NewReader("<html>"))}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(t, tc.answers...)
				b := NewBudget(BudgetConfig{})
				c := newTestClient(t, s, b)
				for i := 1; i <= 6; i++ {
					_ = try(t.Context(), c, tc.call)
					want := tc.opensAt > 0 && i >= tc.opensAt
					if got := b.Snapshot().Circuit.Open; got != want {
						t.Fatalf("after call %d: open is %t, want %t", i, got, want)
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

func TestOpenCircuitFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScripted(t, badKey)
		c := newTestClient(t, s, nil)
		opened := time.Now()
		_ = try(t.Context(), c, "get")
		time.Sleep(time.Minute)
		err := try(t.Context(), c, "get")
		var open *CircuitOpenError
		if !errors.As(err, &open) || !open.Since.Equal(opened) || !IsUnauthorized(open.Cause) {
			t.Fatalf("got %v", err)
		}
		if IsUnauthorized(err) || IsTerminal(err) || IsMaybeCommitted(err) {
			t.Error("a call that was not sent must not look like an answer")
		}
		if !strings.Contains(err.Error(), `get workflow "w"`) || !strings.Contains(err.Error(), "API Key not found") {
			t.Errorf("text: %s", err)
		}
		if s.count() != 1 {
			t.Errorf("%d requests went out", s.count())
		}
	})
}

func TestProbesCloseTheCircuit(t *testing.T) {
	healthy := answerJSON(200, `{"data":{"status":"ok"}}`)
	for _, tc := range []struct {
		name   string
		cause  answerFunc
		probe  string
		answer answerFunc
		closes bool
	}{
		{"good key", badKey, "probe", fine, true},
		{"still a bad key", badKey, "probe", badKey, false},
		{"health says nothing about the key", badKey, "health", healthy, false},
		{"connection is back", refusedConnection, "health", healthy, true},
		{"an answer of any kind", refusedConnection, "probe", answerJSON(404, `{"message":"Workflow cannot be found"}`), true},
		{"somebody else answers", refusedConnection, "probe", response(404, strings.NewReader("default backend - 404")), false},
		{"throttled, but there", refusedConnection, "probe", answer429("1"), true},
		{"no connection yet", refusedConnection, "probe", refusedConnection, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(t, tc.cause)
				b := NewBudget(BudgetConfig{})
				c := newTestClient(t, s, b)
				for range 3 {
					_ = try(t.Context(), c, "get")
					time.Sleep(time.Second)
				}
				s.answers = []answerFunc{tc.answer, fine}
				_ = try(t.Context(), c, tc.probe)
				if got := !b.Snapshot().Circuit.Open; got != tc.closes {
					t.Fatalf("closed is %t, want %t", got, tc.closes)
				}
				if err := try(t.Context(), c, "get"); (err == nil) != tc.closes {
					t.Errorf("a normal call afterwards: %v", err)
				}
			})
		})
	}
}

// While a probe is on its way, a second one is refused like any other call.
func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		b := NewBudget(BudgetConfig{})
		_ = try(t.Context(), newTestClient(t, newScripted(t, badKey), b), "get")
		c := newTestClient(t, g, b)
		go func() { _, _ = c.GetWorkflow(WithProbe(t.Context()), "w") }()
		synctest.Wait()
		_, err := c.GetWorkflow(WithProbe(t.Context()), "w")
		var open *CircuitOpenError
		if !errors.As(err, &open) || len(g.sent()) != 1 {
			t.Errorf("%d sent, %v", len(g.sent()), err)
		}
		g.pass(1)
		if b.Snapshot().Circuit.Open {
			t.Error("still open")
		}
	})
}

// A probe whose caller gave up leaves the circuit open and the way free.
func TestAbandonedProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{})
		s := newScripted(t, badKey, fine)
		_ = try(t.Context(), newTestClient(t, s, b), "get")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = try(ctx, newTestClient(t, newGate(), b), "probe")
		if !b.Snapshot().Circuit.Open {
			t.Error("closed without an answer")
		}
		if err := try(t.Context(), newTestClient(t, s, b), "probe"); err != nil {
			t.Error(err)
		}
	})
}

// Calls that wait when the circuit opens are refused at once.
func TestOpeningRefusesWhoeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{MaxInFlight: 1})
		slow := newScripted(t, func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return badKey(r)
		})
		c := newTestClient(t, slow, b)
		errs := make(chan error, 10)
		for range 10 {
			go func() { errs <- try(t.Context(), c, "get") }()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		refused := 0
		for range 10 {
			if _, ok := errors.AsType[*CircuitOpenError](<-errs); ok {
				refused++
			}
		}
		if refused != 9 || slow.count() != 1 {
			t.Errorf("%d refused, %d sent", refused, slow.count())
		}
	})
}

// Eight requests that one restart of Novu breaks are one failure.
func TestFailuresTogetherCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScripted(t, func(*http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond)
			return nil, syscall.ECONNRESET
		})
		b := NewBudget(BudgetConfig{})
		c := newTestClient(t, s, b)
		for range 8 {
			go func() { _ = try(t.Context(), c, "get") }()
		}
		time.Sleep(time.Second)
		if b.Snapshot().Circuit.Open {
			t.Error("open")
		}
	})
}

// An answer to the old key that arrives late must not undo what the new key proved.
func TestLateAnswerDoesNotReopen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{})
		slow := newScripted(t, func(r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return badKey(r)
		})
		go func() { _ = try(t.Context(), newTestClient(t, slow, b), "get") }()
		time.Sleep(time.Second)
		s := newScripted(t, badKey, fine)
		c := newTestClient(t, s, b)
		_ = try(t.Context(), c, "get")
		time.Sleep(time.Second)
		_ = try(t.Context(), c, "probe")
		time.Sleep(20 * time.Second)
		if b.Snapshot().Circuit.Open {
			t.Error("reopened by a late answer")
		}
	})
}
