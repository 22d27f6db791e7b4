// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"slices"
	"time"
)

const (
	developmentName      = "Development"
	productionName       = "Production"
	defaultWorkflowLimit = 100
)

// store is everything the server knows. Workflows, layouts and integrations are never changed in place: an update
// replaces the pointer, so a reader may keep what it got after the lock is released.
type store struct {
	organizations []*organization
	environments  map[string]*environment // by id
	keys          map[string]*environment // by API key
	sessions      map[string]*organization
}

func newStore() *store {
	return &store{
		environments: map[string]*environment{},
		keys:         map[string]*environment{},
		sessions:     map[string]*organization{},
	}
}

type organization struct {
	id, name     string
	userID       string
	session      string // the token of the one user
	environments []*environment
	integrations *shelf[integration] // of all environments, in the order of creation
	perEnv       map[string]*shelf[integration]
	variables    *shelf[variable]
}

type environment struct {
	id, name, identifier, color, kind, parentID string

	org       *organization
	key       string
	keyID     string
	created   time.Time
	updated   time.Time
	bridge    object // nil: there never was one
	dns       object
	workflows *shelf[workflow]
	layouts   *shelf[layout]
	agents    map[string]bool // by identifier
}

// shelf holds things by id, and by an identifier that more than one may carry. Lookups by identifier find the oldest.
type shelf[T any] struct {
	byID         map[string]*T
	byIdentifier map[string][]string
	order        []string       // ids, oldest first; may hold removed ones
	written      map[string]int // by id: the number of the last write
	writes       int
	key          func(*T) (id, identifier string)
}

func newShelf[T any](key func(*T) (id, identifier string)) *shelf[T] {
	return &shelf[T]{byID: map[string]*T{}, byIdentifier: map[string][]string{}, written: map[string]int{}, key: key}
}

func (c *shelf[T]) get(id string) *T { return c.byID[id] }

// find looks up by identifier.
func (c *shelf[T]) find(identifier string) *T {
	if ids := c.byIdentifier[identifier]; len(ids) > 0 {
		return c.byID[ids[0]]
	}
	return nil
}

// lookup takes an id or an identifier, whichever v looks like.
func (c *shelf[T]) lookup(v string) *T {
	if isObjectID(v) {
		return c.get(v)
	}
	return c.find(v)
}

func (c *shelf[T]) len() int { return len(c.byID) }

// put adds or replaces; it reports whether the thing was there.
func (c *shelf[T]) put(v *T) bool {
	id, identifier := c.key(v)
	old, known := c.byID[id]
	if !known {
		c.order = append(c.order, id)
	} else if _, was := c.key(old); was != identifier {
		c.unname(id, was)
		known = false
	}
	if !known {
		c.byIdentifier[identifier] = append(c.byIdentifier[identifier], id)
	}
	c.byID[id] = v
	c.writes++
	c.written[id] = c.writes
	return old != nil
}

// compareWrites tells which was written earlier. Times alone do not: this server is faster than they are fine, unlike the real one.
func (c *shelf[T]) compareWrites(a, b *T) int {
	x, _ := c.key(a)
	y, _ := c.key(b)
	return c.written[x] - c.written[y]
}

func (c *shelf[T]) remove(id string) {
	v, ok := c.byID[id]
	if !ok {
		return
	}
	_, identifier := c.key(v)
	c.unname(id, identifier)
	delete(c.byID, id)
	delete(c.written, id)
	if len(c.order) > 2*len(c.byID)+16 { // keep removals cheap, and the order short
		c.order = slices.DeleteFunc(c.order, func(id string) bool { return c.byID[id] == nil })
	}
}

func (c *shelf[T]) unname(id, identifier string) {
	ids := slices.DeleteFunc(slices.Clone(c.byIdentifier[identifier]), func(x string) bool { return x == id })
	if len(ids) == 0 {
		delete(c.byIdentifier, identifier)
		return
	}
	c.byIdentifier[identifier] = ids
}

// all returns everything, oldest first.
func (c *shelf[T]) all() []*T {
	out := make([]*T, 0, len(c.byID))
	for _, id := range c.order {
		if v := c.byID[id]; v != nil {
			out = append(out, v)
		}
	}
	return out
}

// timestamp writes a time as MongoDB's driver does: UTC, three digits of a second.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// after is the time of a change: now, but always later than the change before it, so that no change is invisible
// in updatedAt. (The real server is too slow for two changes of one object within a millisecond.)
func after(now, last time.Time) time.Time {
	now = now.Truncate(time.Millisecond)
	if !now.After(last) {
		return last.Add(time.Millisecond)
	}
	return now
}

// findEnvironment takes an id and answers nil when it is not of this organization.
func (o *organization) findEnvironment(id string) *environment {
	for _, e := range o.environments {
		if e.id == id {
			return e
		}
	}
	return nil
}

func (o *organization) named(name string) *environment {
	for _, e := range o.environments {
		if e.name == name {
			return e
		}
	}
	return nil
}
