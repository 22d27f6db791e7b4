// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"novu-operator.dev/internal/novu"
)

// Options of a Pool.
type Options struct {
	// UserAgent of every request.
	UserAgent string
	// ReadOnly refuses every write, for the operator's --dry-run.
	ReadOnly bool
	// Timeout of one request; 0 is the client's default.
	Timeout time.Duration
	// Clock, for tests; nil is the real one.
	Clock clock.PassiveClock
	// Budget of a new environment.
	Budget novu.BudgetConfig
}

// Pool holds the connections of all Environment objects. It is safe for concurrent use.
type Pool struct {
	options Options
	guard   func() error

	mu          sync.Mutex
	connections map[types.NamespacedName]*Connection
	backends    map[backendKey]*Backend
	tried       map[types.NamespacedName]bool
	// secrets remember what no text about an Environment object may show, across changes of its key.
	secrets  map[types.NamespacedName]*novu.Redactor
	store    store
	troubles map[types.NamespacedName]Trouble
}

type backendKey struct{ baseURL, environmentID string }

// Settings are what an Environment object says about its connection.
type Settings struct {
	BaseURL   string
	SecretKey string
	CABundle  []byte
	// Accept decides whether the Novu environment that the key belongs to is the one that is meant. Nothing is written
	// through a connection before. Nil accepts any.
	Accept func(novu.Environment) error
}

// Connection is an Environment object's way to its Novu environment.
type Connection struct {
	*Backend
	Client *novu.Client

	budget   *novu.Budget
	settings [sha256.Size]byte
	key      backendKey
	hashKey  []byte
	life     context.Context //nolint:containedctx // how long the connection is good for, whoever uses it
	giveUp   context.CancelFunc
}

// Budget is shared by all connections to the environment that use the same key. A key of its own has a budget of its own,
// so that one which Novu refuses does not stop the others.
func (c *Connection) Budget() *novu.Budget { return c.budget }

// NewPool makes an empty pool.
func NewPool(options Options) *Pool {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	return &Pool{
		options:     options,
		connections: map[types.NamespacedName]*Connection{},
		backends:    map[backendKey]*Backend{},
		tried:       map[types.NamespacedName]bool{},
		secrets:     map[types.NamespacedName]*novu.Redactor{},
		troubles:    map[types.NamespacedName]Trouble{},
	}
}

// Clock is the pool's clock.
func (p *Pool) Clock() clock.PassiveClock { return p.options.Clock }

// ReadOnly reports whether writes are refused.
func (p *Pool) ReadOnly() bool { return p.options.ReadOnly }

// Guard has guard asked about every write right before it leaves. It must be called before there are connections.
func (p *Pool) Guard(guard func() error) { p.guard = guard }

// Get returns the connection of an Environment object once Novu was looked at through it, else nil.
func (p *Pool) Get(environment types.NamespacedName) *Connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.connections[environment]
	if c == nil || c.LookedAt().IsZero() {
		return nil
	}
	return c
}

// LeadingTo returns the Environment objects through which Novu was looked at and that lead to the Novu environment of
// that id.
func (p *Pool) LeadingTo(environmentID string) (environments []types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, c := range p.connections {
		if c.environment.ID == environmentID && !c.LookedAt().IsZero() {
			environments = append(environments, key)
		}
	}
	return environments
}

// Budgets of the connected Environment objects as they are now.
func (p *Pool) Budgets() map[types.NamespacedName]novu.BudgetSnapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[types.NamespacedName]novu.BudgetSnapshot, len(p.connections))
	for key, c := range p.connections {
		all[key] = c.Budget().Snapshot()
	}
	return all
}

// Connect asks Novu which environment the key belongs to and keeps the answer. With unchanged settings it makes no call.
// A failure drops the connection that was there: its key may no longer be the right one.
func (p *Pool) Connect(ctx context.Context, environment types.NamespacedName, settings Settings) (*Connection, error) {
	digest := settings.digest()
	p.mu.Lock()
	current := p.connections[environment]
	p.mu.Unlock()
	if current != nil && current.settings == digest {
		return current, nil
	}
	budget := novu.NewBudget(p.options.Budget)
	remote, err := p.ask(ctx, environment, settings, budget)
	if err == nil && settings.Accept != nil {
		err = settings.Accept(*remote)
	}
	if err != nil {
		p.Drop(environment)
		return nil, err
	}
	return p.join(environment, settings, *remote, budget)
}

// Try notes that this process has tried to connect an Environment object, or found out why it cannot. It reports whether that
// is news.
func (p *Pool) Try(environment types.NamespacedName) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first = !p.tried[environment]
	p.tried[environment] = true
	return first
}

// Tried reports whether this process has tried to connect the Environment object. Before, that there is no connection means
// nothing.
func (p *Pool) Tried(environment types.NamespacedName) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried[environment]
}

