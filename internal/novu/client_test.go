// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseBaseURL(t *testing.T) {
	for _, tc := range []struct{ in, want, fault string }{
		{in: "", want: "https://api.novu.co"},
		{in: "  https://eu.api.novu.co/ ", want: "https://eu.api.novu.co"},
		{in: "http://novu-api.novu.svc:3000", want: "http://novu-api.novu.svc:3000"},
		{in: "https://example.test/novu/api/", want: "https://example.test/novu/api"},
		{in: "https://example.test/a%2Fb/", want: "https://example.test/a%2Fb"},
		{in: "http://[::1]:3000", want: "http://[::1]:3000"},
		{in: "api.novu.co", fault: "no http:// or https://"},
		{in: "ftp://api.novu.co", fault: "no http:// or https://"},
		{in: "https://", fault: "no host"},
		{in: "https://:3000", fault: "no host"},
		{in: "https://user:hunter22@example.test", fault: "user name or password"},
		{in: "https://user:hunter22@exa mple.test", fault: "cannot be parsed"},
		{in: "https://example.test?key=hunter22", fault: "a query"},
		{in: "https://example.test?", fault: "a query"},
		{in: "https://example.test#part", fault: "a fragment"},
		{in: "https://example.test#", fault: "a fragment"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			u, err := ParseBaseURL(tc.in)
			switch {
			case tc.fault == "" && (err != nil || u.String() != tc.want):
				t.Errorf("got %v, %v; want %s", u, err, tc.want)
			case tc.fault != "" && (err == nil || !strings.Contains(err.Error(), tc.fault)):
				t.Errorf("got %v, %v; want a complaint about %q", u, err, tc.fault)
			case err != nil && strings.Contains(err.Error(), "hunter22"):
				t.Errorf("the password is in the text: %v", err)
			}
		})
	}
}

func TestNewChecksItsConfiguration(t *testing.T) {
	for _, tc := range []struct {
		name  string
		cfg   Config
		fault string
	}{
		{"good", Config{SecretKey: testKey}, ""},
		{"line break at the end", Config{SecretKey: testKey + "\n"}, ""},
		{"no key", Config{SecretKey: " \n"}, "empty"},
		{"two keys", Config{SecretKey: testKey + "\n" + testKey}, "spaces, line breaks"},
		{"binary key", Config{SecretKey: "\xff\xfe" + testKey}, "spaces, line breaks"},
		{"bad URL", Config{SecretKey: testKey, BaseURL: "nope"}, "Novu URL"},
		{"no PEM", Config{SecretKey: testKey, CABundle: []byte("nope")}, "no certificate"},
		{"broken PEM", Config{SecretKey: testKey, CABundle: []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}, "certificate 1 of the CA bundle"},
		{"no certificate", Config{SecretKey: testKey, CABundle: []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")}, "no certificate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.cfg)
			switch {
			case tc.fault == "" && err != nil:
				t.Error(err)
			case tc.fault != "" && (err == nil || !strings.Contains(err.Error(), tc.fault)):
				t.Errorf("got %v, want a complaint about %q", err, tc.fault)
			case err != nil && strings.Contains(err.Error(), testKey):
				t.Errorf("the key is in the text: %v", err)
			}
		})
	}
}

func TestPrintingDoesNotShowTheKey(t *testing.T) {
	cfg := Config{SecretKey: testKey}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{cfg, &cfg, c} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, testKey) {
				t.Errorf("%s of %T: %s", format, v, text)
			}
		}
	}
}

