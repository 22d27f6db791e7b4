package connection

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"novu-operator.dev/internal/novu"
)

const (
	// smallTable is how many objects of one kind every Novu environment may have without anybody counting.
	smallTable = 2000
	// mostSurplus is how many more all environments may have together: some 60 MiB. One that sends more and more objects
	// does not take the memory of the others.
	mostSurplus = 150000
)

// store is what the tables of all Novu environments take beyond the small ones.
type store struct{ surplus atomic.Int64 }

// count has a table hold n objects, or says that there is no room. It needs the backend's lock.
func (b *Backend) count(resource Resource, n int) error {
	more := max(0, int64(n)-smallTable) - b.surplus[resource]
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

// errGivenUp is the cause of calls that end because nobody waits for them any more.
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
