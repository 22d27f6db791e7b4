// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"time"
)

// Options are the switches of a Server. The zero value is a self-hosted community edition as it is installed:
// tier "free", no rate limits, no idempotency keys, any key sees the whole organization.
type Options struct {
	// Release is the release to play: Release315 (default) or Release319.
	Release Release
	// Environments are the names of the first organization's environments (default Development, Production).
	// The first one is of type "dev" and parent of the one called Production.
	Environments []string
	// WorkflowLimit is the number of workflows one environment may hold: 0 means 100 (Novu's default), negative none.
	WorkflowLimit int
	// PaidTier lifts the limits of the free tier: long delays, and environments can be created and deleted.
	PaidTier bool
	// RateLimits turns on token buckets per environment and category, with RateLimit-* headers and status 429.
	RateLimits bool
	// RateLimitPerSecond replaces the free tier's 20 (configuration) and 30 (global) requests a second.
	RateLimitPerSecond int
	// Idempotency honours the Idempotency-Key header of POST and PATCH.
	Idempotency bool
	// StrictKeyScope binds an API key to its own environment, as newer releases do, and a little more: it may not change the
	// settings of another one either.
	StrictKeyScope bool
	// HideCredentials answers integrations without credentials, as newer releases do.
	HideCredentials bool
	// NewerFields adds the channel tool to preferences, and provider overrides to steps, as newer releases have them.
	NewerFields bool
	// RecordBodies keeps the bodies of requests in Requests, not only their hashes.
	RecordBodies bool
	// BasePath is a prefix of every path, such as "/novu".
	BasePath string
	// Latency is added to every request.
	Latency time.Duration
	// Now is the clock (default time.Now). Ids and timestamps come from it.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	o.Release = cmp.Or(o.Release, Release315)
	if len(o.Environments) == 0 {
		o.Environments = []string{developmentName, productionName}
	}
	if o.WorkflowLimit == 0 {
		o.WorkflowLimit = defaultWorkflowLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
