// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/lease"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// shape is what matters of an outcome.
func shape(err error) string {
	switch o := reconcile.OutcomeOf(err); o.Kind {
	case reconcile.Succeeded:
		return "success"
	case reconcile.Stalled:
		return fmt.Sprintf("stalled %s poll=%v", o.Reason, o.Poll)
	case reconcile.Transient:
		return "transient " + o.Reason
	case reconcile.Waiting:
		return fmt.Sprintf("waiting %s reference=%v quiet=%v poll=%v", o.Reason, o.Reference, o.Quiet, o.Poll)
	default:
		return string(o.Kind)
	}
}

// caller is a client of Development.
func caller(t *testing.T, server *novutest.Server, change func(*novu.Config)) *novu.Client {
	t.Helper()
	config := novu.Config{BaseURL: server.URL, SecretKey: server.Environment("Development").SecretKey, Timeout: 2 * time.Second}
	if change != nil {
		change(&config)
	}
	c, err := novu.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func page(status int) novutest.Fault {
	return novutest.Fault{Status: status, Body: []byte("<html></html>"), Header: http.Header{"Content-Type": {"text/html"}}}
}

// TestOutcomesOfAnswers sends what can go wrong with a write through the real client.
func TestOutcomesOfAnswers(t *testing.T) {
	tests := map[string]struct {
		fault   novutest.Fault
		want    string
		trouble bool // the Environment must look
	}{
		"400":                 {novutest.Fault{Status: 400}, "stalled Rejected poll=true", false},
		"401":                 {novutest.Fault{Status: 401}, "stalled Unauthorized poll=true", true},
		"402":                 {novutest.Fault{Status: 402}, "stalled PaymentRequired poll=true", false},
		"403":                 {novutest.Fault{Status: 403}, "stalled Forbidden poll=true", false},
		"404":                 {novutest.Fault{Status: 404}, "stalled NotFound poll=true", false},
		"404 of a layout":     {novutest.Fault{Status: 404, Body: []byte(`{"statusCode":404,"message":"Layout brand not found"}`)}, "waiting LayoutNotFound reference=true quiet=false poll=true", false},
		"405":                 {novutest.Fault{Status: 405}, "stalled NotFound poll=true", false},
		"409":                 {novutest.Fault{Status: 409}, "stalled Rejected poll=true", false},
		"413":                 {novutest.Fault{Status: 413}, "stalled PayloadTooLarge poll=true", false},
		"422":                 {novutest.Fault{Status: 422}, "stalled Rejected poll=true", false},
		"429":                 {novutest.Fault{Status: 429}, "transient RateLimited", false},
		"500":                 {novutest.Fault{Status: 500}, "transient NovuUnavailable", false},
		"502":                 {page(502), "transient NovuUnavailable", true},
		"503":                 {novutest.Fault{Status: 503}, "transient NovuUnavailable", true},
		"504":                 {page(504), "transient NovuUnavailable", true},
		"an unknown 4xx":      {novutest.Fault{Status: 418}, "transient NovuUnavailable", false},
		"a limit":             {novutest.Fault{Status: 400, Body: []byte(`{"statusCode":400,"message":"Workflow limit exceeded","currentCount":100,"limit":100}`)}, "stalled LimitExceeded poll=true", false},
		"a page":              {page(200), "transient UnexpectedResponse", false},
		"a redirect":          {novutest.Fault{Status: 302, Body: []byte{}}, "transient UnexpectedResponse", false},
		"nothing":             {novutest.Fault{Status: 200, Body: []byte{}}, "transient UnexpectedResponse", false},
		"half an answer":      {novutest.Fault{Truncate: 9}, "transient UnexpectedResponse", false},
		"an endless answer":   {novutest.Fault{Huge: 1 << 30}, "stalled AnswerTooLarge poll=true", false},
		"a broken connection": {novutest.Fault{Reset: novutest.BeforeCommit}, "transient ConnectionFailed", true},
		"silence":             {novutest.Fault{Hang: true}, "transient ConnectionFailed", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := novutest.Start(t, novutest.Options{})
			c, welcome := caller(t, server, nil), &novu.WorkflowRequest{WorkflowID: "welcome", Name: "Welcome"}
			if _, err := c.CreateWorkflow(t.Context(), welcome); err != nil {
				t.Fatal(err)
			}
			server.Inject(test.fault)
			_, err := c.UpdateWorkflow(t.Context(), "welcome", welcome)
			if got := shape(err); got != test.want {
				t.Errorf("%v\n is %s, want %s", err, got, test.want)
			}
			if got := reconcile.EnvironmentTrouble(err); got != test.trouble {
				t.Errorf("%v\n concerns the Environment: %v", err, got)
			}
			if got := reconcile.OutcomeOf(err).Message; !strings.Contains(got, `update workflow "welcome"`) {
				t.Errorf("the message does not name the object: %s", got)
			}
		})
	}
}

