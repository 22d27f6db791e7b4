// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// maxPooledTransports bounds the pool when URLs or CA bundles keep changing.
const maxPooledTransports = 128

// sharedPool lets all clients of one host share connections: keep-alive works
// across Environments, and a thousand of them do not open a thousand sockets.
var sharedPool = &pool{}

type poolKey struct {
	scheme, host string
	ca           [sha256.Size]byte
}

type pool struct {
	mu         sync.Mutex
	transports map[poolKey]*http.Transport
	order      []poolKey // oldest first
}

// transport returns the pool's transport for the URL's host and the CA bundle.
func (p *pool) transport(base *url.URL, ca []byte) (http.RoundTripper, error) {
	key := poolKey{scheme: base.Scheme, host: base.Host, ca: sha256.Sum256(ca)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.transports[key]; ok {
		return t, nil
	}
	roots, err := certPool(ca)
	if err != nil {
		return nil, err
	}
	if p.transports == nil {
		p.transports = map[poolKey]*http.Transport{}
	}
	t := newTransport(roots)
	p.transports[key] = t
	p.order = append(p.order, key)
	p.evict()
	return t, nil
}

// evict drops the oldest entry. Clients that still hold it keep working; only its
// idle connections are closed.
func (p *pool) evict() {
	if len(p.order) <= maxPooledTransports {
		return
	}
	oldest := p.order[0]
	p.order = p.order[1:]
	p.transports[oldest].CloseIdleConnections()
	delete(p.transports, oldest)
}

func newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		// What Novu sends before anybody reads it; the defaults are 4 MiB and 1 GiB.
		HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: smallAnswer, MaxReceiveBufferPerConnection: mediumAnswer},
	}
}

// certPool adds the bundle to the system's roots; nil means the system's alone.
func certPool(bundle []byte) (*x509.CertPool, error) {
	if len(bundle) == 0 {
		return nil, nil
	}
	certs, err := parseCerts(bundle)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // no system store in this image
	}
	for _, cert := range certs {
		roots.AddCert(cert)
	}
	return roots, nil
}

// parseCerts is stricter than CertPool.AppendCertsFromPEM, which skips broken
// certificates silently.
func parseCerts(bundle []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the CA bundle is broken: %w", len(certs)+1, err)
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, errors.New("the CA bundle holds no certificate: it must be PEM text with BEGIN CERTIFICATE blocks")
	}
	return certs, nil
}
