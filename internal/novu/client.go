// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	defaultTimeout   = 30 * time.Second
	defaultPageSize  = 100
	minPageSize      = 2 // pages overlap by one item
	defaultUserAgent = "novu-operator"
)

// Config says which Novu API a [Client] talks to, and how.
type Config struct {
	// BaseURL is the API's address, with a path if Novu is served below one.
	// Empty means Novu cloud, US region.
	BaseURL string
	// SecretKey is the environment's API key. White space around it is dropped.
	SecretKey string
	// CABundle holds PEM certificates trusted in addition to the system's.
	CABundle []byte
	// UserAgent is sent with every request; empty means "novu-operator".
	UserAgent string
	// Transport replaces the shared connection pool. CABundle is ignored then.
	Transport http.RoundTripper
	// Budget is shared by all clients of one environment; nil makes a private one.
	Budget *Budget
	// Redactor outlives the client, so that a key that was replaced stays hidden; nil
	// makes a private one.
	Redactor *Redactor
	// ReadOnly refuses everything but GET with a *ReadOnlyError before it leaves.
	ReadOnly bool
	// Guard is asked about every write right before it leaves, when its turn has
	// come; what it returns refuses the write with a *WithheldError. Nil allows all.
	Guard func() error
	// Timeout bounds one request from its first byte to the last byte of the
	// answer; waiting for the budget does not count. Zero means 30 s.
	Timeout time.Duration
	// PageSize is how many items one list request asks for. Zero means 100.
	PageSize int
}

// String leaves the key out, so that a printed Config cannot leak it.
func (c Config) String() string { return fmt.Sprintf("novu.Config{BaseURL: %q}", c.BaseURL) }

// GoString is String: %#v must not print the key either.
func (c Config) GoString() string { return c.String() }

// Client calls one Novu environment. It is safe for concurrent use.
type Client struct {
	base      string // no trailing slash
	host      string // for error texts
	key       string
	userAgent string
	http      *http.Client
	budget    *Budget
	redactor  *Redactor
	readOnly  bool
	guard     func() error
	timeout   time.Duration
	pageSize  int
}

// New checks the configuration and returns a client; it does not call Novu.
func New(cfg Config) (*Client, error) {
	base, err := ParseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	key, err := checkKey(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	transport := cfg.Transport
	if transport == nil {
		if transport, err = sharedPool.transport(base, cfg.CABundle); err != nil {
			return nil, err
		}
	}
	c := &Client{
		base:      strings.TrimRight(base.String(), "/"),
		host:      base.Host,
		key:       key,
		userAgent: orDefault(cfg.UserAgent, defaultUserAgent),
		http:      &http.Client{Transport: transport, CheckRedirect: refuseRedirect},
		budget:    cfg.Budget,
		redactor:  cfg.Redactor,
		readOnly:  cfg.ReadOnly,
		guard:     cfg.Guard,
		timeout:   orDefault(cfg.Timeout, defaultTimeout),
		pageSize:  max(orDefault(cfg.PageSize, defaultPageSize), minPageSize),
	}
	if c.redactor == nil {
		c.redactor = NewRedactor()
	}
	c.redactor.Add(key)
	if c.budget == nil {
		c.budget = NewBudget(BudgetConfig{})
	}
	return c, nil
}

// String names the API without the key.
func (c *Client) String() string { return "novu client of " + c.base }

// GoString is String: %#v must not print the key either.
func (c *Client) GoString() string { return c.String() }

// Budget returns the budget that this client's requests go through.
func (c *Client) Budget() *Budget { return c.budget }

// Redactor returns the redactor that knows this client's key, for texts that the
// caller builds itself.
func (c *Client) Redactor() *Redactor { return c.redactor }

// checkKey refuses what cannot be sent in a header. The key itself must not show
// up in the message.
func checkKey(key string) (string, error) {
	key = strings.TrimSpace(key)
	if key == "" {
		return "", errors.New("the secret key is empty: store the environment's API key, as Novu's dashboard shows it, in the Secret")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("the secret key contains spaces, line breaks or other characters that no Novu key has: store the key alone in the Secret")
	}
	return key, nil
}

// refuseRedirect hands the 3xx answer back. Following it would turn a POST into a
// GET, or carry the key to another address.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
