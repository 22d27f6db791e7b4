// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// A Reconciler is put together from parts, each of which can be tried alone: the recorder writes down what Novu holds, the
// converger compares it with what is wanted and writes, the finalizer ends an object's life in Novu, and the reporter tells
// the user.

// recorder writes down in status what Novu holds and how it came to be.
type recorder[O view.Object, W, H any] struct {
	Adapter       Adapter[O, W, H]
	Pool          *connection.Pool
	Reassessments *Reassessments

	rounds      *rounds
	corrections *corrections
}

// converger compares what Novu holds with what is wanted, and writes as little as possible.
type converger[O view.Object, W, H any] struct {
	recorder[O, W, H]

	DeletionPolicy v1alpha1.DeletionPolicy
	// note writes status before the end of a reconcile.
	note func(context.Context, *Scope[O]) error

	started *startTime
}

// finalizer keeps the finalizer, and lets objects go.
type finalizer[O view.Object, W, H any] struct {
	converger[O, W, H]

	Client   client.Client
	Live     client.Reader
	Recorder events.EventRecorder
	Heir     func(ctx context.Context, o O, environmentID string) (*Rival, error)
	// mustDelete reports whether an object that goes is to be deleted in Novu.
	mustDelete func(O, *v1alpha1.SyncStatus) bool
	// connect finds the Environment and its connection.
	connect func(context.Context, *Scope[O]) error
}

// reporter tells the user how a reconcile ended, and when the next one is due.
type reporter[O view.Object, W, H any] struct {
	recorder[O, W, H]

	Client       client.Client
	Live         client.Reader
	Recorder     events.EventRecorder
	Environments *requeue.Waker

	backoff *requeue.Backoff
}

func (r *Reconciler[O, W, H]) recorder() recorder[O, W, H] {
	return recorder[O, W, H]{
		Adapter: r.Adapter, Pool: r.Pool, Reassessments: r.Reassessments,
		rounds: &r.rounds, corrections: &r.corrections,
	}
}

func (r *Reconciler[O, W, H]) converger() *converger[O, W, H] {
	return &converger[O, W, H]{
		recorder: r.recorder(), DeletionPolicy: r.DeletionPolicy, note: r.note, started: &r.started,
	}
}

func (r *Reconciler[O, W, H]) finalizer() *finalizer[O, W, H] {
	return &finalizer[O, W, H]{
		converger: *r.converger(), Client: r.Client, Live: r.Live, Recorder: r.Recorder, Heir: r.Heir,
		mustDelete: r.MustDelete, connect: r.connect,
	}
}

func (r *Reconciler[O, W, H]) reporter() *reporter[O, W, H] {
	return &reporter[O, W, H]{
		recorder: r.recorder(), Client: r.Client, Live: r.Live, Recorder: r.Recorder, Environments: r.Environments, backoff: &r.backoff,
	}
}