func TestRequestsCarryKeyAndAgent(t *testing.T) {
	s := newScripted(t, answerJSON(200, workflowJSON), answerJSON(200, `{"data":{"status":"ok"}}`))
	c, err := New(Config{BaseURL: "https://example.test/novu/", SecretKey: testKey + "\n", UserAgent: "novu-operator/1.2.3", Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetWorkflow(t.Context(), "w 1/ü"); err != nil {
		t.Fatal(err)
	}
	r := s.requests[0]
	if got := r.URL.String(); got != "https://example.test/novu/v2/workflows/w%201%2F%C3%BC" {
		t.Errorf("URL %s", got)
	}
	for name, want := range map[string]string{
		"Authorization": "ApiKey " + testKey, "User-Agent": "novu-operator/1.2.3", "Accept": "application/json", "Content-Type": "",
		"Idempotency-Key": "", // Go would repeat a POST that carries it
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.requests[1].Header.Get("Authorization"); got != "" {
		t.Error("the health check does not need the key")
	}
}

func TestReadOnlyRefusesEveryWrite(t *testing.T) {
	s := newScripted(t, answerJSON(200, workflowJSON))
	c, err := New(Config{SecretKey: testKey, Transport: s, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range writes() {
		var refused *ReadOnlyError
		if err := write(t.Context(), c); !asError(err, &refused) || refused.Method == http.MethodGet || !strings.Contains(err.Error(), "dry run") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.count() != 0 {
		t.Errorf("%d requests went out", s.count())
	}
	if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}

// order notes what happens in a budget, and what a guard is asked.
type order struct {
	NoObserver

	steps []string
}

func (o *order) Waited(Category, Priority, time.Duration) { o.steps = append(o.steps, "waited") }

func (o *order) Request(Category, string, string, int, time.Duration) {
	o.steps = append(o.steps, "sent")
}

func TestGuardIsAskedLast(t *testing.T) {
	lost := errors.New("the lease is lost")
	for name, tc := range map[string]struct {
		refusal error
		call    func(context.Context, *Client) error
		want    []string
	}{
		"a write that may leave": {nil, writes()["update workflow"], []string{"waited", "asked", "sent"}},
		"a write that may not":   {lost, writes()["update workflow"], []string{"waited", "asked"}},
		"a read":                 {lost, reads()["get workflow"], []string{"waited", "sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := newScripted(t, answerJSON(200, workflowJSON)), &order{}
			c, err := New(Config{SecretKey: testKey, Transport: s, Budget: NewBudget(BudgetConfig{Observer: o}), Guard: func() error {
				o.steps = append(o.steps, "asked")
				return tc.refusal
			}})
			if err != nil {
				t.Fatal(err)
			}
			sent := slices.Contains(tc.want, "sent")
			if err := tc.call(t.Context(), c); sent != (err == nil) || sent == errors.Is(err, lost) {
				t.Errorf("error %v", err)
			}
			if !slices.Equal(o.steps, tc.want) || s.count() > 0 != sent {
				t.Errorf("%v, and %d requests", o.steps, s.count())
			}
		})
	}
}

func TestGuardRefusesEveryWrite(t *testing.T) {
	s, lost := newScripted(t, answerJSON(200, workflowJSON)), errors.New("the lease is lost")
	c, err := New(Config{SecretKey: testKey, Transport: s, Guard: func() error { return lost }})
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range writes() {
		err := write(t.Context(), c)
		var withheld *WithheldError
		if !asError(err, &withheld) || !errors.Is(err, lost) || !strings.HasPrefix(err.Error(), withheld.Op+": not sent: ") || IsMaybeCommitted(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.count() != 0 {
		t.Errorf("%d requests went out", s.count())
	}
}

const anObjectID = "65f0c0ffee0000000000dead"

// writes are all operations that change something.
func writes() map[string]func(context.Context, *Client) error {
	return map[string]func(context.Context, *Client) error{
		"create workflow": func(ctx context.Context, c *Client) error {
			_, err := c.CreateWorkflow(ctx, &WorkflowRequest{WorkflowID: "w"})
			return err
		},
		"update workflow": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateWorkflow(ctx, "w", &WorkflowRequest{})
			return err
		},
		"delete workflow": func(ctx context.Context, c *Client) error { return c.DeleteWorkflow(ctx, "w") },
		"sync workflow":   func(ctx context.Context, c *Client) error { _, err := c.SyncWorkflow(ctx, "w", "e"); return err },
		"create layout": func(ctx context.Context, c *Client) error {
			_, err := c.CreateLayout(ctx, &LayoutRequest{LayoutID: "l"})
			return err
		},
		"update layout": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateLayout(ctx, "l", &LayoutRequest{})
			return err
		},
		"delete layout": func(ctx context.Context, c *Client) error { return c.DeleteLayout(ctx, "l") },
		"create integration": func(ctx context.Context, c *Client) error {
			_, err := c.CreateIntegration(ctx, &IntegrationRequest{Identifier: "i"})
			return err
		},
		"update integration": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateIntegration(ctx, anObjectID, &IntegrationRequest{})
			return err
		},
		"set primary": func(ctx context.Context, c *Client) error {
			_, err := c.SetPrimaryIntegration(ctx, anObjectID)
			return err
		},
		"delete integration": func(ctx context.Context, c *Client) error { return c.DeleteIntegration(ctx, anObjectID) },
	}
}

// reads are all operations that change nothing.
func reads() map[string]func(context.Context, *Client) error {
	return map[string]func(context.Context, *Client) error{
		"me":                func(ctx context.Context, c *Client) error { _, err := c.Me(ctx); return err },
		"environments":      func(ctx context.Context, c *Client) error { _, err := c.Environments(ctx); return err },
		"list workflows":    func(ctx context.Context, c *Client) error { _, err := c.AllWorkflows(ctx); return err },
		"get workflow":      func(ctx context.Context, c *Client) error { _, err := c.GetWorkflow(ctx, "w"); return err },
		"list layouts":      func(ctx context.Context, c *Client) error { _, err := c.AllLayouts(ctx); return err },
		"get layout":        func(ctx context.Context, c *Client) error { _, err := c.GetLayout(ctx, "l"); return err },
		"list integrations": func(ctx context.Context, c *Client) error { _, err := c.ListIntegrations(ctx); return err },
		"health":            func(ctx context.Context, c *Client) error { return c.Health(ctx) },
	}
}
