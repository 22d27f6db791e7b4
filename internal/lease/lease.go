// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package lease turns the lease of leader election into a fence.
//
// Whoever leads loses the lease by falling silent: a process that is stopped, a machine that sleeps. It does not notice
// before it runs again, and its next write would then meet those of its successor. A [Lock] knows until when no other process
// can have taken over, so that each write can be asked about right before it leaves.
package lease

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/controller-runtime/pkg/leaderelection"
	"sigs.k8s.io/controller-runtime/pkg/recorder"
)

// ErrNotHeld refuses a write of a replica that may not be the one that works any more.
var ErrNotHeld = errors.New("the lease of leader election was not renewed in time, another replica may have taken over")

// Lock is controller-runtime's own lock, watched. The elector calls all methods but Held; Held is safe for concurrent use.
type Lock struct {
	*resourcelock.LeaseLock

	now    func() reading
	term   atomic.Pointer[term]
	holder string // of the lease as the API server last showed it
}

// term is a time for which no other process gets the lease.
type term struct {
	begun reading
	lasts time.Duration
}

// New makes a lock as the manager would, with the same lease and identity. It records no events before RecordTo.
func New(config *rest.Config, options leaderelection.Options) (*Lock, error) {
	options.LeaderElection = true
	lock, err := leaderelection.NewResourceLock(config, silent{}, options)
	if err != nil {
		return nil, err
	}
	leases, ok := lock.(*resourcelock.LeaseLock)
	if !ok {
		return nil, fmt.Errorf("leader election uses a %T, and only leases are known to fence", lock)
	}
	return &Lock{LeaseLock: leases, now: read}, nil
}

// silent is a provider for a time when there is none yet.
type silent struct{ recorder.Provider }

func (silent) GetEventRecorderFor(string) record.EventRecorder { return nil }

// RecordTo tells of changes of leadership in events of the lease.
func (l *Lock) RecordTo(events recorder.Provider) {
	if l == nil {
		return
	}
	l.LockConfig.EventRecorder = events.GetEventRecorderFor(l.Identity()) //nolint:staticcheck // the elector knows no other kind
}

// Held returns ErrNotHeld when another replica may have the lease, or will soon. A nil Lock is no fence.
//
// Others wait for the whole duration of the lease after they have seen it renewed, which is after the renewal was sent.
// Its last third is left to what is under way already; the elector, too, gives up by then.
func (l *Lock) Held() error {
	if l == nil {
		return nil
	}
	if t := l.term.Load(); t == nil || l.now().since(t.begun) >= t.lasts*2/3 {
		return ErrNotHeld
	}
	return nil
}

// Get reads the lease.
func (l *Lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	found, raw, err := l.LeaseLock.Get(ctx)
	if err == nil {
		l.sees(found.HolderIdentity)
	}
	return found, raw, err
}

// Create makes the lease, held from the start.
func (l *Lock) Create(ctx context.Context, wanted resourcelock.LeaderElectionRecord) error {
	return l.begin(wanted, func() error { return l.LeaseLock.Create(ctx, wanted) })
}

// Update acquires, renews or releases the lease.
func (l *Lock) Update(ctx context.Context, wanted resourcelock.LeaderElectionRecord) error {
	if wanted.HolderIdentity == l.Identity() {
		return l.begin(wanted, func() error { return l.LeaseLock.Update(ctx, wanted) })
	}
	return l.release(ctx, wanted)
}

// begin notes the time before the request: the answer may come late.
func (l *Lock) begin(wanted resourcelock.LeaderElectionRecord, send func() error) error {
	next := &term{begun: l.now(), lasts: time.Duration(wanted.LeaseDurationSeconds) * time.Second}
	if err := send(); err != nil {
		return err
	}
	l.holder = wanted.HolderIdentity
	l.term.Store(next)
	return nil
}

// release ends the term before the lease. The elector of a process that was stopped while it held the lease believes that
// it still does, reads the lease and gives it up, whosever it is by then.
func (l *Lock) release(ctx context.Context, wanted resourcelock.LeaderElectionRecord) error {
	l.term.Store(nil)
	if l.holder != l.Identity() {
		return fmt.Errorf("not released: %s is held by %q", l.Describe(), l.holder)
	}
	return l.LeaseLock.Update(ctx, wanted)
}

func (l *Lock) sees(holder string) {
	l.holder = holder
	if holder != l.Identity() {
		l.term.Store(nil)
	}
}
