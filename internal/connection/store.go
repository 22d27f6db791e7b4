// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"novu-operator.dev/internal/novu"
)

const (
	// smallTable is how many bytes are kept of the objects of one kind in every Novu environment without counting them: those
	// of some 500 objects.
	smallTable = 256 << 10
	// mostSurplus is how many bytes more are kept of all environments together. One that sends more and more objects does not
	// take the memory of the others.
	mostSurplus = 80 << 20
	// entryOverhead is what an entry takes besides its texts.
	entryOverhead = 320
)

// store is what the tables of all Novu environments take beyond the small ones.
type store struct{ surplus atomic.Int64 }

// size is how many bytes the entries take that are kept.
func size(entries map[string]Entry) (bytes int64) {
	for id, e := range entries {
		bytes += entryOverhead + int64(len(id)+len(e.ID)+len(e.CreatedAt)+len(e.UpdatedAt)+len(e.UpdatedBy))
		for _, id := range e.Duplicates {
			bytes += int64(len(id)) + 16
		}
		if e.Integration != nil {
			bytes += int64(e.Integration.Size())
		}
	}
	return bytes
}

// count has a table hold so many bytes, or returns [novu.ErrCrowded]. It needs the backend's lock.
func (b *Backend) count(resource Resource, bytes int64) error {
	more := max(0, bytes-smallTable) - b.surplus[resource]
	if b.store.surplus.Add(more) > mostSurplus && more > 0 {
		b.store.surplus.Add(-more)
		return novu.ErrCrowded
	}
	b.surplus[resource] += more
	return nil
}

// close gives back what the tables take.
func (b *Backend) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for resource, surplus := range b.surplus {
		b.store.surplus.Add(-surplus)
		b.surplus[resource] = 0
	}
}

// errGivenUp is the cause of calls that end because no reconcile waits for them any more.
var errGivenUp = errors.New("the connection is given up: its Environment was deleted or changed, or leads elsewhere now")

// Refresh is the Backend's, which ends when the connection is given up.
func (c *Connection) Refresh(ctx context.Context, resource Resource, notBefore time.Time) error {
	ctx, cancel := c.until(ctx)
	defer cancel()
	return c.ended(c.Backend.Refresh(ctx, c.Client, resource, notBefore))
}

// Look is the Backend's, which ends when the connection is given up.
func (c *Connection) Look(ctx context.Context, notBefore time.Time) (bool, error) {
	ctx, cancel := c.until(ctx)
	defer cancel()
	looked, err := c.Backend.Look(ctx, c.Client, notBefore)
	return looked, c.ended(err)
}

// until ends when either ctx or the connection does.
func (c *Connection) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// ended words the end of a connection as what it is: nothing can be sent.
func (c *Connection) ended(err error) error {
	if err == nil || c.life.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return &novu.CircuitOpenError{Op: "list", Since: c.Now(), Cause: errGivenUp}
}