func TestOutcomesWithoutAnswer(t *testing.T) {
	server := novutest.Start(t, novutest.Options{})
	get := func(ctx context.Context, c *novu.Client) error {
		_, err := c.GetWorkflow(ctx, "welcome")
		return err
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	opened := caller(t, server, func(c *novu.Config) { c.SecretKey = "wrong" })
	_ = get(t.Context(), opened)
	tests := map[string]struct {
		err     error
		want    string
		trouble bool
	}{
		"nothing went wrong":  {nil, "success", false},
		"the operator stops":  {get(cancelled, caller(t, server, nil)), "Failed", false},
		"the circuit is open": {get(t.Context(), opened), "waiting EnvironmentNotReady reference=false quiet=true poll=true", false},
		"nobody listens":      {get(t.Context(), caller(t, server, func(c *novu.Config) { c.BaseURL = "http://127.0.0.1:1" })), "transient ConnectionFailed", true},
		"writes are turned off": {caller(t, server, func(c *novu.Config) { c.ReadOnly = true }).DeleteWorkflow(t.Context(), "welcome"),
			"stalled DryRun poll=false", false},
		"the lease may be lost": {caller(t, server, func(c *novu.Config) {
			c.Guard = func() error { return lease.ErrNotHeld }
		}).DeleteWorkflow(t.Context(), "welcome"), "Failed", false},
		"an outcome stays as it is": {reconcile.Stalledf("R", "m"), "stalled R poll=false", false},
		"another error":             {errors.New("x"), "Failed", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := shape(test.err); got != test.want {
				t.Errorf("%v is %s, want %s", test.err, got, test.want)
			}
			if got := reconcile.EnvironmentTrouble(test.err); got != test.trouble {
				t.Errorf("%v concerns the Environment: %v", test.err, got)
			}
		})
	}
}

// A replica that may have been deposed says nothing, and does not spin.
func TestDeposed(t *testing.T) {
	server := novutest.Start(t, novutest.Options{})
	err := caller(t, server, func(c *novu.Config) { c.Guard = func() error { return lease.ErrNotHeld } }).DeleteWorkflow(t.Context(), "welcome")
	if !requeue.Deposed(reconcile.OutcomeOf(err)) || requeue.Deposed(errors.New("x")) {
		t.Errorf("not recognised: %v", err)
	}
	result, err := requeue.Abandon(t.Context(), err)
	if err != nil || result.RequeueAfter < time.Second/2 {
		t.Errorf("again after %s, error %v", result.RequeueAfter, err)
	}
}

func TestThrottlingSaysUntilWhen(t *testing.T) {
	server := novutest.Start(t, novutest.Options{})
	server.Inject(novutest.Fault{Status: 429, Header: http.Header{"Retry-After": {"30"}}})
	_, err := caller(t, server, nil).GetWorkflow(t.Context(), "welcome")
	got := reconcile.OutcomeOf(err)
	if got.Kind != reconcile.Transient || got.Reason != v1alpha1.ReasonRateLimited {
		t.Fatalf("got %v", err)
	}
	if wait := time.Until(got.RetryAfter); wait < 20*time.Second || wait > 31*time.Second {
		t.Errorf("again in %s", wait)
	}
}

func TestExpected(t *testing.T) {
	for _, err := range []error{nil, reconcile.ErrSuspended, reconcile.ErrGone, reconcile.Waitingf("R", "m"), reconcile.Stalledf("R", "m"), reconcile.Outcome{Kind: reconcile.Transient},
		fmt.Errorf("more: %w", reconcile.Stalledf("R", "m"))} {
		if !reconcile.Expected(err) {
			t.Errorf("%v is unexpected", err)
		}
	}
	if reconcile.Expected(errors.New("x")) {
		t.Error("a fault is expected")
	}
}
