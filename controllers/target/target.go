// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package target looks after promotion targets at each poll of an Environment: it finds out-of-band changes and corrects them, deletes
// late duplicates, counts, and removes what is recorded of targets that are gone.
package target

import (
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/requeue"
)

// Target is a promotion target as a poll has found it.
type Target struct {
	// Environment is the target; its status is written to.
	Environment *v1alpha1.Environment
	// Before is the Environment as it was when the reconcile began.
	Before *v1alpha1.Environment
	// Conn leads to it.
	Conn *connection.Connection
	// Caused reports whether what workflows depend on has changed there since the last poll.
	Caused bool
}

// Checker looks after promotion targets.
type Checker struct {
	Client   client.Client
	Live     client.Reader // asks the API server, not a cache
	Pool     *connection.Pool
	Recorder events.EventRecorder
	// Waker of Environments.
	Waker *requeue.Waker
	// Corrections that are under way; Promotions wait for them.
	Corrections *promotion.Corrections
	// Attempts to correct that were made.
	Attempts *promotion.Attempts
	// Reassessments of what Novu complains about.
	Reassessments *promotion.Reassessments
}

// corrector writes to a promotion target again what was promoted, unless a Promotion is at work there.
type corrector struct {
	Client      client.Client
	Live        client.Reader
	Pool        *connection.Pool
	Corrections *promotion.Corrections

	attempts      *promotion.Attempts
	reassessments *promotion.Reassessments
}

// reporter tells the user of drift in a promotion target.
type reporter struct {
	Pool     *connection.Pool
	Recorder events.EventRecorder

	attempts *promotion.Attempts
}

// Forgetter removes what is recorded of promotion targets that no longer exist.
type Forgetter struct {
	Client client.Client
	Live   client.Reader // asks the API server, not a cache
	// Waker of Environments.
	Waker *requeue.Waker
}

func (c *Checker) corrector() *corrector {
	return &corrector{
		Client: c.Client, Live: c.Live, Pool: c.Pool, Corrections: c.Corrections, attempts: c.Attempts, reassessments: c.Reassessments,
	}
}

func (c *Checker) reporter() *reporter {
	return &reporter{Pool: c.Pool, Recorder: c.Recorder, attempts: c.Attempts}
}
