// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"novu-operator.dev/internal/novu"
)

// Resource is a kind of object in a Novu environment.
type Resource string

// Resources that are looked at.
const (
	Workflows    Resource = "workflows"
	Layouts      Resource = "layouts"
	Integrations Resource = "integrations"
)

// Resources in the order in which they are listed.
var Resources = []Resource{Layouts, Integrations, Workflows}

// fullCheckEvery is the number of looks after which every object is compared in full, in case Novu changed one without
// moving its updatedAt.
const fullCheckEvery = 6

// listTime is how long a list may take, all of its pages and Novu's rate limit included. Whoever sends one that never ends
// must not keep a look from ending.
const listTime = 5 * time.Minute

// Backend is one Novu environment. It is shared by every Environment object that leads to it, and safe for concurrent
// use.
type Backend struct {
	environment novu.Environment
	clock       clock.PassiveClock

	mu     sync.Mutex
	tables map[Resource]*table
	looks  int
	looked time.Time

	listing map[Resource]chan struct{} // one token each: held while listing

	store   *store
	surplus map[Resource]int64 // bytes that are counted in the store
}

func newBackend(environment novu.Environment, c clock.PassiveClock, s *store) *Backend {
	b := &Backend{
		environment: environment, clock: c,
		tables:  map[Resource]*table{},
		listing: map[Resource]chan struct{}{},
		store:   s, surplus: map[Resource]int64{},
	}
	for _, resource := range Resources {
		b.tables[resource] = &table{}
		b.listing[resource] = make(chan struct{}, 1)
	}
	return b
}

// Environment is what Novu says about the environment.
func (b *Backend) Environment() novu.Environment { return b.environment }

// Now is the time by the clock that lists are stamped with.
func (b *Backend) Now() time.Time { return b.clock.Now() }

// Lookup says what is known about the object of that identifier.
func (b *Backend) Lookup(resource Resource, id string) (Entry, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entry, ok := b.tables[resource].entries[id]
	return entry, ok
}

// All returns what is known about every object of the resource, by identifier. The map is the caller's.
func (b *Backend) All(resource Resource) map[string]Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make(map[string]Entry, len(b.tables[resource].entries))
	maps.Copy(all, b.tables[resource].entries)
	return all
}

// DefaultLayout is the layoutID of the one that Novu uses for e-mails that name none; empty: there is none.
func (b *Backend) DefaultLayout() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, entry := range b.tables[Layouts].entries {
		if entry.Default {
			return id
		}
	}
	return ""
}

// Count is the number of objects of the resource.
func (b *Backend) Count(resource Resource) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.tables[resource].entries)
}

// Written records the answer to a write, so that the next poll does not take it for another writer's change.
func (b *Backend) Written(resource Resource, id string, entry Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tables[resource].put(id, entry, b.clock.Now())
}

// Deleted records that an object is gone.
func (b *Backend) Deleted(resource Resource, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tables[resource].remove(id, b.clock.Now())
}

// Doubt records that a write may or may not have reached Novu: the object must be observed before it is written again.
func (b *Backend) Doubt(resource Resource, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[resource]
	if entry, ok := t.entries[id]; ok {
		entry.UpdatedAt = ""
		t.put(id, entry, b.clock.Now())
		return
	}
	t.doubted = b.clock.Now()
}

func (b *Backend) listedSince(resource Resource, notBefore time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[resource]
	return !t.complete.IsZero() && !t.complete.Before(notBefore) && t.complete.After(t.doubted)
}

// ListedAt is when the list began that Lookup answers from; zero before the first.
func (b *Backend) ListedAt(resource Resource) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tables[resource].complete
}

// Refresh lists the resource, unless a list is there that began at notBefore or later. Callers that come while a list is
// under way wait for it and use it if it began late enough.
func (b *Backend) Refresh(ctx context.Context, client *novu.Client, resource Resource, notBefore time.Time) error {
	if err := b.begin(ctx, resource); err != nil {
		return err
	}
	defer func() { <-b.listing[resource] }()
	if b.listedSince(resource, notBefore) {
		return nil
	}
	began := b.clock.Now()
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	listed, err := b.list(ctx, client, resource)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.count(resource, size(listed)); err != nil {
		return fmt.Errorf("list %s: %w", resource, err)
	}
	b.tables[resource].replace(began, listed)
	return nil
}

