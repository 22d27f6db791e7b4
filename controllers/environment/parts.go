// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/controllers/target"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
)

// A Reconciler is put together from parts, each of which holds only what it needs: the connector finds out which
// Novu environment a key belongs to, the poller lists what Novu holds and wakes the objects concerned, the target.Checker
// finds and corrects drift in promotion targets, the guardian keeps freezes and holds beyond the life of an Environment, the
// finalizer lets an Environment go, and the watches say when it is due.

// childFinder finds the objects that refer to an Environment.
type childFinder struct {
	Client   client.Reader
	Children []Children
}

// connector reads the key and the certificates of an Environment and connects it.
type connector struct {
	Client client.Reader // of the cache
	Live   client.Reader
	Pool   *connection.Pool

	visits *visits
}

// poller lists what Novu holds and hands out the work that follows from it.
type poller struct {
	childFinder

	Pool          *connection.Pool
	Reassessments *sync.Reassessments

	backoff   *requeue.Backoff
	awake     *awakened
	forgetter *target.Forgetter
	targets   *target.Checker
}

// guardian has the freeze and the hold of a promotion target outlast it.
type guardian struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Recorder events.EventRecorder
	Waker    *requeue.Waker

	guards   *guard.Cache
	departed *departures
}

// finalizer keeps an Environment for as long as objects must be deleted through it.
type finalizer struct {
	Client client.Client
	Live   client.Reader
	Pool   *connection.Pool
	// connect connects the Environment and polls Novu.
	connect func(context.Context, *scope) error
}

// watches put Environments into the queue when other objects have changed.
type watches struct {
	Client   client.Reader
	Waker    *requeue.Waker
	Children []Children

	guardian *guardian
}

func (r *Reconciler) finder() *childFinder {
	return &childFinder{Client: r.Client, Children: r.Children}
}

func (r *Reconciler) connector() *connector {
	return &connector{Client: r.Client, Live: r.Live, Pool: r.Pool, visits: &r.visits}
}

func (r *Reconciler) poller() *poller {
	return &poller{
		childFinder: *r.finder(), Pool: r.Pool, Reassessments: r.Reassessments, backoff: &r.backoff, awake: &r.awake,
		forgetter: &target.Forgetter{Client: r.Client, Live: r.Live, Waker: r.Waker}, targets: r.checker(),
	}
}

func (r *Reconciler) guardian() *guardian {
	return &guardian{
		Client: r.Client, Live: r.Live, Pool: r.Pool, Recorder: r.Recorder, Waker: r.Waker, guards: &r.guards, departed: &r.departed,
	}
}

func (r *Reconciler) finalizer() *finalizer {
	return &finalizer{Client: r.Client, Live: r.Live, Pool: r.Pool, connect: r.connectAndPoll}
}

func (r *Reconciler) watches() *watches {
	return &watches{Client: r.Client, Waker: r.Waker, Children: r.Children, guardian: r.guardian()}
}

func (r *Reconciler) checker() *target.Checker {
	return &target.Checker{
		Client: r.Client, Live: r.Live, Pool: r.Pool, Recorder: r.Recorder, Waker: r.Waker, Corrections: r.Corrections, Attempts: &r.attempts,
		Reassessments: r.Placed,
	}
}
