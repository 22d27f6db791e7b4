// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// serveWorkflow starts a server that counts its connections.
func serveWorkflow(t *testing.T, start func(*httptest.Server)) (server *httptest.Server, connections *atomic.Int32) {
	t.Helper()
	connections = &atomic.Int32{}
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(workflowJSON))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	start(server)
	t.Cleanup(server.Close)
	return server, connections
}

func TestClientsOfOneHostShareConnections(t *testing.T) {
	server, connections := serveWorkflow(t, (*httptest.Server).Start)
	for i := range 20 {
		c := must(New(Config{BaseURL: fmt.Sprintf("%s/prefix-%d", server.URL, i), SecretKey: testKey}))(t)
		must(c.GetWorkflow(t.Context(), "w"))(t)
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Error answers must leave the connection usable, too.
func TestErrorsKeepTheConnection(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write(make([]byte, errorBodyLimit+1000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := must(New(Config{BaseURL: server.URL, SecretKey: testKey}))(t)
	for range 10 {
		if _, err := c.GetWorkflow(t.Context(), "w"); !IsTerminal(err) {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestCABundle(t *testing.T) {
	server, _ := serveWorkflow(t, (*httptest.Server).StartTLS)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	// Text around the blocks and other blocks are common in bundles.
	bundle = append([]byte("# our authority\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"), bundle...)
	trusting := must(New(Config{BaseURL: server.URL, SecretKey: testKey, CABundle: bundle}))(t)
	if _, err := trusting.GetWorkflow(t.Context(), "w"); err != nil {
		t.Error(err)
	}
	strict := must(New(Config{BaseURL: server.URL, SecretKey: testKey}))(t)
	_, err := strict.UpdateWorkflow(t.Context(), "w", &WorkflowRequest{})
	var transport *TransportError
	if !errors.As(err, &transport) || transport.MaybeCommitted || transportHint(transport.Err) != "add the certificate authority to the environment's CA bundle" {
		t.Errorf("got %v", err)
	}
}

func TestPoolIsBoundedAndKeyed(t *testing.T) {
	p := &pool{}
	transportOf := func(raw string) http.RoundTripper {
		base := must(url.Parse(raw))(t)
		return must(p.transport(base, nil))(t)
	}
	first := transportOf("http://a.test/one")
	if transportOf("http://a.test/two") != first {
		t.Error("one host, two transports")
	}
	if transportOf("https://a.test/two") == first || transportOf("http://a.test:81") == first {
		t.Error("another scheme or port shares the transport")
	}
	var all sync.WaitGroup
	for i := range 3 * maxPooledTransports {
		all.Go(func() { transportOf(fmt.Sprintf("http://host-%d.test", i)) })
	}
	all.Wait()
	if len(p.transports) != maxPooledTransports || len(p.order) != maxPooledTransports {
		t.Errorf("%d transports, %d in order", len(p.transports), len(p.order))
	}
	if transportOf("http://a.test/one") == first {
		t.Error("the oldest was not dropped")
	}
}

// Environments on one host share its connections, but not what happens to a key.
func TestEnvironmentsOnOneHostShareNoBudget(t *testing.T) {
	server, connections := serveWorkflow(t, (*httptest.Server).Start)
	refused := must(New(Config{BaseURL: server.URL, SecretKey: testKey, Transport: newScripted(t, badKey)}))(t)
	if _, err := refused.GetWorkflow(t.Context(), "w"); !IsUnauthorized(err) || !refused.Budget().Snapshot().Circuit.Open {
		t.Fatal(err)
	}
	for range 2 {
		c := must(New(Config{BaseURL: server.URL, SecretKey: testKey}))(t)
		if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
			t.Error(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
