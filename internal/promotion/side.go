// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"sync"
	"time"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

// Side is one of the two Novu environments of a promotion, with what was read from it. What was read is good for as long
// as the list of the environment tells that the object has not changed since.
type Side struct {
	Conn *connection.Connection
	// Name of the Environment object, namespace/name.
	Name string

	workflows shelf[novu.Workflow]
	layouts   shelf[novu.Layout]
	room      *room // nil: what is read is not counted
}

// clear forgets what was read.
func (s *Side) clear() {
	if s != nil {
		s.workflows.clear()
		s.layouts.clear()
	}
}

// same reports whether both lead through the same connection.
func (s *Side) same(other *Side) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Conn == other.Conn
}

// shelf holds what was read of one kind, by identifier.
type shelf[H any] struct {
	mu   sync.Mutex
	held map[string]*H
}

func (s *shelf[H]) get(id string) *H {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[id]
}

func (s *shelf[H]) put(id string, have *H) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]*H{}
	}
	s.held[id] = have
}

// take forgets one, and returns it.
func (s *shelf[H]) take(id string) *H {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.held[id]
	delete(s.held, id)
	return have
}

func (s *shelf[H]) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = nil
}

// Refresh lists the resources, unless that was done at notBefore or later.
func (s *Side) Refresh(ctx context.Context, notBefore time.Time, resources ...connection.Resource) error {
	if s == nil {
		return nil
	}
	for _, resource := range resources {
		if err := s.Conn.Refresh(ctx, resource, notBefore); err != nil {
			return err
		}
	}
	return nil
}

// read returns what the environment holds, nil if it holds no such object. It needs a list that is as recent as the answer
// shall be, and calls Novu only if that list points to a change.
func read[H, W any](ctx context.Context, s *Side, k *kind[H, W], id string) (*H, error) {
	entry, known := s.Conn.Lookup(k.Resource, id)
	if !known {
		return nil, nil
	}
	if have := k.shelf(s).get(id); have != nil && entry.UpdatedAt != "" {
		if seen := k.Entry(have); seen.ID == entry.ID && seen.UpdatedAt == entry.UpdatedAt {
			return have, nil
		}
	}
	return readAgain(ctx, s, k, id)
}

// readAgain asks Novu whatever is known.
func readAgain[H, W any](ctx context.Context, s *Side, k *kind[H, W], id string) (*H, error) {
	have, err := k.Read(ctx, s.Conn, remote.Ref{ID: id})
	if have != nil {
		keep(s, k, id, have)
	}
	return have, err
}

// keep remembers an answer of Novu, if there is room for it.
func keep[H, W any](s *Side, k *kind[H, W], id string, have *H) {
	if before := k.shelf(s).take(id); before != nil {
		s.room.take(-int64(k.size(before)))
	}
	if s.room.shelve(int64(k.size(have))) {
		k.shelf(s).put(id, have)
	}
}
