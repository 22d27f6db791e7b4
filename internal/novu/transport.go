// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// params is what one call adds to its endpoint.
type params struct {
	id      string     // identifier or internal id in the path, already escaped
	subject string     // what error texts call the object; id if empty
	query   url.Values // no secrets here
	body    any        // nil: no body
	secrets []string   // values that must not show up in an error of this call or a later one
	out     answer     // nil: the answer's content does not matter
}

// call is one request on its way.
type call struct {
	endpoint
	params
	client   *Client
	redactor *Redactor
	path     string // escaped, without base and query
}

// answer is decoded from a 2xx body and then asked whether it is what was expected.
type answer interface{ complete() error }

func (c *Client) do(ctx context.Context, e endpoint, p params) error {
	k := &call{endpoint: e, params: p, client: c, redactor: c.redactor, path: strings.Replace(e.route, "{id}", p.id, 1)}
	k.redactor.Add(append(p.secrets, c.key)...) // Novu may quote them in the answer to a later call as well
	if c.readOnly && e.writes() {
		return &ReadOnlyError{Op: k.title(), Method: e.method, Path: k.path}
	}
	body, err := encodeBody(p.body)
	if err != nil {
		return fmt.Errorf("%s: the request cannot be encoded: %s", k.title(), k.redactor.Redact(err.Error()))
	}
	resume := Pause(ctx)
	permit, err := c.budget.acquire(ctx, e)
	if err != nil {
		resume()
		return k.refused(err)
	}
	reply, err := k.exchange(ctx, body)
	if err == nil {
		err = k.judge(reply)
		reply.drop()
	}
	permit.settle(ctx, reply, err)
	resume() // last: others may send while this one waits to go on
	return err
}

// title names the operation and its object, as error texts start.
func (k *call) title() string {
	subject := orDefault(k.subject, k.id)
	if subject == "" {
		return k.op
	}
	return fmt.Sprintf("%s %q", k.op, k.redactor.Redact(subject))
}

// reply is a complete answer; its body is read and closed.
type reply struct {
	status    int
	header    http.Header
	body      []byte
	truncated error  // why the body is incomplete; nil if it is complete
	invalid   error  // why a streamed answer is not what was asked for
	release   func() // gives back the memory of the body
}

// drop forgets the body: what is kept of it was decoded.
func (r *reply) drop() {
	r.body = nil
	r.release()
}

// exchange sends the request once and reads the whole answer.
func (k *call) exchange(ctx context.Context, body []byte) (*reply, error) {
	ctx, cancel := context.WithTimeout(ctx, k.client.timeout)
	defer cancel()
	var sent wireState
	req, err := k.request(httptrace.WithClientTrace(ctx, sent.trace()), body)
	if err != nil {
		return nil, err
	}
	if err := k.guarded(); err != nil {
		return nil, err
	}
	resp, err := k.client.http.Do(req)
	if err != nil {
		return nil, k.transportError(err, k.writes() && !sent.provablyUnsent(err))
	}
	defer resp.Body.Close()
	r := &reply{status: resp.StatusCode, header: resp.Header, release: func() {}}
	out, ok := k.out.(streamed)
	switch {
	case resp.StatusCode >= 300:
		r.body, r.release, r.truncated = readAnswer(ctx, resp.Body, errorBodyLimit)
	case k.out == nil:
		r.body, r.truncated = readStart(resp.Body, k.bodyLimit)
	case ok:
		k.stream(ctx, r, resp.Body, out)
	default:
		r.body, r.release, r.truncated = readAnswer(ctx, resp.Body, k.bodyLimit)
	}
	return r, nil
}

// stream decodes the answer while it arrives.
func (k *call) stream(ctx context.Context, r *reply, from io.Reader, out streamed) {
	a := &arriving{from: from, most: k.bodyLimit}
	a.large = func() (err error) {
		r.release, err = claimLarge(ctx, from)
		return err
	}
	r.invalid = out.decode(a)
	r.body, r.truncated = a.start, a.broken
}

// guarded asks whether a write may leave now.
func (k *call) guarded() error {
	if k.client.guard == nil || !k.writes() {
		return nil
	}
	if err := k.client.guard(); err != nil {
		return &WithheldError{Op: k.title(), Err: err}
	}
	return nil
}

func (k *call) request(ctx context.Context, body []byte) (*http.Request, error) {
	address := k.client.base + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, reader)
	if err != nil {
		return nil, k.transportError(err, false)
	}
	if !k.anonymous {
		// The scheme is case-sensitive for Novu.
		req.Header.Set("Authorization", "ApiKey "+k.client.key)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", k.client.userAgent)
	return req, nil
}

// encodeBody leaves HTML characters alone: bodies of e-mails are full of them.
func encodeBody(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// wireState remembers how far a request came. Its fields are set from the
// transport's goroutines, possibly after the call returned.
type wireState struct {
	asked, wrote atomic.Bool
}

func (s *wireState) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { s.asked.Store(true) },
		WroteHeaders: func() { s.wrote.Store(true) },
	}
}

// provablyUnsent is true only if no byte of the request can have reached Novu. A
// transport that does not report its steps leaves the error's own word.
func (s *wireState) provablyUnsent(err error) bool {
	if s.asked.Load() {
		return !s.wrote.Load()
	}
	return isDialError(err)
}