// Forget drops everything that is known of an Environment object that no longer exists.
func (p *Pool) Forget(environment types.NamespacedName) {
	p.Drop(environment)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tried, environment)
	delete(p.secrets, environment)
	delete(p.troubles, environment)
}

// Drop forgets the connection of an Environment object.
func (p *Pool) Drop(environment types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveUp(environment)
	p.collect()
}

// giveUp ends a connection, and what is being listed through it. It needs the lock.
func (p *Pool) giveUp(environment types.NamespacedName) {
	if c := p.connections[environment]; c != nil {
		c.giveUp()
		delete(p.connections, environment)
	}
}

// collect forgets backends that no connection leads to. It needs the lock.
func (p *Pool) collect() {
	used := map[backendKey]bool{}
	for _, c := range p.connections {
		used[c.key] = true
	}
	for key, b := range p.backends {
		if !used[key] {
			b.close()
			delete(p.backends, key)
		}
	}
}

// firstContact is how long Novu may take to say which environment a key belongs to. Nothing is known of it before, and the
// objects that wait for the Environment are to hear soon that it does not answer.
const firstContact = 10 * time.Second

// ask finds out which Novu environment the key belongs to.
func (p *Pool) ask(ctx context.Context, name types.NamespacedName, settings Settings, budget *novu.Budget) (*novu.Environment, error) {
	client, err := p.client(settings, budget, p.redactor(name))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, firstContact)
	defer cancel()
	return client.Me(novu.WithProbe(ctx))
}

// join makes the connection with what other connections to the same Novu environment share already.
func (p *Pool) join(name types.NamespacedName, settings Settings, remote novu.Environment, budget *novu.Budget) (*Connection, error) {
	base, err := novu.ParseBaseURL(settings.BaseURL)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &Connection{
		key: backendKey{baseURL: base.String(), environmentID: remote.ID}, settings: settings.digest(), hashKey: settings.hashKey(),
	}
	c.Backend, c.budget = p.backend(c.key, remote), p.shared(c, budget)
	if c.Client, err = p.client(settings, c.budget, p.known(name)); err != nil {
		return nil, err
	}
	c.life, c.giveUp = context.WithCancel(context.Background())
	p.giveUp(name)
	p.connections[name] = c
	p.collect()
	return c, nil
}

func (p *Pool) client(settings Settings, budget *novu.Budget, secrets *novu.Redactor) (*novu.Client, error) {
	return novu.New(novu.Config{
		BaseURL: settings.BaseURL, SecretKey: settings.SecretKey, CABundle: settings.CABundle,
		UserAgent: p.options.UserAgent, ReadOnly: p.options.ReadOnly, Guard: p.guard, Timeout: p.options.Timeout, Budget: budget,
		Redactor: secrets,
	})
}

func (p *Pool) redactor(name types.NamespacedName) *novu.Redactor {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known(name)
}

// known is redactor for callers that hold the lock.
func (p *Pool) known(name types.NamespacedName) *novu.Redactor {
	if p.secrets[name] == nil {
		p.secrets[name] = novu.NewRedactor()
	}
	return p.secrets[name]
}

// backend returns the one of this Novu environment, or makes it. It needs the lock.
func (p *Pool) backend(key backendKey, environment novu.Environment) *Backend {
	b, ok := p.backends[key]
	if !ok {
		b = newBackend(environment, p.options.Clock, &p.store)
		p.backends[key] = b
	}
	return b
}

// shared returns the budget of another connection with the same key, else the one that the first request was counted in.
// It needs the lock.
func (p *Pool) shared(c *Connection, own *novu.Budget) *novu.Budget {
	for _, other := range p.connections {
		if other.key == c.key && bytes.Equal(other.hashKey, c.hashKey) {
			return other.budget
		}
	}
	return own
}

// SameNovu reports whether both connections lead to the same installation and organization, so that one can sync into the
// other.
func (c *Connection) SameNovu(other *Connection) bool {
	return c.key.baseURL == other.key.baseURL &&
		c.environment.OrganizationID != "" && c.environment.OrganizationID == other.environment.OrganizationID
}

// HashKey keys the hash of credentials that is kept in status.
func (c *Connection) HashKey() string { return hex.EncodeToString(c.hashKey) }

// hashKey is derived from the secret key and does not reveal it.
func (s Settings) hashKey() []byte {
	sum := sha256.Sum256([]byte("novu-operator credentials " + s.SecretKey))
	return sum[:]
}

// Same reports whether both lead to Novu in the same way.
func (s Settings) Same(other Settings) bool { return s.digest() == other.digest() }

// digest tells settings apart without keeping the secret.
func (s Settings) digest() (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, []byte(s.SecretKey))
	mac.Write([]byte(s.BaseURL))
	mac.Write([]byte{0})
	mac.Write(s.CABundle)
	copy(sum[:], mac.Sum(nil))
	return sum
}