// begin waits until no other call lists the resource.
func (b *Backend) begin(ctx context.Context, resource Resource) error {
	defer novu.Pause(ctx)()
	select {
	case b.listing[resource] <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Look lists every resource once, unless that was done at notBefore or later: the poll of an Environment. It says
// whether it listed.
func (b *Backend) Look(ctx context.Context, client *novu.Client, notBefore time.Time) (bool, error) {
	if looked := b.LookedAt(); !looked.IsZero() && !looked.Before(notBefore) {
		return false, nil
	}
	began := b.clock.Now()
	for _, resource := range Resources {
		if err := b.Refresh(ctx, client, resource, began); err != nil {
			return false, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked, b.looks = began, b.looks+1
	return true, nil
}

// LookedAt is when the last whole look began; zero before the first.
func (b *Backend) LookedAt() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.looked
}

// FullCheck is the number of the current round of full comparisons. It grows with every sixth poll; an object whose last
// full comparison belongs to an earlier round is due.
func (b *Backend) FullCheck() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.looks / fullCheckEvery
}

func (b *Backend) list(ctx context.Context, client *novu.Client, resource Resource) (map[string]Entry, error) {
	switch resource {
	case Workflows:
		return listWorkflows(ctx, client)
	case Layouts:
		return listLayouts(ctx, client)
	case Integrations:
		return listIntegrations(ctx, client, b.environment.ID)
	}
	return nil, fmt.Errorf("unknown resource %q", resource)
}

func listWorkflows(ctx context.Context, client *novu.Client) (map[string]Entry, error) {
	workflows, err := client.AllWorkflows(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(workflows, func(a, b novu.WorkflowSummary) int { return strings.Compare(a.CreatedAt, b.CreatedAt) })
	entries := make(map[string]Entry, len(workflows))
	for _, w := range workflows {
		add(entries, w.WorkflowID, Entry{
			ID: w.ID, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, UpdatedBy: Author(w.UpdatedBy), Faulty: w.Status == novu.StatusError,
		})
	}
	return entries, nil
}

// add notes an object, or that there are several of its identifier. The oldest comes first.
func add(entries map[string]Entry, id string, entry Entry) {
	first, taken := entries[id]
	switch {
	case !taken:
		first = entry
	case first.Duplicates == nil:
		first.Duplicates = []string{first.ID, entry.ID}
	default:
		first.Duplicates = append(first.Duplicates, entry.ID)
	}
	entries[id] = first
}

func listLayouts(ctx context.Context, client *novu.Client) (map[string]Entry, error) {
	layouts, err := client.AllLayouts(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(layouts, func(a, b novu.Layout) int { return strings.Compare(a.CreatedAt, b.CreatedAt) })
	entries := make(map[string]Entry, len(layouts))
	for _, l := range layouts {
		add(entries, l.LayoutID, Entry{ID: l.ID, UpdatedAt: l.UpdatedAt, UpdatedBy: Author(l.UpdatedBy), Default: l.IsDefault})
	}
	return entries, nil
}

// listIntegrations leaves out those of other environments: older versions of Novu answer with the whole organization's.
func listIntegrations(ctx context.Context, client *novu.Client, environmentID string) (map[string]Entry, error) {
	integrations, err := client.ListIntegrations(ctx)
	if err != nil {
		return nil, err
	}
	entries := make(map[string]Entry, len(integrations))
	for _, integration := range integrations { // a copy of each that is kept, so that the list itself is not
		if integration.EnvironmentID != environmentID {
			continue
		}
		entries[integration.Identifier] = Entry{ID: integration.ID, UpdatedAt: integration.UpdatedAt, Integration: &integration}
	}
	return entries, nil
}

// Author names a user of Novu for people; empty if Novu does not say who it was.
func Author(user novu.User) string {
	if name := strings.TrimSpace(user.FirstName + " " + user.LastName); name != "" {
		return name
	}
	return user.ID
}
