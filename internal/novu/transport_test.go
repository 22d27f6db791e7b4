// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestTransportHints(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{x509.UnknownAuthorityError{}, "CA bundle"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, "host name"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "renew"},
		{http.ErrSchemeMismatch, "http://"},
		{&net.DNSError{Name: "novu"}, "check the host"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "check the port"},
		{context.DeadlineExceeded, "overloaded"},
	} {
		err := &TransportError{Op: "get workflow", Host: "novu.test", Err: &redactedError{text: "it failed", err: fmt.Errorf("wrapped: %w", tc.err)}}
		if text := err.Error(); !strings.HasPrefix(text, "get workflow: no answer from Novu at novu.test: it failed; ") || !strings.Contains(text, tc.want) {
			t.Errorf("%T: %s", tc.err, text)
		}
	}
	plain := &TransportError{Op: "get workflow", Host: "novu.test", Err: errors.New("reset"), MaybeCommitted: true}
	if want := "get workflow: no answer from Novu at novu.test: reset (Novu may have carried it out)"; plain.Error() != want {
		t.Errorf("got %s", plain)
	}
}

// The original of a redacted error can be asked for, but not printed.
func TestRedactedErrors(t *testing.T) {
	original := &net.OpError{Op: "read", Net: "tcp", Err: fmt.Errorf("peer said %s: %w", testKey, syscall.ECONNRESET)}
	_, err := newTestClient(t, newScripted(t, answerError(original)), nil).GetWorkflow(t.Context(), "w")
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("not recognised: %v", err)
	}
	if op, ok := errors.AsType[*net.OpError](err); !ok || op.Op != "read" {
		t.Errorf("got %v", op)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), testKey) || !strings.Contains(e.Error(), "peer said ***") {
			t.Errorf("%T: %v", e, e)
		}
	}
}

// A definition that is no JSON is the caller's mistake, found before anything is
// sent.
func TestInvalidJSONIsNotSent(t *testing.T) {
	s := newScripted(t, answerJSON(200, workflowJSON))
	_, err := newTestClient(t, s, nil).CreateWorkflow(t.Context(), &WorkflowRequest{WorkflowID: "w", PayloadSchema: json.RawMessage(`{"a":`)})
	if err == nil || !strings.Contains(err.Error(), `create workflow "w": the request cannot be encoded`) || s.count() != 0 || IsMaybeCommitted(err) {
		t.Errorf("%d requests, %v", s.count(), err)
	}
}

// Whoever does not report the steps of a request leaves the error's own word.
func TestCommitStateOfOpaqueTransports(t *testing.T) {
	for _, tc := range []struct {
		err   error
		maybe bool
	}{
		{errors.New("something broke"), true},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		{&net.DNSError{Name: "novu"}, false},
	} {
		c := newTestClient(t, newScripted(t, answerError(tc.err)), nil)
		_, write := c.UpdateWorkflow(t.Context(), "w", &WorkflowRequest{})
		_, read := c.GetWorkflow(t.Context(), "w")
		if IsMaybeCommitted(write) != tc.maybe || IsMaybeCommitted(read) {
			t.Errorf("%v: write %v, read %v", tc.err, write, read)
		}
	}
}
